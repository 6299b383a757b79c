"""Bytes from a mail server -> its replies (RFC 5321 4.2), however they are cut, and whatever comes instead."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from publisher.delivery.retry import enhanced_code
from publisher.errors import TransportError
from publisher.model.issue import Reply

LINE = 4096  # octets of a line that are kept; RFC 5321 4.5.3.1.5 allows 512
WHOLE = 262_144  # octets of a reply; whoever says more does not speak SMTP
_TEXT = 1000  # characters that are kept
_REPLY_LINE = re.compile(rb"([2-5][0-9][0-9])(?:([ \t-])(.*))?", re.DOTALL)

Stage = Literal["connect", "mail", "rcpt", "data", "dot"]


class NotSmtpError(TransportError):
    """What came is no reply: nobody can tell what it answers."""

    def __init__(self) -> None:
        super().__init__("its answer is not SMTP", temporary=True)


@dataclass(frozen=True, slots=True)
class Said:
    """One reply: its code, 200 to 599, and its lines without it."""

    code: int
    lines: tuple[bytes, ...]

    @property
    def ok(self) -> bool:
        """Whether it is a yes (RFC 5321 4.2.1)."""
        return 200 <= self.code < 300

    @property
    def text(self) -> str:
        """In one line, without anything that a terminal would act on."""
        words = b" ".join(self.lines).decode("utf-8", "replace")
        if not words.isprintable():
            words = "".join(letter if letter.isprintable() else " " for letter in words)
        return words.strip()[:_TEXT]

    def __str__(self) -> str:
        return f"{self.code} {self.text}".strip()

    def at(self, stage: Stage) -> Reply:
        """As the answer to a command."""
        text = self.text
        return Reply(code=self.code, text=text, stage=stage, enhanced=enhanced_code(text))


class Replies:
    """Takes bytes as they come, gives replies as they are whole."""

    def __init__(self) -> None:
        self._partial = b""
        self._lines: list[bytes] = []
        self._code = 0
        self._octets = 0

    @property
    def begun(self) -> bool:
        """Whether there is more than the replies that were given."""
        return bool(self._octets)

    def feed(self, data: bytes) -> Iterator[Said]:
        """The replies that end in these bytes; raises NotSmtpError after the last that is one."""
        *ended, rest = data.split(b"\n")
        for piece in ended:
            if not self._octets and (whole := _whole(piece)) is not None:  # nearly all are one line, and come at once
                yield whole
                continue
            self._grow(piece, 1)
            line, self._partial = self._partial.removesuffix(b"\r"), b""
            if (said := self._line(line)) is not None:
                yield said
        if rest:
            self._grow(rest, 0)

    def _grow(self, piece: bytes, ends: int) -> None:
        self._octets += len(piece) + ends
        if self._octets > WHOLE:
            raise NotSmtpError
        self._partial = (self._partial + piece)[:LINE]

    def _line(self, line: bytes) -> Said | None:
        code, goes_on, text = _read(line)
        if not code or (self._lines and code != self._code):  # RFC 5321 4.2.1: each line has the same code
            raise NotSmtpError
        self._code = code
        self._lines.append(text)
        if goes_on:
            return None
        said = Said(code, tuple(self._lines))
        self._lines, self._octets = [], 0
        return said


@lru_cache(maxsize=64)  # of four replies to a message three are always the same
def _whole(line: bytes) -> Said | None:
    """A reply that is all in this line; None for any other, and for a long one."""
    code, goes_on, text = _read(line.removesuffix(b"\r")) if len(line) < LINE else (0, False, b"")
    return None if goes_on or not code else Said(code, (text,))


@lru_cache(maxsize=64)
def _read(line: bytes) -> tuple[int, bool, bytes]:
    """Code, 0 where it is no reply; whether it is not the last line; its text."""
    found = _REPLY_LINE.fullmatch(line)
    return (int(found[1]), found[2] == b"-", found[3] or b"") if found else (0, False, b"")
