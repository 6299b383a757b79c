"""A site without a server, and people who press mailto: links in their mail programs."""

import mailbox
import re
from collections.abc import Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from publisher.doors.rounds import deliver_now
from publisher.steps.receive import Taken
from publisher.wiring import House
from tests.choosing import a_choice
from tests.house import a_house, reopened

ANN = "ann@example.net"


def mail_only(folder: Path, **more: str) -> House:
    """One newsletter."""
    a_house(folder).engine.dispose()
    return without_server(folder, **more)


def mail_only_choice(folder: Path) -> House:
    """Two newsletters; the first has three topics, three rhythms and three languages."""
    a_choice(folder).engine.dispose()
    return without_server(folder)


def without_server(folder: Path, **more: str) -> House:
    """Its pages are gone, and its mailbox is read."""
    config = folder / "config.toml"
    said = re.sub(r"\[web\]\nurl = .*\n", '[mailbox]\nurl = "maildir:inbox"\n', config.read_text("utf-8"))
    for old, new in more.items():
        said = said.replace(f"[{old}]", f"[{old}]\n{new}")
    config.write_text(said, encoding="utf-8")
    mailbox.Maildir(folder / "inbox")
    return reopened(folder)


def folder_of(house: House) -> Path:
    return house.config.secrets.file.parent


def write(house: House, link: str, *, sender: str = ANN, **fields: str) -> None:
    """What a mail program sends after a press on a mailto: link (RFC 6068)."""
    parts = urlsplit(link)
    assert parts.scheme == "mailto"
    write_subject(house, parse_qs(parts.query)["subject"][0], to=unquote(parts.path), sender=sender, **fields)


def write_subject(
    house: House, subject: str, *, to: str = "news@example.org", sender: str = ANN, **fields: str
) -> None:
    """The same with a subject that somebody typed."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    message["Subject"] = subject
    message["Message-ID"] = make_msgid()
    for name, value in fields.items():
        message[name.replace("_", "-")] = value
    message.set_content("\n")
    mailbox.Maildir(folder_of(house) / "inbox").add(message)


def round_of(house: House) -> None:
    """What a tick does with mail: it reads, and sends."""
    house.read_mailbox(Taken())
    deliver_now(house)


def mails(house: House) -> list[EmailMessage]:
    files = (folder_of(house) / "outbox").glob("new/*")
    ordered = sorted(files, key=lambda file: (file.stat().st_mtime_ns, int(re.findall(r"Q(\d+)", file.name)[0])))
    return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in ordered]


def said(message: EmailMessage) -> str:
    """Its text, on one line."""
    body = message.get_body(("plain",))
    assert body is not None
    return " ".join(str(body.get_content()).split())


def links(message: EmailMessage, word: str = "") -> list[str]:
    """Its links by mail; those that begin with a word."""
    body = message.get_body(("plain",))
    assert body is not None
    found: Sequence[str] = re.findall(r"mailto:\S+", body.get_content())
    return [link for link in found if f"subject={word}" in link]


def link(message: EmailMessage, *words: str) -> str:
    """The one link that asks for just that."""
    (found,) = links(message, f"{'%20'.join(words)}%20k1-")
    return found
