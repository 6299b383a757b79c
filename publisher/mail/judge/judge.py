"""A whole message, as it would be sent -> every fault in it."""

from collections.abc import Iterator

from publisher.mail.judge.document import document_faults
from publisher.mail.judge.fault import Fault
from publisher.mail.judge.frame import frame_faults
from publisher.mail.judge.headers import header_faults
from publisher.mail.judge.leaving import leaving_faults
from publisher.mail.judge.legible import legible_faults
from publisher.mail.judge.lines import line_faults
from publisher.mail.judge.links import link_faults, picture_faults
from publisher.mail.judge.message import Message
from publisher.mail.judge.mime import mime_faults
from publisher.mail.judge.signature import signature_faults
from publisher.mail.judge.styles import style_faults
from publisher.mail.judge.text import text_faults
from publisher.mail.judge.tree import Page


def judge(
    data: bytes,
    *,
    newsletter: bool = True,
    postal_address: str | None = None,
    by_mail: bool = False,
    filed: bool = False,
) -> tuple[Fault, ...]:
    """Look at a message; a fault is told once, in the order of the groups.

    Not `newsletter`: one person's own mail, such as a confirmation, which nobody can leave yet (L11).
    `postal_address`: the owner's, which must be in it; "" where they have none, None where nobody knows.
    `by_mail`: readers leave by a mail, for there is no server of ours.
    `filed`: as a mailbox keeps it, with what servers wrote on top, and with the line ends of this system.
    """
    if filed and b"\r" not in data:
        data = data.replace(b"\n", b"\r\n")
    message = Message(data)
    found = [
        *line_faults(message, filed=filed),
        *_faults(message, newsletter=newsletter, postal_address=postal_address, by_mail=by_mail),
    ]
    return tuple(dict.fromkeys(found))


def _faults(message: Message, *, newsletter: bool, postal_address: str | None, by_mail: bool) -> Iterator[Fault]:
    yield from header_faults(message)
    yield from leaving_faults(message, newsletter=newsletter, by_mail=by_mail)
    yield from signature_faults(message)
    yield from mime_faults(message)
    page = Page(message.html.text) if message.html is not None else None
    yield from text_faults(message, page, newsletter=newsletter)
    if page is None:
        return
    yield from document_faults(page)
    yield from style_faults(page)
    yield from legible_faults(page)
    yield from link_faults(page, message.recipient)
    yield from picture_faults(page, message.recipient)
    yield from frame_faults(message, page, newsletter=newsletter, postal_address=postal_address)
