"""The inventory: each object as it is now, its manifest, the history of its changes; Kubernetes Events in a bounded store of their own."""
