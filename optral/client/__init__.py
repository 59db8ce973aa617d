"""A typed Python client of the REST API: what the command line and other programs use instead of URLs and JSON."""
