"""The faults, by name: what `python -m bench.faults` plays, and how often."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from bench.faults import kills, machine, relay, zombie
from bench.faults.audit import Row
from bench.faults.scene import Case
from bench.faults.site import Templates


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """`share` of the runs that were asked for is how often it strikes; at least once with each kind of server."""

    play: Callable[[Case], Row]
    share: float = 0.0
    chunk: int = 10  # strikes at most that one process plays

    @property
    def told(self) -> str:
        """In one sentence."""
        return " ".join((self.play.__doc__ or "").partition("\n\n")[0].split())


FAULTS: Mapping[str, Fault] = {
    "kill-resend": Fault(play=kills.killed_and_resent, share=0.5),
    "kill-hold": Fault(play=kills.killed_and_held, share=0.5),
    "sigterm": Fault(play=kills.told_to_end, share=0.05),
    "down": Fault(play=relay.down),
    "falls": Fault(play=relay.falls, share=0.02),
    "password": Fault(play=relay.wrong_password),
    "refused": Fault(play=relay.one_refused),
    "storm": Fault(play=relay.storm),
    "421": Fault(play=relay.says_421),
    "silence": Fault(play=relay.silence),
    "answers-cut": Fault(play=relay.answers_cut),
    "yes-cut": Fault(play=relay.yes_cut),
    "commands-cut": Fault(play=relay.commands_cut),
    "all-at-once": Fault(play=relay.all_at_once, share=0.02, chunk=1),
    "disk-full": Fault(play=machine.disk_full),
    "locked": Fault(play=machine.database_locked),
    "copied": Fault(play=machine.copied),
    "copied-killed": Fault(play=machine.copied_and_killed),
    "stopped": Fault(play=zombie.stopped, share=0.02),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What one process plays. Of four seeds two have a server with PIPELINING, and two processes that write."""

    name: str
    seed: int
    faults: int


def jobs(name: str, runs: int, seed: int) -> list[Job]:
    """All there is to do for a fault."""
    fault = FAULTS[name]
    first = seed * 1_000_000 + 10_000 * list(FAULTS).index(name)  # no two jobs have the same chance
    total = max(round(runs * fault.share), 2)
    sizes = [fault.chunk] * (total // fault.chunk) + [total % fault.chunk] * (total % fault.chunk > 0)
    if len(sizes) == 1:
        sizes = [-(-sizes[0] // 2)] * 2
    return [Job(name=name, seed=first + number, faults=size) for number, size in enumerate(sizes)]


def play(job: Job, templates: Templates) -> Row:
    """One job, in whatever process. What is wrong with the harness itself is a problem of the row."""
    case = Case(templates=templates, seed=job.seed, faults=job.faults)
    try:
        row = FAULTS[job.name].play(case)
    except pytest.skip.Exception as reason:
        row = Row(skipped=str(reason))
    except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001  # a thousand runs shall not end with the first that fails
        row = Row(problems=[f"{type(error).__name__}: {error}"])
    row.problems = [f"seed {job.seed}, {job.faults} faults: {problem}" for problem in row.problems]
    return row
