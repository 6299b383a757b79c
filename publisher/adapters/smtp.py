"""The transport to a mail server: smtplib with the final dot held back (RFC 5321)."""

import contextlib
import errno
import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

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
        with _explained(self._settings):
            client = _dial(self._settings)
            try:
                _secure(client, self._settings)
                if self._settings.user is not None:
                    client.login(self._settings.user, self._settings.password or "")
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
        with _explained(self._settings):
            said = self._envelope(envelope, len(message))
            if said is not None:
                if said.code != 421:
                    self._client.rset()  # or the next MAIL is "nested" (503)
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
        with _explained(self._settings):
            self._client.send(b".\r\n")
            reply = _reply(self._client.getreply(), "dot")
        with contextlib.suppress(OSError):  # the answer counts, whatever the socket does next
            self._client.sock.settimeout(self._settings.timeout)
        return reply

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

    def _envelope(self, envelope: Envelope, size: int) -> Reply | None:
        options = []
        if self._client.has_extn("size"):
            options.append(f"SIZE={size}")
        if not (envelope.recipient.isascii() and envelope.sender.isascii()):
            if not self._client.has_extn("smtputf8"):
                text = "5.6.7 the server takes no addresses with letters beyond ASCII before the @ (RFC 6531)"
                return Reply(code=553, text=text, stage="rcpt", enhanced="5.6.7")
            options.append("SMTPUTF8")
            self._client.command_encoding = "utf-8"
        said = _reply(self._client.mail(envelope.sender, options), "mail")
        if said.code != 250:
            return said
        said = _reply(self._client.rcpt(envelope.recipient), "rcpt")
        if said.code not in (250, 251):
            return said
        said = _reply(self._client.docmd("DATA"), "data")
        return None if said.code == 354 else said


def _dial(settings: SmtpSettings) -> smtplib.SMTP:
    # local_hostname: smtplib would ask DNS for our name, which takes seconds where there is none.
    name = socket.gethostname() or "localhost"
    client: smtplib.SMTP
    if settings.tls == "implicit":
        context = _context(settings)
        client = smtplib.SMTP_SSL(timeout=settings.timeout, local_hostname=name, context=context)
    else:
        client = smtplib.SMTP(timeout=settings.timeout, local_hostname=name)
    code, text = client.connect(settings.host, settings.port)
    if code != 220:
        client.close()
        raise smtplib.SMTPConnectError(code, text)
    assert client.sock is not None
    # Body and dot are two writes: with Nagle's algorithm each message waits 40 ms for a delayed ACK.
    client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.ehlo_or_helo_if_needed()
    return client


def _secure(client: smtplib.SMTP, settings: SmtpSettings) -> None:
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


@contextmanager
def _explained(settings: SmtpSettings) -> Iterator[None]:
    """Turn the ways a conversation can end into one sentence each."""
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        said = f"{error.smtp_code} {_words(error.smtp_error)}"
        raise TransportError(
            f"{settings.where}: the login of {settings.user} was refused ({said}); "
            "mend the user in smtp.url or the password in PUBLISHER_SMTP_PASSWORD",
            temporary=400 <= error.smtp_code < 500,
        ) from error
    except smtplib.SMTPNotSupportedError as error:
        message = f"{settings.where}: {str(error).rstrip('.')}; is the port right, and the user needed there?"
        raise TransportError(message, temporary=False) from error
    except smtplib.SMTPResponseException as error:
        said = f"{error.smtp_code} {_words(error.smtp_error)}"
        raise TransportError(f"{settings.where}: {said}", temporary=not 500 <= error.smtp_code < 600) from error
    except ssl.SSLCertVerificationError as error:
        raise TransportError(
            f"{settings.where}: its certificate cannot be trusted ({error.verify_message}); "
            "is the name in smtp.url the one in the certificate? smtp.ca_file names a CA of your own",
            temporary=False,
        ) from error
    except ssl.SSLError as error:
        message = f"{settings.where}: encryption failed ({error.reason}); smtps:// is for port 465, smtp:// for 587"
        raise TransportError(message, temporary=False) from error
    except TimeoutError as error:
        raise TransportError(f"{settings.where}: it does not answer", temporary=True) from error
    except (smtplib.SMTPServerDisconnected, ConnectionError, EOFError) as error:
        raise TransportError(f"{settings.where}: {_broken(error)}", temporary=True) from error
    except socket.gaierror as error:
        raise TransportError(
            f"{settings.where}: there is no host of that name; mend smtp.url", temporary=True
        ) from error
    except OSError as error:
        raise TransportError(f"{settings.where}: {error.strerror or error}", temporary=True) from error


def _broken(error: Exception) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there; is the mail server running, and the port right?"
    if isinstance(error, OSError) and error.errno == errno.ECONNRESET:
        return "it broke the connection off"
    return str(error).rstrip(".") or "it broke the connection off"


def _words(text: bytes | str) -> str:
    return (text.decode("utf-8", "replace") if isinstance(text, bytes) else text).replace("\n", " ").strip()
