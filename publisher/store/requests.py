"""What somebody asked for with an address, and the mail that asks whether it was them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, Engine, Row, delete, func, select, update

from publisher.model.issue import CONFIRM, WELCOME, IssueId
from publisher.model.subscriber import CONSENT, Consent, SubscriberId, SuppressionReason
from publisher.steps.signup import (
    HOUR,
    LASTS,
    Answer,
    Application,
    Asked,
    Budget,
    Choice,
    Lane,
    Mail,
    Standing,
    Waiting,
)
from publisher.store import counters, watermarks
from publisher.store.consents import keep_words, record
from publisher.store.engine import reading
from publisher.store.generation import Generation
from publisher.store.notices import insert_notice
from publisher.store.schema import request, subscriber, subscription, suppression
from publisher.store.subscribers import reader_of
from publisher.store.suppressions import Marks, no_marks
from publisher.store.upsert import insert

SUBSCRIBE, RECONFIRM = "subscribe", "reconfirm"
_CONFIRMED = (SUBSCRIBE, RECONFIRM)  # kinds whose link says yes to newsletters
# A reader's own yes ends these.
_LIFTED = (SuppressionReason.BOUNCED, SuppressionReason.COMPLAINED, SuppressionReason.ERASED)
_WAITS = (request.c.kind == SUBSCRIBE) & request.c.issue_id.is_(None)

Wishes = list[dict[str, Any]]
"""As they are in the column: newsletter, frequency, topics, language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """What is to be written down."""

    wishes: Wishes
    wording: str | None
    source: str
    origin: str | None


class Requests:
    """`steps.signup.Requests` on a database."""

    def __init__(self, engine: Engine, generation: Generation, marks: Marks = no_marks) -> None:
        self._engine = engine
        self._generation = generation
        self._marks = marks

    def ask(self, what: Application, mail: Mail, *, lane: Lane, budget: Budget, now: datetime) -> Asked:
        """Write it down, with its mail where the budget has room; the same statements whoever has the address."""
        with self._engine.begin() as connection:
            number = counters.draw(connection, counters.SIGNUP)
            room = budget.open(lane, _mailed_in_hour(connection, now))
            if not room and lane == "form":
                connection.rollback()
                return "busy"
            digest = keep_words(connection, what.wording, now)
            reader = reader_of(connection, what.address, what.name, what.language, now, self._marks(what.address.key))
            entry = _Entry(
                wishes=_wishes(what.choices, what.language), wording=digest, source=what.source, origin=what.origin
            )
            asked = _put(connection, number, reader, entry, mail, budget=budget, room=room, now=now)
            generation = self._generation.raise_(connection)
        self._generation.publish(generation)
        return asked

    def waiting(self, *, now: datetime) -> Sequence[Waiting]:
        """What was not mailed, the newest first."""
        statement = select(request.c.id, request.c.wishes).where(_WAITS, request.c.until > now)
        with reading(self._engine) as connection:
            rows = connection.execute(statement.order_by(request.c.id.desc())).all()
        return [Waiting(row.id, _choices(row.wishes), _language(row.wishes)) for row in rows]

    def mail(self, number: int, mail: Mail, *, budget: Budget, now: datetime) -> Asked:
        """Mail one that waits; `busy` where the hour has no room for any."""
        with self._engine.begin() as connection:
            drawn = counters.draw(connection, counters.SIGNUP)
            if not budget.open("form", _mailed_in_hour(connection, now)):
                connection.rollback()
                return "busy"
            row = connection.execute(select(request.c.subscriber_id).where(_WAITS, request.c.id == number)).first()
            if row is None or not budget.spares(_mailed(_theirs(connection, row.subscriber_id)), now):
                connection.rollback()
                return "waits"
            reader = SubscriberId(row.subscriber_id)
            sent = {"issue_id": _notice(connection, drawn, reader, mail, now), "until": now + LASTS}
            connection.execute(update(request).where(request.c.id == number).values(sent))
            generation = self._generation.raise_(connection)
        self._generation.publish(generation)
        return "mailed"

    def standing(self, notice: IssueId, reader: SubscriberId, *, now: datetime) -> Standing | None:
        """What the link of that mail would do; None: there is no such link."""
        with reading(self._engine) as connection:
            row = connection.execute(_of(notice, reader)).first()
        if row is None:
            return None
        return Standing(_answer(row, now), _choices(row.wishes), _language(row.wishes))

    def confirm(
        self,
        notice: IssueId,
        reader: SubscriberId,
        choices: Sequence[Choice],
        welcomes: Mapping[str, Mail],
        *,
        at_once: Callable[[Choice], bool],
        now: datetime,
    ) -> Answer | None:
        """The reader's yes to these, in one transaction; who is new to a newsletter gets its welcome. Twice is once."""
        with self._engine.begin() as connection:
            row = connection.execute(_of(notice, reader).with_for_update()).first()
            if row is None or _answer(row, now) != "open":
                return _answer(row, now) if row is not None else None
            connection.execute(update(request).where(request.c.id == row.id).values(used_at=now))
            for one in choices:
                new = _subscribe(connection, reader, one, at_once=at_once(one), now=now)
                asked = {"wording": row.wording, "source": row.source, "origin": row.origin, "asked_at": row.at}
                record(connection, reader, one.newsletter, "confirm", now=now, **asked)
                if new and (mail := welcomes.get(one.newsletter)) is not None:
                    occasion = f"{WELCOME}/{reader}/{row.id}"
                    insert_notice(
                        connection, mail.newsletter, occasion, reader, mail.rendered, token_key=mail.token_key, now=now
                    )
            _settle(connection, reader, row.wishes)
            generation = self._generation.raise_(connection)
        self._generation.publish(generation)
        return "done"

    def again(self, notice: IssueId, reader: SubscriberId, mail: Mail, *, budget: Budget, now: datetime) -> bool:
        """Ask once more, where the time of a link is over; False: there is no such link."""
        with self._engine.begin() as connection:
            number = counters.draw(connection, counters.SIGNUP)
            row = connection.execute(_of(notice, reader)).first()
            if row is None or _answer(row, now) != "late":
                return False
            room = budget.open("pressed", _mailed_in_hour(connection, now))
            entry = _Entry(wishes=row.wishes, wording=row.wording, source=row.source, origin=row.origin)
            _put(connection, number, reader, entry, mail, budget=budget, room=room, now=now)
            generation = self._generation.raise_(connection)
        self._generation.publish(generation)
        return True


# --- asking


def _put(
    connection: Connection,
    number: int,
    reader: SubscriberId,
    entry: _Entry,
    mail: Mail,
    *,
    budget: Budget,
    room: bool,
    now: datetime,
) -> Asked:
    """A request with its mail, or one that waits; of those an address has one at most."""
    theirs = _theirs(connection, reader)
    if any(_is_answered(row, entry.wishes, now - budget.cool) for row in theirs):
        return "mailed"  # the button was pressed twice
    waiting = next((row for row in theirs if row.issue_id is None and row.used_at is None), None)
    values: dict[str, Any] = {"wording": entry.wording, "source": entry.source, "origin": entry.origin, "at": now}
    values |= {"wishes": _merged(waiting.wishes if waiting is not None else [], entry.wishes), "until": now + LASTS}
    mailed = room and budget.spares(_mailed(theirs), now)
    if mailed:
        values["issue_id"] = _notice(connection, number, reader, mail, now)
    if waiting is not None:
        connection.execute(update(request).where(request.c.id == waiting.id).values(values))
        return "mailed" if mailed else "waits"
    connection.execute(insert(request).values(kind=SUBSCRIBE, subscriber_id=reader, **values))
    if not mailed:
        _forget_oldest(connection, budget.waiting)
    return "mailed" if mailed else "waits"


def _is_answered(row: Row[Any], wishes: Wishes, since: datetime) -> bool:
    """Whether the mail to just this is on its way, or was just now."""
    fresh = row.issue_id is not None and row.used_at is None and row.until - LASTS > since
    return fresh and bool(row.wishes == wishes)


def _merged(before: Wishes, now: Wishes) -> Wishes:
    """What was asked for before, and was not mailed, with what is now; of one newsletter the last word counts."""
    return [*(one for one in before if one["newsletter"] not in {new["newsletter"] for new in now}), *now]


def _notice(connection: Connection, number: int, reader: SubscriberId, mail: Mail, now: datetime) -> IssueId:
    made = insert_notice(
        connection,
        mail.newsletter,
        f"{CONFIRM}/{reader}/{number}",
        reader,
        mail.rendered,
        token_key=mail.token_key,
        now=now,
    )
    assert made is not None  # its number is new
    return made.id


def _theirs(connection: Connection, reader: int) -> Sequence[Row[Any]]:
    """All that this person asked for; few, since what is old is purged."""
    columns = (request.c.id, request.c.issue_id, request.c.wishes, request.c.until, request.c.used_at)
    where = (request.c.subscriber_id == reader) & (request.c.kind == SUBSCRIBE)
    found = connection.execute(select(*columns).where(where)).all()
    return cast("Sequence[Row[Any]]", found)


def _mailed(theirs: Sequence[Row[Any]]) -> list[datetime]:
    return [row.until - LASTS for row in theirs if row.issue_id is not None]


def _mailed_in_hour(connection: Connection, now: datetime) -> int:
    """How many mails asked in the last hour; a link works for LASTS from its mail on."""
    where = (request.c.kind == SUBSCRIBE) & request.c.issue_id.is_not(None) & (request.c.until > now + LASTS - HOUR)
    return int(connection.scalar(select(func.count()).select_from(request).where(where)) or 0)


def _forget_oldest(connection: Connection, most: int) -> None:
    beyond = select(request.c.id).where(_WAITS).order_by(request.c.id.desc()).offset(most).limit(100)
    connection.execute(delete(request).where(request.c.id.in_(list(connection.scalars(beyond)))))


def _wishes(choices: Sequence[Choice], language: str | None) -> Wishes:
    return [
        {"newsletter": one.newsletter, "frequency": one.frequency, "topics": list(one.topics)}
        | ({"language": language} if language else {})
        for one in choices
    ]


def _choices(wishes: Wishes) -> tuple[Choice, ...]:
    return tuple(Choice(one["newsletter"], one["frequency"], tuple(one["topics"])) for one in wishes)


def _language(wishes: Wishes) -> str | None:
    return next((one["language"] for one in wishes if one.get("language")), None)


# --- confirming


def _of(notice: IssueId, reader: SubscriberId) -> Any:
    return select(request).where(
        request.c.issue_id == notice, request.c.subscriber_id == reader, request.c.kind.in_(_CONFIRMED)
    )


def _answer(row: Row[Any], now: datetime) -> Answer:
    if row.used_at is not None:
        return "done"
    return "open" if row.until > now else "late"


def _subscribe(connection: Connection, reader: SubscriberId, one: Choice, *, at_once: bool, now: datetime) -> bool:
    """An active subscription with these choices; whether it was none, or had ended."""
    where = (subscription.c.newsletter == one.newsletter) & (subscription.c.subscriber_id == reader)
    said = connection.scalar(select(subscription.c.state).where(where).with_for_update())
    before = None if said is None else Consent(said)
    values: dict[str, Any] = {
        "state": CONSENT[before, "confirm"],
        "frequency": one.frequency,
        "topics": sorted(one.topics),
        "paused_until": None,
        "consented_at": now,
        "note": "",
    }
    if before is not Consent.ACTIVE:
        values["covered"] = watermarks.start(connection, one.newsletter, one.frequency, at_once=at_once)
    if before is None:
        connection.execute(insert(subscription).values(subscriber_id=reader, newsletter=one.newsletter, **values))
    else:
        connection.execute(update(subscription).where(where).values(values))
    return before in {None, Consent.LEFT}


def _settle(connection: Connection, reader: SubscriberId, wishes: Wishes) -> None:
    """What follows from a yes beside the subscriptions: the address works, and is wanted."""
    key = select(subscriber.c.key).where(subscriber.c.id == reader).scalar_subquery()
    lifted = suppression.c.reason.in_(_LIFTED)
    connection.execute(delete(suppression).where(suppression.c.key == key, lifted))
    if (language := _language(wishes)) is not None:
        connection.execute(update(subscriber).where(subscriber.c.id == reader).values(language=language))
    same = [row.id for row in _theirs(connection, reader) if row.issue_id is None and row.wishes == wishes]
    connection.execute(delete(request).where(request.c.id.in_(same)))
