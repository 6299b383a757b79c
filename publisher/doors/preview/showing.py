"""The HTML of a mail -> the same as one colour scheme shows it, and with a name at the place that changed. Pure.

A frame that is sandboxed cannot be told which scheme to show: `color-scheme` on it does not reach its media queries.
So the queries are answered here, in the copy that is shown; what is sent is left alone.
"""

import re
from collections.abc import Callable
from html import escape, unescape
from itertools import takewhile
from typing import Literal

Scheme = Literal["light", "dark"]

CHANGED = "publisher-changed"
"""The id of the element that is not as it was, in the copy that is shown."""

_STYLE = re.compile(r"(<style\b[^>]*>)(.*?)(</style\s*>)", re.DOTALL | re.IGNORECASE)
_QUERY = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)", re.IGNORECASE)
_META = re.compile(r"""<meta\b[^>]*\bname=["']?(?:supported-)?color-schemes?\b[^>]*>""", re.IGNORECASE)
_ALWAYS, _NEVER = "(min-width: 0px)", "(max-width: 0px)"
_BLOCK = re.compile(r"<(?:p|h[1-6]|pre|blockquote|figure|ul|ol|li|img)(?=[\s>])(?![^>]*\sid=)", re.IGNORECASE)
_PICTURE = re.compile(r"""(<img\b[^>]*?\ssrc=)(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_HEAD_END = re.compile(r"<head\b[^>]*>", re.IGNORECASE)


def in_scheme(html: str, scheme: Scheme) -> str:
    """As somebody sees it whose device is light, or dark."""

    def answered(style: re.Match[str]) -> str:
        css = _QUERY.sub(lambda query: _ALWAYS if query[1].lower() == scheme else _NEVER, style[2])
        return f"{style[1]}{css}{style[3]}"

    found = _STYLE.sub(answered, _META.sub("", html))
    return _HEAD_END.sub(lambda head: f'{head[0]}<meta name="color-scheme" content="{scheme}">', found, count=1)


def mark_change(before: str, now: str) -> str:
    """*now*, the block in it named that has the first difference; as it is where none differs, or it is in the head."""
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, now, strict=False)))
    if before == now or same < now.find("<body"):
        return now
    blocks = [block for block in _BLOCK.finditer(now, now.find("<body")) if block.start() <= same]
    if not blocks:
        return now
    end = blocks[-1].end()
    return f'{now[:end]} id="{CHANGED}"{now[end:]}'


def with_pictures(html: str, found: Callable[[str], str | None]) -> str:
    """Its pictures where *found* says that they are; those for which it says nothing stay where they were."""

    def moved(picture: re.Match[str]) -> str:
        there = found(unescape(picture[2] or picture[3] or ""))
        return f'{picture[1]}"{escape(there)}"' if there else picture[0]

    return _PICTURE.sub(moved, html)
