"""HTML -> the same words, with no element deeper than those who read it can bear."""

import re
from collections import Counter
from collections.abc import Container

from publisher.posts.tokens import VOID

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:-]*)[^<>]*>")
# Where they are left open, a browser opens them anew in every block that follows: a few make many.
_FORMATTING = frozenset({
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
})  # fmt: skip
_MOST_FORMATTING = 30


def flattened(html: str, limit: int, *, unended: Container[str] = frozenset()) -> tuple[str, bool]:
    """The HTML, and whether it was too deep: deeper elements are opened. *unended* ones need no end tag and no room."""
    if html.count("<") <= limit or not _is_deep(html, limit, unended):
        return html, False
    parts: list[str] = []
    done = 0
    opened: list[tuple[str, bool]] = []  # name, and whether it was kept
    names: Counter[str] = Counter()
    formatting = 0
    for tag in _TAG.finditer(html):
        name = tag[2].lower()
        if name in VOID or name in unended or (tag[1] and not names[name]):
            continue
        keep = True
        if not tag[1]:
            keep = len(opened) < limit and not (name in _FORMATTING and formatting >= _MOST_FORMATTING)
            opened.append((name, keep))
            names[name] += 1
            formatting += name in _FORMATTING and keep
        else:
            inner = ""
            while inner != name:
                inner, keep = opened.pop()
                names[inner] -= 1
                formatting -= inner in _FORMATTING and keep
        if not keep:
            parts.append(html[done : tag.start()])
            done = tag.end()
    return "".join((*parts, html[done:])), True


def _is_deep(html: str, limit: int, unended: Container[str]) -> bool:
    depth = 0
    for end, name in _TAG.findall(html):
        if end:
            depth -= depth > 0
        elif name not in VOID and name not in unended:
            depth += 1
            if depth > limit:
                return True
    return False
