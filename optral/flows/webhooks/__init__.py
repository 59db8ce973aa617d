"""Outgoing webhooks: their settings, their messages and their dispatch."""
