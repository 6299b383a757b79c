"""The ways a conversation with a mail server can end -> one sentence each, with what to do."""

import errno
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from publisher.errors import TransportError

_SILENT = "it does not answer"
_BROKEN = "it broke the connection off"


@contextmanager
def explained(where: str, user: str | None) -> Iterator[None]:
    """Raise TransportError for whatever goes wrong inside. `where` is host:port, `user` whom we log in."""
    try:
        yield
    except OSError as error:  # of which smtplib's and ssl's are kinds
        if isinstance(error, smtplib.SMTPException):
            sentence, temporary = _smtp(error, user)
        elif isinstance(error, ssl.SSLError):
            sentence, temporary = _encryption(error)
        else:
            sentence, temporary = _network(error), True
        raise TransportError(f"{where}: {sentence}", temporary=temporary) from error


def _smtp(error: smtplib.SMTPException, user: str | None) -> tuple[str, bool]:
    match error:
        case smtplib.SMTPAuthenticationError():
            advice = "mend the user in smtp.url or the password in PUBLISHER_SMTP_PASSWORD"
            return f"the login of {user} was refused ({_words(error)}); {advice}", 400 <= error.smtp_code < 500
        case smtplib.SMTPResponseException():
            return _words(error), not 500 <= error.smtp_code < 600
        case smtplib.SMTPServerDisconnected():
            # smtplib hides in a disconnection what it came from
            if isinstance(error.__context__, OSError):
                return _network(error.__context__), True
            return (_BROKEN if str(error).startswith("Connection unexpectedly closed") else _first(error)), True
        case _:
            return f"{_first(error)}; is the port right, and the user needed there?", False


def _encryption(error: ssl.SSLError) -> tuple[str, bool]:
    if isinstance(error, ssl.SSLCertVerificationError):
        advice = "is the name in smtp.url the one in the certificate? smtp.ca_file names a CA of your own"
        return f"its certificate cannot be trusted ({error.verify_message}); {advice}", False
    if isinstance(error, ssl.SSLEOFError):
        return _BROKEN, True
    return f"encryption failed ({error.reason}); smtps:// is for port 465, smtp:// for 587", False


def _network(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return _SILENT
    if isinstance(error, socket.gaierror):
        return "there is no host of that name; mend smtp.url"
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there; is the mail server running, and the port right?"
    if error.errno in {errno.ECONNRESET, errno.EPIPE}:
        return _BROKEN
    return error.strerror or _first(error)


def _first(error: Exception) -> str:
    return str(error).rstrip(".") or _BROKEN


def _words(error: smtplib.SMTPResponseException) -> str:
    said = error.smtp_error
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{error.smtp_code} {words}".replace("\n", " ").strip()
