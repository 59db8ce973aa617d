"""Tools without knowledge of Optral: clock, topics and hubs, retries, bounded queues, owned tasks. No import from other packages."""
