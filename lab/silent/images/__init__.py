"""The container images of the silent faults, built from packages of the registries that this machine uses."""
