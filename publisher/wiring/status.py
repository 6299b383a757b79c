"""A house -> how it stands, for whoever looks at three in the morning."""

from typing import TYPE_CHECKING

from publisher.adapters import lastround
from publisher.adapters.lock import holder
from publisher.delivery.bounces import Kind
from publisher.delivery.holds import told
from publisher.delivery.throttle import SERVER
from publisher.errors import DatabaseError, PublisherError
from publisher.model.entry import ChangeKind
from publisher.model.finding import Severity
from publisher.model.status import DatabaseFacts, PostsFacts, Status
from publisher.steps.collect import Collected
from publisher.steps.status import upcoming
from publisher.store.engine import place
from publisher.store.entries import MASS
from publisher.wiring import collecting, sending

if TYPE_CHECKING:
    from publisher.model.issue import IssueId
    from publisher.wiring.house import House

_LONG = 60.0  # seconds


def looked(house: "House") -> Status:
    """One look; nothing is written."""
    from publisher.wiring.house import lock_file, round_file

    overview = house.overview
    lock = lock_file(house.config)
    came = house.incoming.open_counts()
    before = lastround.last(round_file(house.config))
    return Status(
        now=house.clock(),
        sender=holder(lock) if lock is not None else overview.leased(),
        last_round=before.at if before else None,
        last_problems=tuple(before.problems) if before else (),
        unreachable=before.unreachable if before else "",
        underway=tuple(overview.underway()),
        holds=holds(house),
        upcoming=upcoming(
            house.config.schedules(),
            {name: one.catch_up for name, one in house.config.newsletters.items()},
            overview.since,
            house.issues.settled,
            now=house.clock(),
        ),
        posts=_posts(house),
        database=_database(house),
        pleas=came.get(Kind.PLEA, 0),
        unread=came.get(Kind.REPLY, 0) + came.get(Kind.UNKNOWN, 0),
    )


def holds(house: "House", only: "IssueId | None" = None) -> tuple[str, ...]:
    """What keeps messages waiting, of one issue or of all, and how many; not what is over in a minute."""
    now = house.clock()
    here = now.astimezone(house.config.site.timezone)
    throttle = sending.throttle(house)  # as it was kept: the house's own may be in use by a thread that sends
    long = [hold for hold in throttle.holds(now.timestamp()) if hold.seconds >= _LONG]
    counts = [house.overview.waiting("" if hold.scope == SERVER else hold.scope, only) for hold in long]
    return tuple(told(hold, count, here) for hold, count in zip(long, counts, strict=True) if count)


def _database(house: "House") -> DatabaseFacts:
    problem = ""
    try:
        house.generation.check()
    except DatabaseError as error:
        problem = str(error)
    return DatabaseFacts(
        place=place(str(house.engine.url)),
        size=house.overview.size(),
        revision=house.overview.revision(),
        generation=house.overview.generation(),
        problem=problem,
    )


def _posts(house: "House") -> PostsFacts:
    """What a collect would find; but not before the first, or the first after a restore: that is a long look."""
    if not house.entries.settled():
        return PostsFacts(collected=False)
    waiting = [(entry.path, reason) for entry, reason in house.entries.held()]
    held = tuple((path, reason) for path, reason in waiting if reason not in MASS.values())
    try:
        found = collecting.looked(house)
    except PublisherError as error:
        return PostsFacts(held=held, problem=str(error))
    return PostsFacts(
        unreadable=tuple(str(one) for one in found.findings if one.severity is Severity.ERROR),
        held=held,
        held_at_once={
            kind.value: count
            for kind in (ChangeKind.NEW, ChangeKind.UPDATED, ChangeKind.REMOVED)
            if (count := _at_once(kind, found, [reason for _, reason in waiting]))
        },
    )


def _at_once(kind: ChangeKind, found: Collected, reasons: list[str]) -> int:
    """How many the guard holds: those that a collect would find, and those that one found before."""
    return len(found.changes.held.get(kind, ())) + reasons.count(MASS.get(kind, "no reason"))
