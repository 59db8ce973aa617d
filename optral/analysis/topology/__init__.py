"""The objects around an issue as a graph."""
