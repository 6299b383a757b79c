"""Markdown with formulas in it -> the same, each formula out of Markdown's reach: it stays as its author wrote it."""

import re
from dataclasses import dataclass, field
from html import escape

from publisher.posts.coderegions import Regions, code_regions
from publisher.posts.stash import Stash

_LONGEST = 3000
_LONGEST_ADDRESS = 300
# Pandoc's rule for one dollar: no blank inside of it, no digit behind it.
_OPENING = re.compile(r"\$\$|\\\\?[\[(]|(?<![\\$\w`])\$(?=[^\s$])")
_DOLLAR = re.compile(
    r"(?=[^$\n`]{0,300}[\\_^{=])[^$\n`]{1,300}?(?<=[^\s\\])\$(?![\d$])"
)  # it must not look like a price
_CLOSING = str.maketrans("[(", "])")
_TEX = re.compile(r"\\[A-Za-z]|_\{|\^")
_ADDRESS = re.compile(r"(?:\]\(|\]:[ \t]*|://)[^\s)]*\Z")


def keep_formulas(text: str, stash: Stash) -> str:
    """The text with its formulas in the stash."""
    if "$" not in text and "\\(" not in text and "\\[" not in text:
        return text
    return _Search(text, stash).replaced()


@dataclass(slots=True)
class _Search:
    text: str
    stash: Stash
    last: dict[str, int] = field(default_factory=dict)  # a closing -> its last place
    code: Regions | None = None

    def replaced(self) -> str:
        """The text, a mark for each formula."""
        parts: list[str] = []
        done = position = 0
        while (opening := _OPENING.search(self.text, position)) is not None:
            end = self._end(opening)
            position = end or opening.end()
            if end and self._is_formula(opening, end):
                parts += (self.text[done : opening.start()], self._kept(opening, end))
                done = end
        return "".join((*parts, self.text[done:])) if parts else self.text

    def _end(self, opening: re.Match[str]) -> int:
        """Behind its closing; 0 if there is none near."""
        start = opening.end()
        if opening[0] == "$":
            match = _DOLLAR.match(self.text, start)
            return match.end() if match is not None else 0
        closing = opening[0].translate(_CLOSING)
        if closing not in self.last:
            self.last[closing] = self.text.rfind(closing)
        if self.last[closing] <= start:
            return 0
        end = self.text.find(closing, start + 1, start + _LONGEST)
        return end + len(closing) if end >= 0 else 0

    def _is_formula(self, opening: re.Match[str], end: int) -> bool:
        """No code or link is in it, nor is it in an address; and what may be escaped brackets has TeX in it."""
        inner = self.text[opening.end() : end - len(opening[0])]
        if "\n\n" in inner or "](" in inner or (opening[0][-1] == "(" and "\n" in inner):
            return False
        if opening[0] in {"\\(", "\\["} and not _TEX.search(inner):
            return False
        start = opening.start()
        if _ADDRESS.search(self.text, max(0, start - _LONGEST_ADDRESS), start):
            return False
        if self.code is None:
            self.code = code_regions(self.text)
        return not self.code.meets(start, end)

    def _kept(self, opening: re.Match[str], end: int) -> str:
        """As a reader sees it: of two backslashes one was for Markdown."""
        formula = self.text[opening.start() : end]
        if opening[0].startswith("\\\\"):
            formula = formula[1:-3] + formula[-2:]
        return self.stash.keep(escape(formula, quote=False))
