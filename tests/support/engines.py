"""Database engines that tests share: a test runs few statements once, so compiling them and opening connections would dominate its time."""

from functools import cache
from typing import Any
from unittest import mock

import sqlalchemy as sa
from sqlalchemy.util import LRUCache

from optral.store import postgres

_create_engine = sa.create_engine


class _Compiled(LRUCache[Any, Any]):
    """Compiled statements by the name of the dialect; SQLAlchemy caches them by the dialect object of one engine."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(_named(key), default)

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(_named(key))

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(_named(key), value)


def _named(key: Any) -> Any:
    dialect, *more = key
    return (dialect.name, *more)


_COMPILED = _Compiled(4000)


def compile_once() -> None:
    """Share compiled statements between all engines of this process from now on."""

    def create_engine(*arguments: Any, **options: Any) -> sa.Engine:
        engine = _create_engine(*arguments, **options)
        engine.update_execution_options(compiled_cache=_COMPILED)
        return engine

    sa.create_engine = create_engine


def lasting() -> Any:
    """A patch with which stores open PostgreSQL on an engine that outlives them and is closed with the process."""
    return mock.patch.object(postgres, "engine_for", _lasting)


@cache
def _lasting(url: str) -> sa.Engine:
    engine = _engine_for(url)
    engine.dispose = lambda close=True: None  # type: ignore[method-assign]
    return engine


_engine_for = postgres.engine_for
