"""`subscribers import`: the lists of other programs, and our own."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Annotated

import typer

from publisher.adapters.lists import sources
from publisher.doors.cli import base
from publisher.doors.cli.base import AsJson, DryRun
from publisher.errors import ConfigError, Exit
from publisher.lists.person import Standing
from publisher.lists.programs import PROGRAMS
from publisher.steps.imports import Result, Source, Terms, Told, import_list
from publisher.wiring import House

_SHOWN = 20  # lines of a kind that people are shown; their number is always told
_KEPT = 10_000  # that scripts get

SAID: Mapping[Result, str] = {
    Result.ADDED: "subscribed",
    Result.RECORDED: "has left there, and is remembered as such",
    Result.BLOCKED: "is on the do-not-mail list from now on",
    Result.DOUBTFUL: "is kept, and not mailed",
    Result.UNCHANGED: "is as the list says already",
    Result.DIFFERS: "is active here, and stays so",
    Result.LEFT: "has left; only they can come back",
    Result.SUPPRESSED: "gets nothing more: the address is on the do-not-mail list",
    Result.INVALID: "",
}
_QUIET = frozenset({Result.ADDED, Result.RECORDED, Result.BLOCKED, Result.UNCHANGED})


@dataclass(slots=True)
class Tally:
    """What became of a file: counts, and the first lines of each kind that somebody should look at."""

    file: str
    counts: Counter[Result] = field(default_factory=Counter)
    lines: dict[Result, list[Told]] = field(default_factory=lambda: defaultdict(list))

    def add(self, told: Told) -> None:
        """One line more."""
        self.counts[told.result] += 1
        if told.result not in _QUIET and len(self.lines[told.result]) < _KEPT:
            self.lines[told.result].append(told)


def import_(
    context: typer.Context,
    place: Annotated[
        str, typer.Argument(metavar="FILE", help="A CSV file; a folder or ZIP archive of them; - for standard input.")
    ],
    program: Annotated[
        str, typer.Option("--from", help=f"Whose list it is, where it is not plain: {', '.join(PROGRAMS)}.")
    ] = "",
    newsletter: Annotated[str, typer.Option(help="Which; may be left out where there is one.")] = "",
    basis: Annotated[
        str, typer.Option(help="Where the consent of all came from, for whom the list has no date or source of it.")
    ] = "",
    standing: Annotated[
        Standing | None, typer.Option("--as", help="How all of them stand there, where the list does not say.")
    ] = None,
    dry_run: DryRun = False,
    json: AsJson = False,
) -> None:
    """Add readers from the list of another program, each as they stood there.

    Whoever left or is on the do-not-mail list, here or there, gets nothing. Whose consent has no date is kept and not
    mailed: `subscribers reconfirm` asks them, or --basis says where it came from.
    """
    if program and program not in PROGRAMS:
        raise ConfigError(f"--from {program}: not a program whose lists we know; they are: {', '.join(PROGRAMS)}")
    if standing in {Standing.ACTIVE, Standing.PAUSED, Standing.UNKNOWN}:
        raise ConfigError(f"--as {standing}: that is for each line to say, or for --basis")
    terms = Terms(newsletter=newsletter, program=program, basis=basis.strip(), standing=standing)
    found = sources(place)
    house = base.settings(context).house(rehearse=dry_run)
    tallies = [tally for source in found if (tally := imported(house, source, terms, alone=len(found) == 1))]
    if not tallies:
        raise ConfigError(f"{place}: none of its CSV files is a list of readers")
    show(tallies, json=json, dry_run=dry_run)
    raise typer.Exit(ended(tallies))


def imported(house: House, source: Source, terms: Terms, *, alone: bool) -> Tally | None:
    """Read one file. None where it is no list and one of several; one that is alone raises ConfigError then."""
    tally = Tally(source.name)
    with base.progress() as progress:
        try:
            for told in import_list(
                house.imports, house.newsletters, source, terms, now=house.clock(), progress=progress
            ):
                tally.add(told)
        except ValueError as error:
            if alone:
                raise ConfigError(f"{source.name}: {error}; nobody was added") from None
            base.warn(f"{source.name}: {error}; left out")
            return None
    return tally


def ended(tallies: Sequence[Tally]) -> Exit:
    """How the command ends: a line that could not be read is worse than somebody who waits to be asked."""
    if any(tally.counts[Result.INVALID] for tally in tallies):
        return Exit.PARTLY
    return Exit.HELD if any(tally.counts[Result.DOUBTFUL] for tally in tallies) else Exit.OK


def show(tallies: Sequence[Tally], *, json: bool, dry_run: bool, hint: bool = True) -> None:
    """What became of each file; `hint`: and what to do about those in doubt."""
    if json:
        base.show_json([_facts(tally) for tally in tallies])
        return
    for tally in tallies:
        for result, lines in tally.lines.items():
            for told in lines[:_SHOWN]:
                where = f"{tally.file}:{told.line}"
                base.warn(f"{where}: {told.message if result is Result.INVALID else _sentence(told)}")
            if tally.counts[result] > _SHOWN:
                base.warn(f"{tally.file}: … and {tally.counts[result] - _SHOWN} more are {result}; --json lists them")
        counts = ", ".join(f"{tally.counts[result]} {result}" for result in Result if tally.counts[result])
        base.say(
            f"{tally.file}: {counts or 'nobody is in it'}{' (a dry run: nothing was changed)' if dry_run else ''}."
        )
    if hint and any(tally.counts[Result.DOUBTFUL] for tally in tallies):
        base.say("Whoever is doubtful gets nothing. `publisher subscribers reconfirm` asks them, once.")


def _sentence(told: Told) -> str:
    why = f" ({told.message})" if told.message else ""
    return f"{told.address} {SAID[told.result]}{why}"


def _facts(tally: Tally) -> dict[str, object]:
    lines = sorted((told for some in tally.lines.values() for told in some), key=lambda told: told.line)
    return {
        "file": tally.file,
        "counts": {result.value: tally.counts[result] for result in Result},
        "lines": [asdict(told) for told in lines],
    }
