"""Markdown -> where its code is: fences, indented blocks, spans, raw `<pre>` and comments."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from publisher.posts.block import Kind
from publisher.posts.blocks import blocks_of

_OPENING = re.compile(r"(`+)|<(?:(pre|code|script|style|textarea)\b|!--)", re.IGNORECASE)
_TICKS = re.compile(r"`+")
_PARAGRAPH = re.compile(r"\n[ \t]*\n")


@dataclass(frozen=True, slots=True)
class Regions:
    """Half-open spans in order, none within another."""

    starts: list[int]
    ends: list[int]

    def at(self, position: int) -> int | None:
        """Where the region around *position* ends, None outside of all."""
        found = bisect_right(self.starts, position) - 1
        return self.ends[found] if found >= 0 and position < self.ends[found] else None

    def meets(self, start: int, end: int) -> bool:
        """Whether a region has a part in that span."""
        found = bisect_right(self.starts, end - 1) - 1
        return found >= 0 and start < self.ends[found]


def code_regions(text: str) -> Regions:
    """All code of a Markdown text."""
    spans = list(_blocks(text)) if any(sign in text for sign in ("```", "~~~", "    ", "\t")) else []
    if "`" in text or "<" in text:
        spans += _Spans(text, _regions(spans)).all()
    spans.sort()
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return _regions(merged)


def outside_code(pattern: re.Pattern[str], text: str, instead: Callable[[re.Match[str]], str]) -> str:
    """The text with something instead of each match, those apart that begin or end in code."""
    if pattern.search(text) is None:
        return text
    code = code_regions(text)

    def anew(match: re.Match[str]) -> str:
        inside = code.at(match.start()) is not None or code.at(match.end() - 1) is not None
        return match[0] if inside else instead(match)

    return pattern.sub(anew, text)


def _regions(spans: list[tuple[int, int]]) -> Regions:
    return Regions([start for start, _ in spans], [end for _, end in spans])


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Whole lines, with the marks and indents of what their code is in."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    waiting = blocks_of(text)[::-1]
    while waiting:
        block = waiting.pop()
        if block.kind is Kind.CODE:
            yield starts[block.first], min(starts[block.end], len(text))
        waiting += block.blocks[::-1]


@dataclass(slots=True)
class _Spans:
    """Code within lines, and raw HTML that holds none but code: what begins first wins (CommonMark 6.1)."""

    text: str
    blocks: Regions
    runs: dict[int, list[int]] = field(default_factory=dict)  # of backticks: length -> where, outside of blocks
    missing: set[str] = field(default_factory=set)  # what was looked for in vain once, is so for ever

    def all(self) -> Iterator[tuple[int, int]]:
        """From opening to closing, which is not counted for a tag."""
        outside = list(zip([0, *self.blocks.ends], [*self.blocks.starts, len(self.text)], strict=True))
        if "`" in self.text:
            for start, stop in outside:
                for ticks in _TICKS.finditer(self.text, start, stop):
                    self.runs.setdefault(len(ticks[0]), []).append(ticks.start())
        position = 0
        for start, stop in outside:
            position = max(position, start)
            while position < stop and (match := _OPENING.search(self.text, position, stop)) is not None:
                position = match.end()
                end = self._ticks(match) if match[1] else self._tag(match)
                if end:
                    yield match.start(), end
                    position = end

    def _ticks(self, match: re.Match[str]) -> int:
        """A run of backticks is closed by the next of that length, in the same paragraph."""
        if match.start() and self.text[match.start() - 1] == "\\":
            return 0
        runs = self.runs[len(match[0])]
        following = bisect_right(runs, match.start())
        if following == len(runs) or _PARAGRAPH.search(self.text, match.end(), runs[following]) is not None:
            return 0
        return runs[following] + len(match[0])

    def _tag(self, match: re.Match[str]) -> int:
        closing = f"</{match[2]}" if match[2] else "-->"
        end = -1 if closing in self.missing else self.text.find(closing, match.end())
        if end < 0:
            self.missing.add(closing)
        return max(end, 0)
