"""The text of `smtp.url` -> where mail goes: a server, or a Maildir."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import PlainValidator, ValidationInfo

from publisher.config.kinds import AS_TEXT, nearest
from publisher.config.mailurl import Tls, maildir, server, url_text
from publisher.delivery.providers import PROVIDERS

_PORTS = {"smtp": 587, "smtps": 465}  # RFC 6409 3.1, RFC 8314 3.3
_WRITE = "write smtp://user@host:587, smtps://user@host or maildir:outbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """A submission server."""

    host: str
    port: int
    tls: Tls
    user: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """A Maildir that takes the messages instead of a server."""

    path: Path


Transport = SmtpServer | Outbox


def parse_transport(value: object, info: ValidationInfo | None) -> Transport:
    """Never shows the URL in what it complains of: there may be a password in it."""
    text = url_text(value)
    folder = maildir(text, info, example="outbox")
    if folder is not None:
        return Outbox(path=folder)
    found = server(text, _PORTS, write=_WRITE)
    if not found.host:
        raise ValueError(f"names no host; {_WRITE}")
    if found.parts.path.strip("/") or found.parts.query or found.parts.fragment:
        raise ValueError(f"has something after the port; {_WRITE}, with @ in a user written as %40 and / as %2F")
    return SmtpServer(host=found.host, port=found.port, tls=found.tls, user=found.user)


def known_provider(name: str) -> str:
    """A name of the table of relays, or `auto`."""
    if name != "auto" and name not in PROVIDERS:
        raise ValueError(f"{name!r} is no relay that we know{nearest(name, frozenset(PROVIDERS))}; {_PROVIDERS}")
    return name


_PROVIDERS = f"leave it out, or write one of: {', '.join(PROVIDERS)}"

SmtpUrl = Annotated[Transport, PlainValidator(parse_transport), AS_TEXT]
