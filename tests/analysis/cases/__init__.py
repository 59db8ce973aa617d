"""One case for each cause: a cluster in a few words, what is asked, and what must be named."""

from tests.analysis.cases import calls, first, others
from tests.analysis.cases.base import CASES

__all__ = ["CASES", "calls", "first", "others"]
