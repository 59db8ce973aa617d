"""What SQLite and PostgreSQL write in different ways."""

from collections.abc import Callable, Collection
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from optral.store.transaction import Transaction

T = TypeVar("T")
DIALECTS = ("sqlite", "postgresql")


def by_dialect(build: Callable[[str], T]) -> dict[str, T]:
    """What `build` makes for each dialect, by its name."""
    return {dialect: build(dialect) for dialect in DIALECTS}


def among(column: Any, dialect: str, *, of: type[sa.types.TypeEngine[Any]] = sa.Text) -> Any:
    """`column` is among the `listed` values of the parameter `wanted`, so the statement does not depend on the length of the list."""
    if dialect == "sqlite":
        return column.in_(sa.text("SELECT value FROM json_each(:wanted)"))
    return column == sa.any_(sa.bindparam("wanted", type_=postgresql.ARRAY(of)))


def listed(tx: Transaction, values: Collection[str] | Collection[int]) -> Any:
    """Values as one parameter: an array, or JSON for `json_each`."""
    return msgspec.json.encode(list(values)).decode() if tx.dialect == "sqlite" else list(values)


class Folded(FunctionElement[str]):
    """A text to compare with a pattern in lower case: in lower case itself, or on SQLite as it is.

    There `LIKE` ignores the case of the same letters as `lower` changes, at less than a third of the time.
    """

    name = "folded"
    type = sa.String()
    inherit_cache = True


@compiles(Folded)
def _lower(element: Folded, compiler: Any, **more: Any) -> str:
    return f"lower({compiler.process(element.clauses, **more)})"


@compiles(Folded, "sqlite")
def _as_it_is(element: Folded, compiler: Any, **more: Any) -> str:
    return f"({compiler.process(element.clauses, **more)})"
