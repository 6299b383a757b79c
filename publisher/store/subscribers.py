"""Readers, their consents, and the list of addresses that get nothing more."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Engine, Row, select, update

from publisher.errors import Refused
from publisher.model.subscriber import CONSENT, Address, Consent, SubscriberId, Subscription
from publisher.store import suppressions, watermarks
from publisher.store.consents import record
from publisher.store.engine import reading
from publisher.store.heirs import heir
from publisher.store.records import address_value, subscription_value
from publisher.store.schema import subscriber, subscription, suppression
from publisher.store.suppressions import Marks, no_marks
from publisher.store.upsert import insert


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A line of `subscribers list`: who, and one of their subscriptions."""

    address: Address
    name: str
    subscription: Subscription
    suppressed: str | None  # the reason
    paused_until: datetime | None = None


Added = Literal["added", "unchanged", "left", "suppressed"]
"""What became of an address: `left` and `suppressed` are never brought back by somebody else's hand."""


class Subscribers:
    """`ports.Subscribers` on a database."""

    def __init__(self, engine: Engine, marks: Marks = no_marks) -> None:
        self._engine = engine
        self._marks = marks

    def add(
        self,
        address: Address,
        newsletter: str,
        *,
        frequency: str,
        at_once: bool,
        name: str,
        topics: frozenset[str],
        language: str | None = None,
        note: str,
        source: str = "",
        consented_at: datetime | None = None,
        now: datetime,
    ) -> Added:
        """A reader whose consent was given elsewhere, active from now on. `consented_at`: when, where that is known.

        Never resurrects: who left, or is suppressed, stays so. Who is subscribed already stays as they are.
        """
        with self._engine.begin() as connection:
            marks = self._marks(address.key)
            if suppressions.find(connection, address.key, marks) is not None:
                return "suppressed"
            reader = reader_of(connection, address, name, language, now, marks)
            found = connection.scalar(
                select(subscription.c.state).where(
                    subscription.c.newsletter == newsletter, subscription.c.subscriber_id == reader
                )
            )
            if found is not None:
                return "left" if found == Consent.LEFT else "unchanged"
            if language is not None:  # a person's, so the latest word counts: they may read another newsletter
                connection.execute(update(subscriber).where(subscriber.c.id == reader).values(language=language))
            connection.execute(
                insert(subscription).values(
                    subscriber_id=reader,
                    newsletter=newsletter,
                    state=CONSENT[None, "confirm"],
                    frequency=frequency,
                    topics=sorted(topics),
                    covered=watermarks.start(connection, newsletter, frequency, at_once=at_once),
                    consented_at=consented_at or now,
                    note=note,
                )
            )
            record(connection, reader, newsletter, "confirm", now=now, note=note, source=source, asked_at=consented_at)
            return "added"

    def leave(self, reader: SubscriberId, newsletter: str, *, note: str, now: datetime) -> bool:
        """End a subscription; False where there is none. Twice is once."""
        with self._engine.begin() as connection:
            return leave_within(connection, reader, newsletter, note=note, now=now)

    def remove(self, address: Address, newsletter: str | None, *, now: datetime) -> int:
        """End a person's subscriptions, by the owner's hand; how many. Raises Refused where nobody has the address."""
        with reading(self._engine) as connection:
            someone = select(subscription.c.id).where(subscription.c.subscriber_id == subscriber.c.id).exists()
            reader = connection.scalar(select(subscriber.c.id).where(subscriber.c.key == address.key, someone))
            if reader is None:
                raise Refused(f"nobody is subscribed as {address}; `publisher subscribers list` shows who is")
            names = connection.scalars(
                select(subscription.c.newsletter).where(
                    subscription.c.subscriber_id == reader, subscription.c.state != Consent.LEFT
                )
            ).all()
        gone = [name for name in names if newsletter in (None, name)]
        return sum(self.leave(SubscriberId(reader), name, note="removed by the owner", now=now) for name in gone)

    def address(self, reader: SubscriberId) -> Address | None:
        """A reader's address; None where nobody has that number."""
        with reading(self._engine) as connection:
            statement = select(subscriber.c.address, subscriber.c.key).where(subscriber.c.id == reader)
            row = connection.execute(statement).first()
        return None if row is None else address_value(row.address, row.key)

    def subscription(self, reader: SubscriberId, newsletter: str) -> Subscription | None:
        """One person's consent to one newsletter."""
        with reading(self._engine) as connection:
            row = connection.execute(
                _joined().where(subscription.c.newsletter == newsletter, subscription.c.subscriber_id == reader)
            ).first()
        return None if row is None else subscription_value(row)

    def listed(self, newsletter: str | None = None, *, state: Consent | None = None) -> Iterator[Listed]:
        """All subscriptions, in the order people came, read as they are asked for."""
        statement = _joined().order_by(subscription.c.id)
        if newsletter is not None:
            statement = statement.where(subscription.c.newsletter == newsletter)
        if state is not None:
            statement = statement.where(subscription.c.state == state)
        statement = statement.execution_options(yield_per=1000)
        with reading(self._engine) as connection, connection.execute(statement) as rows:
            for row in rows:
                yield _listed(row)

    def count(self, newsletter: str) -> int:
        """How many active readers there are."""
        return sum(1 for _ in self.listed(newsletter, state=Consent.ACTIVE))


def leave_within(connection: Connection, reader: SubscriberId, newsletter: str, *, note: str, now: datetime) -> bool:
    """End a subscription inside the caller's transaction; False where there is none. Twice is once."""
    reader = heir(connection, reader)
    where = (subscription.c.newsletter == newsletter) & (subscription.c.subscriber_id == reader)
    state = connection.scalar(select(subscription.c.state).where(where).with_for_update())
    if state is None:
        return False
    if state != Consent.LEFT:
        left = {"state": CONSENT[Consent(state), "leave"], "paused_until": None}
        connection.execute(update(subscription).where(where).values(left))
        record(connection, reader, newsletter, "leave", now=now, note=note)
    return True


def suppress(connection: Connection, keys: list[str], reason: str, note: str, now: datetime) -> None:
    """Put addresses on the do-not-mail list; one that is there keeps its first reason."""
    for key in keys:
        connection.execute(
            insert(suppression).values(key=key, reason=reason, at=now, note=note).on_conflict_do_nothing()
        )


def _joined() -> Any:
    return (
        select(subscription, subscriber.c.language, subscriber.c.address, subscriber.c.key, subscriber.c.name)
        .add_columns(suppression.c.reason.label("suppressed"))
        .join(subscriber, subscriber.c.id == subscription.c.subscriber_id)
        .outerjoin(suppression, suppression.c.key == subscriber.c.key)
    )


def _listed(row: Row[Any]) -> Listed:
    return Listed(
        address=address_value(row.address, row.key),
        name=row.name,
        subscription=subscription_value(row),
        suppressed=row.suppressed,
        paused_until=row.paused_until,
    )


def reader_of(
    connection: Connection,
    address: Address,
    name: str,
    language: str | None,
    now: datetime,
    marks: Sequence[str] = (),
) -> SubscriberId:
    """The person of an address, made where nobody has it; without any subscription they are in no list.

    `marks`: of that address, by which a word on it is known that outlived its last person.
    """
    suppressions.restore(connection, address.key, marks)
    connection.execute(
        insert(subscriber)
        .values(address=address.display, key=address.key, name=name, language=language, created_at=now)
        .on_conflict_do_nothing(index_elements=["key"])
    )
    found = known_reader(connection, address)
    assert found is not None
    return found


def known_reader(connection: Connection, address: Address) -> SubscriberId | None:
    """Who has an address; None where nobody does."""
    found = connection.scalar(select(subscriber.c.id).where(subscriber.c.key == address.key))
    return None if found is None else SubscriberId(found)
