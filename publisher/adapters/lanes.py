"""The sending threads: each holds one connection, carries messages up to the dot, and asks before it writes it."""

import contextlib
import queue
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from publisher.errors import TransportError
from publisher.model.issue import Delivery
from publisher.model.subscriber import SubscriberId
from publisher.ports import (
    Answered,
    Asked,
    Clock,
    Connection,
    LaneEvent,
    Letters,
    Lost,
    Transport,
    Unreachable,
    Unwritable,
    Withdrawn,
)

_GATHER = 0.002  # seconds to wait for more questions: one commit then answers many
_RESULTS = 0.05  # seconds that a result may wait for a question: as long it is in doubt if we are killed


class ThreadLanes:
    """`ports.Lanes` with a thread for each connection; connections are kept from batch to batch."""

    def __init__(self, transport: Transport, letters: Letters, *, connections: int, clock: Clock) -> None:
        self._transport = transport
        self._letters = letters
        self._connections = connections
        self._clock = clock
        self._idle: deque[Connection] = deque()

    @contextmanager
    def sending(self, deliveries: Sequence[Delivery]) -> Iterator["Talk"]:
        """Start lanes for these; on leaving, all have ended."""
        talk = Talk(deque(deliveries))
        threads = [
            threading.Thread(target=self._lane, args=(talk,), name=f"lane-{number}", daemon=True)
            for number in range(min(self._connections, len(deliveries)))
        ]
        talk.begin(len(threads))
        for thread in threads:
            thread.start()
        try:
            yield talk
        finally:
            talk.stop()
            talk.refuse_all()
            for thread in threads:
                thread.join(0 if talk.abandoned else None)

    def close(self) -> None:
        """Say goodbye on all connections."""
        while self._idle:
            self._idle.pop().close()

    def _lane(self, talk: "Talk") -> None:
        connection = None
        try:
            while (delivery := talk.take()) is not None:
                connection = connection or self._connection(talk)
                if connection is None:
                    return
                connection = self._send(talk, connection, delivery)
            if connection is not None:
                self._idle.append(connection)
        except BaseException as error:  # noqa: BLE001  # a bug must stop the step, loudly, not leave it waiting
            talk.died(error)
            if connection is not None:
                connection.drop()
        finally:
            talk.end()

    def _connection(self, talk: "Talk") -> Connection | None:
        with contextlib.suppress(IndexError):
            return self._idle.pop()
        try:
            return self._transport.connect()
        except TransportError as error:
            talk.tell(Unreachable(error=error))
            return None

    def _send(self, talk: "Talk", connection: Connection, delivery: Delivery) -> Connection | None:
        """One message; the connection, if it can carry another."""
        stamp = _stamp(delivery, self._clock())
        try:
            envelope, message = self._letters.write(delivery, stamp)
        except ValueError as error:
            talk.tell(Unwritable(delivery=delivery, error=str(error)))
            return connection
        try:
            reply = connection.offer(envelope, message)
        except TransportError as error:
            connection.drop()
            talk.tell(Lost(delivery=delivery, dotted=False, error=str(error)))
            return None
        if reply is not None:
            talk.tell(Answered(delivery=delivery, reply=reply, dotted=False))
            return _still(connection, reply.code)
        return self._dot(talk, connection, delivery, stamp)

    def _dot(self, talk: "Talk", connection: Connection, delivery: Delivery, stamp: datetime) -> Connection | None:
        grant = talk.ask(delivery, stamp)
        if grant is None or time.monotonic() > grant:
            connection.drop()  # without a dot the server discards (RFC 5321 4.1.1.4)
            if grant is not None:
                talk.tell(Withdrawn(delivery=delivery))
            return None
        try:
            reply = connection.dot()
        except TransportError as error:
            connection.drop()
            talk.tell(Lost(delivery=delivery, dotted=True, error=str(error)))
            return None
        talk.tell(Answered(delivery=delivery, reply=reply, dotted=True))
        return _still(connection, reply.code)


@dataclass(slots=True)
class _Question:
    answered: threading.Event = field(default_factory=threading.Event)
    until: float | None = None  # time.monotonic() until which the dot may be written; None: it may not


class Talk:
    """`ports.Conversation`: what passes between the lanes and the one thread that talks to the ledger.

    A lane tells its result before it asks for its next dot, and both go through one queue: so a result is
    committed no later than the next intent of its lane, and at most one message a lane is ever in doubt.
    """

    def __init__(self, deliveries: deque[Delivery]) -> None:
        self._deliveries = deliveries
        self._events: queue.SimpleQueue[LaneEvent | None] = queue.SimpleQueue()
        self._questions: dict[SubscriberId, _Question] = {}
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._running = 0
        self._error: BaseException | None = None
        self.abandoned = False

    def begin(self, lanes: int) -> None:
        """So many lanes will end."""
        self._running = lanes

    def rounds(self, patience: float) -> Iterator[Sequence[LaneEvent]]:
        """What happened since the last round; nothing after *patience* seconds; ends when all lanes have."""
        while self._running:
            yield self._gather(patience)
            if self._error is not None:
                raise self._error

    def _gather(self, patience: float) -> Sequence[LaneEvent]:
        """Events for one commit: it should carry many intents, and no result should wait long for it."""
        found: list[LaneEvent] = []
        asked = 0
        while self._running:
            wait = _GATHER if asked else _RESULTS if found else patience
            try:
                event = self._events.get(timeout=wait)
            except queue.Empty:
                break
            if event is None:
                self._running -= 1
                continue
            found.append(event)
            asked += isinstance(event, Asked)
            if asked == self._running:
                break  # nobody else can ask before these are answered
        return found

    def grant(self, readers: Iterable[SubscriberId], *, seconds: float) -> None:
        """Let these write their dots, within so many seconds."""
        until = time.monotonic() + seconds
        for reader in readers:
            self._answer(reader, until)

    def refuse(self, readers: Iterable[SubscriberId]) -> None:
        """These must not write their dots."""
        for reader in readers:
            self._answer(reader, None)

    def refuse_all(self) -> None:
        """Nobody gives the word any more."""
        with self._lock:
            waiting = list(self._questions)
        self.refuse(waiting)

    def stop(self) -> None:
        """Take up nothing more."""
        self._stopped.set()

    def abandon(self) -> None:
        """Wait for nobody any more: the threads are daemons, and end with the process."""
        self.stop()
        self.abandoned = True
        self._running = 0

    # What follows is for lanes.

    def take(self) -> Delivery | None:
        """The next delivery, None when there is none or the work is stopped."""
        if self._stopped.is_set():
            return None
        with contextlib.suppress(IndexError):
            return self._deliveries.popleft()
        return None

    def tell(self, event: LaneEvent) -> None:
        """Say what happened."""
        self._events.put(event)

    def ask(self, delivery: Delivery, stamp: datetime) -> float | None:
        """Wait for the word: until when the dot may be written, None for never."""
        question = _Question()
        with self._lock:
            self._questions[delivery.subscriber] = question
        self.tell(Asked(delivery=delivery, stamp=stamp))
        question.answered.wait()
        return question.until

    def died(self, error: BaseException) -> None:
        """A lane had a bug."""
        self._error = error
        self.stop()

    def end(self) -> None:
        """A lane has ended."""
        self._events.put(None)

    def _answer(self, reader: SubscriberId, until: float | None) -> None:
        with self._lock:
            question = self._questions.pop(reader, None)
        if question is not None:
            question.until = until
            question.answered.set()


def _stamp(delivery: Delivery, now: datetime) -> datetime:
    """Date of the attempt; out of doubt the same again, so that a receiver may know the copy (DESIGN 8)."""
    if delivery.doubts and delivery.stamp is not None:
        return delivery.stamp
    return now.replace(microsecond=0)


def _still(connection: Connection, code: int) -> Connection | None:
    """421: the server closes (RFC 5321 3.8)."""
    if code != 421:
        return connection
    connection.drop()
    return None
