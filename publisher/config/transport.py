"""The text of `smtp.url` -> where mail goes: a server, or a Maildir."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import unquote, urlsplit

from pydantic import PlainValidator, ValidationInfo

from publisher.config.kinds import AS_TEXT, as_text, nearest
from publisher.delivery.providers import PROVIDERS

_LOOPBACK = re.compile(r"localhost|127(?:\.\d{1,3}){3}|::1")
_PORTS = {"smtp": 587, "smtps": 465}  # RFC 6409 3.1, RFC 8314 3.3
_WRITE = "write smtp://user@host:587, smtps://user@host or maildir:outbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """A submission server. `starttls`: refuse to go on without it; `either`: take it where offered."""

    host: str
    port: int
    tls: Literal["starttls", "implicit", "either"]
    user: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """A Maildir that takes the messages instead of a server."""

    path: Path


Transport = SmtpServer | Outbox


def parse_transport(value: object, info: ValidationInfo | None) -> Transport:
    """Never shows the URL in what it complains of: there may be a password in it."""
    text = as_text(value, "a URL").strip()
    scheme, _, rest = text.partition(":")
    if scheme.lower() == "maildir":
        if not rest.strip("/"):
            raise ValueError("names no folder; write maildir:outbox")
        base = info.context["base"] if info and info.context else Path()
        return Outbox(path=Path(base, Path(rest).expanduser()))
    return _parse_server(text)


def is_here(host: str) -> bool:
    """Whether a host is this machine, so that nobody can read along."""
    return _LOOPBACK.fullmatch(host) is not None


def _parse_server(text: str) -> SmtpServer:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(f"its host or port cannot be read; {_WRITE}") from None
    if parts.scheme not in _PORTS or not text.lower().startswith(f"{parts.scheme}://"):
        raise ValueError(f"is not a URL that we know; {_WRITE}")
    if not host:
        raise ValueError(f"names no host; {_WRITE}")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(f"has something after the port; {_WRITE}, with @ in a user written as %40 and / as %2F")
    return SmtpServer(
        host=host,
        port=port or _PORTS[parts.scheme],
        tls="implicit" if parts.scheme == "smtps" else "either" if is_here(host) else "starttls",
        user=unquote(parts.username) if parts.username else None,
    )


def known_provider(name: str) -> str:
    """A name of the table of relays, or `auto`."""
    if name != "auto" and name not in PROVIDERS:
        raise ValueError(f"{name!r} is no relay that we know{nearest(name, frozenset(PROVIDERS))}; {_PROVIDERS}")
    return name


_PROVIDERS = f"leave it out, or write one of: {', '.join(PROVIDERS)}"

SmtpUrl = Annotated[Transport, PlainValidator(parse_transport), AS_TEXT]
