"""Many whole numbers -> one parameter of a statement, on SQLite and PostgreSQL.

A parameter for each would be rendered, checked and bound one by one, and drivers take only so many.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, BigInteger, BindParameter, ColumnElement, Connection, Text, bindparam, cast, func, select


def among(connection: Connection, column: ColumnElement[int], numbers: Sequence[int]) -> ColumnElement[bool]:
    """Whether a column is one of these, however many there are; an index on it is used."""
    if connection.dialect.name == "sqlite":
        return column.in_(select(func.json_each(_json(list(numbers))).table_valued("value").c.value))
    return column == func.any(_array(numbers))


def pairs(connection: Connection, numbers: Mapping[int, int]) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """The two columns of a table that has a row for each pair, in their order."""
    if connection.dialect.name == "sqlite":
        rows = func.json_each(_json(numbers)).table_valued("key", "value")
        return cast(rows.c.key, BigInteger), rows.c.value
    lists = (_array(tuple(numbers.keys())), _array(tuple(numbers.values())))
    rows = func.unnest(*lists).table_valued("key", "value").render_derived()
    return rows.c.key, rows.c.value


def _json(value: object) -> BindParameter[str]:
    return bindparam(None, json.dumps(value), type_=Text())


def _array(numbers: Sequence[int]) -> BindParameter[Any]:
    return bindparam(None, list(numbers), type_=ARRAY(BigInteger))
