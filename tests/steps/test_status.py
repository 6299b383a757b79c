"""What needs the owner, and the command that mends it; when what is due."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.main import get_command

from publisher.doors.cli.app import app
from publisher.mail.schedule import parse_schedule
from publisher.model.issue import APPROVAL, AnnouncedNo, Issue, IssueId, IssueState, State, Tally
from publisher.model.status import DatabaseFacts, PostsFacts, Status, Underway, Upcoming
from publisher.steps.status import PATIENCE, needs, upcoming

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)  # a Monday
ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
LONG_AGO = NOW - timedelta(hours=5)


def a_status(**changes: Any) -> Status:
    values: dict[str, Any] = {
        "now": NOW,
        "sender": None,
        "last_round": NOW - timedelta(seconds=20),
        "last_problems": (),
        "unreachable": "",
        "underway": (),
        "holds": (),
        "upcoming": (),
        "posts": PostsFacts(),
        "database": DatabaseFacts(place="publisher.db", size=1, revision="1", generation=1),
    }
    return Status(**values | changes)


def underway(state: IssueState, *, due: datetime | None = None, reason: str = "", **counts: int) -> Underway:
    issue = Issue(
        id=IssueId(3),
        newsletter="main",
        occasion="weekly/2026-W48",
        kind="digest",
        state=state,
        cut=AnnouncedNo(1),
        composed_at=LONG_AGO,
        reason=reason,
    )
    return Underway(issue=issue, tally=Tally(counts={State(name): count for name, count in counts.items()}), due=due)


MISSED = Upcoming(newsletter="main", frequency="weekly", period="2026-W48", at=LONG_AGO, zone="UTC", missed=True)
CASES = [
    (
        "restored",
        {"database": DatabaseFacts(place="p", size=1, revision="1", generation=1, problem="is older")},
        "is older",
        "publisher database accept",
    ),
    (
        "paused",
        {"underway": [underway(IssueState.PAUSED, reason="535 no", pending=3)]},
        "issue 3 (weekly/2026-W48) is paused: 535 no",
        "publisher issues resume 3",
    ),
    (
        "waits for a yes",
        {"underway": [underway(IssueState.PAUSED, reason=APPROVAL, pending=3)]},
        "it waits for your approval",
        "publisher issues approve 3",
    ),
    (
        "in doubt",
        {"underway": [underway(IssueState.DONE, sent=3, in_doubt=2)]},
        "2 in doubt",
        "publisher issues settle 3 --arrived",
    ),
    (
        "never sent, and nobody there",
        {"last_round": None, "underway": [underway(IssueState.READY, due=None, pending=3)]},
        "3 wait, and nobody sends",
        "publisher run",
    ),
    (
        "put off, and nobody there",
        {"last_round": LONG_AGO, "underway": [underway(IssueState.READY, due=LONG_AGO, deferred=3)]},
        "3 wait, and nobody sends",
        "publisher run",
    ),
    ("half composed", {"underway": [underway(IssueState.COMPOSING)]}, "not composed yet", "publisher tick"),
    ("missed", {"last_round": None, "upcoming": [MISSED]}, "weekly/2026-W48 was due", "publisher run"),
    ("unreachable", {"unreachable": "nothing listens there"}, "could not send: nothing listens", "publisher doctor"),
    ("a problem", {"last_problems": ("posts: there is no such folder",)}, "no such folder", "publisher tick"),
    ("unreadable", {"posts": PostsFacts(unreadable=("posts/a.md:3: no date",))}, "a.md:3: no date", "publisher check"),
    ("held", {"posts": PostsFacts(held=(("a.md", "old"),))}, "a.md is held: old", "publisher announce a.md"),
    (
        "held at once",
        {"posts": PostsFacts(held_at_once={"removed": 40})},
        "40 removed posts at once are held",
        "publisher build --accept removed",
    ),
    (
        "no folder",
        {"posts": PostsFacts(problem="posts.folder: there is no folder x")},
        "no folder x",
        "publisher check",
    ),
]


@pytest.mark.parametrize(("changes", "what", "do"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_needs_the_owner(changes: dict[str, Any], what: str, do: str) -> None:
    (need,) = needs(a_status(**changes))
    assert what in need.what
    assert need.do == do
    assert do.split()[1] in get_command(app).commands  # type: ignore[attr-defined]  # a group


FINE = [
    ("nothing at all", {}),
    ("being sent", {"sender": 1234, "underway": [underway(IssueState.READY, due=None, pending=3, claimed=1)]}),
    ("waits for its time", {"underway": [underway(IssueState.READY, due=NOW + timedelta(hours=1), deferred=3)]}),
    ("a round was just there", {"underway": [underway(IssueState.READY, due=None, pending=3)]}),
    ("due in this moment", {"upcoming": [MISSED], "last_round": NOW - PATIENCE}),
    ("failed for good", {"underway": [underway(IssueState.READY, due=NOW + timedelta(hours=1), failed=3)]}),
]


@pytest.mark.parametrize("changes", [case[1] for case in FINE], ids=[case[0] for case in FINE])
def test_what_does_not(changes: dict[str, Any]) -> None:
    assert needs(a_status(**changes)) == ()


def test_what_stops_mail_comes_first_and_long_lists_are_cut() -> None:
    posts = PostsFacts(unreadable=tuple(f"{number}.md" for number in range(30)))
    found = needs(a_status(posts=posts, underway=[underway(IssueState.PAUSED, pending=1, in_doubt=1)]))
    assert ["paused" in found[0].what, "in doubt" in found[1].what] == [True, True]
    assert len(found) == 8
    assert "25 more" in found[-1].what


# --- when -------------------------------------------------------------------------------------------------------------

SCHEDULES = {
    ("main", "weekly"): parse_schedule("mondays 02:00", "UTC"),
    ("main", "daily"): parse_schedule("07:30", "Europe/Berlin"),
    ("main", "each"): parse_schedule("at once", "UTC"),
}


def due(since: datetime | None, *settled: str) -> list[tuple[str, str, bool]]:
    found = upcoming(
        SCHEDULES, {}, lambda *name: since, lambda name, frequency, names: frozenset(settled) & set(names), now=NOW
    )
    return [(one.frequency, f"{one.at:%a %H:%M}", one.missed) for one in found]


def test_what_is_due_next() -> None:
    """No round has looked at these schedules yet: nothing can have been missed."""
    assert due(None) == [("daily", "Mon 06:30", False), ("weekly", "Mon 02:00", False)]


def test_what_was_missed_is_due_already() -> None:
    assert due(NOW - timedelta(hours=2)) == [("weekly", "Mon 02:00", True), ("daily", "Mon 06:30", False)]


def test_what_was_dealt_with_is_not() -> None:
    assert ("weekly", "Mon 02:00", False) in due(NOW - timedelta(hours=2), "2026-W48")
