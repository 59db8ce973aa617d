"""Builds the container images without a container daemon: `python -m deploy.images` (docs/decisions/images.md).

Three layers for each image: Debian packages (the same in both), the locked Python packages, and Optral's wheel. Everything that varies from
build to build (times, owners, order, hash seeds) is fixed, so two builds of one commit have the same digest.
"""
