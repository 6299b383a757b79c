"""The way to a mail server: connected, greeted, encrypted, logged in (RFC 5321, RFC 3207, RFC 8314, RFC 4954)."""

import select
import socket
import ssl
import time
from dataclasses import dataclass, field

from publisher.adapters.line import Manners, SmtpLine
from publisher.adapters.smtperrors import BROKEN, explained
from publisher.adapters.trust import trust
from publisher.delivery.smtp.mailing import Broken, Event, Held, Mailing, Parcel, Told
from publisher.delivery.smtp.opening import Login, Offer, Opening, Tls
from publisher.errors import TransportError
from publisher.model.issue import Envelope, Reply

_MOST = 65_536  # octets read at once


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """A submission server and how it is spoken to. `timeout` in seconds, for each answer but the dot's."""

    host: str
    port: int
    tls: Tls
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: str | None = None
    timeout: float = 60.0

    @property
    def where(self) -> str:
        """For messages."""
        return f"{self.host}:{self.port}"


class SmtpTransport:
    """`ports.Transport` to a mail server; `dial` gives a line for who looks after many."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._manners = Manners()

    def dial(self) -> SmtpLine:
        """A line, ready for messages. It waits for the server; any thread may ask.

        Raises TransportError with what to do about it.
        """
        return self._line(*_connected(self._settings))

    def connect(self) -> "SmtpConnection":
        """A connection that waits for each answer. Raises TransportError with what to do about it."""
        connected, offer = _connected(self._settings)
        encrypted = isinstance(connected, ssl.SSLSocket)
        return SmtpConnection(self._line(connected, offer), self._settings.where, offer, encrypted=encrypted)

    def _line(self, connected: socket.socket, offer: Offer) -> SmtpLine:
        timeout = self._settings.timeout
        mailing = Mailing(offer, pipelining=self._manners.pipelines, timeout=timeout)
        return SmtpLine(connected, mailing, self._manners, timeout=timeout)


class SmtpConnection:
    """`ports.Connection`: a line that is waited for."""

    def __init__(self, line: SmtpLine, where: str, offer: Offer, *, encrypted: bool) -> None:
        self._line = line
        self._where = where
        self._offer = offer
        self.encrypted = encrypted  # nobody between can read along

    @property
    def server(self) -> str:
        """What the server calls itself (RFC 5321 4.1.1.1)."""
        return self._offer.server

    def offers(self, extension: str) -> bool:
        """Whether the server has an extension: `auth`."""
        return extension in self._offer

    def offer(self, envelope: Envelope, message: bytes) -> Reply | None:
        """MAIL, RCPT, DATA and the message, all but the dot. None: the server waits for the dot."""
        if not self._line.free:
            raise TransportError(f"{self._where}: {BROKEN}", temporary=True)
        self._line.begin(Parcel(envelope, message))
        return self._word()

    def dot(self) -> Reply:
        """The final dot and the answer to it, for which ten minutes are the least (RFC 5321 4.5.3.2.6)."""
        self._line.look()
        self._line.dot(None)
        said = self._word()
        assert said is not None
        return said

    def drop(self) -> None:
        """Hang up: without its dot the server discards the message."""
        self._line.drop()

    def close(self) -> None:
        """QUIT."""
        self._line.close()

    def _word(self) -> Reply | None:
        """The server's word on the message; None: it waits for the dot."""
        word: Event | None = None
        while True:
            for event in self._line.moves():
                if isinstance(event, Broken):
                    if isinstance(word, Told):  # what it said counts, whatever it does next
                        return word.reply
                    raise TransportError(f"{self._where}: {event.why}", temporary=True)
                word = event
            if isinstance(word, Held):
                return None
            if isinstance(word, Told) and self._line.free:
                return word.reply
            self._wait()

    def _wait(self) -> None:
        writing = [self._line.socket] if self._line.writing else []
        left = None if self._line.deadline is None else max(0.0, self._line.deadline - time.monotonic()) + 0.01
        select.select([self._line.socket], writing, [], left)
        self._line.look()


def _connected(settings: SmtpSettings) -> tuple[socket.socket, Offer]:
    with explained(settings.where):
        connected = socket.create_connection((settings.host, settings.port), timeout=settings.timeout)
        try:
            # Content and dot are two writes: with Nagle's algorithm each message waits 40 ms for a delayed ACK.
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            login = Login(
                name=_own_name(connected), tls=settings.tls, user=settings.user, password=settings.password or ""
            )
            if settings.tls == "implicit":
                connected = _encrypted(connected, settings)
            return _opened(connected, Opening(login), settings)
        except BaseException:
            connected.close()
            raise


def _opened(connected: socket.socket, opening: Opening, settings: SmtpSettings) -> tuple[socket.socket, Offer]:
    """Closes the connection where that fails: encryption takes it over into another socket, which only we know."""
    try:
        turn, until = -1, 0.0
        while not opening.ready:
            if opening.securing:
                connected = _encrypted(connected, settings)
                opening.secured()
            if out := opening.take():
                connected.sendall(out)
            if turn != opening.turn:  # a server that drips gets no more time for it
                turn, until = opening.turn, time.monotonic() + settings.timeout * opening.patience
            connected.settimeout(max(0.001, until - time.monotonic()))
            opening.receive(_heard(connected))
            connected.settimeout(settings.timeout)
    except BaseException:
        connected.close()
        raise
    return connected, opening.offer


def _heard(connected: socket.socket) -> bytes:
    data = connected.recv(_MOST)
    if not data:
        raise TransportError(BROKEN, temporary=True)
    return data


def _own_name(connection: socket.socket) -> str:
    """Our name for EHLO; the address where it has no dot (RFC 5321 4.1.4)."""
    name = socket.gethostname()
    if "." in name and name.isascii():
        return name
    address = connection.getsockname()[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"


def _encrypted(connected: socket.socket, settings: SmtpSettings) -> socket.socket:
    context = ssl.create_default_context()
    if settings.ca_file is not None:
        try:
            trust(context, settings.ca_file)
        except ValueError as error:
            raise TransportError(f"smtp.ca_file: {error}", temporary=False) from error
    if settings.tls == "either":  # this machine itself: its certificate is mostly its own
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(connected, server_hostname=settings.host)
