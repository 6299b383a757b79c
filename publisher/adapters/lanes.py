"""The sending threads: each holds one connection, carries messages up to the dot, and asks before it writes it."""

import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from publisher.adapters.talk import Talk
from publisher.errors import TransportError
from publisher.model.issue import Delivery, Reply
from publisher.ports import Answered, Clock, Connection, Letters, Lost, Transport, Unwritable, Withdrawn


class ThreadLanes:
    """`ports.Lanes` with a thread for each connection; connections are kept from batch to batch."""

    def __init__(self, transport: Transport, letters: Letters, *, connections: int, clock: Clock) -> None:
        self._transport = transport
        self._letters = letters
        self._connections = connections
        self._clock = clock
        self._idle: deque[Connection] = deque()

    @contextmanager
    def sending(self, deliveries: Sequence[Delivery]) -> Iterator[Talk]:
        """Start lanes for these; on leaving, all have ended."""
        talk = Talk(deque(deliveries))
        threads = [
            threading.Thread(target=self._lane(talk).run, name=f"lane-{number}", daemon=True)
            for number in range(min(self._connections, len(deliveries)))
        ]
        talk.begin(len(threads))
        for thread in threads:
            thread.start()
        try:
            yield talk
        except KeyboardInterrupt:
            talk.abandon()  # an answer may take ten minutes: who asks a second time does not want to wait
            raise
        finally:
            talk.stop()
            talk.refuse_all()
            for thread in threads:
                thread.join(0 if talk.abandoned else None)

    def close(self) -> None:
        """Say goodbye on all connections."""
        while self._idle:
            self._idle.pop().close()

    def _lane(self, talk: Talk) -> "_Lane":
        return _Lane(talk=talk, transport=self._transport, letters=self._letters, clock=self._clock, idle=self._idle)


@dataclass(slots=True, kw_only=True)
class _Lane:
    """One thread and its connection. `used`: the connection has carried a message before."""

    talk: Talk
    transport: Transport
    letters: Letters
    clock: Clock
    idle: deque[Connection]
    connection: Connection | None = None
    used: bool = False

    def run(self) -> None:
        """Carry messages until there are none, or no connection is to be had."""
        try:
            while self.talk.more():
                # First the connection: a lane that waits for one must not keep a message from the others.
                connection = self.connection or self._connect()
                if connection is None:
                    return
                if (delivery := self.talk.take()) is not None:
                    self._send(connection, delivery)
            if self.connection is not None:
                self.idle.append(self.connection)
        except BaseException as error:  # noqa: BLE001  # a bug must stop the step, loudly, not leave it waiting
            self.talk.died(error)
            self._hang_up()
        finally:
            self.talk.end()

    def _connect(self) -> Connection | None:
        self.used = False
        try:
            self.connection = self.idle.pop()
            self.used = True
        except IndexError:
            try:
                self.connection = self.transport.connect()
            except TransportError as error:
                self.talk.unreachable(error)
        return self.connection

    def _send(self, connection: Connection, delivery: Delivery) -> None:
        stamp = _stamp(delivery, self.clock())
        try:
            envelope, message = self.letters.write(delivery, stamp)
        except ValueError as error:
            self.talk.tell(Unwritable(delivery=delivery, error=str(error)))
            return
        try:
            reply = connection.offer(envelope, message)
        except TransportError as error:
            self._hang_up()
            if self.used:
                self.talk.give_back(delivery)  # servers close connections that were idle: once more on a new one
            else:
                self.talk.tell(Lost(delivery=delivery, dotted=False, error=str(error)))
            return
        if reply is None:
            self._dot(connection, delivery, stamp)
        elif self.used and reply.code == 421 and reply.stage == "mail":
            self._hang_up()
            self.talk.give_back(delivery)  # servers count the messages of a connection: this one is not to blame
        else:
            self._answered(delivery, reply, dotted=False)

    def _dot(self, connection: Connection, delivery: Delivery, stamp: datetime) -> None:
        grant = self.talk.ask(delivery, stamp)
        if grant is None or time.monotonic() > grant:
            self._hang_up()  # without a dot the server discards (RFC 5321 4.1.1.4)
            if grant is not None:
                self.talk.tell(Withdrawn(delivery=delivery))
            return
        try:
            reply = connection.dot()
        except TransportError as error:
            self._hang_up()
            self.talk.tell(Lost(delivery=delivery, dotted=True, error=str(error)))
            return
        self._answered(delivery, reply, dotted=True)

    def _answered(self, delivery: Delivery, reply: Reply, *, dotted: bool) -> None:
        self.talk.tell(Answered(delivery=delivery, reply=reply, dotted=dotted))
        self.used = True
        if reply.code == 421:  # the server closes (RFC 5321 3.8)
            self._hang_up()

    def _hang_up(self) -> None:
        if self.connection is not None:
            self.connection.drop()
        self.connection = None


def _stamp(delivery: Delivery, now: datetime) -> datetime:
    """Date of the attempt; out of doubt the same again, so that a receiver may know the copy (DESIGN 8)."""
    if delivery.doubts and delivery.stamp is not None:
        return delivery.stamp
    return now.replace(microsecond=0)
