"""The words around the posts -> the link to leave, the postal address, and the line beside the subject."""

import re
from collections.abc import Iterator

from publisher.mail.judge.addresses import split
from publisher.mail.judge.document import HTML, fault
from publisher.mail.judge.fault import Fault, Kind
from publisher.mail.judge.headers import decoded
from publisher.mail.judge.leaving import same_owner, uris
from publisher.mail.judge.message import Message
from publisher.mail.judge.tree import Element, Page

_PREHEADER = (35, 150)  # characters (B1)
_PADDING = re.compile("[\\s\u00ad\u034f\u2007\u200b-\u200f\u2060\ufeff]+")
_BOILERPLATE = re.compile(
    r"view (?:it |this )?in (?:your )?browser|trouble (?:viewing|reading)|unsubscribe", re.IGNORECASE
)
# What only one reader's links have (L6): longer than a word, or a UUID
_TOKEN = re.compile(r"(?<![A-Za-z0-9_])[A-Za-z0-9_]{20,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-", re.IGNORECASE)
_END = 0.5  # the postal address stands in the last half, whatever follows it (F3)


def frame_faults(message: Message, page: Page, *, newsletter: bool, postal_address: str | None) -> Iterator[Fault]:
    """F1 to F6, B1 to B3. `postal_address`: the owner's; "" for none, None where nobody knows."""
    if newsletter:
        yield from _leave_faults(message, page)
        yield from _postal_faults(message, page, postal_address)
        yield from _reason_faults(message, page)
        yield from _way_faults(message, page)
    yield from _preheader_faults(page, decoded(message.value("Subject")))


def _leave_faults(message: Message, page: Page) -> Iterator[Fault]:
    offered = uris(message)
    seen = [link for link in page.links if link.element.text and not link.element.hidden]
    if offered and not any(link.href in offered for link in seen):
        hosts = {split(one).hostname for one in offered if one.startswith("http")}
        said_so = [link for link in seen if "unsubscribe" in link.element.text.lower()]
        if said_so and not any(split(link.href).hostname in hosts for link in said_so):
            said = "the link to leave is on another host than List-Unsubscribe; use the same"
            yield fault(Kind.LEAVING, "F2", said, said_so[0].element)
        elif not said_so:
            said = "no link that can be seen leads where List-Unsubscribe does; see mail/footer.html"
            yield fault(Kind.LEAVING, "F1", said)


def _postal_faults(message: Message, page: Page, postal_address: str | None) -> Iterator[Fault]:
    if postal_address is None:
        return
    if not postal_address:
        said = "there is no postal address, which many countries' laws ask for; set owner.postal_address"
        yield Fault(Kind.DOUBTFUL, "F3", said, HTML)
        return
    wanted = _joined(postal_address)
    texts = {HTML: _joined(page.visible)}
    if message.text is not None:
        texts["text/plain"] = _joined(message.text.text)
    for place, text in texts.items():
        if text.rfind(wanted) < len(text) * _END - len(wanted):
            said = "the postal address is not near the end; see mail/footer.html and mail/footer.txt"
            yield Fault(Kind.DOUBTFUL, "F3", said, place)


def _reason_faults(message: Message, page: Page) -> Iterator[Fault]:
    """The words may be of any language; but who got it is in all of them."""
    names = {name.lower() for name in (message.recipient, _unpunycoded(message.recipient)) if name}
    texts = {HTML: page.visible}
    if message.text is not None:
        texts["text/plain"] = message.text.text
    for place, text in texts.items():
        if names and not any(name in text.lower() for name in names):
            said = "nothing says to which address it came, and why; see mail/footer.html and mail/footer.txt"
            yield Fault(Kind.DOUBTFUL, "F4", said, place)


def _unpunycoded(address: str) -> str:
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('ascii').decode('idna')}"
    except UnicodeError:
        return address


def _way_faults(message: Message, page: Page) -> Iterator[Fault]:
    offered = uris(message)
    others = [link.href for link in page.links if not link.element.hidden and link.href not in offered]
    own = [href for href in others if _TOKEN.search(href) and _is_the_senders(href, message)]
    if not any(href.startswith("http") and split(href).path.strip("/") for href in others if href not in own):
        said = "no link leads to what the mail says on the web, for those whose program shows little of it"
        yield Fault(Kind.DOUBTFUL, "F5", said, HTML)
    if offered and not own:
        said = "no link leads to what a reader gets, to choose less of it; set web.url, or mailbox.url"
        yield Fault(Kind.DOUBTFUL, "F6", said, HTML)


def _is_the_senders(uri: str, message: Message) -> bool:
    parts = split(uri)
    host = parts.path.rpartition("@")[2] if parts.scheme == "mailto" else parts.hostname or ""
    domains = [message.sender.rpartition("@")[2], *(split(one).hostname or "" for one in uris(message))]
    return any(same_owner(host, domain) for domain in domains)


def _joined(text: str) -> str:
    return "".join(text.split())


def _preheader_faults(page: Page, subject: str) -> Iterator[Fault]:
    words, element = _preheader(page)
    least, most = _PREHEADER
    if not least <= len(words) <= most:
        said = f"the preheader, the body's first words, has {len(words)} characters; {least} to {most} are shown"
        yield fault(Kind.DOUBTFUL, "B1", said, element)
    if words and words == subject.strip():
        yield fault(Kind.DOUBTFUL, "B2", "the preheader is the subject over again", element)
    if _BOILERPLATE.match(words):
        said = f'the preheader is "{words[:60]}", and no word of the posts'
        yield fault(Kind.DOUBTFUL, "B3", said, element)


def _preheader(page: Page) -> tuple[str, Element | None]:
    """The first words of the body, and where they are: a block of its own."""
    for element in page.elements:
        inside = any(one.tag == "body" for one in element.around())
        if inside and element.tag in {"div", "span", "p", "td", "h1"}:
            words = " ".join(_PADDING.sub(" ", "".join(element.words)).split())
            if words:
                return words, element
    return "", page.first("body")
