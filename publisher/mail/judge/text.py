"""The plain text -> whether it is a mail by itself, and the same as the HTML."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from html import unescape

from publisher.mail.judge.fault import Fault, Kind
from publisher.mail.judge.leaving import uris
from publisher.mail.judge.message import Body, Message
from publisher.mail.judge.mime import line_of
from publisher.mail.judge.tree import Page

_LEAST = 40  # characters (X1)
_LINE = 78
_OVERLAP, _LINKS = 0.55, 0.6  # X7, X8
_TAG = re.compile(
    r"</?(?:a|b|i|p|br|div|span|strong|em|ul|ol|li|table|td|tr|h[1-6]|img|pre|code|blockquote)\b[^<>]*>", re.IGNORECASE
)
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|nbsp|#\d+|#x[0-9a-f]+);", re.IGNORECASE)
_MARKDOWN = re.compile(r"^#{1,6} \S|!?\[[^\]\n]+\]\(\S+\)|(?<!\w)\*\*\w[^*\n]*\*\*(?!\w)", re.MULTILINE)
_CODE = re.compile(r"^(?: {4}|\t).*$", re.MULTILINE)
_WORD = re.compile(r"\w+")
_URL = re.compile(r"(?:https?|mailto):\S+")


def text_faults(message: Message, page: Page | None, *, newsletter: bool) -> Iterator[Fault]:
    """X1 to X9."""
    body = message.text
    if body is None:
        return  # M2 tells of it
    text = body.text
    if len(text.strip()) < _LEAST:
        said = f"the text has {len(text.strip())} characters: less than {_LEAST} is a stub, which filters punish"
        yield Fault(Kind.TEXT, "X1", said, body.kind)
    yield from _markup_faults(body)
    for number, line in enumerate(text.split("\n"), 1):
        # One long word, as an address is, cannot be broken
        if len(line) > _LINE and " " in line.strip().partition(" ")[2]:
            said = f"the line has {len(line)} characters, and {_LINE} fit; wrap it"
            yield Fault(Kind.DOUBTFUL, "X4", said, body.kind, number)
            break
    offered = uris(message)
    if newsletter and offered and not any(one in text for one in offered):
        said = "the link to leave, as List-Unsubscribe has it, is not in the text; see mail/footer.txt"
        yield Fault(Kind.LEAVING, "X5", said, body.kind)
    yield from _signature_faults(body, offered)
    if page is not None:
        yield from _likeness_faults(body, page)


def _markup_faults(body: Body) -> Iterator[Fault]:
    # What is indented as code may show what it likes
    prose = _CODE.sub("", body.text)
    for rule, pattern, what in (
        ("X2", _TAG, "an HTML tag"),
        ("X3", _ENTITY, "an HTML entity"),
        ("X6", _MARKDOWN, "raw Markdown"),
    ):
        if found := pattern.search(prose):
            said = f'"{found[0][:60]}" looks like {what}, which readers of the text see as it stands'
            yield Fault(Kind.DOUBTFUL, rule, said, body.kind, line_of(prose, found.start()))


def _signature_faults(body: Body, offered: Sequence[str]) -> Iterator[Fault]:
    head, mark, tail = body.text.partition("\n-- \n")
    if mark and any(one in tail for one in offered) and not any(one in head for one in offered):
        said = 'the link to leave is below the line "-- ", where mail programs cut a signature off'
        yield Fault(Kind.TEXT, "X9", said, body.kind, line_of(body.text, len(head)) + 1)


def _likeness_faults(body: Body, page: Page) -> Iterator[Fault]:
    shown = Counter(_words(page.visible))
    said_in_text = Counter(_words(body.text))
    total = max(sum(shown.values()), 1)
    share = sum((shown & said_in_text).values()) / total
    if share < _OVERLAP:
        said = f"{share:.0%} of the HTML's words are in the text; filters want {_OVERLAP:.0%}, and readers all of them"
        yield Fault(Kind.DOUBTFUL, "X7", said, body.kind)
    links = {unescape(link.href) for link in page.links if link.href.startswith(("http:", "https:"))}
    there = sum(link in body.text for link in links)
    if links and there < _LINKS * len(links):
        said = f"{there} of the HTML's {len(links)} links are in the text; {_LINKS:.0%} should be"
        yield Fault(Kind.DOUBTFUL, "X8", said, body.kind)


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(_URL.sub(" ", text))]
