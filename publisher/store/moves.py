"""Readers who move to another address: what they have goes with them, and so do the links in their old mails."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, select, update

from publisher.model.issue import CHANGED, HAS, MANAGE, MOVE, MOVED, OPEN, IssueId, Rendered, State
from publisher.model.subscriber import Address, Consent, SubscriberId
from publisher.steps.freshlinks import Budget
from publisher.steps.moving import Answer, Moving
from publisher.steps.signup import Mail
from publisher.store import counters
from publisher.store.consents import record
from publisher.store.engine import reading
from publisher.store.freshlinks import ASKED, mail_request, within
from publisher.store.generation import Generation
from publisher.store.issues import skip_open
from publisher.store.notices import insert_notice
from publisher.store.requests import SUBSCRIBE
from publisher.store.schema import (
    consent_event,
    delivery,
    issue,
    moved,
    reply,
    request,
    subscriber,
    subscription,
)
from publisher.store.subscribers import reader_of
from publisher.store.suppressions import Marks, no_marks
from publisher.store.upsert import insert

_SETTLED = HAS - OPEN - {State.IN_DOUBT}  # the others are still being answered for


class Moves:
    """`steps.moving.Moves` on a database. A request's wishes name the row that has the new address."""

    def __init__(self, engine: Engine, generation: Generation, marks: Marks = no_marks) -> None:
        self._engine = engine
        self._generation = generation
        self._marks = marks

    def ask(
        self,
        reader: SubscriberId,
        address: Address,
        newsletter: str,
        rendered: Rendered,
        *,
        lasts: timedelta,
        budget: Budget,
        token_key: str,
        now: datetime,
    ) -> bool:
        """A mail to the new address, within the budget; what was asked before is asked no more."""
        with self._engine.begin() as connection:
            number = counters.draw(connection, ASKED)
            language = connection.scalar(select(subscriber.c.language).where(subscriber.c.id == reader))
            new = reader_of(connection, address, "", language, now, self._marks(address.key))
            if new == reader or not within(connection, MOVE, reader, budget, now):
                return False
            _expire(connection, [reader], [MOVE], now)
            mail = Mail(newsletter=newsletter, rendered=rendered, token_key=token_key)
            until, wish = now + lasts, {"reader": new}
            mail_request(connection, MOVE, reader, mail, to=new, number=number, until=until, now=now, wishes=[wish])
            generation = self._generation.raise_(connection)
        self._generation.publish(generation)
        return True

    def standing(self, notice: IssueId, asked: SubscriberId, *, now: datetime) -> Moving | None:
        """What a link in such a mail would do; None: there is no such link."""
        with reading(self._engine) as connection:
            row = _request(connection, notice, asked)
            if row is None:
                return None
            language = connection.scalar(select(subscriber.c.language).where(subscriber.c.id == row.subscriber_id))
            name = connection.scalar(select(issue.c.newsletter).where(issue.c.id == notice))
        return Moving(_answer(row, now), str(name), language)

    def move(
        self, notice: IssueId, asked: SubscriberId, rendered: Rendered, *, note: str, token_key: str, now: datetime
    ) -> Answer | None:
        """The new address says yes; *rendered* tells the old one."""
        with self._engine.begin() as connection:
            number = counters.draw(connection, ASKED)
            row = _request(connection, notice, asked, lock=True)
            if row is None or _answer(row, now) != "open":
                return _answer(row, now) if row is not None else None
            reader = SubscriberId(row.subscriber_id)
            there = connection.scalar(select(subscription.c.id).where(subscription.c.subscriber_id == asked).limit(1))
            connection.execute(update(request).where(request.c.id == row.id).values(used_at=now))
            # Whoever reads the old mailbox has these links, and who asked for a newsletter there has not said yes
            _expire(connection, [reader, asked], [MANAGE, CHANGED, MOVE, SUBSCRIBE], now)
            if there is None:
                _swap(connection, reader, asked)
                _tell(connection, reader, note, now)
                old = asked
            else:
                _unite(connection, reader, asked, note, now)
                old = reader
            name = str(connection.scalar(select(issue.c.newsletter).where(issue.c.id == notice)))
            insert_notice(connection, name, f"{MOVED}/{old}/{number}", old, rendered, token_key=token_key, now=now)
            generation = self._generation.raise_(connection)
        self._generation.publish(generation)
        return "done"


def _request(connection: Connection, notice: IssueId, asked: SubscriberId, *, lock: bool = False) -> Row[Any] | None:
    statement = select(request).where(request.c.issue_id == notice, request.c.kind == MOVE)
    row = connection.execute(statement.with_for_update() if lock else statement).first()
    return row if row is not None and row.wishes == [{"reader": asked}] else None


def _answer(row: Row[Any], now: datetime) -> Answer:
    if row.used_at is not None:
        return "done"
    return "open" if row.until > now else "late"


def _expire(connection: Connection, readers: Iterable[SubscriberId], kinds: Iterable[str], now: datetime) -> None:
    connection.execute(
        update(request)
        .where(
            request.c.subscriber_id.in_(list(readers)),
            request.c.kind.in_(list(kinds)),
            request.c.used_at.is_(None),
            request.c.until > now,
        )
        .values(until=now)
    )


def _swap(connection: Connection, reader: SubscriberId, new: SubscriberId) -> None:
    """The reader keeps their number, so all their links; the row that was made for the new address has the old one."""
    _withhold(connection, new)
    where = subscriber.c.id.in_([reader, new])
    rows = {row.id: row for row in connection.execute(select(subscriber).where(where).with_for_update())}
    _address(connection, new, rows[new].address, f"#moving/{new}")  # two may never have one key
    _address(connection, reader, rows[new].address, rows[new].key)
    _address(connection, new, rows[reader].address, rows[reader].key)


def _address(connection: Connection, reader: SubscriberId, address: str, key: str) -> None:
    connection.execute(update(subscriber).where(subscriber.c.id == reader).values(address=address, key=key))


def _withhold(connection: Connection, reader: SubscriberId) -> None:
    """What waits to be sent to somebody is not: it would go to another address, or to nobody's subscription."""
    waits = (delivery.c.subscriber_id == reader) & delivery.c.state.in_([State.PENDING, State.DEFERRED])
    for number in connection.scalars(select(delivery.c.issue_id).where(waits)).all():
        skip_open(connection, IssueId(number), "moved", [reader])


def _unite(connection: Connection, reader: SubscriberId, other: SubscriberId, note: str, now: datetime) -> None:
    """The one at the new address gets what the *reader* got, and they did not; what they chose or left stays."""
    connection.execute(select(subscriber.c.id).where(subscriber.c.id.in_([reader, other])).with_for_update())
    _withhold(connection, reader)
    theirs = set(connection.scalars(select(subscription.c.newsletter).where(subscription.c.subscriber_id == other)))
    mine = (subscription.c.subscriber_id == reader) & subscription.c.newsletter.not_in(theirs)
    names = connection.scalars(select(subscription.c.newsletter).where(mine)).all()
    connection.execute(update(subscription).where(mine).values(subscriber_id=other))
    proofs = (consent_event.c.subscriber_id == reader) & consent_event.c.newsletter.in_(names)
    connection.execute(update(consent_event).where(proofs).values(subscriber_id=other))
    _hand_over(connection, reader, other)
    _leave_rest(connection, reader, note, now)
    _tell(connection, other, note, now, names)
    link = insert(moved).values(reader=reader, subscriber_id=other)
    connection.execute(link.on_conflict_do_update(index_elements=["reader"], set_={"subscriber_id": other}))


def _leave_rest(connection: Connection, reader: SubscriberId, note: str, now: datetime) -> None:
    rest = (subscription.c.subscriber_id == reader) & (subscription.c.state != Consent.LEFT)
    for name in connection.scalars(select(subscription.c.newsletter).where(rest)).all():
        _say(connection, reader, name, "leave", note, now)
    connection.execute(update(subscription).where(rest).values(state=Consent.LEFT, paused_until=None))


def _tell(
    connection: Connection, reader: SubscriberId, note: str, now: datetime, names: Iterable[str] | None = None
) -> None:
    """Into the history of each consent that it is another address's now."""
    if names is None:
        held = select(subscription.c.newsletter).where(subscription.c.subscriber_id == reader)
        names = connection.scalars(held).all()
    for name in names:
        _say(connection, reader, name, "address", note, now)


def _say(connection: Connection, reader: SubscriberId, newsletter: str, event: str, note: str, now: datetime) -> None:
    record(connection, reader, newsletter, event, now=now, note=note, source="mail")


def _hand_over(connection: Connection, reader: SubscriberId, other: SubscriberId) -> None:
    """What one has, both have: deliveries that are over go along, so that the ledger stops a second copy."""
    there = select(delivery.c.issue_id).where(delivery.c.subscriber_id == other)
    mine = (
        (delivery.c.subscriber_id == reader)
        & delivery.c.state.in_(list(_SETTLED))
        & delivery.c.issue_id.not_in(there)
        & delivery.c.issue_id.in_(select(issue.c.id).where(issue.c.kind != "notice"))
    )
    rows = [dict(row._mapping) for row in connection.execute(select(delivery).where(mine))]  # noqa: SLF001  # public
    if not rows:
        return
    connection.execute(delivery.insert(), [row | {"subscriber_id": other} for row in rows])
    for row in rows:
        of_it = (reply.c.issue_id == row["issue_id"]) & (reply.c.subscriber_id == reader)
        connection.execute(update(reply).where(of_it).values(subscriber_id=other))
        gone = (delivery.c.issue_id == row["issue_id"]) & (delivery.c.subscriber_id == reader)
        connection.execute(delivery.delete().where(gone))
