"""A connection that never waits: a socket under a conversation, for whoever looks after many of them."""

import contextlib
import socket
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from publisher.adapters.smtperrors import SILENT, sentence
from publisher.delivery.smtp.mailing import Broken, Event, Held, Mailing, Parcel, Told
from publisher.errors import TransportError
from publisher.ports import Connection

_MOST = 65_536  # octets read at once
GOODBYE = 2.0  # seconds for the answer to QUIT, which is politeness


class Line(Protocol):
    """One connection, a message at a time; nothing in it waits. `moves` gives what happened since it was last asked.

    `look` is for when its socket is ready, or its deadline has passed. Messages are begun when it is `free`.
    `fuses`: the envelope of the next may go along with a dot.
    """

    fuses: bool

    @property
    def free(self) -> bool:
        """Whether a message may begin."""

    @property
    def socket(self) -> socket.socket | None:
        """What to wait for; None: there never is a reason to."""

    @property
    def writing(self) -> bool:
        """Whether it waits to write."""

    @property
    def deadline(self) -> float | None:
        """time.monotonic() at which the server has taken too long."""

    @property
    def under_way(self) -> Sequence[tuple[Parcel, bool]]:
        """Messages without a last word, and whether their dot is out."""

    def begin(self, parcel: Parcel) -> None:
        """Its envelope, then its content, all but the dot."""

    def dot(self, then: Parcel | None) -> None:
        """The final dot of what is held, with the envelope of the next."""

    def look(self) -> None:
        """Read and write what can be."""

    def moves(self) -> Sequence[Event]:
        """What happened."""

    def drop(self) -> None:
        """Break off: without its dot the server discards a message (RFC 5321 4.1.1.4)."""

    def close(self) -> None:
        """Say goodbye."""


@dataclass(slots=True)
class Manners:
    """What a server turned out to bear, for all connections to it.

    Once out of step costs that connection; twice, and it is not asked again for what it cannot do.
    """

    fuses: bool = True
    pipelines: bool = True
    stumbles: int = 0

    def stumbled(self) -> None:
        """It answered out of step, or never, when commands came together."""
        self.stumbles += 1
        if self.stumbles >= 2:
            self.stumbles = 0
            self.fuses, self.pipelines = False, self.fuses and self.pipelines


class SmtpLine:
    """`Line` to a mail server. Its socket was greeted, encrypted and logged in."""

    def __init__(self, connected: socket.socket, mailing: Mailing, manners: Manners, *, timeout: float) -> None:
        connected.setblocking(False)  # noqa: FBT003  # the name of it
        self._socket = connected
        self._mailing = mailing
        self._manners = manners
        self._timeout = timeout
        self._out = b""
        self._held: Held | None = None  # told when the last of it has left
        self._broken = False
        self._turn = 0
        self._told: list[Event] = []
        self.deadline: float | None = None
        self.fuses = mailing.pipelining and manners.fuses

    @property
    def free(self) -> bool:
        """Whether a message may begin."""
        return self._mailing.free and not self._broken

    @property
    def socket(self) -> socket.socket:
        """What to wait for."""
        return self._socket

    @property
    def writing(self) -> bool:
        """Whether it waits to write."""
        return bool(self._out)

    @property
    def under_way(self) -> list[tuple[Parcel, bool]]:
        """Messages without a last word, and whether their dot is out."""
        return self._mailing.under_way

    def begin(self, parcel: Parcel) -> None:
        """Its envelope, then its content, all but the dot."""
        self._told += self._mailing.begin(parcel)
        self._flush()

    def dot(self, then: Parcel | None) -> None:
        """The final dot of what is held, with the envelope of the next.

        Whoever calls has looked: what came before the dot would else be taken for the answer to it.
        """
        if not self._broken:
            self._told += self._mailing.dot(then)
            self._flush()

    def look(self) -> None:
        """Read and write what can be."""
        if not self._broken:
            self._read()
        if not self._broken:
            self._flush()
        if not self._broken and self.deadline is not None and time.monotonic() > self.deadline:
            self._break(Broken(SILENT, out_of_step=self._mailing.piled))

    def moves(self) -> list[Event]:
        """What happened."""
        told, self._told = self._told, []
        return told

    def drop(self) -> None:
        """Break off."""
        self._broken = True
        self._socket.close()

    def close(self) -> None:
        """QUIT."""
        with contextlib.suppress(OSError):
            if not self._broken:
                self._socket.settimeout(GOODBYE)
                self._socket.sendall(b"QUIT\r\n")
                self._socket.recv(_MOST)
        self.drop()

    def _read(self) -> None:
        while not self._broken:
            try:
                data = self._socket.recv(_MOST)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return
            except OSError as error:
                self._break(Broken(sentence(error)))
                return
            for event in self._mailing.receive(data):
                self._hear(event)
            self._flush()
            if len(data) < _MOST and not isinstance(self._socket, ssl.SSLSocket):
                return

    def _hear(self, event: Event) -> None:
        match event:
            case Held():
                self._held = event
            case Broken():
                self._break(event)
            case Told():
                self._told.append(event)

    def _break(self, event: Broken) -> None:
        if event.out_of_step and self._mailing.pipelining:
            self._manners.stumbled()
        self._held = None
        self._broken = True
        self._told.append(event)

    def _flush(self) -> None:
        if said := self._mailing.take():
            self._out += b"".join(said)
        while self._out and not self._broken:
            try:
                sent = self._socket.send(self._out)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                break
            except OSError as error:
                self._hang_on(error)
                break
            self._out = self._out[sent:]
            self._turn = -1  # it moved: the wait for what comes next begins now
        if self._held is not None and not self._out:
            self._told.append(self._held)
            self._held = None
        self._set_deadline()

    def _hang_on(self, error: OSError) -> None:
        """It cannot be written to; what it said before it hung up counts (a 421, a refusal of the content)."""
        self._out = b""
        with contextlib.suppress(OSError):
            for event in self._mailing.receive(self._socket.recv(_MOST)):
                self._hear(event)
        if not self._broken:
            self._break(Broken(sentence(error)))

    def _set_deadline(self) -> None:
        if self._mailing.turn == self._turn:
            return
        self._turn = self._mailing.turn
        patience = self._timeout if self._out else self._mailing.patience
        self.deadline = None if patience is None else time.monotonic() + patience


class AtOnce:
    """`Line` over a connection that answers at once, such as a folder's."""

    fuses = False
    socket = None
    writing = False
    deadline = None

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._course: Parcel | None = None
        self._dotted = False
        self._told: list[Event] = []

    @property
    def free(self) -> bool:
        """Whether a message may begin."""
        return self._course is None

    @property
    def under_way(self) -> list[tuple[Parcel, bool]]:
        """The message without a last word."""
        return [] if self._course is None else [(self._course, self._dotted)]

    def begin(self, parcel: Parcel) -> None:
        """All but the dot."""
        self._course, self._dotted = parcel, False
        try:
            reply = self._connection.offer(parcel.envelope, parcel.message)
        except TransportError as error:
            self._told.append(Broken(str(error)))
            return
        if reply is None:
            self._told.append(Held(parcel))
        else:
            self._course = None
            self._told.append(Told(parcel, reply, dotted=False))
            self._closed(reply.code)

    def dot(self, then: Parcel | None) -> None:
        """The final dot of what is held."""
        assert then is None
        assert self._course is not None
        self._dotted = True
        try:
            reply = self._connection.dot()
        except TransportError as error:
            self._told.append(Broken(str(error)))
            return
        self._told.append(Told(self._course, reply, dotted=True))
        self._course = None
        self._closed(reply.code)

    def look(self) -> None:
        """There is nothing to wait for."""

    def moves(self) -> list[Event]:
        """What happened."""
        told, self._told = self._told, []
        return told

    def drop(self) -> None:
        """Break off."""
        self._connection.drop()

    def close(self) -> None:
        """Say goodbye."""
        self._connection.close()

    def _closed(self, code: int) -> None:
        if code == 421:  # RFC 5321 3.8: it closes
            self._told.append(Broken("it ended the conversation"))
