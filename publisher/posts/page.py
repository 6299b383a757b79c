"""Paragraphs, levels and gaps -> the lines of a plain text: what is open, what the next line begins with."""

from dataclasses import dataclass, field

from publisher.posts.texttable import TextTable
from publisher.posts.wrap import BREAK, columns, wrapped

_ROOM = 24  # columns that marks and indents may take; deeper levels share the last indent


@dataclass(slots=True)
class Level:
    """A quote, an item or an indent: what its lines begin with, the first one apart."""

    name: str
    rest: str
    first: str = ""  # used once
    fresh: bool = True  # no line in it yet
    tight: bool = True  # no paragraph in it yet
    number: int = 0  # of a list: its next item


@dataclass(slots=True)
class Page:
    """The text as it grows."""

    width: int
    lines: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)  # of the paragraph in progress
    levels: list[Level] = field(default_factory=list)
    notes: dict[str, int] = field(default_factory=dict)
    links: list[tuple[str, int]] = field(default_factory=list)  # open ones: address, where their words begin
    gap: bool = False  # a blank line is due before the next block
    skipped: int = 0  # inside of what is not shown
    heading: str = ""
    pre: int = 0
    table: TextTable | None = None
    notes_of: bool = False  # inside the list of footnotes

    def margins(self) -> tuple[str, str]:
        """What the next line begins with, and the lines after it."""
        rest = "".join(level.rest for level in self.levels)
        first = "".join(level.first or level.rest for level in self.levels)
        for level in self.levels:
            level.first, level.fresh = "", False
        return (first, rest) if len(rest) <= _ROOM else (first.strip()[-4:].rjust(_ROOM), rest[:_ROOM])

    def flush(self) -> None:
        """End the paragraph in progress."""
        text = "".join(self.words).strip(" \t\n\r\f\xa0" + BREAK)
        self.words.clear()
        if not text:
            return
        self.space()
        first, rest = self.margins()
        body = wrapped(text, max(20, self.width - columns(rest)))
        self.lines += [f"{rest if number else first}{line}".rstrip() for number, line in enumerate(body)]
        if self.heading:
            self.lines.append(rest + self.heading * min(max(map(columns, body)), self.width - len(rest)))

    def verbatim(self, text: str) -> None:
        """Lines that stay as they are."""
        self.space()
        first, rest = self.margins()
        for number, line in enumerate(text.strip("\n").split("\n")):
            self.lines.append(f"{rest if number else first}{line}".rstrip())

    def space(self) -> None:
        """The blank line before a block, with the marks of the quotes it stands in."""
        if self.gap and self.lines:
            self.lines.append("".join(level.rest for level in self.levels if not level.first).rstrip())
        self.gap = False
