"""Bytes -> what the rules look at: fields as they stand, the parser's view of them, the two bodies."""

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import HeaderParseError
from email.message import EmailMessage
from email.policy import EmailPolicy
from functools import cached_property
from typing import Any

_FIELD = re.compile(rb"^([\x21-\x39\x3b-\x7e]+)[ \t]*:(.*)", re.DOTALL)
_END = re.compile(rb"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Field:
    """A header field: its name, its lines without their ends, and the line that it begins on."""

    name: str
    lines: tuple[bytes, ...]
    line: int

    @property
    def value(self) -> str:
        """Unfolded (RFC 5322 2.2.3), not decoded."""
        return b"".join(self.lines).decode("utf-8", "replace").partition(":")[2].strip()


@dataclass(frozen=True, slots=True)
class Body:
    """One text part: its media type, its text, the bytes that carry it, and what its headers say of them."""

    kind: str
    text: str
    size: int  # bytes, decoded
    encoded: bytes
    encoding: str  # Content-Transfer-Encoding
    charset: str
    broken: bool  # the text is not what its charset says


class _Unread(str):
    """A field that the parser fails on."""

    __slots__ = ()
    defects = (HeaderParseError("it cannot be read at all"),)


class _Tolerant(EmailPolicy):
    """The standard library's, which fails on some fields instead of telling a defect, as on `Message-ID: <[`."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        try:
            return super().header_fetch_parse(name, value)
        except (LookupError, ValueError, TypeError, AttributeError, RecursionError):
            return _Unread(value)


_TOLERANT = _Tolerant()


class Message:
    """A whole message. Whatever the bytes are, it can be looked at."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.head, self.body = _halves(data)

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """In the order in which they stand."""
        found: list[Field] = []
        for number, line in enumerate(_END.split(self.head), 1):
            if line[:1] in {b" ", b"\t"} and found:
                last = found[-1]
                found[-1] = Field(last.name, (*last.lines, line), last.line)
            elif match := _FIELD.match(line):
                found.append(Field(match[1].decode("ascii", "replace"), (line,), number))
        return tuple(found)

    def named(self, name: str) -> tuple[Field, ...]:
        """All fields of that name."""
        return tuple(field for field in self.fields if field.name.lower() == name.lower())

    def value(self, name: str) -> str:
        """The first field of that name, unfolded; "" where there is none."""
        return next((field.value for field in self.named(name)), "")

    @cached_property
    def parsed(self) -> EmailMessage:
        """As the standard library reads it."""
        return message_from_bytes(self.data, policy=_TOLERANT)  # type: ignore[arg-type]  # of its default kind

    @cached_property
    def leaves(self) -> tuple[EmailMessage, ...]:
        """The parts that hold no parts."""
        return tuple(part for part in self.parsed.walk() if not part.is_multipart())

    def part(self, kind: str) -> Body | None:
        """The first part of that media type."""
        return next((_body(part) for part in self.leaves if part.get_content_type() == kind), None)

    @cached_property
    def text(self) -> Body | None:
        """The plain text."""
        return self.part("text/plain")

    @cached_property
    def html(self) -> Body | None:
        """The HTML."""
        return self.part("text/html")

    @cached_property
    def recipient(self) -> str:
        """The one reader's address; "" where there is none to be read."""
        return _address(self.value("To"))

    @cached_property
    def sender(self) -> str:
        """The address in From."""
        return _address(self.value("From"))


def _halves(data: bytes) -> tuple[bytes, bytes]:
    match = re.search(rb"\r\n\r\n|\n\n|\r\r", data)
    return (data[: match.start()], data[match.end() :]) if match else (data, b"")


def _body(part: EmailMessage) -> Body:
    raw = part.get_payload(decode=True)
    octets = raw if isinstance(raw, bytes) else b""
    charset = str(part.get_content_charset() or "us-ascii")
    text, broken = _decoded(octets, charset)
    encoded = part.get_payload()
    return Body(
        kind=part.get_content_type(),
        text=_END_TEXT.sub("\n", text),
        size=len(octets),
        encoded=str(encoded).encode("utf-8", "surrogateescape"),
        encoding=str(part.get("Content-Transfer-Encoding", "7bit")).strip().lower(),
        charset=charset,
        broken=broken,
    )


_END_TEXT = re.compile(r"\r\n?")


def _decoded(octets: bytes, charset: str) -> tuple[str, bool]:
    try:
        return octets.decode(charset), False
    except (UnicodeDecodeError, LookupError, ValueError):
        return octets.decode("utf-8", "replace"), True


def _address(value: str) -> str:
    """The last thing that looks like an address: a display name may hold another."""
    found = re.findall(r"[^\s<>,;:\"]+@[^\s<>,;:\"]+", value)
    return found[-1] if found else ""
