"""Facts about Kubernetes objects: kinds, typed objects, owners, quantities, redaction, the view of a cluster. No I/O."""
