"""Objects related to an issue as a graph."""
