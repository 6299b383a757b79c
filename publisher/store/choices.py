"""What readers choose of their subscriptions, each change in one transaction, and how it is undone."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, select, update

from publisher.model.subscriber import Consent, SubscriberId, Subscription
from publisher.steps.choices import Back, Changed, Held, Rule, Step, giving_back, resuming, steps
from publisher.steps.signup import Wording
from publisher.store import watermarks
from publisher.store.consents import keep_words, record
from publisher.store.engine import reading
from publisher.store.heirs import heir
from publisher.store.records import subscription_value
from publisher.store.schema import consent_event, subscriber, subscription, undo
from publisher.store.upsert import insert

_CHUNK = 500  # pauses that end in one transaction


class Choices:
    """`steps.choices.Choices` on a database. `at_once`: whether a newsletter's frequency sends each post by itself."""

    def __init__(self, engine: Engine, at_once: Callable[[str, str], bool]) -> None:
        self._engine = engine
        self._at_once = at_once

    def held(self, reader: SubscriberId) -> Held:
        """All of one reader's; empty where nobody has that number."""
        with reading(self._engine) as connection:
            return _held(connection, heir(connection, reader))

    def change(
        self,
        reader: SubscriberId,
        rule: Rule,
        *,
        source: str,
        note: str,
        now: datetime,
        undo: timedelta | None = None,
        agreed: Wording | None = None,
    ) -> Changed:
        """Do what the rule says, and write each step of it down.

        `undo`: for how long it can be undone; `agreed`: the words to which a new consent was given.
        """
        with self._engine.begin() as connection:
            if not _locked(connection, reader):
                return Changed()
            held = _held(connection, reader)
            changes = [(held.get(one.newsletter), one) for one in rule(held)]
            changes = [(before, after) for before, after in changes if before != after]
            words = keep_words(connection, agreed, now) if changes else None
            taken = [self._write(connection, *pair, source=source, note=note, now=now, words=words) for pair in changes]
            number = _remember(connection, reader, taken, now, undo) if undo is not None and taken else None
        return Changed(now=tuple(after for _, after in changes), undo=number)

    def undone(self, number: int, reader: SubscriberId, *, now: datetime) -> Sequence[str] | None:
        """The newsletters that an undo would still give back; None where there is no such undo."""
        with reading(self._engine) as connection:
            row = _undo(connection, number, reader)
            if row is None:
                return None
            return [] if _spent(row, now) else [before.newsletter for before, _ in _standing(connection, row)]

    def undo(self, number: int, reader: SubscriberId, *, note: str, now: datetime) -> Back | None:
        """Give back what was taken, once; None where there is no such undo."""
        with self._engine.begin() as connection:
            row = _undo(connection, number, reader, lock=True)
            if row is None:
                return None
            if _spent(row, now):
                return "again" if row.used_at is not None else "late"
            _locked(connection, reader)
            standing = list(_standing(connection, row))
            connection.execute(update(undo).where(undo.c.id == number).values(used_at=now))
            for before, current in standing:
                _set(connection, before)
                for step in giving_back(before, current):
                    _record(connection, before, step, source="mail", note=note, now=now)
            return "back" if standing else "changed"

    def recent(self, reader: SubscriberId, newsletter: str, *, since: datetime) -> int | None:
        """The undo of what was changed just now."""
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(undo.c.id, undo.c.before)
                .where(undo.c.subscriber_id == reader, undo.c.at >= since, undo.c.used_at.is_(None))
                .order_by(undo.c.id.desc())
            )
            return next((row.id for row in rows if newsletter in {one["newsletter"] for one in row.before}), None)

    def resume_due(self, *, now: datetime) -> int:
        """End the pauses whose time is over; how many."""
        over = (subscription.c.state == Consent.PAUSED) & (subscription.c.paused_until <= now)
        statement = select(subscription.c.subscriber_id, subscription.c.newsletter).where(over).limit(_CHUNK)
        count = 0
        while True:
            with reading(self._engine) as connection:
                rows = connection.execute(statement).all()
            if not rows:
                return count
            with self._engine.begin() as connection:
                for row in rows:
                    count += self._resume(connection, SubscriberId(row.subscriber_id), row.newsletter, now)

    def _resume(self, connection: Connection, reader: SubscriberId, newsletter: str, now: datetime) -> bool:
        _locked(connection, reader)
        held = _held(connection, reader)
        for after in resuming(newsletter)(held):
            before = held[newsletter]
            if before.paused_until is not None and before.paused_until <= now:  # not put off meanwhile
                self._write(connection, before, after, source="", note="the pause was over", now=now)
                return True
        return False

    def _write(
        self,
        connection: Connection,
        before: Subscription | None,
        after: Subscription,
        *,
        source: str,
        note: str,
        now: datetime,
        words: str | None = None,
    ) -> tuple[Subscription | None, int]:
        """What was, and the number of the last event that says what became of it."""
        if after.state is Consent.ACTIVE and (before is None or before.state is not Consent.ACTIVE):
            after = replace(after, covered=self._start(connection, after), note=note if before is None else after.note)
        if before is None:
            _add(connection, after)
        else:
            _set(connection, after)
        return before, max(
            _record(connection, after, step, source=source, note=note, now=now, words=words)
            for step in steps(before, after)
        )

    def _start(self, connection: Connection, one: Subscription) -> int:
        """Where a new, resumed or returning reader begins; never before what their issues dealt with."""
        at_once = self._at_once(one.newsletter, one.frequency)
        return max(one.covered, watermarks.start(connection, one.newsletter, one.frequency, at_once=at_once))


def _locked(connection: Connection, reader: SubscriberId) -> bool:
    """Whether there is such a reader, whose choices change one at a time from here on."""
    statement = select(subscriber.c.id).where(subscriber.c.id == reader).with_for_update()
    return connection.scalar(statement) is not None


def _held(connection: Connection, reader: SubscriberId) -> Held:
    statement = (
        select(subscription, subscriber.c.language)
        .join(subscriber, subscriber.c.id == subscription.c.subscriber_id)
        .where(subscription.c.subscriber_id == reader)
        .order_by(subscription.c.id)
    )
    return {row.newsletter: subscription_value(row) for row in connection.execute(statement)}


def _columns(one: Subscription) -> dict[str, Any]:
    return {
        "state": one.state,
        "frequency": one.frequency,
        "topics": sorted(one.topics),
        "paused_until": one.paused_until,
        "consented_at": one.consented_at,
        "covered": one.covered,
        "note": one.note,
    }


def _add(connection: Connection, one: Subscription) -> None:
    names = {"subscriber_id": one.subscriber, "newsletter": one.newsletter}
    connection.execute(insert(subscription).values(**names, **_columns(one)))


def _set(connection: Connection, one: Subscription) -> None:
    """How far its issues have dealt with what was announced only ever moves by itself, or with a return."""
    where = (subscription.c.subscriber_id == one.subscriber) & (subscription.c.newsletter == one.newsletter)
    connection.execute(update(subscription).where(where).values(**_columns(one)))


def _record(
    connection: Connection,
    one: Subscription,
    step: Step,
    *,
    source: str,
    note: str,
    now: datetime,
    words: str | None = None,
) -> int:
    said = f"{note}: {step.detail}" if step.detail else note
    # where a page was agreed to it was sent and meant at one moment: no mail asks in between
    agreed, asked = (words, now) if words is not None and step.event == "confirm" else (None, None)
    return record(
        connection,
        one.subscriber,
        one.newsletter,
        step.event,
        now=now,
        note=said,
        source=source,
        wording=agreed,
        asked_at=asked,
    )


# --- undo


def _remember(
    connection: Connection,
    reader: SubscriberId,
    taken: Sequence[tuple[Subscription | None, int]],
    now: datetime,
    keep: timedelta,
) -> int:
    before = [_as_it_was(one, event) for one, event in taken if one is not None]
    made = insert(undo).values(subscriber_id=reader, before=before, at=now, until=now + keep)
    number = connection.scalar(made.returning(undo.c.id))
    assert number is not None
    return int(number)


def _as_it_was(one: Subscription, event: int) -> dict[str, Any]:
    return {
        "newsletter": one.newsletter,
        "state": one.state,
        "frequency": one.frequency,
        "topics": sorted(one.topics),
        "paused_until": one.paused_until.isoformat() if one.paused_until is not None else None,
        "event": event,  # the last one that was written down with it
    }


def _undo(connection: Connection, number: int, reader: SubscriberId, *, lock: bool = False) -> Row[Any] | None:
    statement = select(undo).where(undo.c.id == number, undo.c.subscriber_id == reader)
    return connection.execute(statement.with_for_update() if lock else statement).first()


def _spent(row: Row[Any], now: datetime) -> bool:
    return row.used_at is not None or row.until <= now


def _standing(connection: Connection, row: Row[Any]) -> Iterator[tuple[Subscription, Subscription]]:
    """Subscriptions as they were and as they are: those that nothing has happened to since."""
    reader = SubscriberId(row.subscriber_id)
    held, last = _held(connection, reader), _last_events(connection, reader)
    for kept in row.before:
        one = held.get(kept["newsletter"])
        if one is not None and last.get(one.newsletter) == kept["event"]:
            yield _restored(one, kept), one


def _last_events(connection: Connection, reader: SubscriberId) -> Mapping[str, int]:
    rows = connection.execute(
        select(consent_event.c.newsletter, func.max(consent_event.c.id).label("last"))
        .where(consent_event.c.subscriber_id == reader)
        .group_by(consent_event.c.newsletter)
    )
    return {row.newsletter: row.last for row in rows}


def _restored(one: Subscription, kept: Mapping[str, Any]) -> Subscription:
    until = kept["paused_until"]
    return replace(
        one,
        state=Consent(kept["state"]),
        frequency=kept["frequency"],
        topics=frozenset(kept["topics"]),
        paused_until=datetime.fromisoformat(until) if until else None,
    )
