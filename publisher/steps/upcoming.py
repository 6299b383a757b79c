"""Schedules over a copy of the database -> what is due next, with which posts, to how many.

The copy is lived through up to each due time, as the ticks would: posts for later come, posts are announced. Nothing
is composed, and nothing of it stays.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from publisher.mail.schedule import Schedule
from publisher.model.entry import Entry
from publisher.model.issue import Newsletter
from publisher.ports import Entries
from publisher.steps.announce import AnnounceRules, announce
from publisher.steps.collect import Collected
from publisher.steps.compose import Draft, Order, draft
from publisher.steps.occasions import Occasions, next_issue

AT_ONCE = 20  # posts for those who get each at once that are looked at, the next ones
_CHANGES = 1000  # posts for later that are lived through
_EVER = datetime(9990, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """One due time of a newsletter's frequency. `period` names it; that of a post that goes at once is its id.

    `late`: it was missed, and still goes with the next tick.
    """

    newsletter: Newsletter
    frequency: str
    schedule: Schedule
    at: datetime
    period: str
    late: bool
    draft: Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """All that looking ahead needs, on a copy of the database. `turn` puts its clock to a moment."""

    collect: Callable[[], Collected]
    turn: Callable[[datetime], None]
    entries: Entries
    announce_rules: AnnounceRules
    occasions: Occasions


def upcoming(ahead: Ahead, *, now: datetime) -> tuple[Upcoming, ...]:
    """The next due time of every frequency, and each post that waits to go at once; the earliest first."""
    ahead.collect()
    dues = [*_at_once(ahead, now), *_digests(ahead, now)]
    return tuple(sorted(dues, key=lambda due: due.at))


def _digests(ahead: Ahead, now: datetime) -> Iterator[Upcoming]:
    found = [
        (due, name, frequency, schedule)
        for (name, frequency), schedule in ahead.occasions.schedules.items()
        if (due := next_issue(ahead.occasions, name, frequency, now=now)) is not None
    ]
    for due, name, frequency, schedule in sorted(found, key=lambda one: one[0].at):
        _live_until(ahead, max(due.at, now))
        newsletter = ahead.occasions.desk.newsletters[name]
        yield Upcoming(
            newsletter=newsletter,
            frequency=frequency,
            schedule=schedule,
            at=due.at,
            period=due.period,
            late=due.at <= now,
            draft=draft(ahead.occasions.desk, Order(newsletter=newsletter, kind="digest", frequencies=(frequency,))),
        )


def _live_until(ahead: Ahead, until: datetime) -> None:
    """Collect whenever the clock makes something of a file, and announce what may be announced by then."""
    before = None
    for _ in range(_CHANGES):
        change = ahead.collect().next_change
        if change is None or change > until or change == before:
            break
        ahead.turn(before := change)
    ahead.turn(until)
    announce(ahead.entries, ahead.occasions.desk.announcements, ahead.announce_rules, now=until)


def _at_once(ahead: Ahead, now: datetime) -> Iterator[Upcoming]:
    waiting = sorted(
        ((_announced_at(ahead, entry, now), entry) for entry in ahead.entries.waiting(_EVER, seen_before=_EVER)),
        key=lambda one: one[0],
    )
    for (name, frequency), schedule in ahead.occasions.schedules.items():
        if not schedule.at_once:
            continue
        newsletter = ahead.occasions.desk.newsletters[name]
        for at, entry in waiting[:AT_ONCE]:
            order = Order(newsletter=newsletter, kind="digest", frequencies=(frequency,))
            found = draft(ahead.occasions.desk, order, upcoming=[entry])
            if found.readers and entry.metadata.newsletter.allows(name):
                yield Upcoming(
                    newsletter=newsletter,
                    frequency=frequency,
                    schedule=schedule,
                    at=at,
                    period=entry.id,
                    late=at <= now,
                    draft=found,
                )


def _announced_at(ahead: Ahead, entry: Entry, now: datetime) -> datetime:
    """When a tick announces it, if it is not held."""
    meta = entry.metadata
    moments = (meta.published, meta.newsletter.send_at, entry.first_seen + ahead.announce_rules.after)
    return max(moment for moment in (now, *moments) if moment is not None)
