"""Alerts of other systems: receivers and their secrets, how a payload is read, what an alert is about and what it was joined to."""
