"""Finished HTML <-> marks that Markdown leaves alone, whatever stands around them."""

import re
from dataclasses import dataclass, field

# Noncharacters (Unicode 23.7): no font has them, no text holds them but by accident, and XML still allows them.
_OPEN, _CLOSE = "\ufdd0", "\ufdd1"
TIGHT = "\ufdd3"  # in a piece: blanks around it go, which are there so that Markdown sees words as it would anywhere
_MARK = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_PARAGRAPH = re.compile(f"<p>\\s*({_OPEN}\\d+{_CLOSE}(?:(?!</?p>).)*?)\\s*</p>", re.DOTALL)
_ALONE = re.compile(f"(?:{_OPEN}\\d+{_CLOSE}\\s*)+\\Z")
_BLOCKS = ("<p>", "<pre>", "<figure>")
_OURS = re.compile(f"[{_OPEN}{_CLOSE}]|\\s*{TIGHT}\\s*")
_ANY = re.compile("[\ufdd0-\ufdef]")


@dataclass(slots=True)
class Stash:
    """Pieces of HTML, kept out of the way while Markdown works."""

    pieces: list[str] = field(default_factory=list)
    blocks: set[int] = field(default_factory=set)  # which of them are no part of a paragraph

    def keep(self, html: str, *, block: bool = False) -> str:
        """A mark for the piece."""
        if block or html.startswith(_BLOCKS):
            self.blocks.add(len(self.pieces))
        self.pieces.append(html)
        return f"{_OPEN}{len(self.pieces) - 1}{_CLOSE}"

    def put_back(self, html: str) -> str:
        """The pieces where their marks are."""
        if not self.pieces:
            return html
        html = _PARAGRAPH.sub(self._unwrapped, html)
        for _ in range(4):  # a formula in a figure in a figure in raw HTML; no deeper
            if _OPEN not in html:
                break
            html = _MARK.sub(self._piece, html)
        return _OURS.sub("", html)

    def _unwrapped(self, match: re.Match[str]) -> str:
        """A paragraph of blocks is no paragraph, nor is a figure with words in it; one of formulas is."""
        inner = match[1]
        marks = list(_MARK.finditer(inner))
        framed = self._piece(marks[0]) == "<figure>" and self._piece(marks[-1]).endswith("</figure>")
        alone = _ALONE.match(inner) is not None and all(int(mark[1]) in self.blocks for mark in marks)
        return inner if framed or alone else match[0]

    def _piece(self, match: re.Match[str]) -> str:
        number = int(match[1]) if len(match[1]) < 9 else -1
        return self.pieces[number] if 0 <= number < len(self.pieces) else ""


def without_marks(text: str) -> str:
    """A text in which no mark can be taken for one of ours."""
    return _ANY.sub("", text) if not text.isascii() else text
