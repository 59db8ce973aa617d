"""Builds everything and starts it, in order; stops it in reverse."""
