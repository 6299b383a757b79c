"""One site, one server and their audit, for as long as a fault plays."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from bench.faults import ledger
from bench.faults.audit import ENDS, Audit, Row
from bench.faults.ledger import Ledger
from bench.faults.server import Server, serving
from bench.faults.site import Site, Templates, configure
from publisher.model.issue import State

LATENCY = 0.02  # seconds that a dot's answer takes at most; as long a message is in doubt
_ROUNDS = 80  # of time passing: far more than any fault here needs

Limit = Callable[["subprocess.Popen[bytes]"], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a fault is played with. `faults`: how often it shall strike; `long`: with all its waits."""

    templates: Templates
    seed: int
    faults: int
    long: bool = True

    @property
    def pipelining(self) -> bool:
        return self.seed % 2 == 0

    @property
    def processes(self) -> bool:
        """Whether messages are written by processes, as those of a long list are."""
        return self.seed // 2 % 2 == 1


@dataclass(slots=True)
class Scene:
    """Starts programs and tells the audit how they ended."""

    case: Case
    site: Site
    server: Server
    audit: Audit
    chance: Random
    connections: int
    hold: bool

    def life(self, *words: str, limit: Limit | None = None, bound: int = 0, codes: frozenset[int] = ENDS) -> Ledger:
        """One program from its start to its end, and the ledger after it."""
        ended = self.site.run(*words, limit=limit)
        self.server.watch = lambda _stage: None
        self.server.rest()
        return self.audit.ended(ended, bound=bound, codes=codes)

    def go_on(self, *, bound: int = 0, codes: frozenset[int] = ENDS) -> Ledger:
        """What its owner's cron would do: the next tick, when what was put off is due; a digest where none began."""
        if ledger.read(self.site.where).issue is None:
            return self.life("digest", "--yes", bound=bound, codes=codes)
        ledger.let_time_pass(self.site.where)
        found = self.life("tick", bound=bound, codes=codes)
        if found.issue == "paused":
            self.audit.row.problems.append(f"it waits for its owner: {found.reason}")
            found = self.life("issues", "resume", "1", bound=bound, codes=codes)
        return found

    def finish(self, *, bound: int = 0) -> Row:
        """Go on until nothing is left, and reckon up; on_doubt = "hold" leaves what is in doubt."""
        found = ledger.read(self.site.where)
        before: tuple[Ledger, int] | None = None
        for _ in range(_ROUNDS):
            if not self._unfinished(found) and not self.server.strikes:
                break
            now = (found, len(self.server.struck))
            if found.rows and now == before:
                break  # time alone helps no more
            before = now
            found = self.go_on(bound=bound)
        if not self.hold and found.those(State.IN_DOUBT):
            # More than a hundredth of an issue in doubt, or one of them three times, is the owner's to settle
            found = self.life("issues", "settle", "1", "--again", bound=bound)
        if self.server.strikes:
            self.audit.row.problems.append(f"{len(self.server.strikes)} faults found no connection")
        return self.audit.close(hold=self.hold)

    def _unfinished(self, found: Ledger) -> bool:
        if not found.rows or found.issue in {"composing", "ready"}:
            return True
        return bool(found.open or (not self.hold and found.those(State.IN_DOUBT)))

    def at(self, count: int, do: Callable[[], None], *, dots: bool = True) -> None:
        """Do something when the server has the count-th dot, or the count-th command, from now on."""
        left = [count]

        def watch(stage: str) -> None:
            left[0] -= not dots or stage == "dot"
            if left[0] == 0:
                self.server.watch = lambda _stage: None
                do()

        self.server.watch = watch


@contextmanager
def staged(
    case: Case,
    chance: Random,
    *,
    composed: bool = True,
    hold: bool = True,
    connections: int = 4,
    folder: Path | None = None,
) -> Iterator[Scene]:
    """A copy of a template, and a server. `folder`: where, if not where temporary files go."""
    with TemporaryDirectory(prefix="faults-") as kept, TemporaryDirectory(prefix="faults-", dir=folder) as made:
        home = Path(made, "site")
        shutil.copytree(case.templates.composed if composed else case.templates.fresh, home)
        configure(home, connections=connections, on_doubt="hold" if hold else "resend")
        ledger.let_time_pass(home / "publisher.db")
        latencies = Random(chance.random())
        with serving(
            Path(kept, "record"),
            pipelining=case.pipelining,
            latency=lambda: latencies.uniform(0, LATENCY),
        ) as server:
            said = Path(kept, "said.txt")
            site = Site(folder=home, port=server.port, said=said, processes=case.processes)
            audit = Audit(site=site, record=server.record, readers=case.templates.readers)
            yield Scene(case, site, server, audit, chance, connections, hold)


def with_password(scene: Scene, password: str) -> None:
    scene.site = scene.audit.site = replace(scene.site, password=password)
