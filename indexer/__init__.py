"""What can be found: analysis, projection, query language, templates, `discover()`, synchronising and rebuilding."""
