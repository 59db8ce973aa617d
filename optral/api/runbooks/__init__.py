"""Runbooks over HTTP: executions, approvals, triggers, safeguards and pull requests."""
