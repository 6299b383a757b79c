"""A mail server -> how far a conversation with it gets, and why no further; no mail is begun."""

import contextlib
import errno
import socket
import ssl
from collections.abc import Sequence

from publisher.adapters.smtp import SmtpSettings, SmtpTransport
from publisher.errors import TransportError
from publisher.ports import Probe

_OTHERS = (587, 465, 2525, 25)  # where mail servers listen
_KNOCK = 3.0  # seconds for a port that only needs to open
# How a firewall on the way says no that does not stay silent; it may also refuse, as a port does where nobody listens
_TURNED_AWAY = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EACCES, errno.EPERM})


def probe(settings: SmtpSettings, others: Sequence[int] | None = None) -> Probe:
    """Connect, encrypt, log in, and leave. *others*: ports to try where the one that is set is shut."""
    try:
        connection = SmtpTransport(settings).connect()
    except TransportError as error:
        return _refused(
            settings,
            str(error).removeprefix(f"{settings.where}: "),
            error.__cause__,
            _OTHERS if others is None else others,
        )
    try:
        return Probe(
            server=connection.server,
            encrypted=connection.encrypted,
            wants_login=connection.offers("auth") and settings.user is None,
        )
    finally:
        connection.close()


def _refused(settings: SmtpSettings, said: str, cause: BaseException | None, others: Sequence[int]) -> Probe:
    silent = isinstance(cause, TimeoutError) or _turned_away(cause)
    shut = silent or isinstance(cause, ConnectionRefusedError)
    found = [port for port in others if port != settings.port and _opens(settings.host, port)] if shut else []
    lower = said.lower()
    return Probe(
        said=said,
        silent=silent,
        open_ports=tuple(found),
        app_password="5.7.9" in said or "application-specific" in lower or "app password" in lower,
    )


def _turned_away(cause: BaseException | None) -> bool:
    # an error of TLS has numbers of its own
    return isinstance(cause, OSError) and not isinstance(cause, ssl.SSLError) and cause.errno in _TURNED_AWAY


def _opens(host: str, port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=_KNOCK):
        return True
    return False
