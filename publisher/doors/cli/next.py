"""What is due next, with which posts, to how many; and what waits meanwhile."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import typer

from publisher.doors.cli import base
from publisher.doors.cli.base import AsJson
from publisher.doors.cli.sending import told_tally
from publisher.model.issue import Issue, IssueState, State, Tally
from publisher.steps.upcoming import Upcoming, upcoming
from publisher.wiring import House
from publisher.wiring.ahead import ahead, barred

_TITLES = 5  # shown of each
_WAITING = (State.PENDING, State.DEFERRED, State.IN_DOUBT)

Waiting = tuple[Issue, Tally, datetime | None]
"""An issue that is not finished, how far it is, and when there is work for it again."""


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command("next")(next_)


def next_(context: typer.Context, json: AsJson = False) -> None:
    """What is due when, with which posts, to how many readers, if nothing else changes. It only looks."""
    house = base.settings(context).house(rehearse=True)
    why_not = barred(house)
    waiting = [
        (issue, house.issues.tally(issue.id), house.deliveries.next_due(issue.id))
        for issue in house.issues.unfinished()
    ]
    now = house.clock()
    dues = upcoming(ahead(house), now=now)
    if json:
        base.show_json(
            {
                "barred": why_not or None,
                "due": [_due_facts(due) for due in dues],
                "waiting": [_waiting_facts(*one) for one in waiting],
                "held": [entry.path for entry, _ in house.entries.held()],
            }
        )
        return
    for line in _lines(house, dues, waiting, why_not):
        base.say(line)


def _lines(house: House, dues: Sequence[Upcoming], waiting: Sequence[Waiting], why_not: str) -> Iterator[str]:
    if why_not:
        yield f"Nothing goes out: {why_not}"
    if not house.newsletters:
        yield "No newsletter is configured, so nothing is due; add a table [newsletters.main] to config.toml."
    several = len(house.newsletters) > 1
    for due in dues:
        yield from _due_lines(due, several=several)
    for name, newsletter in house.newsletters.items():
        idle = set(newsletter.frequencies) - {due.frequency for due in dues if due.newsletter.name == name}
        yield from (f"{_name(name, one, several=several)}: at once, and no post waits." for one in sorted(idle))
    for issue, tally, due_at in waiting:
        yield _waiting_line(issue, tally, due_at)
    if held := house.entries.held():
        yield f"Held for your word: {base.counted(len(held), 'post')}; `publisher collect` names them."


def _name(newsletter: str, frequency: str, *, several: bool) -> str:
    return f"{newsletter}/{frequency}" if several else frequency


def _due_lines(due: Upcoming, *, several: bool) -> Iterator[str]:
    found, least = due.draft, due.newsletter.minimum
    name = _name(due.newsletter.name, due.frequency, several=several)
    when = f"with the next tick (was due {_told(due)})" if due.late and not due.schedule.at_once else _told(due)
    if found.few:
        yield f"{name}: {when}: {base.counted(found.few, 'post')} so far, and none goes with fewer than {least}."
        return
    if not found.readers:
        yield f"{name}: {when}: nothing new for anybody."
        return
    what, whom = base.counted(len(found.titles), "post"), base.counted(found.readers, "reader")
    yield f"{name}: {when}: {what} to {whom}"
    yield from (f"  · {title}" for title in found.titles[:_TITLES])
    if len(found.titles) > _TITLES:
        yield f"  … and {len(found.titles) - _TITLES} more"


def _told(due: Upcoming) -> str:
    """On the newsletter's wall; and in UTC, and on the wall here, where these say something else."""
    there = due.at.astimezone(due.schedule.zone)
    said = f"{there:%a %Y-%m-%d %H:%M} {due.schedule.zone.key}"
    others = ((due.at, "UTC"), (due.at.astimezone(), "here"))
    offsets = {there.utcoffset()}
    for moment, where in others:
        if moment.utcoffset() not in offsets:
            offsets.add(moment.utcoffset())
            day = "" if moment.date() == there.date() else f"{moment:%a} "
            said += f", {day}{moment:%H:%M} {where}"
    return said


def _waiting_line(issue: Issue, tally: Tally, due_at: datetime | None) -> str:
    said = f"Issue {issue.id} ({issue.occasion}): {told_tally(tally)}"
    if issue.state is IssueState.PAUSED:
        return f"{said}; paused: {issue.reason}. `{issue.way_on}`"
    if issue.state is IssueState.COMPOSING:
        return f"{said}; the next tick goes on composing it."
    return f"{said}; goes on {f'from {due_at:%Y-%m-%d %H:%M} UTC on' if due_at else 'with the next tick'}."


def _due_facts(due: Upcoming) -> dict[str, object]:
    return {
        "newsletter": due.newsletter.name,
        "frequency": due.frequency,
        "schedule": due.schedule.text,
        "zone": due.schedule.zone.key,
        "due": due.at.astimezone(due.schedule.zone).isoformat(),
        "due_utc": due.at.isoformat(),
        "occasion": f"{due.frequency}/{due.period}",
        "late": due.late,
        "readers": due.draft.readers,
        "variants": len(due.draft.variants),
        "too_few": due.draft.few,
        "posts": [{"id": one.entry, "title": one.metadata.title} for one in due.draft.announcements],
    }


def _waiting_facts(issue: Issue, tally: Tally, due_at: datetime | None) -> dict[str, object]:
    return {
        "issue": issue.id,
        "newsletter": issue.newsletter,
        "occasion": issue.occasion,
        "state": issue.state,
        "reason": issue.reason,
        "readers": tally.total,
        "from": due_at.isoformat() if due_at and issue.state is IssueState.READY else None,
        **{state: tally[state] for state in _WAITING},
    }
