"""Connections to forges as people change them, and pull requests from their opening to the sync."""
