"""Tools that have never heard of Optral: clock, hub, back-off, bounded queues, owned tasks. No import from other rooms."""
