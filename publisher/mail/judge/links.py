"""Links and pictures -> where they lead nowhere, cannot be seen, or tell on the reader."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from publisher.mail.judge.addresses import split
from publisher.mail.judge.document import fault
from publisher.mail.judge.fault import Fault, Kind
from publisher.mail.judge.tree import Element, Link, Page

_ABSOLUTE = re.compile(r"(?:https?://[^/]|mailto:.|tel:.)", re.IGNORECASE)
_EMPTY_WORDS = frozenset({"click here", "here", "read more"})
_HOST = re.compile(r"(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,})/?", re.IGNORECASE)
_SHORTENERS = frozenset(
    {"bit.ly", "t.co", "tinyurl.com", "goo.gl", "ow.ly", "buff.ly", "is.gd", "lnkd.in", "rebrand.ly", "cutt.ly"}
)
_IP = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|\[.*\]|.*:.*")
_UNSEEN = (".svg", ".svgz", ".webp", ".avif")  # Gmail or Outlook show none of them (A5)


def link_faults(page: Page, recipient: str) -> Iterator[Fault]:
    """K1 to K9, R2, R3."""
    links = page.links
    site = next((split(link.href).hostname for link in links if link.href.startswith("http")), None)
    for link in links:
        yield from _address_faults(link)
        yield from _word_faults(link)
        if link.href.lower().startswith("http"):
            yield from _host_faults(link, site or "")
            yield from _privacy_faults(link.href, link.element, recipient)


def _address_faults(link: Link) -> Iterator[Fault]:
    href, element = link
    if href.startswith("#"):
        said = f'the link "{href[:80]}" leads to a place in the mail, which is dead in Gmail and Samsung; take it out'
        yield fault(Kind.LINK, "K9", said, element)
    elif not _ABSOLUTE.match(href) or re.search(r"\s", href):
        said = f'the link "{href[:80]}" is no full http(s), mailto or tel address, and leads nowhere from a mail'
        yield fault(Kind.LINK, "K1", said, element)


def _word_faults(link: Link) -> Iterator[Fault]:
    href, element = link
    words = element.text
    pictures_only = not "".join(words.split())
    if pictures_only:
        rule, said = "K2", f'the link to "{href[:80]}" has no words; a screen reader spells the address'
        yield fault(Kind.LINK, rule, said, element)
    elif words.lower().rstrip(".…!→» ") in _EMPTY_WORDS:
        said = f'the link says "{words}", and not what it leads to'
        yield fault(Kind.DOUBTFUL, "K3", said, element)
    named = _HOST.fullmatch(words)
    target = (split(href).hostname or "").lower()
    is_file = words in unquote(split(href).path).split("/")  # its name only looks like a host
    if named and target and href.lower().startswith("http") and not is_file:
        host = named[1].lower().removeprefix("www.")
        if target.removeprefix("www.") != host and not target.endswith(f".{host}"):
            said = f'the link says "{words}" and leads to {target}, as phishing does'
            yield fault(Kind.DOUBTFUL, "K4", said, element)


def _host_faults(link: Link, site: str) -> Iterator[Fault]:
    parts = split(link.href)
    host = (parts.hostname or "").lower()
    try:
        port = parts.port
    except ValueError:
        port = 0
    if _IP.fullmatch(host) or port is not None:
        said = f"{parts.netloc} is an IP address, or has a port; filters take it for a trap"
        yield fault(Kind.DOUBTFUL, "K5", said, link.element)
    elif host in _SHORTENERS:
        yield fault(Kind.DOUBTFUL, "K5", f"{host} hides where it leads; link the page itself", link.element)
    if host == site and parts.path.lower().endswith(".md"):
        said = f'the link "{link.href[:80]}" leads to a source, and not to its page'
        yield fault(Kind.DOUBTFUL, "K6", said, link.element)


def _privacy_faults(url: str, element: Element, recipient: str) -> Iterator[Fault]:
    if re.search(r"[?&]utm_[a-z]+=", url):
        said = f'"{url[:80]}" carries utm words, which tell where the reader came from; take them out'
        yield fault(Kind.DOUBTFUL, "R2", said, element)
    if recipient and recipient.lower() in unquote(url).lower():
        said = "an address on the web has the reader's own address in it; put a token there"
        yield fault(Kind.PRIVACY, "R3", said, element)


def picture_faults(page: Page, recipient: str) -> Iterator[Fault]:
    """A2 to A6, M8, R1."""
    for picture in page.named("img"):
        src = (picture.get("src") or "").strip()
        if picture.get("alt") is None:
            yield fault(Kind.PICTURE, "A2", f'the picture "{src[:80]}" has no alt; empty, if it is decor', picture)
        if {picture.get("width"), picture.get("height")} & {"0", "1"} or picture.hidden:
            said = f'the picture "{src[:80]}" cannot be seen, as those that tell who opened the mail'
            yield fault(Kind.PRIVACY, "R1", said, picture)
        elif not (picture.get("width") or "").isdigit():
            said = f'the picture "{src[:80]}" has no width in pixels, and Outlook shows it in its own size'
            yield fault(Kind.PICTURE, "A4", said, picture)
        yield from _source_faults(picture, src)
        yield from _privacy_faults(src, picture, recipient)
        linked = next((one for one in picture.around() if one.tag == "a"), None)
        if linked is not None and not linked.text and picture.get("alt") is not None:
            yield fault(Kind.PICTURE, "A6", "a linked picture without alt is a link without words", picture)


def _source_faults(picture: Element, src: str) -> Iterator[Fault]:
    lowered = src.lower()
    if lowered.startswith("data:"):
        yield fault(Kind.PICTURE, "A5", "a picture in the HTML itself (data:), which Gmail removes", picture)
    elif lowered.startswith("cid:"):
        yield fault(Kind.PICTURE, "M8", "a picture in the message itself (cid:); link it by https", picture)
    elif lowered.startswith("http://"):
        said = f'the picture "{src[:80]}" is not at https, so some mail programs show none; move it'
        yield fault(Kind.DOUBTFUL, "A3", said, picture)
    elif not lowered.startswith("https://"):
        said = f'the picture "{src[:80]}" has no full https address, and is looked for in the mail'
        yield fault(Kind.PICTURE, "A3", said, picture)
    if split(src).path.lower().endswith(_UNSEEN):
        said = f'the picture "{src[:80]}" is SVG, WebP or AVIF, which Gmail or Outlook do not show'
        yield fault(Kind.DOUBTFUL, "A5", said, picture)
