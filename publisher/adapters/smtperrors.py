"""The ways a connection to a mail server can fail -> one sentence each, with what to do."""

import errno
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from publisher.errors import TransportError

SILENT = "it does not answer"
BROKEN = "it broke the connection off"


@contextmanager
def explained(where: str) -> Iterator[None]:
    """Raise TransportError that begins with *where* (host:port) for whatever goes wrong inside."""
    try:
        yield
    except TransportError as error:
        raise TransportError(f"{where}: {error}", temporary=error.temporary) from error
    except OSError as error:  # of which ssl's are kinds
        raise TransportError(f"{where}: {sentence(error)}", temporary=_passes(error)) from error


def sentence(error: OSError) -> str:
    """What went wrong, in words."""
    if isinstance(error, ssl.SSLError):
        return _encryption(error)
    if isinstance(error, TimeoutError):
        return SILENT
    if isinstance(error, socket.gaierror):
        return "there is no host of that name; mend smtp.url"
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there; is the mail server running, and the port right?"
    if error.errno in {errno.ECONNRESET, errno.EPIPE}:
        return BROKEN
    return error.strerror or str(error).rstrip(".") or BROKEN


def _encryption(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        advice = "is the name in smtp.url the one in the certificate? smtp.ca_file names a CA of your own"
        return f"its certificate cannot be trusted ({error.verify_message}); {advice}"
    if isinstance(error, ssl.SSLEOFError):
        return BROKEN
    return f"encryption failed ({error.reason}); smtps:// is for port 465, smtp:// for 587"


def _passes(error: OSError) -> bool:
    """Whether it may be better later, by itself."""
    return not isinstance(error, ssl.SSLError) or isinstance(error, ssl.SSLEOFError)
