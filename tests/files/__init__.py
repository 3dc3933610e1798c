"""Files for tests, made by code: what a test needs of a format, and nothing that somebody else wrote."""
