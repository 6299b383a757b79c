"""Issues while they are sent: a picture that moves on a terminal, lines elsewhere."""

import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from publisher.delivery.pace import Pace
from publisher.doors.cli import base
from publisher.model.issue import Issue, IssueId, IssueState, State, Tally
from publisher.store.refusals import Refusal
from publisher.wiring import House

if TYPE_CHECKING:  # a twentieth of a second
    from rich.console import RenderableType

_LOOK = 0.5  # seconds between looks, where a look takes no time
_SHARE = 10  # a look may take a tenth of the time: a ledger of a million rows is not asked twice a second
_MOVING = (IssueState.COMPOSING, IssueState.READY)
_REFUSALS = 5


@dataclass(slots=True, kw_only=True)
class Seen:
    """One issue, as it was at the last look."""

    issue: Issue
    tally: Tally
    due: datetime | None
    pace: Pace = field(default_factory=Pace)

    @property
    def waiting(self) -> int:
        """Messages that were not tried yet, or are on their way."""
        return self.tally[State.PENDING] + self.tally[State.CLAIMED]

    @property
    def finished(self) -> int:
        """Messages of which something became, if only a later."""
        return self.tally.total - self.waiting

    @property
    def left(self) -> timedelta | None:
        """The time until all were tried."""
        return self.pace.left(self.waiting) if self.waiting else None


Watching = Annotated[bool, typer.Option("--watch", help="Stay, and show how it goes on: until all is done, or Ctrl-C.")]


@dataclass(slots=True)
class Watch:
    """Issues that are watched: this one, or all that are not over."""

    house: House
    only: IssueId | None = None
    seen: dict[IssueId, Seen] = field(default_factory=dict)
    refused: Sequence[Refusal] = ()  # of the one that is watched
    asked_again: float = 0.0  # when to ask for them again: of a large issue they take a while

    def look(self) -> None:
        """See how far they are."""
        now = time.monotonic()
        for new in self.house.overview.underway(recent=0) if self.only is None else ():
            self.seen.setdefault(new.issue.id, Seen(issue=new.issue, tally=new.tally, due=new.due))
        for number in [self.only] if self.only is not None else list(self.seen):
            issue, tally = self.house.issues.get(number), self.house.issues.tally(number)
            one = self.seen.setdefault(number, Seen(issue=issue, tally=tally, due=None))
            one.issue, one.tally, one.due = issue, tally, self.house.deliveries.next_due(number)
            one.pace.seen(now, one.finished)

    @property
    def over(self) -> bool:
        """Whether nothing moves any more by itself."""
        return all(one.issue.state not in _MOVING for one in self.seen.values())

    def refusals(self) -> Sequence[Refusal]:
        """What keeps most readers from the one that is watched, as of a moment ago."""
        began = time.monotonic()
        if self.only is not None and (began >= self.asked_again or self.over):
            self.refused = self.house.refusals.of(self.only)[:_REFUSALS]
            ended = time.monotonic()
            self.asked_again = ended + max(_LOOK, (ended - began) * _SHARE)
        return self.refused


def watch(found: Watch, *, as_json: bool = False, pause: Callable[[float], object] = time.sleep) -> None:
    """Show how issues move until none does, or Ctrl-C. Nothing is stopped by that but the watching."""
    with contextlib.suppress(KeyboardInterrupt), _screen(as_json=as_json) as show:
        while True:
            began = time.monotonic()
            found.look()
            show(found)
            if found.over:
                return
            pause(max(_LOOK, (time.monotonic() - began) * _SHARE))


@contextmanager
def _screen(*, as_json: bool) -> Iterator[Callable[[Watch], None]]:
    if as_json or not sys.stdout.isatty():
        yield _Lines(as_json=as_json)
        return
    from rich.console import Console  # noqa: PLC0415  # see above
    from rich.live import Live  # noqa: PLC0415  # see above

    with Live(console=Console(highlight=False), auto_refresh=False) as live:
        yield lambda found: live.update(picture(found), refresh=True)


@dataclass(slots=True)
class _Lines:
    """What differs from the last look, a line each."""

    as_json: bool
    said: dict[IssueId, object] = field(default_factory=dict)

    def __call__(self, found: Watch) -> None:
        """Say what is new."""
        for number, one in found.seen.items():
            state = (one.issue.state, dict(one.tally.counts))
            if self.said.get(number) != state:
                self.said[number] = state
                if self.as_json:
                    sys.stdout.write(json.dumps(moment(one), ensure_ascii=False) + "\n")
                    sys.stdout.flush()
                else:
                    base.say(line(one))


def line(one: Seen) -> str:
    """One issue in a line."""
    counts = [f"{one.tally[State.SENT]} of {one.tally.total} sent"]
    counts += [
        f"{one.tally[state]} {state.replace('_', ' ')}"
        for state in (State.DEFERRED, State.FAILED, State.BOUNCED, State.IN_DOUBT, State.SKIPPED)
        if one.tally[state]
    ]
    more = [told for told in (_rate(one), _left(one), _next(one)) if told]
    return f"Issue {one.issue.id} ({one.issue.occasion}) {one.issue.state}: {'; '.join([', '.join(counts), *more])}"


def moment(one: Seen) -> dict[str, object]:
    """One issue at one look, for scripts."""
    rate, left = one.pace.rate, one.left
    return {
        "id": one.issue.id,
        "occasion": one.issue.occasion,
        "state": one.issue.state,
        "readers": one.tally.total,
        "deliveries": dict(one.tally.counts),
        "per_second": round(rate, 1) if rate is not None else None,
        "seconds_left": left.total_seconds() if left is not None else None,
        "next": one.due.isoformat() if one.due is not None else None,
    }


def picture(found: Watch) -> "RenderableType":
    """All of them as a table with bars; of a single one also who refuses it."""
    from rich.console import Group  # noqa: PLC0415  # see above
    from rich.progress_bar import ProgressBar  # noqa: PLC0415  # see above
    from rich.table import Table  # noqa: PLC0415  # see above
    from rich.text import Text  # noqa: PLC0415  # see above

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for head in ("issue", "occasion", "state", ""):
        table.add_column(head, no_wrap=True)
    for head in ("sent", "deferred", "failed", "in doubt", "rate", "left"):
        table.add_column(head, justify="right", no_wrap=True)
    for one in found.seen.values():
        tally = one.tally
        table.add_row(
            str(one.issue.id),
            Text(base.printable(one.issue.occasion)),
            one.issue.state,
            ProgressBar(total=max(tally.total, 1), completed=one.finished, width=20),
            f"{tally[State.SENT]}/{tally.total}",
            _count(tally[State.DEFERRED], "yellow"),
            _count(tally[State.FAILED] + tally[State.BOUNCED], "red"),
            _count(tally[State.IN_DOUBT], "magenta"),
            _rate(one) or "-",
            _left(one) or _next(one) or "-",
        )
    said = [Text(base.printable(f"  {told}"), no_wrap=True, overflow="ellipsis") for told in _told(found)]
    return Group(table, *said, Text("Ctrl-C ends the watching, not the sending.", style="dim"))


def _told(found: Watch) -> Iterator[str]:
    for one in found.seen.values():
        if one.issue.state is IssueState.PAUSED:
            yield f"issue {one.issue.id} is paused: {one.issue.reason}"
    for refusal in found.refusals():
        yield f"{refusal.domain}: {base.counted(refusal.lack, 'reader')}: {refusal.reply}"


def _count(count: int, style: str) -> str:
    return f"[{style}]{count}[/]" if count else "0"


def _rate(one: Seen) -> str:
    rate = one.pace.rate
    return f"{rate:.1f}/s" if rate is not None and one.waiting else ""


def _left(one: Seen) -> str:
    return f"{one.left} left" if one.left is not None else ""


def _next(one: Seen) -> str:
    """When what was put off is tried again."""
    waits = one.issue.state is IssueState.READY and not one.waiting and one.due is not None
    return f"next {one.due:%a %H:%M} UTC" if waits else ""
