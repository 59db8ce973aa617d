"""Clusters over HTTP: connect, install, enroll and remove them."""
