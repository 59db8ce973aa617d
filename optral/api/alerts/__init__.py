"""Alerts of other systems, and the receivers that take them."""
