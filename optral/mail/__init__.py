"""Outgoing mail: the outbox, and the SMTP transport."""
