"""Who else is told: endpoints, filters, signatures, deliveries."""
