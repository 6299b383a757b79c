"""Many whole numbers -> one parameter of a statement, on SQLite and PostgreSQL.

A parameter for each would be rendered, checked and bound one by one, and drivers take only so many.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    ColumnElement,
    Connection,
    Dialect,
    Text,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


class Numbers(TypeDecorator[Sequence[int]]):
    """A list of whole numbers: JSON where there are no arrays."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """What the driver is given."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(BigInteger))

    def process_bind_param(self, value: Sequence[int] | None, dialect: Dialect) -> Any:
        """The list, as the driver takes it."""
        numbers = list(value or ())
        return json.dumps(numbers) if dialect.name == "sqlite" else numbers


class _Among(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True


def among(column: ColumnElement[int], numbers: Sequence[int]) -> ColumnElement[bool]:
    """Whether a column is one of these, however many there are."""
    return _Among(column, bindparam(None, numbers, type_=Numbers()))


def pairs(connection: Connection, numbers: Mapping[int, int]) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """The two columns of a table that has a row for each pair, in their order."""
    if connection.dialect.name == "sqlite":
        rows = func.json_each(bindparam(None, json.dumps(numbers), type_=Text())).table_valued("key", "value")
        return cast(rows.c.key, BigInteger), rows.c.value
    lists = [bindparam(None, list(one), type_=Numbers()) for one in (numbers.keys(), numbers.values())]
    rows = func.unnest(*lists).table_valued("key", "value").render_derived()
    return rows.c.key, rows.c.value


@compiles(_Among, "sqlite")
def _sqlite(element: _Among, compiler: SQLCompiler, **kw: Any) -> str:
    column, numbers = element.clauses
    rows = func.json_each(numbers).table_valued("value")
    return compiler.process(column.in_(select(rows.c.value)), **kw)


@compiles(_Among, "postgresql")
def _postgresql(element: _Among, compiler: SQLCompiler, **kw: Any) -> str:
    column, numbers = element.clauses
    return compiler.process(column == func.any(numbers), **kw)
