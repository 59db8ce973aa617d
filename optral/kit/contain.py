"""Containing the errors of one piece of work, where a defect in it must not stop the rest.

Each use has its reason in `tests/house/test_handlers.py`. Everywhere else, catch the errors that can be handled.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def contain(on_error: Callable[[Exception], None]) -> Iterator[None]:
    """Hand any error of the block to `on_error`, and continue after the block."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - that is the purpose
        on_error(error)
