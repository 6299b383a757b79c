"""The header -> where mail programs and servers would misread it (RFC 5322, 2047, 6532)."""

import re
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.utils import parsedate_to_datetime

from publisher.mail.judge.fault import Fault, Kind
from publisher.mail.judge.message import Field, Message

_ONCE = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type")
_WORD = re.compile(rb"=\?[^?\s]+\?[BbQq]\?[^?\s]*\?=")
_LONGEST_WORD, _LONGEST_LINE = 75, 76  # RFC 2047 2
_RAW = frozenset({"feedback-id", "message-id", "auto-submitted"})  # and List-*: never encoded (H4)
_ADDRESSES = ("From", "To", "Reply-To", "Sender")
_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_MESSAGE_ID = re.compile(rf"<{_ATEXT}(?:\.{_ATEXT})*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*>")
_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_PLACEHOLDER = re.compile(r"\{\{|\{%|@@[A-Z]+|\*\||^(?:None|null|undefined)$")
_REPLY = re.compile(r"\s*(?:re|fwd?)\s*:", re.IGNORECASE)
_NO_REPLY = re.compile(r"(?:no|do-?not)[-_.]?reply", re.IGNORECASE)
_SUBJECT = 100  # characters (H11)
_ID = 250  # octets (H9)


def header_faults(message: Message) -> Iterator[Fault]:
    """H1 to H16; what lists have is in leaving.py."""
    for name in _ONCE:
        yield from once(message, name)
    for field in message.fields:
        yield from _word_faults(field)
    yield from _address_faults(message)
    yield from _defects(message)
    yield from _id_faults(message)
    yield from _date_faults(message)
    yield from _subject_faults(message)
    yield from _automatic_faults(message)


def once(message: Message, name: str) -> Iterator[Fault]:
    """H1: there, and not twice."""
    found = message.named(name)
    if len(found) != 1:
        said = f"there are {len(found)} fields {name}; a message has one" if found else f"there is no {name}"
        yield Fault(Kind.HEADER, "H1", said, name, found[1].line if found else None)


def _word_faults(field: Field) -> Iterator[Fault]:
    name = field.name.lower()
    raw = b"\r\n".join(field.lines)
    words = list(_WORD.finditer(raw))
    if any(len(word[0]) > _LONGEST_WORD for word in words):
        said = f"an encoded-word has more than {_LONGEST_WORD} characters; split it"
        yield Fault(Kind.HEADER, "H2", said, field.name, field.line)
    elif any(len(line) > _LONGEST_LINE and _WORD.search(line) for line in field.lines):
        said = f"a line with an encoded-word has more than {_LONGEST_LINE} characters; fold it"
        yield Fault(Kind.HEADER, "H2", said, field.name, field.line)
    if b"?==?" in raw:
        said = "two encoded-words touch, and Yahoo refuses the message for it; put a blank between"
        yield Fault(Kind.HEADER, "H3", said, field.name, field.line)
    start = raw.find(b"<") if name == "list-id" else 0
    if (name in _RAW or name.startswith("list-")) and any(word.start() > start >= 0 for word in words):
        said = "an encoded-word where programs read the field letter by letter; write it in ASCII"
        yield Fault(Kind.HEADER, "H4", said, field.name, field.line)


def _address_faults(message: Message) -> Iterator[Fault]:
    for name in _ADDRESSES:
        for field in message.named(name):
            yield from _spec_faults(field)
            yield from _name_faults(field, decoded(field.value))
    for rule, name in (("H7", "From"), ("H8", "To")):
        for field in message.named(name):
            if (count := _count(message, name)) != 1:
                said = f"{name} holds {count} addresses, and a newsletter's one"
                yield Fault(Kind.HEADER, rule, said, name, field.line)
    for field in message.named("Cc"):
        yield Fault(Kind.HEADER, "H8", "a newsletter goes to one reader a message; take Cc out", "Cc", field.line)
    answer = message.value("Reply-To") or message.value("From")
    if _NO_REPLY.search(answer):
        said = "answers go to a no-reply address; name one that somebody reads: newsletters.NAME.reply_to"
        yield Fault(Kind.DOUBTFUL, "H13", said, "Reply-To" if message.named("Reply-To") else "From")


def _count(message: Message, name: str) -> int:
    found = message.parsed.get(name)
    return len(getattr(found, "addresses", ()))


def _spec_faults(field: Field) -> Iterator[Fault]:
    spec = field.value.rpartition("<")[2].rstrip("> ")
    local, _, domain = spec.rpartition("@")
    if "=?" in spec and "?=" in spec:
        said = f"the address {spec} holds an encoded-word, and leads nowhere; a domain is written as xn--"
        yield Fault(Kind.HEADER, "H5", said, field.name, field.line)
    elif not domain.isascii() and local.isascii():
        said = f"the domain {domain} is not in ASCII; write it as xn--"
        yield Fault(Kind.HEADER, "H5", said, field.name, field.line)


def _name_faults(field: Field, value: str) -> Iterator[Fault]:
    name = value.rpartition("<")[0].strip().strip('"') if "<" in value else ""
    if "@" in name:
        said = f'the name "{name}" has an @ in it, as phishing does; use words'
        yield Fault(Kind.HEADER, "H16", said, field.name, field.line)
    if _HIDDEN.search(name):
        said = "the name holds a character that nobody sees, or that turns others; take it out"
        yield Fault(Kind.HEADER, "H16", said, field.name, field.line)
    if field.name.lower() == "from" and _PLACEHOLDER.search(name):
        said = f'the name "{name}" looks like a placeholder that nothing filled'
        yield Fault(Kind.DOUBTFUL, "H12", said, field.name, field.line)


def _defects(message: Message) -> Iterator[Fault]:
    """H6, M6: what the standard library's parser complains of."""
    for field in message.fields:
        if not field.value.isascii():
            continue  # W3 tells of it where it may not be
        for value in message.parsed.get_all(field.name, ())[:1]:
            for defect in getattr(value, "defects", ()):
                said = f"a parser finds a defect in the field: {_told(defect)}"
                yield Fault(Kind.HEADER, "H6", said, field.name, field.line)
    for part in message.parsed.walk():
        for defect in part.defects:
            said = f"a parser finds a defect in the message: {_told(defect)}"
            yield Fault(Kind.MIME, "M6", said, part.get_content_type())


def _told(defect: Exception) -> str:
    """In words, and the name of its class, which the library's own pages explain."""
    return f"{str(defect) or 'no words for it'} ({type(defect).__name__})"


def _id_faults(message: Message) -> Iterator[Fault]:
    for field in message.named("Message-ID"):
        if not _MESSAGE_ID.fullmatch(field.value) or len(field.value) > _ID:
            said = f"{field.value[:80]} is no <word@domain> of at most {_ID} characters"
            yield Fault(Kind.HEADER, "H9", said, field.name, field.line)
        elif message.recipient and message.recipient.partition("@")[0].lower() + "@" in field.value.lower():
            said = "the id gives the reader's address away; make it of a hash"
            yield Fault(Kind.HEADER, "H9", said, field.name, field.line)


def _date_faults(message: Message) -> Iterator[Fault]:
    for field in message.named("Date"):
        try:
            zoned = parsedate_to_datetime(field.value).tzinfo is not None
        except (ValueError, TypeError, IndexError, OverflowError):
            zoned = False
        if not zoned:
            said = f'"{field.value}" is no date with a zone, as in: Mon, 23 Nov 2026 12:00:00 +0000'
            yield Fault(Kind.HEADER, "H10", said, field.name, field.line)


def decoded(value: str) -> str:
    """A field's value with its encoded-words read."""
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, UnicodeDecodeError, ValueError):
        return value


def _subject_faults(message: Message) -> Iterator[Fault]:
    for field in message.named("Subject"):
        subject = decoded(field.value)
        if not subject.strip():
            yield Fault(Kind.HEADER, "H11", "the subject is empty", field.name, field.line)
        if len(subject) > _SUBJECT:
            said = f"the subject has {len(subject)} characters, and more than {_SUBJECT} are cut everywhere; shorten it"
            yield Fault(Kind.DOUBTFUL, "H11", said, field.name, field.line)
        if _REPLY.match(subject):
            said = "the subject begins like an answer, as spam does; say `subject:` in the post's front matter"
            yield Fault(Kind.DOUBTFUL, "H11", said, field.name, field.line)
        if subject.isupper() and " " in subject.strip():  # one word may well be an abbreviation
            yield Fault(Kind.DOUBTFUL, "H11", "the subject is all capitals, as spam's is", field.name, field.line)
        if _PLACEHOLDER.search(subject.strip()):
            said = "the subject looks as if it held a placeholder that nothing filled"
            yield Fault(Kind.DOUBTFUL, "H12", said, field.name, field.line)


def _automatic_faults(message: Message) -> Iterator[Fault]:
    for field in message.named("Auto-Submitted"):
        if field.value.partition(";")[0].strip().lower() not in {"auto-generated", "no"}:
            said = f'"{field.value}" says that this is an answer of a machine; a newsletter is auto-generated'
            yield Fault(Kind.HEADER, "H14", said, field.name, field.line)
