"""Optral: see what is broken in your clusters, why, and how to mend it."""

__version__ = "0.1.0"
