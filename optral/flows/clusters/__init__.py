"""Clusters: enrolment, presence, certificate authorities, and logs read through their tunnels."""
