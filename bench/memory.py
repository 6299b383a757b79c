"""A program that runs -> how much memory it and its helpers had, as Linux tells it in /proc."""

import os
from pathlib import Path
from threading import Event, Thread
from time import perf_counter
from typing import NamedTuple

from bench.contestants import Contestant

_EVERY = 0.02  # seconds between two looks; each process's own peak is the kernel's, and is not missed


class Peak(NamedTuple):
    """Kilobytes, resident. What processes share is counted in each."""

    together: int  # at one moment, as far as somebody looked
    program: int
    helper: int  # the largest


def peak(contestant: Contestant) -> tuple[float, Peak]:
    """Run it; seconds on the wall, and its peak. Nothing else may start processes from this one meanwhile."""
    over = Event()
    looker = _Looker(over)
    start = perf_counter()
    looker.start()
    try:
        contestant.run()
    finally:
        seconds = perf_counter() - start
        over.set()
        looker.join()
    return seconds, looker.found


class _Looker(Thread):
    def __init__(self, over: Event) -> None:
        super().__init__()
        self._over = over
        self.found = Peak(0, 0, 0)

    def run(self) -> None:
        me = os.getpid()
        while not self._over.wait(_EVERY):
            children = _children()
            program = children.get(me, [])
            helpers = [helper for one in program for helper in _below(one, children)]
            sizes = {one: _status(one) for one in (*program, *helpers)}
            self.found = Peak(
                max(self.found.together, sum(now for now, _ in sizes.values())),
                max(self.found.program, *(sizes[one][1] for one in program), 0),
                max(self.found.helper, *(sizes[one][1] for one in helpers), 0),
            )


def _children() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            said = (folder / "stat").read_text(encoding="ascii", errors="replace")
        except OSError:
            continue  # it ended meanwhile
        found.setdefault(int(said.rpartition(")")[2].split()[1]), []).append(int(folder.name))
    return found


def _below(process: int, children: dict[int, list[int]]) -> list[int]:
    return [one for child in children.get(process, ()) for one in (child, *_below(child, children))]


def _status(process: int) -> tuple[int, int]:
    """Resident now, and at its highest; nothing where it ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0, 0
    sizes = {name: int(value.split()[0]) for name, _, value in (line.partition(":") for line in lines) if "kB" in value}
    return sizes.get("VmRSS", 0), sizes.get("VmHWM", 0)
