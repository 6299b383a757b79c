"""One round of everything that is due. Late, double and racing ticks are harmless: the database decides."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from publisher.errors import DatabaseError, PublisherError
from publisher.model.entry import ChangeKind
from publisher.model.finding import Finding, Severity
from publisher.model.issue import Issue, IssueState
from publisher.ports import Announcements, Clock, Entries, Progress, silent
from publisher.steps.announce import AnnounceRules, Unshown, announce_these, shown
from publisher.steps.collect import Collected
from publisher.steps.compose import finish_all
from publisher.steps.deliver import Delivered
from publisher.steps.news import Situation
from publisher.steps.occasions import Occasions, Opened, open_due
from publisher.steps.ping import Pinged
from publisher.steps.receive import Taken
from publisher.steps.report import Reporting, heard, report, try_again, unreachable
from publisher.steps.retention import Tidied
from publisher.steps.unchanged import Published

_LATE = timedelta(days=1)  # since a post was first seen: by then its page should be there


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """All that a tick needs. `tell_hubs` gives None where there is none, `deliver` where another process is sending."""

    collect: Callable[[], Collected]
    publish: Callable[[], Published]
    tell_hubs: Callable[[], Pinged | None]
    clock: Clock
    entries: Entries
    announcements: Announcements
    announce_rules: AnnounceRules
    occasions: Occasions
    deliver: Callable[[], Delivered | None]
    reporting: Reporting | None = None
    receive: Callable[[Taken], None] | None = None  # what came to the mailbox
    put_away_notes: Callable[[], tuple[str, ...]] = tuple
    approve: Callable[[], tuple[Issue, ...]] = tuple  # what the owner said yes to by mail
    archive_waits: Callable[[], bool] = lambda: False  # whether an issue has no page yet, and should
    release: Callable[[], int] = int  # mails to people who signed up and had to wait
    resume: Callable[[], int] = int  # pauses of readers whose time is over
    tidy: Callable[[], Tidied | None] = lambda: None  # None where there was nothing to do


@dataclass(slots=True)
class Ticked:
    """What a tick did; a stage that failed left its part empty, and its error in `problems`."""

    received: Taken = field(default_factory=Taken)
    collected: Collected | None = None
    published: Published | None = None
    pinged: Pinged | None = None
    announced: int = 0
    unshown: tuple[Unshown, ...] = ()  # they wait for their pages
    opened: Opened = field(default_factory=Opened)
    composed: tuple[Issue, ...] = ()
    notes: tuple[str, ...] = ()  # what became of notes that went out
    delivered: Delivered | None = None
    approved: tuple[Issue, ...] = ()
    released: int = 0  # sign-ups that had waited for their mail
    resumed: int = 0  # readers whose pause was over
    waiting: tuple[Issue, ...] = ()  # for the owner's word
    told: Issue | None = None  # the mail to the owner
    tidied: Tidied | None = None  # what was old, and is gone
    tellable: bool = False  # whether there is an owner to tell
    problems: list[PublisherError] = field(default_factory=list)

    @property
    def unmade(self) -> tuple[Issue, ...]:
        """Issues that wait for a post which could not be rendered; their reason says which."""
        return tuple(issue for issue in self.composed if issue.state is IssueState.COMPOSING)

    @property
    def given_up(self) -> tuple[Finding, ...]:
        """Posts that the feeds are without, since they could not be rendered."""
        findings = self.published.findings if self.published is not None else ()
        return tuple(finding for finding in findings if finding.severity is Severity.ERROR)


def tick(rounds: Rounds, *, now: datetime, build: bool, progress: Progress = silent) -> Ticked:
    """All that is due: read what came, collect, build, announce, compose, deliver, report, put away what is old.

    `build`: write the feeds though nothing changed.
    What one stage cannot do stops no other: mail that is composed goes out though the posts folder is gone.
    """
    ticked = Ticked()
    feeds = _build if build else _build_if_changed
    before = (_receive, _approve, _collect, feeds, _tell_hubs, _resume, _announce, _open, _compose)
    stages = (*before, _archive, _release, _deliver, _report, _tidy)
    for stage in stages:
        try:
            stage(rounds, ticked, now, progress)
        except DatabaseError:
            raise  # nothing else can go on either
        except PublisherError as error:
            ticked.problems.append(error)
    return ticked


def _receive(rounds: Rounds, ticked: Ticked, now: datetime, progress: Progress) -> None:
    """First: whoever left by mail, or is no more, gets nothing of what goes out now."""
    if rounds.receive is not None:
        rounds.receive(ticked.received)


def _approve(rounds: Rounds, ticked: Ticked, now: datetime, progress: Progress) -> None:
    ticked.approved = rounds.approve()


def _collect(rounds: Rounds, ticked: Ticked, now: datetime, progress: Progress) -> None:
    ticked.collected = rounds.collect()


def _build(rounds: Rounds, ticked: Ticked, now: datetime, progress: Progress) -> None:
    ticked.published = rounds.publish()


def _build_if_changed(rounds: Rounds, ticked: Ticked, now: datetime, progress: Progress) -> None:
    if ticked.collected is not None and ticked.collected.changes.changes:
        _build(rounds, ticked, now, progress)


def _tell_hubs(rounds: Rounds, ticked: Ticked, now: datetime, progress: Progress) -> None:
    ticked.pinged = rounds.tell_hubs()


def _resume(rounds: Rounds, ticked: Ticked, now: datetime, progress: Progress) -> None:
    """Before anything is announced: who is back gets it."""
    ticked.resumed = rounds.resume()


def _announce(rounds: Rounds, ticked: Ticked, now: datetime, progress: Progress) -> None:
    rules = rounds.announce_rules
    now = max(now, rounds.clock())  # a post that this round has seen is ready where nothing is to be waited for
    ready, ticked.unshown = shown(rounds.entries.waiting(now, seen_before=now - rules.after), rules)
    ticked.announced = len(announce_these(ready, rounds.announcements, rules, now=now))


def _open(rounds: Rounds, ticked: Ticked, now: datetime, progress: Progress) -> None:
    ticked.opened = open_due(rounds.occasions, now=now)


def _compose(rounds: Rounds, ticked: Ticked, now: datetime, progress: Progress) -> None:
    ticked.composed, problems = finish_all(rounds.occasions.desk, progress=progress)
    ticked.problems += problems
    ticked.notes = rounds.put_away_notes()


def _archive(rounds: Rounds, ticked: Ticked, now: datetime, progress: Progress) -> None:
    """Before the mails leave that link to it."""
    if rounds.archive_waits():
        _build(rounds, ticked, now, progress)


def _release(rounds: Rounds, ticked: Ticked, now: datetime, progress: Progress) -> None:
    ticked.released = rounds.release()


def _deliver(rounds: Rounds, ticked: Ticked, now: datetime, progress: Progress) -> None:
    ticked.delivered = rounds.deliver()


def _tidy(rounds: Rounds, ticked: Ticked, now: datetime, progress: Progress) -> None:
    ticked.tidied = rounds.tidy()


def _report(rounds: Rounds, ticked: Ticked, now: datetime, progress: Progress) -> None:
    """Last, of all that came before; and what it wrote leaves in the same round, since the next may be far off."""
    reporting = rounds.reporting
    if reporting is None:
        return
    ticked.tellable = reporting.owner is not None
    done = ticked.delivered or Delivered()
    answered = bool(done.sent or done.failed)
    try_again(reporting.issues, works=answered, now=now)
    heard(reporting, answered=answered, error=done.unreachable, now=now)
    ticked.told = report(reporting, _situation(rounds, ticked, reporting, done, now), now=now)
    ticked.waiting = tuple(issue for issue in reporting.issues.waiting() if not issue.to_owner)
    if ticked.told is not None and done.unreachable is None:
        parts = [one for one in (ticked.delivered, rounds.deliver()) if one is not None]
        ticked.delivered = Delivered.together(parts) if parts else None


def _situation(rounds: Rounds, ticked: Ticked, reporting: Reporting, done: Delivered, now: datetime) -> Situation:
    collected = ticked.collected
    findings = (*(collected.findings if collected is not None else ()), *ticked.given_up)
    return Situation(
        held=reporting.held(),
        held_in_mass=reporting.held_in_mass(),
        held_removals=len(collected.changes.held.get(ChangeKind.REMOVED, ())) if collected is not None else 0,
        unreadable=list(dict.fromkeys(finding for finding in findings if finding.severity is Severity.ERROR)),
        unshown=[one.entry.metadata.url for one in ticked.unshown if one.entry.first_seen + _LATE <= now],
        unreachable=unreachable(reporting.reports, done.unreachable, now=now),
        problems=ticked.problems,
        came=reporting.came(),
    )
