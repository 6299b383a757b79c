"""The connections that carry messages: one loop looks after them all, between two commits of the ledger.

It runs in the thread that talks to the database, and only when that has nothing to do: while a commit is on its way
the kernel keeps what servers say, and writers make the next messages. So nothing here needs a lock.
"""

import contextlib
import selectors
import socket
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Self

from publisher.adapters.backlog import Backlog
from publisher.adapters.line import Line
from publisher.adapters.ready import Written
from publisher.adapters.smtperrors import SILENT
from publisher.adapters.writers import Writers
from publisher.delivery.smtp.mailing import Broken, Event, Held, Parcel, Told
from publisher.errors import TransportError
from publisher.model.issue import Delivery, Reply
from publisher.ports import (
    Answered,
    Asked,
    Clock,
    DeliveryKey,
    LaneEvent,
    Letters,
    Lost,
    Throttle,
    Unreachable,
    Unwritable,
    Withdrawn,
)

_WRITABLE = selectors.EVENT_READ | selectors.EVENT_WRITE


class Unhurried:
    """`ports.Throttle` without any limit."""

    def wait(self, domain: str, now: float) -> float:
        """Never."""
        del domain, now
        return 0.0

    def spend(self, domain: str, now: float) -> None:
        """Nothing to spend."""

    def give_back(self, domain: str, now: float) -> None:
        """Nothing was spent."""

    def answered(self, domain: str, reply: Reply, now: float) -> None:
        """Nothing to learn."""

    def state(self) -> dict[str, tuple[float, ...]]:
        """Nothing to keep."""
        return {}


class LoopLanes:
    """`ports.Lanes`. Lines are kept from one sending to the next, until `close`.

    `dial` makes a line, in a thread of its own: it may wait, and raises TransportError.
    """

    def __init__(
        self,
        dial: Callable[[], Line],
        letters: Letters,
        *,
        connections: int,
        clock: Clock,
        throttle: Throttle | None = None,
    ) -> None:
        self._dial = dial
        self._letters = letters
        self._connections = connections
        self._clock = clock
        self._throttle = throttle or Unhurried()
        self._idle: list[_Lane] = []
        self._bell: _Bell | None = None
        self._dialled: SimpleQueue[Line | TransportError | BaseException] = SimpleQueue()
        self._closed = False
        self.dialling = 0

    @contextmanager
    def sending(self) -> Iterator["Loop"]:
        """Begin; on leaving, nothing is under way any more."""
        self._closed = False
        with _Bell() as self._bell:
            backlog = Backlog(self._letters, Writers(self.ring), self._throttle, ahead=_ahead(self._connections))
            loop = Loop(self, backlog, self._idle, self._connections, self._bell)
            self._idle = []
            try:
                yield loop
            finally:
                self._idle = loop.end()
        self._bell = None

    def close(self) -> None:
        """Say goodbye on all connections; those that are still being made are dropped when they are."""
        self._closed = True
        self._drop_dialled()
        while self._idle:
            self._idle.pop().line.close()

    # What follows is for the loop.

    def ring(self) -> None:
        """Wake it."""
        if (bell := self._bell) is not None:
            bell.ring()

    @property
    def clock(self) -> Clock:
        """Now."""
        return self._clock

    def answered(self, delivery: Delivery, reply: Reply) -> None:
        """For the rates."""
        self._throttle.answered(delivery.address.domain, reply, self._clock().timestamp())

    def dial(self) -> None:
        """Have one more connection made."""
        self.dialling += 1
        threading.Thread(target=self._dial_now, name="dialler", daemon=True).start()

    def dialled(self) -> list[Line | TransportError | BaseException]:
        """The connections that were made, or why not."""
        found = []
        with contextlib.suppress(Empty):
            while True:
                found.append(self._dialled.get_nowait())
                self.dialling -= 1
        return found

    def _dial_now(self) -> None:
        try:
            self._dialled.put(self._dial())
        except BaseException as error:  # noqa: BLE001  # raised again, or told, where the ledger is
            self._dialled.put(error)
        self.ring()
        if self._closed:
            self._drop_dialled()

    def _drop_dialled(self) -> None:
        for line in self.dialled():
            if not isinstance(line, BaseException):
                line.drop()


def _ahead(connections: int) -> int:
    """So many messages are written ahead: enough that they can be written many together, and not all of the memory."""
    return min(8 * connections, max(256, 2 * connections))


class _Bell:
    """Wakes a loop that waits for sockets."""

    def __init__(self) -> None:
        self.socket, self._rope = socket.socketpair()
        self.socket.setblocking(False)  # noqa: FBT003  # the name of it
        self._rope.setblocking(False)  # noqa: FBT003

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._rope.close()
        self.socket.close()

    def ring(self) -> None:
        """From any thread."""
        with contextlib.suppress(OSError):  # full: it rings already; closed: nobody listens
            self._rope.send(b"!")

    def hush(self) -> None:
        """It was heard."""
        with contextlib.suppress(OSError):
            self.socket.recv(4096)


@dataclass(slots=True, eq=False)
class _Lane:
    """A line and what is on it. `used`: it has carried a message before. `asked`: what waits for the word."""

    line: Line
    used: bool = False
    asked: Written | None = None
    granted: Written | None = None  # the last that got the word: the ledger says that its dot may be out
    carried: dict[Parcel, Written] = field(default_factory=dict)
    watched: int = 0  # what the selector waits for
    gone: bool = False


class Loop:
    """`ports.Conversation`.

    A lane tells its result before it asks for its next dot, and both go into one round: so a result is committed no
    later than the next intent of its lane, and at most one message a lane is ever in doubt.
    """

    def __init__(self, lanes: LoopLanes, backlog: Backlog, idle: list[_Lane], connections: int, bell: _Bell) -> None:
        self._lanes_of = lanes
        self._backlog = backlog
        self._lanes = list(idle)
        self._connections = self._tries = self._most_tries = connections
        self._events: list[LaneEvent] = []
        self._asking: dict[DeliveryKey, _Lane] = {}
        self._stopped = False
        self._told_at = 0.0
        self._abandoned = False
        self._unreached = False
        self._selector = selectors.DefaultSelector()
        self._bell = bell
        self._selector.register(bell.socket, selectors.EVENT_READ)
        for lane in self._lanes:
            lane.watched = 0
            self._watch(lane)

    def carry(self, deliveries: Iterable[Delivery]) -> None:
        """More to be carried."""
        self._backlog.add(deliveries)

    def hungry(self) -> bool:
        """Whether there is room for more."""
        return not self._stopped and self._backlog.short

    def rounds(self, patience: float) -> Iterator[Sequence[LaneEvent]]:
        """What happened since the last round, nothing after so many seconds; ends when nothing is left to do."""
        while not self._over():
            events = self._advance(patience)
            self._told_at = time.monotonic()
            yield events

    def grant(self, readers: Iterable[DeliveryKey], *, seconds: float) -> None:
        """Write the dots of these, if no more seconds than that have passed since their round."""
        late = time.monotonic() - self._told_at > seconds  # a machine that slept: another may have taken over
        hasty = {key.data for key, _ in self._selector.select(0)}  # who did not wait for the dot is not sent one
        for lane in self._answering(readers):
            written = lane.asked
            assert written is not None
            lane.asked = None
            if late:
                self._hang_up(lane)
                self._events.append(Withdrawn(delivery=written.delivery))
            else:
                lane.granted = written
                if lane in hasty:
                    lane.line.look()
                    self._hear(lane)
                if not lane.gone:
                    self._dot(lane)

    def refuse(self, readers: Iterable[DeliveryKey]) -> None:
        """These get no dot: without it the server discards (RFC 5321 4.1.1.4)."""
        for lane in self._answering(readers):
            self._hang_up(lane)

    def leave(self, readers: Collection[DeliveryKey]) -> Collection[DeliveryKey]:
        """Do not carry these; those that were not under way yet."""
        return self._backlog.drop(readers)

    def blocked(self) -> float:
        """Seconds until the next may begin, where nothing is under way and rates say wait; else 0."""
        return 0.0 if any(lane.carried for lane in self._lanes) else self._backlog.wait(self._lanes_of.clock())

    def stop(self) -> None:
        """Take up nothing more."""
        self._stopped = True

    def abandon(self) -> None:
        """Wait for nobody any more."""
        self._stopped = self._abandoned = True

    def end(self) -> list[_Lane]:
        """The lanes that can be used again; the others are dropped."""
        self._backlog.end()
        self._selector.close()
        for lane in self._lanes:
            if lane.carried or not lane.line.free:
                lane.line.drop()
        return [lane for lane in self._lanes if lane.line.free]

    def _over(self) -> bool:
        if self._events:
            return False
        if self._abandoned:
            return True
        return not any(lane.carried for lane in self._lanes) and (self._stopped or not len(self._backlog))

    def _advance(self, patience: float) -> list[LaneEvent]:
        """Go on until something is to be told; whatever else is there by then is told with it, in one commit.

        More is written just before we wait for a server: that is when a writer is in nobody's way. Before we wait for
        the ledger only where little is left: a writer would take turns with the commit, which dots wait for.
        """
        until = time.monotonic() + patience
        while True:
            self._prepare()
            left = until - time.monotonic()
            if left > 0 and self._look(0):
                continue
            if not (self._events and self._backlog.stocked):
                self._write_more()
            if self._events or self._over() or left <= 0:
                break
            self._look(left)
        events, self._events = self._events, []
        return events

    def _prepare(self) -> None:
        """Whatever can be done without waiting for a server."""
        for written in self._backlog.collect():
            self._events.append(Unwritable(delivery=written.delivery, error=written.error))
        for line in self._lanes_of.dialled():
            self._connected(line)
        for lane in list(self._lanes):
            if not lane.carried:
                self._begin(lane)
            if lane.line.socket is None:  # the others are heard when they have something to say
                self._hear(lane)
        self._connect_more()

    def _write_more(self) -> None:
        if not self._stopped:
            self._backlog.write(self._lanes_of.clock())

    def _begin(self, lane: _Lane) -> None:
        while lane.line.free and not self._stopped:
            written = self._backlog.next(self._lanes_of.clock())
            if written is None:
                return
            lane.line.begin(_take_up(lane, written))
            self._hear(lane)
            if lane.gone:
                return

    def _dot(self, lane: _Lane) -> None:
        then = None
        if lane.line.fuses and not self._stopped:
            then = self._backlog.next(self._lanes_of.clock())
        lane.line.dot(_take_up(lane, then) if then else None)
        self._hear(lane)

    def _connect_more(self) -> None:
        """One connection more for each message that is ready and has none."""
        if self._stopped or len(self._lanes) + self._lanes_of.dialling >= self._connections:
            return
        busy = sum(not lane.line.free for lane in self._lanes)
        wanted = min(self._connections, busy + self._backlog.startable(self._lanes_of.clock()))
        for _ in range(wanted - len(self._lanes) - self._lanes_of.dialling):
            self._lanes_of.dial()

    def _connected(self, line: Line | BaseException) -> None:
        if isinstance(line, TransportError):
            self._unreachable(line)
        elif isinstance(line, BaseException):
            raise line
        else:
            self._tries = self._most_tries
            lane = _Lane(line)
            self._lanes.append(lane)
            self._watch(lane)

    def _unreachable(self, error: TransportError) -> None:
        """A server may allow us fewer connections than we want: it matters when there is none.

        One that breaks off gets as many tries as it might have had connections; one that is silent took long enough.
        """
        there = len(self._lanes) + self._lanes_of.dialling
        self._connections = max(1, there)
        self._tries -= 1
        if self._unreached or (error.temporary and not there and self._tries > 0 and SILENT not in str(error)):
            return
        if not error.temporary or not there:
            self._unreached = True
            self._events.append(Unreachable(error=error))
            self._stopped = True

    def _look(self, seconds: float) -> bool:
        """Hear whoever has something to say within so many seconds; whether anybody had."""
        if seconds:
            seconds = self._patience(seconds)
        ready = [key.data for key, _ in self._selector.select(seconds)]
        now = time.monotonic()
        late = [lane for lane in self._lanes if lane.line.deadline is not None and now > lane.line.deadline]
        for lane in dict.fromkeys(ready + late):
            if lane is None:
                self._bell.hush()
            elif not lane.gone:
                lane.line.look()
                self._hear(lane)
        return bool(ready)

    def _patience(self, seconds: float) -> float:
        """So many at most; fewer where a server must answer, or a message may begin, before."""
        now = time.monotonic()
        deadlines = [lane.line.deadline for lane in self._lanes if lane.line.deadline is not None]
        seconds = min([seconds, *(max(0.0, deadline - now) + 0.001 for deadline in deadlines)])
        if not self._stopped and not all(lane.carried for lane in self._lanes):
            seconds = min(seconds, self._backlog.wait(self._lanes_of.clock()) or seconds)
        return seconds

    def _watch(self, lane: _Lane) -> None:
        wanted = _WRITABLE if lane.line.writing else selectors.EVENT_READ
        if wanted == lane.watched or lane.line.socket is None:
            return
        if not lane.watched:
            self._selector.register(lane.line.socket, wanted, lane)
        else:
            self._selector.modify(lane.line.socket, wanted, lane)
        lane.watched = wanted

    def _hear(self, lane: _Lane) -> None:
        for event in lane.line.moves():
            self._told(lane, event)
        if not lane.gone:
            self._watch(lane)

    def _told(self, lane: _Lane, event: Event) -> None:
        match event:
            case Held(parcel=parcel):
                lane.asked = lane.carried[parcel]
                self._asking[lane.asked.delivery.key] = lane
                self._events.append(Asked(delivery=lane.asked.delivery, stamp=lane.asked.stamp))
            case Told(parcel=parcel, reply=reply, dotted=dotted):
                self._answered(lane, lane.carried.pop(parcel), reply, dotted=dotted)
            case Broken(why=why):
                self._broken(lane, why)

    def _answered(self, lane: _Lane, written: Written, reply: Reply, *, dotted: bool) -> None:
        self._unask(lane, written)
        self._lanes_of.answered(written.delivery, reply)
        if lane.used and reply.code == 421 and reply.stage == "mail":
            # servers count the messages of a connection: this one is not to blame
            self._backlog.give_back(written, self._lanes_of.clock())
        else:
            granted = dotted or written is lane.granted
            self._events.append(Answered(delivery=written.delivery, reply=reply, dotted=granted))
        lane.used = True

    def _broken(self, lane: _Lane, why: str) -> None:
        under_way = lane.line.under_way
        used = lane.used or len(under_way) > 1
        for parcel, dotted in under_way:
            written = lane.carried.pop(parcel)
            self._unask(lane, written)
            if written is lane.granted and not dotted:
                self._events.append(Withdrawn(delivery=written.delivery))  # it hung up before the dot was written
            elif used and not dotted:
                # servers close connections that were idle: once more on a new one
                self._backlog.give_back(written, self._lanes_of.clock())
            else:
                self._events.append(Lost(delivery=written.delivery, dotted=dotted, error=why))
        self._hang_up(lane)

    def _unask(self, lane: _Lane, written: Written) -> None:
        """It has an answer already: what it asked, and nobody heard yet, is asked no more."""
        if lane.asked is written:
            lane.asked = None
            self._asking.pop(written.delivery.key, None)
            asked = Asked(delivery=written.delivery, stamp=written.stamp)
            if asked in self._events:
                self._events.remove(asked)

    def _answering(self, readers: Iterable[DeliveryKey]) -> list[_Lane]:
        return [lane for key in readers if (lane := self._asking.pop(key, None)) is not None and lane.asked]

    def _hang_up(self, lane: _Lane) -> None:
        if lane.gone:
            return
        lane.gone = True
        self._lanes.remove(lane)
        if lane.watched and lane.line.socket is not None:
            self._selector.unregister(lane.line.socket)
        lane.carried.clear()
        lane.line.drop()


def _take_up(lane: _Lane, written: Written) -> Parcel:
    assert written.parcel is not None
    lane.carried[written.parcel] = written
    return written.parcel
