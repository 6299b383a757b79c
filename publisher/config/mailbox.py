"""The text of `mailbox.url` -> where mail to us is read: a server, or a Maildir."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import unquote, urlsplit

from pydantic import PlainValidator, ValidationInfo

from publisher.config.kinds import AS_TEXT, as_text
from publisher.config.transport import is_here

_PORTS = {"imap": 143, "imaps": 993}  # RFC 9051 11.1, RFC 8314 3.2
_WRITE = "write imaps://user@host, imaps://user@host/Folder or maildir:/home/user/Maildir"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapServer:
    """A mailbox on a server. `starttls`: refuse to go on without it; `either`: take it where offered."""

    host: str
    port: int
    tls: Literal["starttls", "implicit", "either"]
    user: str
    folder: str = "INBOX"


@dataclass(frozen=True, slots=True, kw_only=True)
class MaildirFolder:
    """A Maildir on this machine."""

    path: Path


MailboxPlace = ImapServer | MaildirFolder


def parse_mailbox(value: object, info: ValidationInfo | None) -> MailboxPlace:
    """Never shows the URL in what it complains of: there may be a password in it."""
    text = as_text(value, "a URL").strip()
    scheme, _, rest = text.partition(":")
    if scheme.lower() == "maildir":
        if not rest.strip("/"):
            raise ValueError("names no folder; write maildir:/home/user/Maildir")
        base = info.context["base"] if info and info.context else Path()
        return MaildirFolder(path=Path(base, Path(rest).expanduser()))
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(f"its host or port cannot be read; {_WRITE}") from None
    if parts.scheme not in _PORTS:
        raise ValueError(f"is not a URL that we know; {_WRITE}")
    if parts.password is not None:
        raise ValueError(
            "has a password in it, which does not belong in this file; set PUBLISHER_MAILBOX_PASSWORD,"
            " or write mailbox.password_file"
        )
    if not host or not parts.username or parts.query or parts.fragment:
        raise ValueError(f"names no host, no user, or too much; {_WRITE}, with @ in a user written as %40")
    return ImapServer(
        host=host,
        port=port or _PORTS[parts.scheme],
        tls="implicit" if parts.scheme == "imaps" else "either" if is_here(host) else "starttls",
        user=unquote(parts.username),
        folder=unquote(parts.path.strip("/")) or "INBOX",
    )


MailboxUrl = Annotated[MailboxPlace, PlainValidator(parse_mailbox), AS_TEXT]
