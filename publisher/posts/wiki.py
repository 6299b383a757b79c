"""What some Markdown editors write beside Markdown -> Markdown: `[[links]]`, sizes of pictures, marks for contents."""

import re
from collections.abc import Callable
from urllib.parse import quote

from publisher.posts.coderegions import code_regions
from publisher.posts.html import POST_SCHEME

_LINK = re.compile(
    r"(?<![\[\\])(?P<picture>!?)\[\[(?P<target>[^\W_][^\[\]|#\n]{0,200})(?P<part>#[^\[\]|\n]{1,200})?"
    r"(?:\|(?P<words>[^\[\]\n]{1,200}))?\]\](?![\[(:])"
)
_SIZE = re.compile(
    r"(!\[[^\]\n]*\]\([^()\s]+)[ \t]+=(?:\d+(?:px|%)?)?[x*](?:\d+(?:px|%)?)?(?=[ \t]*(?:\"[^\"\n]*\")?\))"
)
# A list that kramdown, Python-Markdown, GitLab or an editor would fill with the headings
_CONTENTS = re.compile(
    r"^(?:[ ]{0,3}(?:[-*+]|\d{1,2}\.)[ ][^\n]*\n[ ]{0,3}\{:[ ]?[^{}\n]*\btoc\b[^{}\n]*\}|[ ]{0,3}\{:[ ]?toc\b[^{}\n]*\}"
    r"|[ ]{0,3}(?:\[TOC\]|\[\[_?toc_?\]\]|@\[toc\](?:\([^()\n]*\))?|\{\{(?:>[ ]?)?toc\}\}|\$\{toc\}))[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|webp|svg|avif|bmp)\Z", re.IGNORECASE)


def without_contents(text: str) -> str:
    """Without the places that a table of contents would take."""
    return _outside_code(_CONTENTS, text, lambda _: "") if "toc" in text or "TOC" in text else text


def as_markdown(text: str) -> str:
    """The same in plain Markdown, code left alone."""
    if "](" in text and " =" in text:
        text = _outside_code(_SIZE, text, lambda match: match[1])
    return _outside_code(_LINK, text, _link) if "[[" in text else text


def _outside_code(pattern: re.Pattern[str], text: str, instead: Callable[[re.Match[str]], str]) -> str:
    if pattern.search(text) is None:
        return text
    code = code_regions(text)
    return pattern.sub(lambda match: match[0] if code.at(match.start()) is not None else instead(match), text)


def _link(match: re.Match[str]) -> str:
    """`[[Another post|words]]`, `![[picture.png|300]]`."""
    target, words = match["target"].strip(), (match["words"] or "").strip()
    if match["picture"]:
        if not _PICTURE.search(target):
            return match[0]
        alt = "" if words.replace("x", "").isdigit() else words
        return f"![{alt}](<{target}>)"
    part = quote(match["part"] or "", safe="#-._~:")
    return f"[{words or target}](<{POST_SCHEME}:{quote(target, safe='/@.-_~')}{part}>)"
