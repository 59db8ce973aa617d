"""Kinds of fault, by what is broken. `load` registers them all."""

import importlib
import pkgutil


def load() -> None:
    """Register every fault."""
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        importlib.import_module(module.name)
