"""One conversation core under three drivers, into one sink: threads that block, one selector loop, asyncio.

    python -m bench.drivers [--messages N] [--runs N]

The core is the program's own (`delivery.smtp`), and so are the rules: an intent is committed before each dot, all that
are asked for together in one transaction with the results of the last ones (SQLite, WAL, synchronous FULL), and the
next envelope goes along with the dot. The rest is the least that can be: messages are made before, there is no rate,
no signature, no ORM. So what differs is how a driver waits, and how it meets the ledger: threads and asyncio's first
kind leave it to a thread of its own, the loop and asyncio's second kind commit between two turns.
"""

import argparse
import asyncio
import contextlib
import selectors
import socket
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty, SimpleQueue
from statistics import median

from bench.send import a_mail, a_text, sink, timed
from publisher.delivery.smtp.mailing import Held, Mailing, Parcel, Told
from publisher.delivery.smtp.opening import Offer
from publisher.model.issue import Envelope

SIZES = {"8 kB": 8_000, "38 kB": 38_000}
CONNECTIONS = (4, 16)
_READ = 65_536


class Ledger:
    """Rows that are pending, claimed or sent."""

    def __init__(self, path: Path, parcels: Sequence[Parcel]) -> None:
        self._numbers = {parcel: number for number, parcel in enumerate(parcels)}
        self.commits = 0
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode=wal", "synchronous=full"):
            self._connection.execute(f"pragma {pragma}")
        self._connection.execute("create table delivery (id integer primary key, state text not null)")
        rows = ((number, "pending") for number in self._numbers.values())
        self._connection.execute("begin immediate")
        self._connection.executemany("insert into delivery values (?, ?)", rows)
        self._connection.execute("commit")

    def commit(self, asked: "Sequence[Lane]", sent: Sequence[Parcel]) -> None:
        """Intents and results, in one transaction."""
        self.commits += 1
        execute = self._connection.executemany
        self._connection.execute("begin immediate")
        execute("update delivery set state = 'sent' where id = ?", [(self._numbers[one],) for one in sent])
        claimed = [(self._numbers[lane.held],) for lane in asked if lane.held is not None]
        execute("update delivery set state = 'claimed' where id = ? and state = 'pending'", claimed)
        self._connection.execute("commit")

    def close(self) -> None:
        """Everybody has it."""
        left = self._connection.execute("select count(*) from delivery where state <> 'sent'").fetchone()
        assert left == (0,), left
        self._connection.close()


class Lane:
    """A connection's conversation, without its socket. `held` waits for its dot; `sent` for the ledger."""

    def __init__(self, parcels: Iterator[Parcel]) -> None:
        self._parcels = parcels
        self._mailing = Mailing(Offer(extensions={"PIPELINING": ""}), pipelining=True, timeout=60)
        self.held: Parcel | None = None
        self.sent: list[Parcel] = []
        self.over = False

    def begin(self) -> bytes:
        """The first envelope."""
        return self._say(next(self._parcels, None))

    def dot(self) -> bytes:
        """It was granted."""
        self.held = None
        self._mailing.dot(next(self._parcels, None))
        return b"".join(self._mailing.take())

    def hear(self, data: bytes) -> bytes:
        """What came -> what goes."""
        for event in self._mailing.receive(data):
            match event:
                case Held(parcel=parcel):
                    self.held = parcel
                case Told(parcel=parcel, reply=reply):
                    assert reply.code == 250, reply
                    self.sent.append(parcel)
                case broken:
                    raise AssertionError(broken)
        self.over = self._mailing.free
        return b"".join(self._mailing.take())

    def take_sent(self) -> list[Parcel]:
        """The results that were not committed yet."""
        sent, self.sent = self.sent, []
        return sent

    def _say(self, parcel: Parcel | None) -> bytes:
        if parcel is None:
            self.over = True
            return b""
        self._mailing.begin(parcel)
        return b"".join(self._mailing.take())


def greeted(port: int) -> socket.socket:
    """A connection after EHLO."""
    found = socket.create_connection(("127.0.0.1", port))
    found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    found.recv(_READ)
    found.sendall(b"EHLO bench\r\n")
    said = b""
    while not (said.endswith(b"\r\n") and said.splitlines()[-1].startswith(b"250 ")):
        said += found.recv(_READ)
    assert b"PIPELINING" in said
    return found


Driver = Callable[[Sequence[socket.socket], Sequence[Lane], Ledger], None]


def threads(sockets: Sequence[socket.socket], lanes: Sequence[Lane], ledger: Ledger) -> None:
    """A thread for each connection; the ledger has this one."""
    asked: SimpleQueue[tuple[Lane, list[Parcel]]] = SimpleQueue()
    words: dict[Lane, SimpleQueue[None]] = {lane: SimpleQueue() for lane in lanes}

    def work(connection: socket.socket, lane: Lane) -> None:
        connection.sendall(lane.begin())
        while not lane.over:
            connection.sendall(lane.hear(connection.recv(_READ)))
            if lane.held is not None:
                asked.put((lane, lane.take_sent()))
                words[lane].get()
                connection.sendall(lane.dot())
        asked.put((lane, lane.take_sent()))

    workers = [threading.Thread(target=work, args=one) for one in zip(sockets, lanes, strict=True)]
    for worker in workers:
        worker.start()
    left = len(workers)
    while left:
        found = [asked.get()]
        try:
            while True:
                found.append(asked.get_nowait())
        except Empty:
            pass
        asking = [lane for lane, _ in found if lane.held is not None]
        ledger.commit(asking, [one for _, sent in found for one in sent])
        left -= len(found) - len(asking)
        for lane in asking:
            words[lane].put(None)
    for worker in workers:
        worker.join()


class _Loop:
    """One selector for all connections; what cannot be written yet waits in `_out`."""

    def __init__(self, sockets: Sequence[socket.socket], lanes: Sequence[Lane]) -> None:
        self._selector = selectors.DefaultSelector()
        self._sockets = dict(zip(lanes, sockets, strict=True))
        self._out: dict[Lane, bytes] = {}
        for lane, connection in self._sockets.items():
            connection.setblocking(False)  # noqa: FBT003  # the name of it
            self._selector.register(connection, selectors.EVENT_READ, lane)
            self.send(lane, lane.begin())

    def send(self, lane: Lane, data: bytes) -> None:
        """As much as the kernel takes."""
        connection, data = self._sockets[lane], self._out.pop(lane, b"") + data
        with contextlib.suppress(BlockingIOError):
            data = data[connection.send(data) :] if data else b""
        if data:
            self._out[lane] = data
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if data else 0)
        if self._selector.get_key(connection).events != wanted:
            self._selector.modify(connection, wanted, lane)

    def turn(self) -> Sequence[Lane]:
        """Wait, hear, and write; who had anything to do."""
        moved = []
        for key, mask in self._selector.select():
            moved.append(key.data)
            read = bool(mask & selectors.EVENT_READ)
            self.send(key.data, key.data.hear(self._sockets[key.data].recv(_READ)) if read else b"")
        return moved

    def asks(self, lane: Lane) -> bool:
        """Whether all of a message is out but its dot."""
        return lane.held is not None and lane not in self._out

    def close(self) -> None:
        """No more."""
        self._selector.close()


def loop(sockets: Sequence[socket.socket], lanes: Sequence[Lane], ledger: Ledger) -> None:
    """One loop, and a commit between two turns of it."""
    connections, left = _Loop(sockets, lanes), len(lanes)
    while left:
        moved = connections.turn()
        asking = [lane for lane in moved if connections.asks(lane)]
        sent = [one for lane in moved for one in lane.take_sent()]
        if asking or sent:
            ledger.commit(asking, sent)
        for lane in asking:
            connections.send(lane, lane.dot())
        left -= sum(lane.over for lane in moved)
    connections.close()


class _Talk(asyncio.Protocol):
    """A lane on asyncio's transport, which keeps what cannot be written yet."""

    def __init__(self, lane: Lane, moved: Callable[["_Talk"], None]) -> None:
        self.lane = lane
        self._moved = moved
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.write(self.lane.begin())

    def write(self, data: bytes) -> None:
        """Send."""
        assert self._transport is not None
        if data:
            self._transport.write(data)

    def data_received(self, data: bytes) -> None:
        self.write(self.lane.hear(data))
        if self.lane.held is not None or self.lane.over:
            self._moved(self)


async def _talk(sockets: Sequence[socket.socket], lanes: Sequence[Lane], ledger: Ledger, *, apart: bool) -> None:
    running, moved, wake = asyncio.get_running_loop(), list[_Talk](), asyncio.Event()

    def heard(talk: _Talk) -> None:
        moved.append(talk)
        wake.set()

    for connection, lane in zip(sockets, lanes, strict=True):
        connection.setblocking(False)  # noqa: FBT003  # the name of it
        await running.create_connection(lambda lane=lane: _Talk(lane, heard), sock=connection)  # type: ignore[misc]
    left = len(lanes)
    with ThreadPoolExecutor(1) as alone:
        while left:
            await wake.wait()
            wake.clear()
            turn, moved[:] = list(moved), []
            asking = [talk for talk in turn if talk.lane.held is not None]
            sent = [one for talk in turn for one in talk.lane.take_sent()]
            rows = [talk.lane for talk in asking]
            if apart:
                await running.run_in_executor(alone, ledger.commit, rows, sent)
            else:
                ledger.commit(rows, sent)
            left -= len(turn) - len(asking)
            for talk in asking:
                talk.write(talk.lane.dot())


def asyncio_apart(sockets: Sequence[socket.socket], lanes: Sequence[Lane], ledger: Ledger) -> None:
    """asyncio, as it is meant: what blocks is in a thread."""
    asyncio.run(_talk(sockets, lanes, ledger, apart=True))


def asyncio_between(sockets: Sequence[socket.socket], lanes: Sequence[Lane], ledger: Ledger) -> None:
    """asyncio, whose loop stands still while it commits."""
    asyncio.run(_talk(sockets, lanes, ledger, apart=False))


DRIVERS: dict[str, Driver] = {
    "selector loop": loop,
    "threads": threads,
    "asyncio, ledger in a thread": asyncio_apart,
    "asyncio, ledger in its loop": asyncio_between,
}


def run(driver: Driver, port: int, messages: int, size: int, connections: int) -> tuple[float, float, float]:
    """Messages a second, microseconds of CPU for each, and messages in a commit."""
    data = a_mail(1, a_text(size)).as_bytes()
    parcels = [
        Parcel(Envelope(sender="news@example.org", recipient=f"r{number}@example.net"), data)
        for number in range(messages)
    ]
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger.db", parcels)
        left = iter(parcels)
        sockets = [greeted(port) for _ in range(connections)]
        lanes = [Lane(left) for _ in sockets]
        found = timed(lambda: driver(sockets, lanes, ledger))
        for connection in sockets:
            connection.close()
        ledger.close()
    return messages / found["wall"], found["cpu"] / messages * 1e6, messages / ledger.commits


def main() -> None:
    """All drivers in turn, medians."""
    reader = argparse.ArgumentParser(prog="python -m bench.drivers")
    reader.add_argument("--messages", type=int, default=2000)
    reader.add_argument("--runs", type=int, default=5)
    told = reader.parse_args()
    for title, size in SIZES.items():
        for connections in CONNECTIONS:
            print(f"{title}, {connections} connections           of the loop   us of CPU a message   in a commit")
            found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in DRIVERS}
            with sink() as port:
                for _ in range(told.runs):
                    for name, driver in DRIVERS.items():
                        found[name].append(run(driver, port, told.messages, size, connections))
            first = median(rate for rate, _, _ in found["selector loop"])
            for name, runs in found.items():
                rate, cost, together = (median(one[at] for one in runs) for at in range(3))
                print(f"  {name:<28} {rate / first:8.2f} ({rate:6,.0f}/s) {cost:10,.0f} {together:14.1f}", flush=True)


if __name__ == "__main__":
    main()
