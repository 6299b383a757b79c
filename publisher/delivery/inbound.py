"""Bytes that somebody sent us -> fields and parts, within bounds: reading takes no more than a second or so.

The standard library takes a message apart with one generator for each level, through all of which each line passes, and
takes parameters apart in quadratic time. So what it is given is cut, and what is nested too often is not taken apart.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.policy import compat32
from functools import cached_property

READ = 1 << 18  # bytes that are looked at: what a report says stands before the mail that it returns
_NESTED = 50  # parts and mails within, at most
_FIELD = 8_000  # bytes of a Content-Type
_VALUE = 4_000  # characters of a field that are looked at
_TEXT = 20_000  # characters of a text
_OPENS = re.compile(rb"boundary\s*\*?(?:0\*?)?\s*=|content-type:\s*message/", re.IGNORECASE)
_KIND = re.compile(
    rb"^content-(?:type|disposition|transfer-encoding):[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*", re.IGNORECASE | re.MULTILINE
)
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_CHARSET = re.compile(
    r"(?:utf-?8|us-ascii|iso-?8859-\d+|windows-?\d+|cp\d+|koi8-[ru]|gb(?:k|2312|18030)|big5|shift_jis"
    r"|euc-(?:jp|kr)|iso-2022-(?:jp|kr))",
    re.IGNORECASE,
)
_TAG = re.compile(r"<[^<>]*>")
_QUOTED = re.compile(r"<blockquote|gmail_quote|id=\"?(?:appendonsend|divRplyFwdMsg)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a message: its media type, its fields, its content, and the fields within it."""

    kind: str
    message: Message

    @property
    def text(self) -> str:
        """The content as text, cut to what is looked at; "" of what is none."""
        if self.message.is_multipart():
            return "\n".join(block.as_string() for block in _blocks(self.message))[:_TEXT]
        raw = self.message.get_payload(decode=True)
        octets = raw if isinstance(raw, bytes) else b""
        return _decoded(octets[: 4 * _TEXT], _charset(self.message))[:_TEXT]

    @property
    def blocks(self) -> tuple[Message, ...]:
        """The groups of fields in it: of a delivery status, a feedback report, a mail that was returned."""
        if self.message.is_multipart():
            found = _blocks(self.message)
            # the standard library knows the groups of message/delivery-status, and not those of RFC 6533
            return _groups(found[0].as_string()) if self.kind == "message/global-delivery-status" and found else found
        return _groups(self.text)


class Inbound:
    """A message that came to us. Whatever the bytes are, it can be looked at, and never raises."""

    def __init__(self, data: bytes) -> None:
        self._data = data[:READ].replace(b"\0", b"")
        self.whole = len(_OPENS.findall(self._data)) <= _NESTED and all(
            len(found[0]) <= _FIELD for found in _KIND.finditer(self._data)
        )

    @cached_property
    def _message(self) -> Message:
        data = self._data
        if not self.whole:
            end = _BLANK_LINE.search(data)
            head = data[: end.start()] if end else data
            data = _KIND.sub(b"X-Too-Deep: yes", head[:_FIELD]) + b"\n\n"
        try:
            return message_from_bytes(data, policy=compat32)
        except (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            self.whole = False
            return Message()

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """All parts, in the order in which they stand; a returned mail is one, and what is in it is not looked at."""
        return tuple(_walk(self._message))

    def part(self, *kinds: str) -> Part | None:
        """The first part of one of these media types."""
        return next((part for part in self.parts if part.kind in kinds), None)

    def value(self, name: str) -> str:
        """The first field of that name, unfolded and decoded; "" where there is none."""
        return value(self._message, name)

    def values(self, *names: str) -> Iterator[str]:
        """All fields of these names."""
        for name in names:
            for raw in self._message.get_all(name, ()):
                yield _unfolded(str(raw))

    @cached_property
    def text(self) -> str:
        """What somebody wrote, without the marks of HTML, and without what it quotes at its end where that is HTML."""
        plain = self.part("text/plain")
        if plain is not None and plain.text.strip():
            return plain.text
        html = self.part("text/html")
        return _TAG.sub(" ", _QUOTED.split(html.text, 1)[0]) if html is not None else ""


def value(message: Message, name: str) -> str:
    """The first field of that name, unfolded and decoded (RFC 2047); "" where there is none."""
    raw = message.get(name)
    return _words(_unfolded(str(raw))) if raw is not None else ""


def _walk(message: Message) -> Iterator[Part]:
    left = [message]
    while left:
        one = left.pop()
        kind = _kind(one)
        inner = one.get_payload()
        if kind.startswith("multipart/") and isinstance(inner, list):
            left += [part for part in reversed(inner) if isinstance(part, Message)]
        else:
            yield Part(kind, one)


def _kind(message: Message) -> str:
    try:
        return message.get_content_type()
    except (LookupError, ValueError, TypeError, AttributeError):
        return "text/plain"


def _blocks(message: Message) -> tuple[Message, ...]:
    inner = message.get_payload()
    found = inner[:_NESTED] if isinstance(inner, list) else ()
    return tuple(block for block in found if isinstance(block, Message))


def _groups(text: str) -> tuple[Message, ...]:
    octets = text[:_TEXT].encode("utf-8", "replace")
    blocks = (block.strip() for block in _BLANK_LINE.split(octets, _NESTED))
    return tuple(message_from_bytes(block + b"\n\n", policy=compat32) for block in blocks if block)


def _charset(message: Message) -> str:
    try:
        return str(message.get_content_charset() or "utf-8")
    except (LookupError, ValueError, TypeError, AttributeError):
        return "utf-8"


def _decoded(octets: bytes, charset: str) -> str:
    """As text; in what nobody writes mail (punycode, unicode_escape: slow) it is taken for UTF-8."""
    try:
        return octets.decode(charset if _CHARSET.fullmatch(charset) else "utf-8", "replace")
    except (LookupError, ValueError):
        return octets.decode("utf-8", "replace")


def _unfolded(raw: str) -> str:
    return " ".join(raw[:_VALUE].split())


def _words(raw: str) -> str:
    try:
        found = decode_header(raw)
    except (MessageError, ValueError, LookupError):
        return raw
    said = (part if isinstance(part, str) else _decoded(part, charset or "utf-8") for part, charset in found)
    return " ".join("".join(said).split())
