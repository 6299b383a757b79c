"""The real program, real sockets, and everything that can go wrong: what is lost, what comes twice, what is in doubt.

    python -m bench.faults [--runs 1000] [--only NAME]... [--seed 1] [--readers 400] [--json]

Runs two at a time. A thousand runs are a thousand kills, half with on_doubt = "resend", half with "hold"; other faults
strike as often as they have places. Exit code 1 where a bound did not hold.
"""

import argparse
import json
import multiprocessing
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from time import perf_counter

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bench.faults.audit import Row
from bench.faults.site import Templates, make_templates
from bench.faults.table import FAULTS, Job, jobs, play

_TOGETHER = 2
_COLUMNS = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())


def played(todo: list[Job], templates: Templates) -> Iterator[tuple[Job, Row]]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(_TOGETHER, mp_context=context) as pool:
        waiting = {pool.submit(play, job, templates): job for job in todo}
        for done in as_completed(waiting):
            yield waiting[done], done.result()


def markdown(rows: Mapping[str, Row]) -> str:
    """The table of the README."""
    lines = [
        "| fault | strikes | messages | lost | twice | in doubt (of them accepted) | exit codes |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, row in rows.items():
        codes = ", ".join(f"{code} × {count:,}" for code, count in sorted(row.codes.items(), key=lambda one: -one[1]))
        cells = (f"{row.faults:,}", f"{row.messages:,}", f"**{row.lost:,}**", f"{row.twice:,}")
        if row.skipped:
            cells = (f"skipped: {row.skipped}", "", "", "")
        doubts = f"{row.doubtful:,} ({row.accepted:,})"
        lines.append(" | ".join(("| " + FAULTS[name].told, *cells, doubts, f"{codes} |")))
    return "\n".join(lines)


def main() -> int:
    options = _options()
    start = perf_counter()
    todo = [job for name in options.only or FAULTS for job in jobs(name, options.runs, options.seed)]
    rows = {job.name: Row() for job in todo}
    console = Console(stderr=True)
    with tempfile.TemporaryDirectory(prefix="faults-") as folder, Progress(*_COLUMNS, console=console) as bar:
        templates = make_templates(Path(folder), options.readers)
        task = bar.add_task("faults", total=sum(job.faults for job in todo))
        for job, row in played(todo, templates):
            rows[job.name] += row
            bar.update(task, advance=job.faults, description=job.name)
            for problem in row.problems:
                bar.console.print(f"{job.name}: {problem}", markup=False, highlight=False)
    seconds = perf_counter() - start
    if options.json:
        facts = {name: row.facts() for name, row in rows.items()}
        json.dump({"seconds": round(seconds), "seed": options.seed, "faults": facts}, sys.stdout, indent=2)
        sys.stdout.write("\n")
    else:
        print(f"{markdown(rows)}\n\n{seconds / 60:.0f} minutes, {options.readers} readers, seed {options.seed}")
    return int(any(row.problems for row in rows.values()))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=1_000, help="kills; the others by that")
    parser.add_argument("--only", action="append", choices=list(FAULTS), help="one fault; may be said again")
    parser.add_argument("--seed", type=int, default=1, help="of all chance")
    parser.add_argument("--readers", type=int, default=400)
    parser.add_argument("--json", action="store_true", help="for scripts")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
