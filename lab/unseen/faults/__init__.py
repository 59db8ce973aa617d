"""Kinds of fault, by what is broken. `load` registers them all."""


def load() -> None:
    """Register every fault."""
    from lab.unseen.faults import (  # noqa: F401
        configuration,
        connections,
        controllers,
        images,
        network,
        nodes,
        probes,
        programs,
        scheduling,
        storage,
        usage,
    )
