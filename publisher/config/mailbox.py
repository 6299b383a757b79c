"""The text of `mailbox.url` -> where mail to us is read: a server, or a Maildir."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import unquote

from pydantic import PlainValidator, ValidationInfo

from publisher.config.kinds import AS_TEXT
from publisher.config.mailurl import Tls, maildir, server, url_text

_PORTS = {"imap": 143, "imaps": 993}  # RFC 9051 11.1, RFC 8314 3.2
_WRITE = "write imaps://user@host, imaps://user@host/Folder or maildir:/home/user/Maildir"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapServer:
    """A mailbox on a server."""

    host: str
    port: int
    tls: Tls
    user: str
    folder: str = "INBOX"


@dataclass(frozen=True, slots=True, kw_only=True)
class MaildirFolder:
    """A Maildir on this machine."""

    path: Path


MailboxPlace = ImapServer | MaildirFolder


def parse_mailbox(value: object, info: ValidationInfo | None) -> MailboxPlace:
    """Never shows the URL in what it complains of: there may be a password in it."""
    text = url_text(value)
    folder = maildir(text, info, example="/home/user/Maildir")
    if folder is not None:
        return MaildirFolder(path=folder)
    found = server(text, _PORTS, write=_WRITE)
    if found.parts.password is not None:
        raise ValueError(
            "has a password in it, which does not belong in this file; set PUBLISHER_MAILBOX_PASSWORD,"
            " or write mailbox.password_file"
        )
    if not found.host or not found.user or found.parts.query or found.parts.fragment:
        raise ValueError(f"names no host, no user, or too much; {_WRITE}, with @ in a user written as %40")
    return ImapServer(
        host=found.host,
        port=found.port,
        tls=found.tls,
        user=found.user,
        folder=unquote(found.parts.path.strip("/")) or "INBOX",
    )


MailboxUrl = Annotated[MailboxPlace, PlainValidator(parse_mailbox), AS_TEXT]
