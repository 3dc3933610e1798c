"""How people reach the hub: Flask site, JSON API and command line."""
