"""A mail server -> how far a conversation with it gets, and why no further; no mail is begun."""

import contextlib
import socket
from collections.abc import Sequence

from publisher.adapters.smtp import SmtpSettings, SmtpTransport
from publisher.errors import TransportError
from publisher.ports import Probe

_OTHERS = (587, 465, 2525, 25)  # where mail servers listen
_KNOCK = 3.0  # seconds for a port that only needs to open


def probe(settings: SmtpSettings, others: Sequence[int] | None = None) -> Probe:
    """Connect, encrypt, log in, and leave. *others*: ports to try where the one that is set is silent."""
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
    silent = isinstance(cause, TimeoutError)
    found = [port for port in others if port != settings.port and _opens(settings.host, port)] if silent else []
    lower = said.lower()
    return Probe(
        said=said,
        silent=silent,
        open_ports=tuple(found),
        app_password="5.7.9" in said or "application-specific" in lower or "app password" in lower,
    )


def _opens(host: str, port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=_KNOCK):
        return True
    return False
