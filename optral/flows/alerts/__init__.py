"""Alerts of other systems: receiving them, finding what they are about, and joining them to issues."""
