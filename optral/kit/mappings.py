"""Mappings without the members that have no value."""

from collections.abc import Mapping
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


def without_none(members: Mapping[K, V | None]) -> dict[K, V]:
    """The members whose value is not None, in their order. False, zero and empty text are values."""
    return {name: value for name, value in members.items() if value is not None}
