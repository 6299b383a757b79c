"""`publisher status`: one look at three in the morning."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import typer

from publisher.doors.cli import base
from publisher.doors.cli.base import AsJson
from publisher.doors.cli.sending import told_tally
from publisher.doors.cli.watching import Watch, Watching, watch
from publisher.errors import Exit
from publisher.model.issue import IssueState, State
from publisher.model.status import Status, Underway, Upcoming
from publisher.steps.status import needs

_NEXT = 5  # due times that are shown


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(status)


def status(context: typer.Context, watching: Watching = False, json: AsJson = False) -> None:
    """How it stands: what needs you, who sends, what waits, what comes next. Looks only."""
    house = base.settings(context).house()
    watched = watching and bool(house.overview.underway(recent=0))
    if watched:
        watch(Watch(house), as_json=json)
    found = house.status()
    if not json:
        _show(found)
    elif not watched:  # else a document a line was said
        base.show_json(facts(found))
    raise typer.Exit(Exit.HELD if needs(found) else Exit.OK)


def _show(found: Status) -> None:
    needed = needs(found)
    if needed:
        verb = "needs" if len(needed) == 1 else "need"
        base.say(f"{base.counted(len(needed), 'thing')} {verb} you:")
    for one in needed:
        base.say(f"  {one.what}")
        base.say(f"    → {one.do}")
    if not needed:
        base.say("Nothing needs you.")
    lines = {"sending": _sending(found)}
    lines |= {f"issue {one.issue.id}": _told(found, one) for one in found.underway}
    lines |= {"waits" if not number else "  ": one for number, one in enumerate(found.holds)}
    lines |= {"next" if not number else " ": _due(one) for number, one in enumerate(found.upcoming[:_NEXT])}
    posts = found.posts
    held = len(posts.held) + sum((posts.held_at_once or {}).values())
    looked = f"{held} held, {len(posts.unreadable)} cannot be read"
    lines["posts"] = looked if posts.collected else "not looked at yet: `publisher collect`"
    size = f", {_bytes(found.database.size)}" if found.database.size is not None else ""
    lines["database"] = (
        f"{found.database.place}{size}, revision {found.database.revision}, generation {found.database.generation}"
    )
    base.rows("", lines)


def _sending(found: Status) -> str:
    if found.sender is not None:
        who = f"process {found.sender}" if found.sender else "another process"
        now = f"{who} is sending now"
    else:
        now = "nobody is sending now"
    if found.last_round is None:
        return now
    return f"{now}; the last round ended {_ago(found.now - found.last_round)} ago"


def _told(found: Status, one: Underway) -> str:
    said = f"{one.issue.occasion}: {one.issue.state}; {told_tally(one.tally)}"
    later = one.due is not None and one.due > found.now
    if one.issue.state is IssueState.READY and (later or not one.tally[State.PENDING]):
        said += f"; next try {f'{one.due:%Y-%m-%d %H:%M} UTC' if later else 'now'}"
    return said


def _due(one: Upcoming) -> str:
    when = one.at.astimezone(ZoneInfo(one.zone))
    late = ", missed and still to go" if one.missed else ""
    return f"{one.newsletter}, {one.frequency}: {when:%A %Y-%m-%d %H:%M} {one.zone}{late}"


def _ago(span: timedelta) -> str:
    seconds = max(int(span.total_seconds()), 0)
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= 2 * size:
            return base.counted(seconds // size, unit)
    return base.counted(seconds, "second")


def _bytes(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB" if size >= 100_000 else f"{size / 1000:.0f} kB"


def facts(found: Status) -> dict[str, object]:
    """The same, for scripts."""
    return {
        "needs": [{"what": one.what, "do": one.do} for one in needs(found)],
        "sending": found.sender is not None,
        "process": found.sender or None,
        "last_round": _iso(found.last_round),
        "last_problems": list(found.last_problems),
        "unreachable": found.unreachable or None,
        "issues": [
            {
                "id": one.issue.id,
                "newsletter": one.issue.newsletter,
                "occasion": one.issue.occasion,
                "state": one.issue.state,
                "reason": one.issue.reason,
                "deliveries": dict(one.tally.counts),
                "next": _iso(one.due),
            }
            for one in found.underway
        ],
        "holds": list(found.holds),
        "next": [
            {
                "newsletter": one.newsletter,
                "frequency": one.frequency,
                "period": one.period,
                "at": _iso(one.at),
                "zone": one.zone,
                "missed": one.missed,
            }
            for one in found.upcoming
        ],
        "posts": {
            "collected": found.posts.collected,
            "held": [{"path": path, "reason": reason} for path, reason in found.posts.held],
            "held_at_once": dict(found.posts.held_at_once or {}),
            "unreadable": list(found.posts.unreadable),
            "problem": found.posts.problem or None,
        },
        "received": {"pleas": found.pleas, "unread": found.unread},
        "database": {
            "place": found.database.place,
            "bytes": found.database.size,
            "revision": found.database.revision,
            "generation": found.database.generation,
            "problem": found.database.problem or None,
        },
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
