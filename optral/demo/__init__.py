"""The embedded demo cluster: a small Kubernetes API server on loopback and a believable shop whose faults follow a clock.

It knows Kubernetes objects and HTTP, nothing of the control plane: an agent connects to it exactly as to any other cluster.
"""
