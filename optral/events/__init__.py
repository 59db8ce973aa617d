"""What happened: the append-only log of an organisation, its sequence numbers, its followers."""
