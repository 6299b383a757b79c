"""One address -> all that is stored about its person, table by table: for them, and for whoever must answer them.

Every table that knows a person is in `PARTS`, or the test that walks the schema fails.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, Table, select

from publisher.model.issue import OWNER
from publisher.model.subscriber import Address
from publisher.store import suppressions
from publisher.store.engine import reading
from publisher.store.schema import (
    consent_event,
    delivery,
    incoming,
    issue,
    moved,
    reply,
    request,
    strike,
    subscriber,
    subscription,
    undo,
    variant,
    wording,
)
from publisher.store.suppressions import Marks, no_marks

FORMAT = "publisher-person/1"
"""What the document is; a later one with other parts has another number. docs/READERS.md has its schema."""

Dossier = dict[str, Any]
Read = Callable[[int], Select[Any]]
"""A person's number -> the rows of theirs."""


def _plain(table: Table) -> Read:
    """All columns but the numbers that only join tables; where words were agreed to, the words."""

    def read(reader: int) -> Select[Any]:
        columns = [column for column in table.columns if column.name not in {"id", "subscriber_id", "wording"}]
        statement = select(*columns).where(table.c.subscriber_id == reader).order_by(*table.primary_key.columns)
        if "wording" not in table.c:
            return statement
        agreed = statement.outerjoin(wording, wording.c.digest == table.c.wording)
        return agreed.add_columns(wording.c.text.label("wording"), wording.c.language.label("wording_language"))

    return read


def _deliveries(reader: int) -> Select[Any]:
    columns = [column for column in delivery.columns if column.name not in {"subscriber_id", "variant_id"}]
    issues = (issue.c.newsletter, issue.c.kind, issue.c.occasion, issue.c.composed_at, variant.c.subject)
    return (
        select(*columns, *issues)
        .join(issue, issue.c.id == delivery.c.issue_id)
        .join(variant, variant.c.id == delivery.c.variant_id)
        .where(delivery.c.subscriber_id == reader)
        .order_by(delivery.c.issue_id)
    )


def _letters(reader: int) -> Select[Any]:
    """Mails that were to nobody else, such as the one that asks for a confirmation; not the owner's reports."""
    return (
        select(issue.c.id.label("issue_id"), variant.c.subject, variant.c.text)
        .join(delivery, delivery.c.issue_id == issue.c.id)
        .join(variant, variant.c.id == delivery.c.variant_id)
        .where(delivery.c.subscriber_id == reader, issue.c.kind == "notice")
        .where(~issue.c.occasion.startswith(f"{OWNER}/"))
        .order_by(issue.c.id)
    )


PARTS: Mapping[str, tuple[Table, Read]] = {
    "subscriptions": (subscription, _plain(subscription)),
    "consents": (consent_event, _plain(consent_event)),
    "requests": (request, _plain(request)),
    "undo": (undo, _plain(undo)),
    "former_numbers": (moved, _plain(moved)),
    "strikes": (strike, _plain(strike)),
    "deliveries": (delivery, _deliveries),
    "replies": (reply, _plain(reply)),
    "received": (incoming, _plain(incoming)),
    "letters": (variant, _letters),
}
"""Part of the document -> the table that it is of, and what reads it."""


class Dossiers:
    """All that is stored about people, in a database."""

    def __init__(self, engine: Engine, marks: Marks = no_marks) -> None:
        self._engine = engine
        self._marks = marks

    def of(self, address: Address, *, now: datetime) -> Dossier | None:
        """All of one address, as JSON has it; None where nothing is stored."""
        with reading(self._engine) as connection:
            row = connection.execute(select(subscriber).where(subscriber.c.key == address.key)).first()
            word = suppressions.find(connection, address.key, self._marks(address.key))
            if row is None and word is None:
                return None
            said = _json(word.reason, word.at, word.note) if word else None
            head: Dossier = {"format": FORMAT, "exported_at": now.isoformat()}
            head |= {"person": _person(row) if row else {"address": address.display}, "do_not_mail": said}
            return head | (_parts(connection, row.id) if row else {name: [] for name in PARTS})


def _person(row: Row[Any]) -> Dossier:
    return {
        "number": row.id,
        "address": row.address,
        "key": row.key,
        "name": row.name,
        "language": row.language,
        "created_at": row.created_at.isoformat(),
    }


def _json(reason: str, at: datetime, note: str) -> Dossier:
    return {"reason": str(reason), "at": at.isoformat(), "note": note}


def _parts(connection: Connection, reader: int) -> Dossier:
    found = {name: connection.execute(read(reader)).mappings() for name, (_, read) in PARTS.items()}
    return {name: list(map(_row, rows)) for name, rows in found.items()}


def _row(row: Mapping[Any, Any]) -> Dossier:
    return {str(name): _value(value) for name, value in row.items()}


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode("ascii")
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
