"""An address in words of others -> words without it: what servers said, what people wrote, mails to the owner."""

import html
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, Engine, Table, Text, cast, delete, func, or_, select, update

from publisher.model.subscriber import Address
from publisher.store.engine import reading
from publisher.store.schema import (
    consent_event,
    incoming,
    issue,
    outage,
    reply,
    request,
    subscription,
    suppression,
    told,
    undo,
    variant,
)
from publisher.store.watermarks import sliced

GONE = "(erased)"

_WORDS: tuple[tuple[Table, tuple[Column[Any], ...]], ...] = (
    (reply, (reply.c.text,)),
    (issue, (issue.c.reason,)),
    (subscription, (subscription.c.note,)),
    (consent_event, (consent_event.c.note, consent_event.c.source)),
    (suppression, (suppression.c.note,)),
    (incoming, (incoming.c.sender, incoming.c.subject, incoming.c.summary)),
)
_FORMS: tuple[Table, ...] = (request, undo)  # what somebody asked for with it: nothing of that is to happen
_NOTICE = variant.c.issue_id.in_(select(issue.c.id).where(issue.c.kind == "notice"))
_LETTER = (variant.c.subject, variant.c.preheader, variant.c.html, variant.c.text)


class _Trace(NamedTuple):
    """A row with the address in it, and what its columns say without it."""

    table: Table
    key: tuple[Any, ...]
    words: dict[str, Any]


class Needle:
    """One address in all its spellings, wherever it stands by itself."""

    def __init__(self, address: Address) -> None:
        plain = [address.display, address.ascii or address.key, address.key]
        said = [*plain, *map(html.escape, plain), *(json.dumps(one)[1:-1] for one in plain)]
        self.forms = tuple(dict.fromkeys(said))
        self._whole = re.compile(
            r"(?<![\w.+-])(?:" + "|".join(map(re.escape, self.forms)) + r")(?![\w-]|\.\w)", re.IGNORECASE
        )

    def within(self, text: str | None) -> bool:
        """Whether it stands there."""
        return bool(text and self._whole.search(text))

    def out_of(self, text: str) -> str:
        """The text without it."""
        return self._whole.sub(GONE, text)

    def maybe(self, *columns: Any) -> Any:
        """Rows worth a look."""
        parts = {_plain(form) for form in self.forms}
        return or_(*(func.lower(column).contains(part, autoescape=True) for column in columns for part in parts))


def find(engine: Engine, needle: Needle) -> Sequence[_Trace]:
    """Every row of others that names it. Only read here: it may take a while, and holds nobody up."""
    with reading(engine) as connection:
        return list(_found(connection, needle))


def wipe(connection: Connection, traces: Sequence[_Trace]) -> None:
    """Take it out of these rows; what was asked for with it goes as a whole."""
    for trace in traces:
        pairs = zip(trace.table.primary_key.columns, trace.key, strict=True)
        where = [column == value for column, value in pairs]
        statement = update(trace.table).values(trace.words) if trace.words else delete(trace.table)
        connection.execute(statement.where(*where))


def _found(connection: Connection, needle: Needle) -> Iterator[_Trace]:
    for table, columns in _WORDS:
        yield from _worded(connection, needle, table, columns)
    yield from _worded(connection, needle, variant, _LETTER, _NOTICE)
    for table in (told, outage):
        yield from _keyed(connection, needle, table)
    for table in _FORMS:
        column = table.c.wishes if table is request else table.c.before
        rows = connection.execute(select(table.c.id, cast(column, Text)).where(needle.maybe(cast(column, Text))))
        yield from (_Trace(table, (row[0],), {}) for row in rows if needle.within(row[1]))
    yield from _raw(connection, needle)


def _worded(
    connection: Connection, needle: Needle, table: Table, columns: Sequence[Column[Any]], *where: Any
) -> Iterator[_Trace]:
    keys = list(table.primary_key.columns)
    statement = select(*keys, *columns).where(needle.maybe(*columns), *where)
    for row in connection.execute(statement, execution_options={"yield_per": 500}):
        said = dict(zip((column.name for column in columns), row[len(keys) :], strict=True))
        words = {name: needle.out_of(text) for name, text in said.items() if needle.within(text)}
        if words:
            yield _Trace(table, tuple(row[: len(keys)]), words)


def _keyed(connection: Connection, needle: Needle, table: Table) -> Iterator[_Trace]:
    (column,) = table.primary_key.columns
    rows = connection.scalars(select(column).where(needle.maybe(column)))
    yield from (_Trace(table, (key,), {}) for key in rows if needle.within(key))


def _raw(connection: Connection, needle: Needle) -> Iterator[_Trace]:
    """Mails that nobody understood, whoever sent them."""
    ids = connection.scalars(select(incoming.c.id).where(incoming.c.raw.is_not(None))).all()
    for part in sliced(ids):
        for row in connection.execute(select(incoming.c.id, incoming.c.raw).where(incoming.c.id.in_(part))):
            if needle.within(bytes(row.raw).decode("utf-8", "replace")):
                yield _Trace(incoming, (row.id,), {"raw": None})


def _plain(form: str) -> str:
    """The longest part of it that both databases fold alike: SQLite knows the case of a to z alone."""
    return str(max(re.findall(r"[\x00-\x7f]+", form), key=len)).lower()
