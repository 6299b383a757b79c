"""The HTML of an entry -> what in it does harm, leads nowhere, or is shown otherwise than its author meant."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser

from publisher.feeds.item import runs_right_to_left
from publisher.feeds.judge.fault import Fault, Kind
from publisher.feeds.judge.syntax import find_illegal, find_lost, has_scheme, is_uri, twice

_ADDRESSES = frozenset(
    {"href", "src", "poster", "cite", "data", "action", "formaction", "background", "longdesc", "xlink:href"}
)
_HARMFUL = frozenset(
    {"script", "style", "iframe", "object", "embed", "applet", "form", "input", "button", "textarea", "select"}
    | {"meta", "link", "base", "frame", "frameset", "svg", "math", "noscript", "template", "html", "head", "body"}
)
_RUNS = frozenset({"javascript", "vbscript", "data"})  # schemes that bring their own document along
_IGNORED = re.compile("[\x00-\x20]")  # what browsers skip in front of a scheme, and some also within
_CANDIDATE = re.compile(r"\s*([^\s,]\S*[^\s,]|[^\s,])(\s+[^,]*)?(,|\Z)")  # HTML 4.8.4.2.1, roughly
_ESCAPED_TAG = re.compile(r"&lt;/?[a-z][a-z0-9]*(\s|&gt;|/)", re.IGNORECASE)


class Contents:
    """Looks at each text once, however many feeds carry it."""

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[Fault, ...]] = {}

    def faults(self, html: str, *, language: str = "") -> Sequence[Fault]:
        """What is wrong with a text, no entry named yet."""
        key = hashlib.blake2b(f"{language}\0{html}".encode("utf-8", "surrogatepass")).digest()
        if key not in self._known:
            self._known[key] = tuple(dict.fromkeys(_faults(html, language)))
        return self._known[key]


def text_faults(text: str, what: str, entry: str = "") -> Iterator[Fault]:
    """What is wrong with any text at all, be it no HTML."""
    if found := find_illegal(text):
        yield Fault(Kind.MALFORMED, "X2", f"the {what} has {found}, which no XML document may hold; delete it", entry)
    if found := find_lost(text):
        said = f"the {what} has {found}, where letters were lost earlier; mend the word"
        yield Fault(Kind.DOUBTFUL, "X5", said, entry)


def _faults(html: str, language: str) -> Iterator[Fault]:
    yield from text_faults(html, "content")
    if "<" not in html and _ESCAPED_TAG.search(html):
        yield Fault(Kind.CONTENT, "A9", "the content is escaped twice, so readers show its tags as text")
    reader = _Reader()
    reader.feed(html)
    reader.close()
    yield from reader.faults
    for one in twice(reader.ids):
        said = f'two elements have the id "{one}", so a link to it leads to the first; give one another'
        yield Fault(Kind.DOUBTFUL, "L8", said)
    if html and runs_right_to_left(language) and not html.startswith('<div dir="rtl">'):
        said = 'the text is written from right to left, and no <div dir="rtl"> is around it: readers ignore xml:lang'
        yield Fault(Kind.CONTENT, "L11", said)


class _Reader(HTMLParser):
    """Walks over the tags as a reader's HTML parser does."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[Fault] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HARMFUL:
            self.faults.append(
                Fault(Kind.CONTENT, "L5", f"<{tag}> is nothing for a feed; readers drop it, or the post")
            )
        for name, said in attrs:
            self.faults += _attribute_faults(tag, name, said or "")
            if name == "id" and said:
                self.ids.append(said)


def _attribute_faults(tag: str, name: str, said: str) -> Iterator[Fault]:
    if name.startswith("on") or name == "style":
        yield Fault(Kind.CONTENT, "L5", f"<{tag} {name}> is nothing for a feed; readers drop it, or the post")
    elif name == "srcset":
        for candidate in _CANDIDATE.finditer(said):
            yield from _address_faults(tag, name, candidate[1])
    elif name in _ADDRESSES:
        yield from _address_faults(tag, name, said)


def _address_faults(tag: str, name: str, said: str) -> Iterator[Fault]:
    where, shown = f"<{tag} {name}>", said[:200]
    address = _IGNORED.sub("", said)
    if not address:
        yield Fault(Kind.CONTENT, "L4", f"{where} is empty; name an address, or take it out")
    elif not has_scheme(address):
        rule = "L2" if address.startswith("#") else "L1"
        yield Fault(
            Kind.CONTENT, rule, f'{where} is the relative address "{shown}", which a reader looks for elsewhere'
        )
    elif address.partition(":")[0].lower() in _RUNS:
        yield Fault(Kind.CONTENT, "L5", f'{where} runs what it names: "{shown}"; take it out')
    elif not is_uri(said):
        yield Fault(Kind.CONTENT, "L3", f'{where} is no valid address: "{shown}"; mend it')
