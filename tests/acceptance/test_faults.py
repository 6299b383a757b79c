"""Everything that can go wrong while it sends, once: `make faults` plays the same a thousand times."""

import signal
from collections import deque
from collections.abc import Callable
from random import Random

import pytest

from bench.faults import kills, machine, relay, zombie
from bench.faults.audit import Row
from bench.faults.scene import Case, staged
from bench.faults.site import Templates, address, make_templates
from bench.faults.table import FAULTS, jobs
from publisher.errors import Exit
from publisher.model.issue import State

READERS = 120
PLAIN, PIPELINING = 1, 2  # seeds


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    return make_templates(tmp_path_factory.mktemp("faults"), READERS)


def played(fault: Callable[[Case], Row], templates: Templates, *, seed: int, faults: int = 1) -> Row:
    row = fault(Case(templates=templates, seed=seed, faults=faults, long=False))
    assert row.problems == []
    assert row.lost == 0
    assert row.faults >= faults
    return row


@pytest.mark.parametrize(("fault", "seed"), [(kills.killed_and_resent, PLAIN), (kills.killed_and_held, PIPELINING)])
def test_killed_at_any_moment(fault: Callable[[Case], Row], templates: Templates, seed: int) -> None:
    row = played(fault, templates, seed=seed, faults=2)
    assert row.codes[-signal.SIGKILL] == 2


def test_told_to_end(templates: Templates) -> None:
    assert played(kills.told_to_end, templates, seed=PLAIN).doubtful == 0


def test_server_down_from_the_first_mail(templates: Templates) -> None:
    row = played(relay.down, templates, seed=PLAIN)
    assert row.codes == {Exit.TRANSPORT: 2, Exit.OK: 1}
    assert row.messages == READERS


def test_wrong_password(templates: Templates) -> None:
    row = played(relay.wrong_password, templates, seed=PLAIN)
    assert (row.messages, row.doubtful) == (READERS, 0)


@pytest.mark.parametrize("seed", [PLAIN, PIPELINING])
def test_silence_421_cuts_and_storms(templates: Templates, seed: int) -> None:
    row = played(relay.all_at_once, templates, seed=seed)
    assert row.faults >= READERS * 3 // 10 * 2 + 24 + 12


def test_half_a_yes_is_a_doubt(templates: Templates) -> None:
    played(relay.yes_cut, templates, seed=PLAIN)


def test_disk_full(templates: Templates) -> None:
    played(machine.disk_full, templates, seed=PLAIN)


def test_database_locked(templates: Templates) -> None:
    assert played(machine.database_locked, templates, seed=PLAIN).doubtful == 0


def test_database_copied_while_sending(templates: Templates) -> None:
    row = played(machine.copied, templates, seed=PLAIN)
    assert (row.messages, row.codes[Exit.DATABASE]) == (READERS, 2)


def test_database_copied_while_sending_and_the_sender_killed(templates: Templates) -> None:
    played(machine.copied_and_killed, templates, seed=PLAIN)


@pytest.mark.peer
def test_stopped_for_longer_than_its_lease(templates: Templates) -> None:
    """PostgreSQL: there leases say who sends, and a sender may come back from the dead."""
    played(zombie.stopped, templates, seed=PLAIN)


def test_one_recipient_refused_and_the_audit_sees_what_it_looks_for(templates: Templates) -> None:
    case = Case(templates=templates, seed=PIPELINING, faults=1, long=False)
    with staged(case, Random(1)) as scene:
        scene.server.replies["rcpt", address(3)] = deque(["550 5.1.1 no such mailbox"])
        assert scene.life("tick").those(State.FAILED) == {address(3)}
        assert (scene.audit.close(hold=True).lost, scene.audit.row.problems) == (0, [])
        record = scene.server.record
        del record.taken[address(4)]  # as if it had never said yes
        record.arrived[address(5)] += 1  # as if it had come again
        record.arrived[address(3)] += 1  # as if it had come in spite of that
        record.refused.clear()
        row = scene.audit.close(hold=True)
    assert (row.lost, row.twice) == (2, 1)
    assert len(row.problems) == 3


def test_table_has_every_fault_and_job() -> None:
    assert sum(job.faults for job in jobs("kill-hold", 1_000, seed=1)) == 500
    assert {job.seed % 2 for name in FAULTS for job in jobs(name, 1, seed=1)} == {0, 1}
    assert all(fault.told.endswith(".") for fault in FAULTS.values())
