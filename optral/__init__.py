"""Optral: see what is broken in your clusters, why, and how to fix it."""

__version__ = "0.1.0"
