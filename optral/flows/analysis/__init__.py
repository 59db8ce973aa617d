"""Why an issue exists: analyses as rows, and the logs captured for them."""
