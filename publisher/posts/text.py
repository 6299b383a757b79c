"""Clean HTML -> an excerpt, and how long it takes to read; the text part of a mail is plaintext's."""

import math
import re
from html import unescape

from publisher.posts.html import OURS
from publisher.posts.plaintext import plain_text
from publisher.posts.tokens import Token, tokens

__all__ = ["excerpt", "minutes", "plain_text"]

WORDS_A_MINUTE = 230  # English, silent reading of non-fiction: 238 in Brysbaert's review of 190 studies (2019)
SIGNS_A_MINUTE = 400  # Chinese and Japanese: between 260 and 500 in the same review

_CJK = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")
_UNRESOLVED = re.compile(rf"\S*{OURS}\S*")  # an address written out in the text, not known yet
_TAG = re.compile(r"<[^<>]*>")
_NOTES = re.compile(r"<(?:section|div) class=\"footnotes?\"")  # as either Markdown puts them at the end
_SENTENCE = re.compile(r"[.!?…][\"'”’)\]]*(?=\s|\Z)|[。！？｡]")
_SKIPPED = frozenset({"pre", "table", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "figcaption", "video", "audio"})
_INLINE = frozenset({
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "i", "ins", "kbd", "mark", "q",
    "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var",
})  # fmt: skip


def _is_note(token: Token) -> bool:
    """The number of a footnote is no word of the text."""
    return "footnote" in token.raw_attributes or "fnref" in token.raw_attributes


def _words(html: str, without: frozenset[str], enough: int) -> str:
    """The text on one line, blocks apart, some of them left out; no more than is enough."""
    parts: list[str] = []
    depth = size = 0
    for token in tokens(html):
        if not token.name:
            if depth == 0:
                parts.append(token.text)
                size += len(token.raw.strip())
                if size > enough:
                    break
        elif token.name in without or (token.name == "sup" and (depth or _is_note(token))):
            depth = max(0, depth - 1) if token.end else depth + 1
            if token.name != "sup":  # a note's number leaves no gap before the full stop
                parts.append(" ")
        elif token.name not in _INLINE:
            parts.append(" ")
    return " ".join("".join(parts).split())


def excerpt(html: str, *, limit: int = 280) -> str:
    """The beginning, without headings, code and tables: whole sentences if one ends in time, never half a word."""
    enough = 2 * limit + 100
    html = _NOTES.split(html, maxsplit=1)[0] or html
    words = _words(html, _SKIPPED, enough) or _words(html, frozenset(), enough)
    if OURS in words:
        words = " ".join(_UNRESOLVED.sub("", words).split())
    if len(words) <= limit:
        return words
    window = words[:limit]
    ends = [match.end() for match in _SENTENCE.finditer(words, 0, limit + 1) if match.end() <= limit]
    if ends and ends[-1] >= limit // 3:
        return words[: ends[-1]]
    window = words[: max(limit - 1, 1)]  # room for the ellipsis
    if words[len(window)] != " " and not _CJK.match(words[len(window)]):
        window = window.rpartition(" ")[0] or window
    return window.rstrip(" ,;:–—-") + "…"


def minutes(html: str) -> int:
    """Whole minutes, at least 1."""
    words = unescape(_TAG.sub(" ", html))
    signs = len(_CJK.findall(words)) if not words.isascii() and _CJK.search(words) else 0
    others = len(_CJK.sub(" ", words).split()) if signs else len(words.split())
    return max(1, math.ceil(others / WORDS_A_MINUTE + signs / SIGNS_A_MINUTE))
