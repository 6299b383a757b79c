"""Markdown -> where its code is: fences, indented blocks, spans, raw `<pre>` and comments."""

import re
from bisect import bisect_right
from dataclasses import dataclass

_FENCE = re.compile(r"[ \t]*(?:>[ \t]*)*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?(`{3,}(?=[^`]*$)|~{3,})")
_ITEM = re.compile(r"[ \t]{0,12}(?:[-*+]|\d{1,9}[.)])[ \t]")
_TICKS = re.compile(r"`+")
_RAW = re.compile(r"<(pre|code|script|style|textarea)\b|<!--", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Regions:
    """Half-open spans in order, none within another."""

    starts: list[int]
    ends: list[int]

    def at(self, position: int) -> int | None:
        """Where the region around *position* ends, None outside of all."""
        found = bisect_right(self.starts, position) - 1
        return self.ends[found] if found >= 0 and position < self.ends[found] else None


def code_regions(text: str) -> Regions:
    """All code of a Markdown text."""
    spans = _blocks(text)
    spans += _raw(text, spans)
    spans += _spans(text, sorted(spans))
    spans.sort()
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return Regions([start for start, _ in merged], [end for _, end in merged])


def _blocks(text: str) -> list[tuple[int, int]]:
    if not any(sign in text for sign in ("```", "~~~", "    ", "\t")):
        return []
    spans: list[tuple[int, int]] = []
    fence, opened = "", 0
    blank, listed, indented = True, False, False
    position = 0
    for line in text.split("\n"):
        stop = min(position + len(line) + 1, len(text))
        if fence:
            if _closes(line, fence):
                spans.append((opened, stop))
                fence = ""
        elif (match := _FENCE.match(line)) is not None:
            fence, opened = match[1], position
        elif not line.strip():
            blank = True
        else:
            deep = line.startswith(("    ", "\t"))
            indented = deep and not listed and (blank or indented)
            if indented:
                spans.append((position, stop))
            listed = _in_list(line, listed=listed, blank=blank)
            blank = False
        position = stop
    if fence:
        spans.append((opened, len(text)))
    return spans


def _in_list(line: str, *, listed: bool, blank: bool) -> bool:
    """Whether a list goes on, or begins: in one, four blanks are no code."""
    if _ITEM.match(line):
        return True
    return listed and (not blank or line.startswith(("  ", "\t")))


def _closes(line: str, fence: str) -> bool:
    line = line.strip(" \t>")
    return line.startswith(fence) and not line.strip(fence[0])


def _raw(text: str, known: list[tuple[int, int]]) -> list[tuple[int, int]]:
    blocks = Regions([start for start, _ in known], [end for _, end in known])
    spans = []
    position = 0
    while "<" in text and (match := _RAW.search(text, position)) is not None:
        position = match.end()
        if blocks.at(match.start()) is None:
            end = text.find("-->" if match[1] is None else f"</{match[1]}", position)
            if end < 0:
                continue
            spans.append((match.start(), end))
            position = end
    return spans


def _spans(text: str, blocks: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """A run of backticks closes at the next run of that length, in the same paragraph."""
    if "`" not in text:
        return []
    regions = Regions([start for start, _ in blocks], [end for _, end in blocks])
    spans: list[tuple[int, int]] = []
    waiting: dict[int, int] = {}  # length -> the first run of it since the paragraph began or a span closed
    breaks = [match.start() for match in re.finditer(r"\n[ \t]*\n", text)]
    paragraph = -1
    for match in _TICKS.finditer(text):
        if regions.at(match.start()) is not None or (match.start() and text[match.start() - 1] == "\\"):
            continue
        if (now := bisect_right(breaks, match.start())) != paragraph:
            waiting.clear()
            paragraph = now
        length = len(match[0])
        if length in waiting:
            start = waiting[length]
            spans.append((start, match.end()))
            waiting.clear()
        else:
            waiting[length] = match.start()
    return spans
