"""What all commands share: the configuration, the house, how things are said."""

import contextlib
import json
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from publisher.doors.cli.settings import Settings
from publisher.errors import ConfigError, Exit
from publisher.model.finding import Finding, Severity
from publisher.ports import Progress as Told
from publisher.ports import silent

if TYPE_CHECKING:  # a twentieth of a second, and most commands say a line or two
    from rich.console import Console

AsJson = Annotated[bool, typer.Option("--json", help="JSON, for scripts.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen; change nothing.")]

_WIDE = 500  # columns where nobody looks: a table that is read by a program must not be wrapped
# A post's path may hold anything; nothing of it moves the cursor or colours the screen
_UNSAID = dict.fromkeys((*range(9), *range(11, 32), *range(127, 160)))
_SHOWN = 20  # findings shown in full; `publisher check` shows them all


def settings(context: typer.Context) -> Settings:
    """The options before the command."""
    found = context.find_object(Settings)
    assert found is not None
    return found


@contextmanager
def draining(stop: threading.Event) -> Iterator[None]:
    """SIGTERM, or Ctrl-C, ends the work between two messages; a second Ctrl-C ends it at once."""

    def asked(number: int, frame: FrameType | None) -> None:
        del frame
        if stop.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        stop.set()
        warn("publisher: ending after the messages that are on their way …")

    before = {number: signal.signal(number, asked) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def progress() -> Iterator[Told]:
    """A bar on a terminal; nothing where nobody looks."""
    if not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console  # noqa: PLC0415  # see above
    from rich.progress import (  # noqa: PLC0415  # see above
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True, highlight=False), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def told(what: str, done: int, total: int | None) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done, total=total)

        yield told


def counted(count: int, what: str) -> str:
    """1 post, 2 posts."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def say(*words: str) -> None:
    """A line for people."""
    _say(sys.stdout, words)


def warn(*words: str) -> None:
    """A line for people, where errors go."""
    _say(sys.stderr, words)


def printable(value: object) -> str:
    """As text without what moves the cursor or colours the screen."""
    return str(value).translate(_UNSAID)


def _say(where: TextIO, words: Sequence[str]) -> None:
    print(printable(" ".join(words)), file=where, flush=True)  # this is what a door is for


def show_json(value: object) -> None:
    """One JSON document on standard output, for scripts."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2, default=str)
    sys.stdout.write("\n")


@contextmanager
def answered(*, as_json: bool) -> Iterator[dict[str, object]]:
    """What a command fills in for scripts: one JSON document on standard output, when it ends, however it ends.

    What is said to people meanwhile goes where errors go. Without `as_json` it is said as ever, and nothing else.
    """
    facts: dict[str, object] = {}
    if not as_json:
        yield facts
        return
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield facts
    finally:
        if facts:
            show_json(facts)


def show_findings(findings: Sequence[Finding]) -> None:
    """What was found, errors first; the rest is a count and where to see it."""
    ordered = sorted(findings, key=lambda finding: list(Severity).index(finding.severity))
    for finding in ordered[:_SHOWN]:
        warn(f"{finding.severity}: {finding} [{finding.id}]")
    if len(ordered) > _SHOWN:
        warn(f"… and {len(ordered) - _SHOWN} more; `publisher check` shows all")


def rows(title: str, pairs: Mapping[str, object]) -> None:
    """A short table of names and values."""
    from rich.table import Table  # noqa: PLC0415  # see above

    table = Table(title=title or None, title_justify="left", show_header=False, box=None, padding=(0, 2, 0, 0))
    for name, value in pairs.items():
        table.add_row(name, printable(value))
    _out().print(table, markup=False)


def table(*heads: str, lines: Sequence[Sequence[object]]) -> None:
    """A table with a heading."""
    from rich.table import Table  # noqa: PLC0415  # see above

    found = Table(*heads, box=None, padding=(0, 2, 0, 0), header_style="bold")
    for line in lines:
        found.add_row(*map(printable, line))
    _out().print(found, markup=False)


def _out() -> "Console":
    from rich.console import Console  # noqa: PLC0415  # see above

    return Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else _WIDE)


def confirmed(question: str, *, yes: bool) -> None:
    """Ask, on a terminal; elsewhere `--yes` must have been said. Ends the command where the answer is no."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise ConfigError("nobody is there to answer; say --yes to go on without asking")
    if not typer.confirm(question):
        raise typer.Exit(Exit.REFUSED)
