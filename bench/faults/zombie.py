"""A sender that stands still for longer than its lease, another one that takes its work over, and its return."""

import os
import signal
import subprocess
import threading
from dataclasses import replace
from random import Random

from bench.faults import ledger
from bench.faults.audit import ENDS, Row
from bench.faults.scene import Case, Scene, staged
from bench.faults.site import LEASE, LONGEST
from publisher.model.issue import State
from tests.postgres import new_database, running_postgres


def stopped(case: Case) -> Row:
    """SIGSTOP for longer than the lease, on PostgreSQL; a second sender takes over, and the first one comes back."""
    row, chance = Row(), Random(case.seed)
    with running_postgres() as server:
        while row.faults < case.faults:
            with staged(case, chance, composed=False, hold=chance.random() < 0.5) as scene:
                scene.site = scene.audit.site = replace(scene.site, url=new_database(server))
                row += _stopped(scene)
    return row


def _stopped(scene: Scene) -> Row:
    readers = str(scene.site.folder / "readers.csv")
    scene.life("subscribers", "import", readers, "--basis", "told so", codes=frozenset({0}))

    def limit(process: "subprocess.Popen[bytes]") -> None:
        there = threading.Event()

        def stop() -> None:
            process.send_signal(signal.SIGSTOP)
            there.set()

        scene.at(scene.chance.randrange(10, scene.case.templates.readers // 2), stop)
        assert there.wait(LONGEST), "it did not come so far"
        try:
            _second(scene)
        finally:
            process.send_signal(signal.SIGCONT)

    # What the first one had on its way is in doubt since it was stopped; of what it is told later no more can be
    scene.life("digest", "--yes", limit=limit, bound=scene.connections, codes=ENDS)
    scene.audit.row.faults += 1
    return scene.finish(bound=scene.connections)


def _second(scene: Scene) -> None:
    """Ticks beside the one that stands still, until its work was taken over and done."""
    scene.server.quiet(LEASE / 10)  # what it had written is read
    found = scene.audit.left(scene.connections)
    before = found.those(State.SENT)
    other = replace(scene.site, said=scene.site.said.with_name("second.txt"))
    for _ in range(10):  # a lease, and the time that a tick takes by itself, have passed long before
        scene.server.quiet(LEASE / 4)
        ended = other.run("tick", limit=_patient)
        scene.audit.row.codes[ended.code] += 1
        if ledger.read(scene.site.where).those(State.SENT) != before:
            return


def _patient(process: "subprocess.Popen[bytes]") -> None:
    """One that stands still within a transaction holds up all others until it goes on: so the second is ended then."""
    try:
        process.wait(LONGEST / 4)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGTERM)
