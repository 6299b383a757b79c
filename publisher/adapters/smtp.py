"""The transport to a mail server: smtplib with the final dot held back (RFC 5321)."""

import base64
import contextlib
import re
import smtplib
import socket
import ssl
from dataclasses import dataclass, field
from typing import Literal

from publisher.adapters.smtperrors import explained
from publisher.delivery.retry import enhanced_code
from publisher.errors import TransportError
from publisher.model.issue import Envelope, Reply

DOT_TIMEOUT = 600.0  # RFC 5321 4.5.3.2.6; giving up early is a main source of duplicates (RFC 1047)
GOODBYE_TIMEOUT = 2.0  # QUIT is politeness; nobody waits for it
_LINE_START_DOT = re.compile(rb"(?m)^\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """A submission server and how it is spoken to. `timeout` in seconds, for each answer but the dot's."""

    host: str
    port: int
    tls: Literal["starttls", "implicit", "either"]
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: str | None = None
    timeout: float = 60.0

    @property
    def where(self) -> str:
        """For messages."""
        return f"{self.host}:{self.port}"


class SmtpTransport:
    """`ports.Transport` to a mail server."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings

    def connect(self) -> "SmtpConnection":
        """Greeted, encrypted, logged in. Raises TransportError with what to do about it."""
        with explained(self._settings.where, self._settings.user):
            client = _dial(self._settings)
            try:
                _secure(client, self._settings)
                if self._settings.user is not None:
                    _log_in(client, self._settings.user, self._settings.password or "")
            except BaseException:
                client.close()
                raise
            return SmtpConnection(client, self._settings)


class SmtpConnection:
    """`ports.Connection`: one conversation."""

    def __init__(self, client: smtplib.SMTP, settings: SmtpSettings) -> None:
        self._client = client
        self._settings = settings

    def offer(self, envelope: Envelope, message: bytes) -> Reply | None:
        """MAIL, RCPT, DATA and the message, all but the dot. None: the server waits for the dot."""
        with explained(self._settings.where, self._settings.user):
            said = self._envelope(envelope, message)
            if said is not None:
                self._reset(said)
                return said
            # RFC 5321 4.5.2: a line that begins with a dot gets another
            self._client.send(_LINE_START_DOT.sub(b"..", message))
            if not message.endswith(b"\r\n"):
                self._client.send(b"\r\n")
            return None

    def dot(self) -> Reply:
        """The final dot and the answer to it, for which ten minutes are the least (RFC 5321 4.5.3.2.6)."""
        assert self._client.sock is not None
        self._client.sock.settimeout(DOT_TIMEOUT)
        with explained(self._settings.where, self._settings.user):
            self._client.send(b".\r\n")
            reply = _reply(self._client.getreply(), "dot")
        with contextlib.suppress(OSError):  # the answer counts, whatever the socket does next
            self._client.sock.settimeout(self._settings.timeout)
        return reply

    @property
    def server(self) -> str:
        """What the server calls itself (RFC 5321 4.1.1.1)."""
        said = (self._client.ehlo_resp or b"").split(b"\n", 1)[0].split(b" ", 1)[0]
        return said.decode("ascii", "replace")

    @property
    def encrypted(self) -> bool:
        """Whether nobody between can read along."""
        return isinstance(self._client.sock, ssl.SSLSocket)

    def offers(self, extension: str) -> bool:
        """Whether the server has an extension: `auth`."""
        return bool(self._client.has_extn(extension))

    def drop(self) -> None:
        """Hang up: without its dot the server discards the message."""
        self._client.close()

    def close(self) -> None:
        """QUIT."""
        with contextlib.suppress(OSError, smtplib.SMTPException):
            if self._client.sock is not None:
                self._client.sock.settimeout(GOODBYE_TIMEOUT)
            self._client.quit()
        self._client.close()

    def _reset(self, said: Reply) -> None:
        """Ready for the next MAIL, or closed: without RSET it would be "nested" (503)."""
        if said.code == 421:
            return
        # What the server said counts, also where it hangs up after it or is out of step.
        with contextlib.suppress(OSError):
            code, _ = self._client.rset()
            if code == 250:
                return
        self._client.close()

    def _envelope(self, envelope: Envelope, message: bytes) -> Reply | None:
        options = []
        if self._client.has_extn("size"):
            options.append(f"SIZE={len(message)}")
        if not message.isascii() and self._client.has_extn("8bitmime"):
            options.append("BODY=8BITMIME")
        if not (envelope.recipient.isascii() and envelope.sender.isascii()):
            if not self._client.has_extn("smtputf8"):
                text = "5.6.7 the server takes no addresses with letters beyond ASCII before the @ (RFC 6531)"
                return Reply(code=553, text=text, stage="rcpt", enhanced="5.6.7")
            options.append("SMTPUTF8")
            self._client.command_encoding = "utf-8"
        said = _reply(self._client.mail(envelope.sender, options), "mail")
        if not 200 <= said.code < 300:
            return said
        said = _reply(self._client.rcpt(envelope.recipient), "rcpt")
        if not 200 <= said.code < 300:
            return said
        said = _reply(self._client.docmd("DATA"), "data")
        return None if said.code == 354 else said


def _dial(settings: SmtpSettings) -> smtplib.SMTP:
    # The host goes to the constructor: only there smtplib remembers the name that a certificate must have.
    # local_hostname: smtplib would ask DNS for our name, which takes seconds where there is none.
    client: smtplib.SMTP
    if settings.tls == "implicit":
        context = _context(settings)
        client = smtplib.SMTP_SSL(
            settings.host, settings.port, timeout=settings.timeout, local_hostname="localhost", context=context
        )
    else:
        client = smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout, local_hostname="localhost")
    assert client.sock is not None
    client.local_hostname = _own_name(client.sock)
    # Body and dot are two writes: with Nagle's algorithm each message waits 40 ms for a delayed ACK.
    client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def _own_name(connection: socket.socket) -> str:
    """Our name for EHLO; the address where it has no dot (RFC 5321 4.1.4)."""
    name = socket.gethostname()
    if "." in name and name.isascii():
        return name
    address = connection.getsockname()[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"


def _secure(client: smtplib.SMTP, settings: SmtpSettings) -> None:
    client.ehlo_or_helo_if_needed()
    if settings.tls == "implicit":
        return
    if client.has_extn("starttls"):
        client.starttls(context=_context(settings))
        client.ehlo()
    elif settings.tls == "starttls":
        raise TransportError(
            f"{settings.where}: the server offers no encryption (STARTTLS), so nothing is sent to it; "
            "is the port right? smtps:// is for servers that encrypt from the start (465)",
            temporary=False,
        )


def _log_in(client: smtplib.SMTP, user: str, password: str) -> None:
    if f"{user}{password}".isascii():
        client.login(user, password)
        return
    # RFC 4616: UTF-8. smtplib's own login knows ASCII only.
    words = base64.b64encode(f"\0{user}\0{password}".encode())
    code, text = client.docmd("AUTH", f"PLAIN {words.decode('ascii')}")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, text)


def _context(settings: SmtpSettings) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if settings.ca_file is not None:
        context.load_verify_locations(settings.ca_file)
    if settings.tls == "either":  # this machine itself: its certificate is mostly its own
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _reply(answer: tuple[int, bytes], stage: Literal["mail", "rcpt", "data", "dot"]) -> Reply:
    code, text = answer
    if code == -1:  # smtplib's word for an answer that is none
        raise smtplib.SMTPServerDisconnected("its answer is not SMTP")
    words = text.decode("utf-8", "replace").replace("\n", " ").strip()
    return Reply(code=code, text=words, stage=stage, enhanced=enhanced_code(words))
