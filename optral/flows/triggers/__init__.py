"""Triggers: their settings, what makes them fire, and what they start."""
