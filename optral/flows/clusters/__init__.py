"""Clusters: enrollment, presence, certificate authorities, and logs read through their tunnels."""
