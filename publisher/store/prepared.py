"""A statement -> one that is compiled once, and handed to the driver as it stands.

SQLAlchemy looks up, binds and describes a statement each time it is executed, which takes it several times as long as
SQLite takes for the statement. For what is written with every message that counts; elsewhere it does not.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.sql import ClauseElement

from publisher.store.engine import fail


class Prepared:
    """Runs within the caller's transaction, on its connection; its errors are told as those of any statement are.

    Values for an IN must be parameters, one by one: what SQLAlchemy expands at each execution nobody expands here.
    """

    def __init__(self, statement: Callable[[], ClauseElement]) -> None:
        """*statement* is asked for it when it is first needed."""
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def run(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """Execute it with these values for its parameters; how many rows it changed."""
        changed, _ = self._executed(connection, values)
        return changed

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Execute it, as above; what it returned, as the driver gives it: nothing but numbers and text is converted."""
        _, found = self._executed(connection, values)
        return found

    def _executed(self, connection: Connection, values: Mapping[str, Any]) -> tuple[int, list[tuple[Any, ...]]]:
        dialect = connection.dialect
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _Compiled(self._statement(), dialect)
        if not connection.in_transaction():  # SQLAlchemy begins by itself, the driver would not
            connection.begin()
        try:
            cursor = connection.connection.cursor()
            cursor.execute(compiled.text, compiled.bound(values))
            return cursor.rowcount, list(cursor.fetchall()) if cursor.description else []
        except Exception as error:  # noqa: BLE001  # raised again
            fail(connection, error)


class _Compiled:
    """Text and parameters as one driver wants them: by place (SQLite), or by name (PostgreSQL)."""

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        self.text: str = compiled.string
        self._places: tuple[str, ...] = tuple(compiled.positiontup or ())
        self._binds: dict[str, Callable[[Any], Any]] = {}
        self._constants: dict[str, Any] = {}
        for parameter, name in compiled.bind_names.items():
            bind = parameter.type.dialect_impl(dialect).bind_processor(dialect)
            if bind is not None:
                self._binds[name] = bind
            if not parameter.required:
                self._constants[name] = parameter.value if bind is None else bind(parameter.value)

    def bound(self, values: Mapping[str, Any]) -> Any:
        """The driver's parameters."""
        bound = {**self._constants, **values}
        for name, bind in self._binds.items():
            if name in values:
                bound[name] = bind(values[name])
        return [bound[name] for name in self._places] if self._places else bound
