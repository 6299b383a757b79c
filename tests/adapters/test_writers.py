"""Messages that processes of their own write: the same as here, each for its reader, whatever becomes of a process."""

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from publisher import ports
from publisher.adapters import writer, writers
from publisher.adapters.child import Child, DiedError
from publisher.adapters.ready import Written
from publisher.adapters.writer import WriterProcess, write
from publisher.adapters.writers import Writers
from publisher.doors.rounds import deliver_now
from publisher.mail.message import Attached, Unsigned
from publisher.model.issue import Delivery, Envelope, IssueId, State
from publisher.model.subscriber import SubscriberId, parse_address
from publisher.steps.scribe import Scribe
from tests.adapters.mailserver import serving
from tests.dkimjudges import a_signer
from tests.house import NOW, a_house, add_readers, digest
from tests.peers import PATIENCE

STAMP = datetime(2026, 11, 26, 9, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Told:
    """A scribe whose message says who wrote it, where, and to whom."""

    name: str

    def write(self, delivery: Delivery, stamp: datetime) -> tuple[Envelope, Unsigned]:
        if delivery.name == "unwritable":
            raise ValueError("no lawful message can be made")
        elsewhere = os.environ["WHO_ASKS"] != str(os.getpid())
        if delivery.name == "kill me" and elsewhere:
            os.kill(os.getpid(), signal.SIGKILL)
        if delivery.name == "stop within an answer" and elsewhere:
            os.write(3, pickle.dumps("x" * 100)[:50])  # its answers: the first that it opens (child.serve)
            os.kill(os.getpid(), signal.SIGSTOP)
        envelope = Envelope(sender="a@example.org", recipient=delivery.address.display)
        return envelope, Unsigned(f"{self.name} {os.getpid()} {delivery.subscriber} {stamp:%H}".encode())


Asked = tuple[ports.Scribe, Delivery, datetime]


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process of ours finds this file, and knows who asks it."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("WHO_ASKS", str(os.getpid()))


def a_delivery(number: int = 1, name: str = "", address: str = "") -> Delivery:
    return Delivery(
        issue=IssueId(1),
        subscriber=SubscriberId(number),
        address=parse_address(address or f"r{number}@example.net"),
        name=name,
        variant=1,
        state=State.PENDING,
        since=STAMP,
    )


@pytest.fixture
def process() -> Iterator[WriterProcess]:
    made = WriterProcess()
    yield made
    made.end()


@pytest.fixture(scope="module")
def scribe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scribe]:
    """Of a real issue, and signed."""
    house = a_house(tmp_path_factory.mktemp("site"))
    house.__dict__["signers"] = {"example.org": a_signer()}
    add_readers(house, "r1@example.net")
    made = digest(house)
    assert made is not None
    ((issue, k),) = house.deliveries.due(NOW)
    taken = house.deliveries.take(issue, k, lease=60.0, now=NOW)
    assert taken is not None
    (row,) = house.deliveries.rows(taken, now=NOW)
    found = house.letters.of(row)
    yield found
    house.engine.dispose()


def test_what_a_process_writes_is_what_is_written_here(process: WriterProcess, scribe: Scribe) -> None:
    attached = replace(scribe, attached=Attached("data.json", "application/json", b"{}" * 100_000))
    errand = [
        (scribe, a_delivery(1), STAMP),
        (scribe, a_delivery(2, "Ådå Lövelace", "Ada.Lovelace@Bücher.example"), STAMP),
        (attached, a_delivery(3), STAMP),
        (scribe, replace(a_delivery(4), since=None), STAMP),
        (scribe, a_delivery(5, "a\r\nBcc: all@example.net"), STAMP),
        (scribe, a_delivery(6, "", "пост@example.net"), STAMP),
    ]
    here = write(errand)
    process._child.wait()
    assert process.write(errand) == here
    assert isinstance(here[4], str)
    assert [isinstance(one, str) for one in here].count(True) == 1
    assert b"DKIM-Signature:" in here[0][1]


def test_more_scribes_than_a_process_keeps_write_each_its_own(process: WriterProcess) -> None:
    scribes = [Told(f"scribe{number}") for number in range(writer._SCRIBES * 2 + 3)]
    process._child.wait()
    for turn in (scribes, scribes[::-1], scribes[::7]):
        answers = process.write([(one, a_delivery(number), STAMP) for number, one in enumerate(turn)])
        told = [answer[1].decode().split(" ") for answer in answers if not isinstance(answer, str)]
        assert [(name, number) for name, _, number, _ in told] == [
            (one.name, str(number)) for number, one in enumerate(turn)
        ]


def test_a_process_that_dies_says_so(scribe: Scribe) -> None:
    process = WriterProcess()
    process._child.wait()
    process.kill()
    with pytest.raises(DiedError):
        process.write([(scribe, a_delivery(), STAMP)])
    process.end()
    assert not is_there(process._child.pid)


# --- the threads that use them


class Desk:
    """Writers, and what they wrote."""

    def __init__(self, *, long: int) -> None:
        self.rung = threading.Semaphore(0)
        self.writers = Writers(self.rung.release, long=long)

    def written(self, *deliveries: Delivery) -> list[Written]:
        self.writers.write([(Told("x"), one, STAMP) for one in deliveries])
        assert self.rung.acquire(timeout=PATIENCE)
        done = self.writers.done.get()
        assert not isinstance(done, BaseException)
        assert [one.delivery for one in done] == list(deliveries)
        return done

    def pid(self, number: int) -> int:
        (one,) = self.written(a_delivery(number))
        assert one.parcel is not None
        _, pid, reader, _ = one.parcel.message.decode().split(" ")
        assert reader == str(number)
        return int(pid)

    def pid_of_a_process(self) -> int:
        """Writes until another than ours has written."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if (pid := self.pid(1)) != os.getpid():
                return pid
        raise AssertionError("no process ever wrote")


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr("publisher.adapters.writers.cores", lambda: 2)
    made = Desk(long=2)
    yield made
    made.writers.end()


def test_a_short_sending_starts_no_process() -> None:
    desk = Desk(long=1000)
    assert {desk.pid(number) for number in range(50)} == {os.getpid()}
    desk.writers.end()


def test_on_one_core_a_process_would_gain_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("publisher.adapters.writers.cores", lambda: 1)
    desk = Desk(long=1)
    assert {desk.pid(number) for number in range(50)} == {os.getpid()}
    desk.writers.end()


def test_a_long_sending_is_written_by_processes_that_end_with_it(desk: Desk) -> None:
    pid = desk.pid_of_a_process()
    assert os.getpgid(pid) != os.getpgid(0), "Ctrl-C is for us: who waits for a message gets it"
    found = desk.written(a_delivery(2), a_delivery(3, "unwritable"), a_delivery(4))
    assert [one.error for one in found] == ["", "no lawful message can be made", ""]
    desk.writers.end()
    assert not is_there(pid)


def test_what_a_process_died_over_is_written_here(desk: Desk) -> None:
    desk.pid_of_a_process()
    pids = Counter[int]()
    for number in range(20):
        found = desk.written(a_delivery(number, "kill me"), a_delivery(number))
        assert [one.error for one in found] == ["", ""]
        pids.update(int(one.parcel.message.decode().split(" ")[1]) for one in found if one.parcel is not None)
    assert pids == {os.getpid(): 40}


def test_what_cannot_be_told_to_a_process_is_written_here(desk: Desk) -> None:
    desk.pid_of_a_process()

    class Local(Told):
        """Which no pickle can name."""

    for number in range(20):
        desk.writers.write([(Local("x"), a_delivery(number), STAMP)])
        assert desk.rung.acquire(timeout=PATIENCE)
        done = desk.writers.done.get()
        assert not isinstance(done, BaseException)
        (one,) = done
        assert one.parcel is not None


@pytest.mark.parametrize("how", ["before", "within a question", "within an answer"])
def test_what_a_process_was_stopped_over_is_written_here(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, how: str, scribe: Scribe
) -> None:
    monkeypatch.setattr(writers, "_PATIENCE", 0.5)
    pid = desk.pid_of_a_process()
    one: Asked = (Told("x"), a_delivery(1, "stop within an answer" if how == "within an answer" else ""), STAMP)
    if how != "within an answer":
        os.kill(pid, signal.SIGSTOP)
    if how == "within a question":  # no pipe takes all of it
        one = (replace(scribe, attached=Attached("data.json", "application/json", b"{}" * 4_000_000)), *one[1:])
    for _ in range(20):  # the other thread takes some of them
        desk.writers.write([one])
    written = 0
    until = time.monotonic() + PATIENCE
    while written < 20:
        assert time.monotonic() < until, "it is waited for"
        if desk.rung.acquire(timeout=0.05):
            written += 1
        desk.writers.look()
    for _ in range(20):
        done = desk.writers.done.get()
        assert not isinstance(done, BaseException)
        assert [found.error for found in done] == [""]


def test_nobody_waits_at_the_end_for_a_process_that_was_stopped(desk: Desk) -> None:
    os.kill(desk.pid_of_a_process(), signal.SIGSTOP)
    for number in range(200):
        desk.writers.write([(Told("x"), a_delivery(number), STAMP)])
    for _ in range(199):
        assert desk.rung.acquire(timeout=PATIENCE)  # by the other thread; one message waits for what was stopped
    began = time.monotonic()
    desk.writers.end()
    assert time.monotonic() - began < writers._PATIENCE / 4


def test_a_process_ends_without_a_word_when_who_asks_it_is_killed() -> None:
    program = "from publisher.adapters.child import Child; c = Child('publisher.adapters.writer'); c.wait()\n"
    program += "print(c.pid, flush=True)\nwhile True: c.ask([])"
    for _ in range(5):
        parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert is_there(pid)
        parent.kill()
        _, said = parent.communicate(timeout=PATIENCE)  # to the end of what both of them say
        assert said == b""
        until = time.monotonic() + PATIENCE
        while is_there(pid):
            assert time.monotonic() < until, "it is still there"


@pytest.mark.parametrize("question", [pickle.dumps([]), pickle.dumps([1, 2, 3])[:-4]], ids=["whole", "half"])
def test_who_was_asked_by_somebody_who_is_gone_says_nothing(question: bytes) -> None:
    command = (sys.executable, "-m", "publisher.adapters.writer")
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert pickle.load(process.stdout) is None
    process.stdout.close()  # as the system does for who is killed
    process.stdout = None
    _, errors = process.communicate(question, timeout=PATIENCE)
    assert (process.returncode, errors) == (0, b"")


def test_a_child_that_cannot_begin_is_dead() -> None:
    child = Child("publisher.adapters.no_such_module")
    with pytest.raises(DiedError):
        child.wait()
    child.end()
    assert not child.alive


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")  # whoever adopted it may not have heard of its end yet
    try:
        return not stat.exists() or stat.read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


# --- a whole issue


def test_of_an_issue_that_processes_write_each_reader_gets_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publisher.adapters.writers._LONG", 1)
    monkeypatch.setattr("publisher.adapters.writers.cores", lambda: 2)
    started = []
    begin = WriterProcess.__init__

    def begun(self: WriterProcess) -> None:
        begin(self)
        self._child.wait()  # so that all that comes after is written by it
        started.append(self)

    monkeypatch.setattr(WriterProcess, "__init__", begun)
    readers = [f"r{number}@example{number % 3}.net" for number in range(150)]
    with serving() as server:
        house = a_house(tmp_path, smtp=f"smtp://127.0.0.1:{server.port}", connections=4)
        add_readers(house, *readers)
        made = digest(house)
        assert made is not None
        assert deliver_now(house) is not None
        assert house.issues.tally(made.id).counts == {State.SENT: len(readers)}
        house.engine.dispose()
    assert started
    assert sorted(one.rcpt_tos[0] for one in server.taken) == sorted(readers)
    for one in server.taken:
        assert isinstance(one.content, bytes)
        assert f"\r\nTo: {one.rcpt_tos[0]}\r\n".encode() in one.content
    assert len({one.content for one in server.taken}) == len(readers)
