"""Markdown as today's writers lay it out -> the same as Python-Markdown reads it.

Python-Markdown nests lists by four blanks only, starts none right after a paragraph, and knows no fence in a list
or a quote. Most posts are written for parsers that are kinder (CommonMark 5.2, 4.5; GFM 4.10).
"""

import re
from dataclasses import dataclass, field
from html import escape

from publisher.posts.stash import Stash

_ITEM = re.compile(r"([ ]*)([-*+]|(\d{1,9})[.)])([ ]+)(?=\S)")
_FENCE = re.compile(r"([ ]*)(`{3,}(?=[^`]*\Z)|~{3,})")
_QUOTE = re.compile(r"([ ]{0,12})>[ ]?")
_FENCED_ITEM = re.compile(r"[ ]*(?:[-*+]|\d{1,9}[.)])[ ]+(?=`{3,}[^`]*\Z|~{3,})")
_RULE = re.compile(r"[ ]{0,3}(?:(?:\*[ ]*){3,}|(?:-[ ]*){3,}|(?:_[ ]*){3,})\Z")
_DELIMITERS = re.compile(r"[ ]{0,3}\|?[ ]*:?-+:?[ ]*(?:\|[ ]*:?-+:?[ ]*)*\|?[ ]*\Z")
_RAW = re.compile(r"<(pre|script|style|textarea)\b", re.IGNORECASE)
_INTERRUPTS = re.compile(r"[ ]{0,3}(?:[-*+][ ]|\d{1,9}[.)][ ]|`{3}|~{3}|#|>|<|={2,}|-{2,}|\*{3})")
_DEEPEST = 12  # levels of lists; deeper ones stay at that depth


@dataclass(slots=True)
class _Item:
    """An item that is open: where its mark and its words stood, as written."""

    mark: int
    words: int
    ordered: bool


@dataclass(slots=True)
class _Layout:
    stash: Stash
    out: list[str] = field(default_factory=list)
    items: list[_Item] = field(default_factory=list)
    blank: bool = True  # the line before was blank
    top: int = 0  # how deep the block in progress began; Python-Markdown takes all of it to that depth
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
        if line.endswith("\\") and not line.endswith("\\\\"):
            line = f"{line[:-1]}  "  # CommonMark 6.7: a line break
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
        ordered = match[3] is not None
        before: _Item | None = None
        while self.items and indent < self.items[-1].mark + 2:
            before = self.items.pop()
            if indent >= before.mark or not self.items or indent > self.items[-1].mark + 1:
                break  # a sibling
        depth = min(len(self.items), _DEEPEST)
        started = before is None and depth == 0
        if not self.blank and (started or depth < self.top or (before is not None and before.ordered != ordered)):
            self.out.append("")
            self.top = depth
        elif self.blank:
            self.top = depth
        self.items.append(_Item(indent, match.end(), ordered))
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

    def code(self, width: int, lines: list[str]) -> None:
        """A fence, taken out: a paragraph of its own where it stood, without its own indent (CommonMark 4.5)."""
        code = "\n".join(line[min(len(line) - len(line.lstrip(" ")), width) :] for line in lines)
        if self.blank or not self.items or width == 0:
            self._leave(width)
        self.apart([self.stash.keep(f"<pre><code>{escape(code, quote=False)}</code></pre>")])

    def quote(self, indent: int, inner: str) -> None:
        """A quote, laid out in itself; it interrupts a paragraph (CommonMark 5.1)."""
        self._leave(indent)
        self.apart([f"> {line}" if line else ">" for line in inner.split("\n")])

    def apart(self, lines: list[str]) -> None:
        """A block between blank lines, as deep as the open item."""
        indent = " " * (4 * min(len(self.items), _DEEPEST))
        self.out += ["", *(indent + line for line in lines), ""]
        self.blank = True

    def table(self, line: str) -> None:
        """GFM 4.10: a table interrupts a paragraph; its first row was the last line of it."""
        if len(self.out) > 1 and "|" in self.out[-1] and self.out[-2].strip() and not self.items:
            self.out.insert(-1, "")
        self.line(line)


def _detabbed(line: str) -> str:
    words = line.lstrip(" \t")
    return line[: len(line) - len(words)].expandtabs(4) + words


def laid_out(text: str, stash: Stash, *, depth: int = 0) -> str:
    """The text for Python-Markdown; its fences are in the stash. `depth` counts the quotes around it."""
    layout = _Layout(stash)
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        line = lines[at]
        if layout.closing:
            layout.line(line)
            at += 1
        elif ">" in line[:16] and (quote := _QUOTE.match(line)) is not None and depth < _DEEPEST:
            end = _end_of_quote(lines, at)
            inner = "\n".join(_QUOTE.sub("", one, count=1) for one in lines[at:end])
            layout.quote(len(quote[1]), laid_out(inner, stash, depth=depth + 1))
            at = end
        elif "```" in line or "~~~" in line:
            at = _fenced(layout, lines, at)
        elif "-" in line and "|" in line and _DELIMITERS.match(line):
            layout.table(line)
            at += 1
        else:
            layout.line(line)
            at += 1
    return "\n".join(layout.out)


def _end_of_quote(lines: list[str], at: int) -> int:
    """With the lines that lazily go on its last paragraph (CommonMark 5.1)."""
    end, lazy = at, False
    while end < len(lines):
        line = lines[end]
        if _QUOTE.match(line):
            lazy = bool(_QUOTE.sub("", line, count=1).strip().strip("`~"))
        elif not lazy or not line.strip() or _INTERRUPTS.match(line):
            break
        end += 1
    return end


def _fenced(layout: _Layout, lines: list[str], at: int) -> int:
    """A line that may open a fence; where to go on."""
    line = _detabbed(lines[at]) if "\t" in lines[at][:16] else lines[at]
    if (item := _FENCED_ITEM.match(line)) is not None:
        layout.line(line[: item.end()] + "\u200b")  # an item whose first block is code; the mark needs a word
        line = " " * item.end() + line[item.end() :]
    fence = _FENCE.match(line)
    if fence is None:
        layout.line(lines[at])
        return at + 1
    end = next((n for n in range(at + 1, len(lines)) if _closes(lines[n], fence[2])), len(lines))
    width = len(fence[1])
    layout.code(width, [_detabbed(one) if width and one.startswith("\t") else one for one in lines[at + 1 : end]])
    return end + 1


def _closes(line: str, fence: str) -> bool:
    """The end of the text closes a fence, too (CommonMark 4.5)."""
    line = line.strip(" \t")
    return line.startswith(fence) and not line.strip(fence[0])
