"""The inventory over HTTP: objects, usage, logs, probes, comparisons and the map of a cluster."""
