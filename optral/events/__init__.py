"""What happened: the append-only log of an organization, its sequence numbers, its followers."""
