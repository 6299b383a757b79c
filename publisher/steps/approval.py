"""Messages that came to us -> issues that the owner approved: an answer to a preview whose first word is yes."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import cast

from lxml import etree
from lxml import html as lxml_html
from lxml.html import HtmlElement

from publisher.mail.judge.message import Message
from publisher.mail.tokens import Keyring, Purpose, read, sign
from publisher.model.issue import Issue, IssueId
from publisher.model.subscriber import SubscriberId
from publisher.ports import Issues

YES = frozenset({"yes", "ja", "oui", "sí", "sì", "نعم"})  # not "si": in Spanish that is "if"

_TO = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
_TOKEN = re.compile(r"\+([a-z0-9]{1,8}-[a-z2-7]{26,80})@", re.IGNORECASE)
_PROGRAMS = frozenset({"bulk", "junk", "list", "auto_reply"})  # as Precedence: what programs write (H15)
_QUOTE = re.compile(r"\s*[>|]")
_LONGEST = 20_000  # characters of a text, or a field, that are looked at


def approve_by_mail(
    issues: Issues,
    addressed: Callable[[str], Iterable[bytes]],
    keyring: Keyring,
    owner: SubscriberId | None,
    *,
    now: datetime,
) -> tuple[Issue, ...]:
    """Let go on what the owner said yes to. *addressed* gives the messages to an address with that token in it.

    Reading an answer twice does nothing: only an issue that still waits for its approval goes on.
    """
    waiting = [issue for issue in issues.waiting() if issue.waits_for_approval] if owner is not None else []
    return tuple(
        issues.move(issue.id, "resume", now=now)
        for issue in waiting
        if owner is not None
        and any(_says_yes(issue, addressed, token, keyring) for token in _tokens(keyring, owner, issue))
    )


def _tokens(keyring: Keyring, owner: SubscriberId, issue: Issue) -> Iterator[str]:
    """Those that a preview of it may carry: the key may have been changed meanwhile."""
    for name in keyring.keys:
        yield sign(
            Keyring(current=name, keys=keyring.keys), Purpose.APPROVE, newsletter="", subscriber=owner, issue=issue.id
        )


def _says_yes(issue: Issue, addressed: Callable[[str], Iterable[bytes]], token: str, keyring: Keyring) -> bool:
    return any(approved(data, keyring) == issue.id for data in addressed(token))


def approved(data: bytes, keyring: Keyring) -> IssueId | None:
    """The issue that a message says yes to; None for all else. Whatever the bytes are, it never raises."""
    message = Message(data)
    if _is_automatic(message) or first_word(message) not in YES:
        return None
    for name in _TO:
        for field in message.named(name):
            for token in _TOKEN.findall(field.value[:_LONGEST]):
                claim = read(keyring, Purpose.APPROVE, token)
                if claim is not None:
                    return claim.issue
    return None


def _is_automatic(message: Message) -> bool:
    """Whether a program wrote it: RFC 3834 2 and 5, a bounce, a list."""
    submitted = message.value("Auto-Submitted").partition(";")[0].strip().lower()
    return (
        submitted not in {"", "no"}
        or message.value("Precedence").strip().lower() in _PROGRAMS
        or any(field.value == "<>" for field in message.named("Return-Path"))
        or any(message.named(name) for name in ("List-Id", "X-Autoreply", "X-Autorespond"))
        or message.value("Content-Type").lower().startswith("multipart/report")
    )


def first_word(message: Message) -> str:
    """What a person wrote first, in small letters, without what surrounds a word; "" where they wrote nothing."""
    if message.text is not None:
        words = " ".join(_own_lines(message.text.text[:_LONGEST].splitlines()))
    elif message.html is not None:
        words = _own_words(message.html.text[:_LONGEST])
    else:
        return ""
    first = next((word for word in map(_bare, words.split()) if word), "")
    return unicodedata.normalize("NFC", first).casefold()


def _bare(word: str) -> str:
    """A word without marks at its ends: *yes*, “Yes!”."""
    kept = [place for place, char in enumerate(word) if unicodedata.category(char)[0] in "LMN"]
    return word[kept[0] : kept[-1] + 1] if kept else ""


def _own_lines(lines: Sequence[str]) -> Iterator[str]:
    """Without what is quoted, and without the words above a quotation that say whose it is."""
    block: list[str] = []
    for line in lines:
        if _QUOTE.match(line):
            if _introduces(block):
                block = []
            continue
        if not line.strip() and block and not _introduces(block):
            yield from block
            block = []
        elif line.strip():
            block.append(line)
    yield from block


def _introduces(block: Sequence[str]) -> bool:
    return bool(block) and block[-1].rstrip().endswith(":")


def _own_words(html: str) -> str:
    try:
        tree = lxml_html.document_fromstring(html)
    except (etree.ParserError, ValueError):
        return ""  # nothing in it
    path = "//blockquote | //head | //style | //script | //*[contains(@class, 'gmail_quote')]"
    for element in cast("list[HtmlElement]", tree.xpath(path)):
        if element.getparent() is not None:
            element.drop_tree()
    return " ".join(str(part) for part in tree.itertext() if isinstance(part, str))
