"""How the site stands -> what needs the owner, the most urgent first."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from publisher.mail.schedule import Schedule, catch_up, due_between, next_due
from publisher.model.issue import IssueState, State
from publisher.model.status import Need, Status, Underway, Upcoming

PATIENCE = timedelta(minutes=15)  # that something is due before nobody seems to see to it: three rounds of a usual cron
_SHOWN = 5

Since = Callable[[str, str, str], datetime | None]
"""Newsletter, frequency, schedule as written -> since when it stands; None: it was never looked at."""
Settled = Callable[[str, str, list[str]], frozenset[str]]
"""Newsletter, frequency, periods -> those that were dealt with."""


def upcoming(
    schedules: Mapping[tuple[str, str], Schedule],
    within: Mapping[str, timedelta | None],
    since: Since,
    settled: Settled,
    *,
    now: datetime,
) -> tuple[Upcoming, ...]:
    """When each frequency is due next, the next first; one that was missed and still goes is due already.

    Looks only: a round is what makes a schedule that was changed count from now.
    """
    found = []
    for (name, frequency), schedule in schedules.items():
        if schedule.at_once:
            continue
        stands = since(name, frequency, f"{schedule.text} {schedule.zone.key}")
        dues = due_between(schedule, stands, now) if stands is not None else ()
        chosen, _ = catch_up(schedule, dues, now, within=within.get(name))
        missed = chosen is not None and not settled(name, frequency, [chosen.period])
        due = chosen if missed else next_due(schedule, now)
        if due is not None:
            found.append(
                Upcoming(
                    newsletter=name,
                    frequency=frequency,
                    period=due.period,
                    at=due.at,
                    zone=schedule.zone.key,
                    missed=missed,
                )
            )
    return tuple(sorted(found, key=lambda one: one.at))


def needs(status: Status) -> tuple[Need, ...]:
    """What waits for the owner: first what keeps mail from going out, then what may be lost, then posts."""
    found = [
        *_database(status),
        *_paused(status),
        *_standing(status),
        *_doubts(status),
        *_mail(status),
        *_posts(status),
    ]
    return tuple(found)


def _database(status: Status) -> Iterator[Need]:
    if status.database.problem:
        yield Need(what=status.database.problem, do="publisher database accept")


def _mail(status: Status) -> Iterator[Need]:
    """People who wrote, and wait."""
    if status.pleas:
        who = "1 reader asks" if status.pleas == 1 else f"{status.pleas} readers ask"
        yield Need(what=f"{who} by mail to be taken off", do="publisher received list")
    if status.unread:
        what = "1 message that came waits" if status.unread == 1 else f"{status.unread} messages that came wait"
        yield Need(what=f"{what} for you: an answer, or what is not understood", do="publisher received list")


def _paused(status: Status) -> Iterator[Need]:
    for one in status.underway:
        if one.issue.state is IssueState.PAUSED:
            why = f": {one.issue.reason}" if one.issue.reason else ""
            yield Need(what=f"{_named(one)} is paused{why}", do=one.issue.way_on)


def _standing(status: Status) -> Iterator[Need]:
    """Work that is due, and nobody does it."""
    if status.unreachable:
        yield Need(what=f"the last round could not send: {status.unreachable}", do="publisher doctor")
    for problem in status.last_problems[:_SHOWN]:
        yield Need(what=f"the last round could not do all: {problem}", do="publisher tick")
    if status.sender is not None:
        return
    for one in status.underway:
        left = one.tally[State.PENDING] + one.tally[State.DEFERRED]
        if one.issue.state is IssueState.COMPOSING and status.now - one.issue.composed_at > PATIENCE:
            yield Need(what=f"{_named(one)} was begun and is not composed yet", do="publisher tick")
        elif one.issue.state is IssueState.READY and left and _late(status, one.due, one.issue.composed_at):
            yield Need(what=f"{_named(one)}: {left} wait, and nobody sends", do="publisher run")
    for due in status.upcoming:
        if due.missed and _late(status, due.at, due.at):
            what = f"{due.newsletter}: {due.frequency}/{due.period} was due at {due.at:%Y-%m-%d %H:%M} UTC"
            yield Need(what=f"{what}, and nobody composed it", do="publisher run")


def _late(status: Status, due: datetime | None, begun: datetime) -> bool:
    """Whether a round should long have come, for what waits for nothing since it was *begun*, or since it was due."""
    if status.now - max(due or begun, begun) <= PATIENCE:
        return False
    return status.last_round is None or status.now - status.last_round > PATIENCE


def _doubts(status: Status) -> Iterator[Need]:
    for one in status.underway:
        doubts = one.tally[State.IN_DOUBT]
        if doubts:
            what = f"{_named(one)}: {doubts} in doubt: sent, but the answer was lost; nearly always they arrived"
            yield Need(what=what, do=f"publisher issues settle {one.issue.id} --arrived")


def _posts(status: Status) -> Iterator[Need]:
    posts = status.posts
    if posts.problem:
        yield Need(what=posts.problem, do="publisher check")
    for said in posts.unreadable[:_SHOWN]:
        yield Need(what=said, do="publisher check")
    if len(posts.unreadable) > _SHOWN:
        yield Need(what=f"{len(posts.unreadable) - _SHOWN} more posts cannot be read", do="publisher check")
    for kind, count in (posts.held_at_once or {}).items():
        yield Need(what=f"{count} {kind} posts at once are held", do=f"publisher build --accept {kind}")
    for path, reason in posts.held[:_SHOWN]:
        yield Need(what=f"{path} is held: {reason}", do=f"publisher announce {path}")
    if len(posts.held) > _SHOWN:
        yield Need(what=f"{len(posts.held) - _SHOWN} more posts are held", do="publisher collect")


def _named(one: Underway) -> str:
    return f"issue {one.issue.id} ({one.issue.occasion})"
