"""Statements of the hot path: compiled once, and executed at the cursor of the driver.

SQLAlchemy spends 40 to 60 us on each execution (the cache of compiled statements, the context, the result), the driver 4. A job of ingest
has about ten statements, however few objects it stores, so for a small job that was the largest cost. SQLAlchemy still describes the
statement, converts the values by the types of the columns, and names the errors; nothing else of an execution is needed here.

Not for lists of varying length (`expanding=True`) nor for columns that SQLAlchemy fills itself: both raise `ValueError` at the first use.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import exc

Values = Mapping[str, Any] | Sequence[Any]
"""The parameters of one execution: by name, or in order where the statement is the text of a driver."""

_Convert = Callable[[Any], Any] | None


class Form(NamedTuple):
    """A statement for one driver. `names`: its parameters, in the order of a driver that counts them; None where they need no change."""

    text: str
    names: Sequence[str] | None
    is_positional: bool
    constants: Mapping[str, Any]
    converts: Sequence[tuple[str, Callable[[Any], Any]]]
    row: Callable[[Iterable[Any]], Any] | None
    columns: Sequence[tuple[int, Callable[[Any], Any]]]

    def parameters(self, values: Any) -> Any:
        """The values as the driver takes them."""
        if self.names is None:
            return values
        if self.converts or self.constants:
            values = {**self.constants, **values}
            for name, convert in self.converts:
                values[name] = convert(values[name])
        return [values[name] for name in self.names] if self.is_positional else values

    def read(self, found: Sequence[Sequence[Any]]) -> list[Any]:
        """The rows as named tuples, with the values that SQLAlchemy would return."""
        if self.row is None:
            return list(found)
        if not self.columns:
            return list(map(self.row, found))
        rows = []
        for values in map(list, found):
            for index, convert in self.columns:
                values[index] = convert(values[index])
            rows.append(self.row(values))
        return rows


class Prepared:
    """A statement; or one for each dialect, each a statement or text in the driver's own style of parameters.

    Every execution names the same parameters. Use it through `Transaction.fetch` and `Transaction.send`.
    """

    def __init__(self, statement: sa.Executable | Mapping[str, sa.Executable | str]) -> None:
        self._statement = statement
        self._forms: dict[str, Form] = {}

    def statement(self, dialect: str) -> sa.Executable | str:
        """The statement, or the text for the driver, of a dialect."""
        return self._statement if isinstance(self._statement, sa.Executable) else self._statement[dialect]

    def form(self, dialect: sa.Dialect, values: Any) -> Form:
        """The statement for this dialect; `values` of the first execution name the columns of an insert."""
        found = self._forms.get(dialect.name)
        if found is None:
            found = self._forms[dialect.name] = _compiled(self.statement(dialect.name), dialect, values)
        return found


def fetch(connection: sa.Connection, statement: Prepared, values: Values) -> list[Any]:
    """All rows of a query."""
    form = statement.form(connection.dialect, values)
    cursor = _execute(connection, form.text, form.parameters(values), is_many=False)
    try:
        return form.read(cursor.fetchall())
    finally:
        cursor.close()


def send(connection: sa.Connection, statement: Prepared, values: Values) -> int:
    """Run a statement that returns no rows; returns how many rows it changed."""
    form = statement.form(connection.dialect, values)
    cursor = _execute(connection, form.text, form.parameters(values), is_many=False)
    try:
        return int(cursor.rowcount)
    finally:
        cursor.close()


def send_many(connection: sa.Connection, statement: Prepared, rows: Sequence[Values]) -> None:
    """Run a statement that returns no rows once for each of these values, of which there is at least one."""
    form = statement.form(connection.dialect, rows[0])
    parameters = rows if form.names is None else [form.parameters(values) for values in rows]
    _execute(connection, form.text, parameters, is_many=True).close()


def _execute(connection: sa.Connection, text: str, parameters: Any, *, is_many: bool) -> Any:
    driver = connection.connection
    cursor = driver.cursor()
    for listener in connection.dispatch.before_cursor_execute:
        listener(connection, cursor, text, parameters, None, is_many)
    try:
        if is_many:
            cursor.executemany(text, parameters)
        else:
            cursor.execute(text, parameters)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _named(connection, cursor, text, error) from error
    return cursor


def _named(connection: sa.Connection, cursor: Any, text: str, error: Exception) -> Exception:
    """The error as SQLAlchemy would raise it; without the parameters, which may be whole manifests."""
    is_lost = connection.dialect.is_disconnect(error, connection.connection.dbapi_connection, cursor)  # type: ignore[arg-type]
    cursor.close()
    if is_lost:
        connection.invalidate(error)
    return exc.DBAPIError.instance(
        text,
        None,
        error,
        connection.dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=is_lost,
        dialect=connection.dialect,
    )


def _compiled(statement: sa.Executable | str, dialect: sa.Dialect, values: Any) -> Form:
    if isinstance(statement, str):
        return Form(statement, None, True, {}, (), None, ())
    compiled: Any = statement.compile(dialect=dialect, column_keys=list(values))  # type: ignore[attr-defined]
    if compiled.post_compile_params or compiled.insert_prefetch or compiled.update_prefetch:
        raise ValueError(f"not a statement that can be prepared: {compiled}")
    binds = {name: bind for bind, name in compiled.bind_names.items()}
    is_positional = bool(compiled.positional)
    return Form(
        str(compiled),
        list(compiled.positiontup) if is_positional else list(binds),
        is_positional,
        {name: bind.value for name, bind in binds.items() if not bind.required},
        [(name, convert) for name, bind in binds.items() if (convert := _bind(bind.type, dialect)) is not None],
        *_rows(statement, dialect),
    )


def _rows(statement: Any, dialect: sa.Dialect) -> tuple[Callable[[Iterable[Any]], Any] | None, Sequence[tuple[int, Any]]]:
    columns = getattr(statement, "selected_columns", None)
    if columns is None:
        return None, ()
    kind: Any = namedtuple("Row", [column.key for column in columns], rename=True)  # type: ignore[misc]
    converts = [(index, convert) for index, column in enumerate(columns) if (convert := _result(column.type, dialect)) is not None]
    return kind._make, converts


def _bind(kind: Any, dialect: sa.Dialect) -> _Convert:
    convert: _Convert = kind.dialect_impl(dialect).bind_processor(dialect)
    return convert


def _result(kind: Any, dialect: sa.Dialect) -> _Convert:
    convert: _Convert = kind.dialect_impl(dialect).result_processor(dialect, None)
    return convert
