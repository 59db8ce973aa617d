"""Outgoing notifications: endpoints, filters, signatures, deliveries."""
