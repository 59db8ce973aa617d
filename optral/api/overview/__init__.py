"""The overview and the search over HTTP: what is read across clusters and kinds."""
