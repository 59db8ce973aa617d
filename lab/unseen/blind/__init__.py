"""Blind faults: written without knowledge of the rules that they measure. A letter is the class of a fault.

Each module is a table of cases: a line of a log stays one line, so that it can be compared with what the program prints.
"""

import importlib
import pkgutil


def load() -> None:
    """Register every blind fault."""
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        importlib.import_module(module.name)
