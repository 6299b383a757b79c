"""The text of a URL of a mail server or a Maildir -> its parts. Never shows it in what it complains of."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit

from pydantic import ValidationInfo

from publisher.config.kinds import as_text

Tls = Literal["starttls", "implicit", "either"]
"""`starttls`: refuse to go on without it; `either`: take it where offered."""

_LABEL = r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)"
_HOST = re.compile(rf"(?:{_LABEL}\.)*(?!\d+\.?$){_LABEL}\.?")
_LOOPBACK = re.compile(r"localhost|127(?:\.\d{1,3}){3}|::1")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailUrl:
    """A server's address; `parts` are as they were written. `host` may be empty."""

    host: str
    port: int
    tls: Tls
    user: str | None
    parts: SplitResult


def url_text(value: object) -> str:
    """What was written. Raises ValueError where it is no text."""
    text = as_text(value, "a URL").strip()
    try:
        text.encode()
    except UnicodeEncodeError:  # from the environment of a terminal that writes another coding
        raise ValueError("is not in UTF-8; write its letters beyond ASCII as %XX, as in %C3%A4 for ä") from None
    return text


def maildir(text: str, info: ValidationInfo | None, *, example: str) -> Path | None:
    """The folder of `maildir:FOLDER`, relative to the config file's; None where it is another URL."""
    scheme, _, rest = text.partition(":")
    if scheme.lower() != "maildir":
        return None
    if not rest.strip("/"):
        raise ValueError(f"names no folder; write maildir:{example}")
    base = info.context["base"] if info and info.context else Path()
    return Path(base, Path(rest).expanduser())


def server(text: str, ports: Mapping[str, int], *, write: str) -> MailUrl:
    """A URL of one of these schemes, each with its usual port; one that ends in `s` is TLS from the start."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
        named = not host or _is_host(host.encode("idna").decode("ascii"))
    except ValueError:
        named = False
    if not named or port == 0:
        raise ValueError(f"its host or port cannot be read; {write}")
    if parts.scheme not in ports or not text.lower().startswith(f"{parts.scheme}://"):
        raise ValueError(f"is not a URL that we know; {write}")
    return MailUrl(
        host=host,
        port=port or ports[parts.scheme],
        tls="implicit" if parts.scheme.endswith("s") else "either" if is_here(host) else "starttls",
        user=unquote(parts.username) if parts.username else None,
        parts=parts,
    )


def _is_host(name: str) -> bool:
    """A name as who asks for its address takes it (RFC 1035 2.3.4; with `_`, as some have it), or an address."""
    try:
        ip_address(name)
    except ValueError:
        return _HOST.fullmatch(name) is not None
    return True


def is_here(host: str) -> bool:
    """Whether a host is this machine, so that nobody can read along."""
    return _LOOPBACK.fullmatch(host) is not None
