"""People of a list -> rows, some thousand in a transaction; what is there stays as it is."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, delete, select, update

from publisher.model.subscriber import Consent
from publisher.steps.imports import Entrant, Result, verdict
from publisher.store import watermarks
from publisher.store.requests import RECONFIRM
from publisher.store.schema import consent_event, request, subscriber, subscription, suppression
from publisher.store.suppressions import Marks, any_erased, erased_among, no_marks
from publisher.store.upsert import insert
from publisher.store.watermarks import sliced

KEPT = timedelta(days=180)  # until they are asked; whom the owner never asks is forgotten then


class Imports:
    """`steps.imports.Lists` on a database."""

    def __init__(self, engine: Engine, marks: Marks = no_marks) -> None:
        self._engine = engine
        self._marks = marks

    def take(self, entrants: Sequence[Entrant], *, now: datetime) -> Sequence[Result]:
        """All of them in one transaction. Where nothing follows from any, nothing is written."""
        with self._engine.begin() as connection:
            here = _Here(connection, list({one.address.key for one in entrants}), self._marks)
            results = here.judge(entrants)
            if not _CHANGING.isdisjoint(results):
                _write(connection, here, list(zip(entrants, results, strict=True)), now)
        return results


_CHANGING = frozenset({Result.ADDED, Result.RECORDED, Result.BLOCKED, Result.DOUBTFUL})
_PEOPLE = frozenset({Result.ADDED, Result.RECORDED, Result.DOUBTFUL})  # who need a row of their own


class _Here:
    """How the people of some addresses stand here."""

    def __init__(self, connection: Connection, keys: Sequence[str], marks: Marks) -> None:
        self.ids: dict[str, int] = {}
        self._suppressed: set[str] = set()
        self._states: dict[tuple[str, str], Consent] = {}
        self._active: set[str] = set()
        self.waiting: dict[tuple[str, str], int] = {}  # the request, of whom and about which newsletter
        erased = any_erased(connection)
        for some in sliced(keys):
            self._suppressed.update(connection.scalars(select(suppression.c.key).where(suppression.c.key.in_(some))))
            if erased:
                self._suppressed |= erased_among(connection, some, marks)
            self.ids |= ids_of(connection, some)
        names = {number: key for key, number in self.ids.items()}
        for some_ids in sliced(list(names)):
            for row in connection.execute(_STATES.where(subscription.c.subscriber_id.in_(some_ids))):
                self._enter(names[row.subscriber_id], row.newsletter, Consent(row.state))
            for row in connection.execute(_WAITING.where(request.c.subscriber_id.in_(some_ids))):
                for wish in row.wishes:
                    self.waiting[names[row.subscriber_id], wish["newsletter"]] = row.id

    def judge(self, entrants: Iterable[Entrant]) -> list[Result]:
        """What becomes of each, one after the other: a list may have somebody twice."""
        return [self._judge(one) for one in entrants]

    def _judge(self, one: Entrant) -> Result:
        key = one.address.key
        which = (key, one.wish.newsletter if one.wish else "")
        result = verdict(
            one,
            state=self._states.get(which),
            active=key in self._active,
            suppressed=key in self._suppressed,
            waiting=which in self.waiting,
        )
        if result in {Result.ADDED, Result.RECORDED} and one.state is not None:
            self._enter(key, which[1], one.state)
        if result is Result.DOUBTFUL:
            self.waiting[which] = 0
        if result in _CHANGING and one.suppressed is not None:
            self._suppressed.add(key)
        return result

    def _enter(self, key: str, newsletter: str, state: Consent) -> None:
        self._states[key, newsletter] = state
        if state is not Consent.LEFT:
            self._active.add(key)


_STATES = select(subscription.c.subscriber_id, subscription.c.newsletter, subscription.c.state)
_WAITING = select(request.c.id, request.c.subscriber_id, request.c.wishes).where(
    request.c.kind == RECONFIRM, request.c.used_at.is_(None)
)
Judged = Sequence[tuple[Entrant, Result]]


def ids_of(connection: Connection, keys: Sequence[str]) -> dict[str, int]:
    """The people who have these addresses, by their keys."""
    rows = connection.execute(select(subscriber.c.key, subscriber.c.id).where(subscriber.c.key.in_(keys)))
    return {row.key: row.id for row in rows}


def _write(connection: Connection, here: _Here, judged: Judged, now: datetime) -> None:
    ids = _people(connection, here.ids, [one for one, result in judged if result in _PEOPLE], now)
    added = [(one, ids[one.address.key]) for one, result in judged if result in {Result.ADDED, Result.RECORDED}]
    _subscriptions(connection, added, now)
    _events(connection, added, now)
    _languages(connection, added)
    waiting = [here.waiting.get((one.address.key, one.wish.newsletter), 0) for one, _ in added if one.wish]
    for some in sliced([number for number in waiting if number]):  # the doubt is settled
        connection.execute(delete(request).where(request.c.id.in_(some), request.c.issue_id.is_(None)))
    doubtful = [(one, ids[one.address.key]) for one, result in judged if result is Result.DOUBTFUL]
    _many(connection, request, [_request(one, reader, now) for one, reader in doubtful])
    blocked = [
        {"key": one.address.key, "reason": one.suppressed, "at": one.ended or now, "note": f"{one.source} {one.note}"}
        for one, result in judged
        if result in _CHANGING and one.suppressed is not None
    ]
    _many(connection, suppression, blocked)


def _people(
    connection: Connection, known: Mapping[str, int], entrants: Sequence[Entrant], now: datetime
) -> Mapping[str, int]:
    new = {one.address.key: one for one in reversed(entrants) if one.address.key not in known}
    rows = [
        {
            "address": one.address.display,
            "key": key,
            "name": one.name,
            "language": one.wish.language if one.wish else None,
            "created_at": now,
        }
        for key, one in reversed(new.items())
    ]
    _many(connection, subscriber, rows)
    found = dict(known)
    for some in sliced(list(new)):
        found |= ids_of(connection, some)
    return found


def _subscriptions(connection: Connection, added: Sequence[tuple[Entrant, int]], now: datetime) -> None:
    starts: dict[tuple[str, str], int] = {}
    rows = []
    for one, reader in added:
        assert one.wish is not None
        which = (one.wish.newsletter, one.wish.frequency)
        if which not in starts:
            starts[which] = watermarks.start(connection, *which, at_once=one.wish.at_once)
        rows.append(
            {
                "subscriber_id": reader,
                "newsletter": one.wish.newsletter,
                "state": one.state,
                "frequency": one.wish.frequency,
                "topics": sorted(one.wish.topics),
                "covered": starts[which],
                "consented_at": min(one.at, now),
                "paused_until": one.paused_until if one.state is Consent.PAUSED else None,
                "note": one.note,
            }
        )
    _many(connection, subscription, rows)


_EVENTS = {Consent.ACTIVE: ("confirm",), Consent.PAUSED: ("confirm", "pause"), Consent.LEFT: ("leave",)}


def _events(connection: Connection, added: Sequence[tuple[Entrant, int]], now: datetime) -> None:
    """The proof: what the list said, and that it was a list."""
    rows = [
        {
            "subscriber_id": reader,
            "newsletter": one.wish.newsletter,
            "event": event,
            "at": one.at if event == "confirm" else one.ended or now,
            "note": one.note,
            "source": one.source,
        }
        for one, reader in added
        if one.wish is not None and one.state is not None
        for event in _EVENTS[one.state]
    ]
    _many(connection, consent_event, rows)


def _languages(connection: Connection, added: Sequence[tuple[Entrant, int]]) -> None:
    """A person's, so the latest word counts: they may read another newsletter."""
    spoken = defaultdict(list)
    for one, reader in added:
        if one.wish is not None and one.wish.language is not None:
            spoken[one.wish.language].append(reader)
    for language, readers in spoken.items():
        for some in sliced(readers):
            connection.execute(update(subscriber).where(subscriber.c.id.in_(some)).values(language=language))


def _request(one: Entrant, reader: int, now: datetime) -> dict[str, Any]:
    assert one.wish is not None
    wish = {
        "newsletter": one.wish.newsletter,
        "frequency": one.wish.frequency,
        "topics": sorted(one.wish.topics),
        "language": one.wish.language,
    }
    return {
        "kind": RECONFIRM,
        "subscriber_id": reader,
        "wishes": [wish],
        "source": one.source,
        "at": now,
        "until": now + KEPT,
    }


def _many(connection: Connection, table: Any, rows: list[dict[str, Any]]) -> None:
    """Add them; what another process has added meanwhile stays."""
    if rows:
        connection.execute(insert(table).on_conflict_do_nothing(), rows)
