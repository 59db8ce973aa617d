"""What an organization's own Prometheus knows about the requests of workloads: read by fixed queries, each series proven by its pod."""
