"""A person -> what outlives them: counts, a sealed proof of their consent, and the word that they are not to be mailed.

One transaction; a sender that has them in hand gets no grant for them any more.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, delete, exists, insert, or_, select, update

from publisher.model.issue import OWNER
from publisher.model.rights import Forgotten, Last, Proof
from publisher.model.subscriber import Address, SubscriberId
from publisher.store import folds, suppressions, traces
from publisher.store.engine import database_file, reading
from publisher.store.records import address_value
from publisher.store.schema import (
    consent_event,
    delivery,
    incoming,
    issue,
    sealed,
    subscriber,
    subscription,
    undo,
    variant,
    wording,
)
from publisher.store.schema import request as request_table


class Forgetting:
    """`steps.rights.Forgetting` on a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def address(self, reader: SubscriberId) -> Address | None:
        """Whose number it is."""
        with reading(self._engine) as connection:
            row = connection.execute(select(subscriber).where(subscriber.c.id == reader)).first()
        return None if row is None else address_value(row.address, row.key)

    def forget(self, address: Address, last: Last, *, now: datetime) -> Forgotten:
        """Erase all that says who they are, but for what is to outlive them."""
        needle = traces.Needle(address)
        found = traces.find(self._engine, needle)
        with self._engine.begin() as connection:
            traces.wipe(connection, found)  # first: what goes as a whole must not be written back in part
            row = connection.execute(select(subscriber).where(subscriber.c.key == address.key)).first()
            gone = Forgotten(known=False) if row is None else _erase(connection, row, last)
            otherwise = last.word if gone.known else None
            word = suppressions.veil(connection, address.key, last.blocked, otherwise=otherwise, now=now)
        self._tidy()
        return replace(gone, known=gone.known or bool(found) or word is not None, word=word)

    def empty(self, before: datetime, *, but: Sequence[str], limit: int) -> Sequence[Address]:
        """People of whom nothing is left: no subscription, no request, nothing to undo. Not `but`: keys."""
        of = subscriber.c.id
        something = [exists().where(table.c.subscriber_id == of) for table in (subscription, request_table, undo)]
        statement = (
            select(subscriber.c.address, subscriber.c.key)
            .where(subscriber.c.created_at < before, ~or_(*something), subscriber.c.key.not_in(but))
            .order_by(subscriber.c.id)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return [address_value(row.address, row.key) for row in connection.execute(statement)]

    def proofs(self, marks: Sequence[str]) -> Sequence[tuple[str, datetime]]:
        """The sealed proofs under these marks, and until when each is kept."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(sealed).where(sealed.c.mark.in_(marks)).order_by(sealed.c.id))
            return [(row.data, row.until) for row in rows]

    def _tidy(self) -> None:
        """SQLite's log still has the pages of before; where somebody reads just now, a later round does it."""
        if database_file(str(self._engine.url)) is not None:
            with self._engine.connect() as connection:
                connection.exec_driver_sql("commit")  # a checkpoint wants no transaction
                connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
                connection.exec_driver_sql("begin")


def _erase(connection: Connection, row: Any, last: Last) -> Forgotten:
    consents = _consents(connection, row.id)
    if consents:
        proof: Proof = {"address": row.address, "name": row.name, "consents": consents}
        connection.execute(insert(sealed).values(mark=last.sealed, data=last.seal(proof), until=last.until))
    _blank_mails(connection, row.id)
    places = _blank_incoming(connection, row.id)
    deliveries = folds.fold_reader(connection, row.id)
    connection.execute(delete(subscriber).where(subscriber.c.id == row.id))  # and what hangs on it
    return Forgotten(known=True, deliveries=deliveries, proof=bool(consents), places=places)


def _consents(connection: Connection, reader: int) -> list[dict[str, Any]]:
    statement = (
        select(consent_event, wording.c.text.label("words"), wording.c.language.label("spoken"))
        .outerjoin(wording, wording.c.digest == consent_event.c.wording)
        .where(consent_event.c.subscriber_id == reader)
        .order_by(consent_event.c.id)
    )
    return [
        {
            "newsletter": one.newsletter,
            "event": one.event,
            "at": one.at.isoformat(),
            "asked_at": one.asked_at.isoformat() if one.asked_at else None,
            "source": one.source,
            "origin": one.origin,
            "note": one.note,
            "wording": one.words,
            "language": one.spoken,
        }
        for one in connection.execute(statement)
    ]


def _blank_mails(connection: Connection, reader: int) -> None:
    """What went to this person alone; of a mail to the owner only the address goes."""
    theirs = (
        select(issue.c.id)
        .join(delivery, delivery.c.issue_id == issue.c.id)
        .where(delivery.c.subscriber_id == reader, issue.c.kind == "notice")
        .where(~issue.c.occasion.startswith(f"{OWNER}/"))
    )
    nothing = {"subject": "", "preheader": "", "html": "", "text": ""}
    connection.execute(update(variant).where(variant.c.issue_id.in_(theirs)).values(nothing))


def _blank_incoming(connection: Connection, reader: int) -> tuple[str, ...]:
    """Its row stays, with the digest that says it was read: or it would be read again."""
    mine = incoming.c.subscriber_id == reader
    places = connection.scalars(select(incoming.c.place).where(mine).distinct().order_by(incoming.c.place)).all()
    nothing = {"sender": "", "subject": "", "summary": "", "raw": None, "subscriber_id": None}
    connection.execute(update(incoming).where(mine).values(nothing))
    return tuple(places)
