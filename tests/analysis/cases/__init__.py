"""One case for each cause: a cluster in a few words, what is asked, and what must be named."""

import importlib
import pkgutil

from tests.analysis.cases.base import CASES

__all__ = ["CASES"]

for module in pkgutil.iter_modules(__path__, f"{__name__}."):
    importlib.import_module(module.name)
