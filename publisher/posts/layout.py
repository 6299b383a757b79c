"""Markdown as today's writers lay it out -> the same as Python-Markdown reads it.

Python-Markdown nests lists by four blanks only, starts none right after a paragraph, and knows no fence in a list
or a quote. Most posts are written for parsers that are kinder (CommonMark 5.2, 4.5; GFM 4.10).
"""

import re
from dataclasses import dataclass, field
from html import escape

from publisher.posts.stash import Stash

_ITEM = re.compile(r"([ ]*)([-*+]|(\d{1,9})[.)])([ ]+)(?=\S)")
_FENCE = re.compile(r"([ ]*(?:>[ ]?)*[ ]*)(`{3,}(?=[^`]*\Z)|~{3,})")
_FENCED_ITEM = re.compile(r"[ ]*(?:[-*+]|\d{1,9}[.)])[ ]+(?=`{3,}[^`]*\Z|~{3,})")
_RULE = re.compile(r"[ ]{0,3}(?:(?:\*[ ]*){3,}|(?:-[ ]*){3,}|(?:_[ ]*){3,})\Z")
_DELIMITERS = re.compile(r"[ ]{0,3}\|?[ ]*:?-+:?[ ]*(?:\|[ ]*:?-+:?[ ]*)*\|?[ ]*\Z")
_RAW = re.compile(r"<(pre|script|style|textarea)\b", re.IGNORECASE)
_DEEPEST = 12  # levels of lists; deeper ones stay at that depth


@dataclass(slots=True)
class _Item:
    """An item that is open: where its mark and its words stood, as written."""

    mark: int
    words: int


@dataclass(slots=True)
class _Layout:
    stash: Stash
    out: list[str] = field(default_factory=list)
    items: list[_Item] = field(default_factory=list)
    blank: bool = True  # the line before was blank
    closing: str = ""  # of raw HTML that must stay as it is

    def line(self, line: str) -> None:
        """One line outside of fences."""
        if self.closing:
            self.out.append(line)
            self.closing = "" if self.closing in line.lower() else self.closing
        elif not line.strip():
            self.out.append("")
            self.blank = True
        else:
            self._words(line)
            self.blank = False
            if "<" in line and (raw := _RAW.search(line)) is not None:
                closing = f"</{raw[1].lower()}"
                self.closing = closing if closing not in line.lower()[raw.end() :] else ""

    def _words(self, line: str) -> None:
        if "\t" in line[:16]:
            line = _detabbed(line)
        match = _ITEM.match(line)
        if match is not None and not _RULE.match(line) and self._starts_item(match):
            self._item(line, match)
            return
        indent = len(line) - len(line.lstrip(" "))
        if self.items and self.blank:
            self._leave(indent)
        self.out.append(self._placed(line, indent) if self.items else line)

    def _starts_item(self, match: re.Match[str]) -> bool:
        """CommonMark 5.3: a list interrupts a paragraph, but a numbered one only with 1."""
        if self.items:
            return True
        if len(match[1]) > 3:
            return False
        return self.blank or match[3] is None or int(match[3]) == 1 or self._after_heading()

    def _after_heading(self) -> bool:
        return bool(self.out) and self.out[-1].lstrip().startswith(("#", "---", "==="))

    def _item(self, line: str, match: re.Match[str]) -> None:
        indent = len(match[1])
        if not self.items and not self.blank:
            self.out.append("")
        while self.items and indent < self.items[-1].mark + 2:
            if indent >= self.items[-1].mark or len(self.items) == 1 or indent > self.items[-2].mark + 1:
                self.items.pop()  # a sibling
                break
            self.items.pop()
        depth = min(len(self.items), _DEEPEST)
        self.items.append(_Item(indent, match.end()))
        mark = f"{match[3]}." if match[3] is not None else match[2]
        self.out.append(" " * (4 * depth) + f"{mark} {line[match.end() :]}")

    def _leave(self, indent: int) -> None:
        """After a blank line a paragraph belongs to the item whose words it stands under, at least by two blanks."""
        while self.items and indent < min(self.items[-1].words, self.items[-1].mark + 2):
            self.items.pop()

    def _placed(self, line: str, indent: int) -> str:
        """The line, as deep as the open item is for Python-Markdown; code stays four blanks deeper."""
        depth = min(len(self.items), _DEEPEST)
        extra = indent - self.items[-1].words
        if not self.blank or extra < 4:
            return " " * (4 * depth) + line[indent:]
        if indent - 4 * depth >= 4:
            return line
        return " " * (4 * depth + extra) + line[indent:]

    def code(self, prefix: str, lines: list[str]) -> None:
        """A fence, taken out: a paragraph of its own where it stood."""
        quotes = prefix.count(">")
        width = len(prefix)
        code = "\n".join(_stripped(line, quotes, width) for line in lines)
        mark = self.stash.keep(f"<pre><code>{escape(code, quote=False)}</code></pre>")
        if quotes:
            bare = "> " * quotes
            self.out += [bare.rstrip(), bare + mark, bare.rstrip()]
            return
        if self.blank or not self.items or width == 0:
            self._leave(width)
        self.out += ["", " " * (4 * min(len(self.items), _DEEPEST)) + mark, ""]
        self.blank = True

    def table(self, line: str) -> None:
        """GFM 4.10: a table interrupts a paragraph; its first row was the last line of it."""
        if len(self.out) > 1 and "|" in self.out[-1] and self.out[-2].strip() and not self.items:
            self.out.insert(-1, "")
        self.line(line)


def _detabbed(line: str) -> str:
    words = line.lstrip(" \t")
    return line[: len(line) - len(words)].expandtabs(4) + words


def _stripped(line: str, quotes: int, width: int) -> str:
    """A line of code without the marks of its quotes and the indent of its fence (CommonMark 4.5)."""
    for _ in range(quotes):
        line = line.lstrip(" ").removeprefix(">").removeprefix(" ")
    blanks = len(line) - len(line.lstrip(" "))
    return line[min(blanks, 0 if quotes else width) :]


def laid_out(text: str, stash: Stash) -> str:
    """The text for Python-Markdown; its fences are in the stash."""
    layout = _Layout(stash)
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        ticks = ("```" in line or "~~~" in line) and not layout.closing
        if ticks and (item := _FENCED_ITEM.match(line)) is not None:
            layout.line(line[: item.end()] + "\u200b")  # an item whose first block is code; the mark needs a word
            line = " " * item.end() + line[item.end() :]
        fence = _FENCE.match(_detabbed(line) if "\t" in line[:16] else line) if ticks else None
        if fence is not None:
            end = _end_of(fence[2], lines, at, quoted=">" in fence[1])
            layout.code(
                fence[1], [_detabbed(one) if one.startswith("\t") and fence[1] else one for one in lines[at:end]]
            )
            at = end + 1
        elif "-" in line and "|" in line and _DELIMITERS.match(line):
            layout.table(line)
        else:
            layout.line(line)
    return "\n".join(layout.out)


def _end_of(fence: str, lines: list[str], at: int, *, quoted: bool) -> int:
    """The line that closes the fence; the end of the text, or of its quote, where none does (CommonMark 4.5)."""
    for number in range(at, len(lines)):
        line = lines[number].strip(" \t>" if quoted else " \t")
        if line.startswith(fence) and not line.strip(fence[0]):
            return number
        if quoted and not lines[number].lstrip().startswith(">"):
            return number - 1 if number > at else number
    return len(lines)
