"""What some Markdown editors write beside Markdown -> Markdown: `[[links]]`, sizes of pictures, marks for contents."""

import re
from urllib.parse import quote

from publisher.posts.coderegions import outside_code
from publisher.posts.html import POST_SCHEME

_LINK = re.compile(
    r"(?<![\[\\])(?P<picture>!?)\[\[(?:(?P<target>[^\W_][^\[\]|#\n]{0,200})(?P<part>#[^\[\]|\n]{1,200})?"
    r"|(?P<here>#[^\[\]|\n]{1,200}))(?:\|(?P<words>[^\[\]\n]{1,200}))?\]\](?![\[(:])"
)
# In Obsidian only: elsewhere these are words
_MARKED = re.compile(r"(?<![=A-Za-z0-9_])==(?=[^\s=])([^=\n]{1,500}(?:=[^=\n]{1,500}){0,5})(?<=\S)==(?![=A-Za-z0-9_])")
_BLOCK_ID = re.compile(r"(?:^|(?<=\S)[ \t]+)\^[A-Za-z0-9][A-Za-z0-9-]{2,40}[ \t]*$", re.MULTILINE)
_SIZE = re.compile(
    r"(!\[[^\]\n]*\]\([^()\s]+)[ \t]+=(?:\d+(?:px|%)?)?[x*](?:\d+(?:px|%)?)?(?=[ \t]*(?:\"[^\"\n]*\")?\))"
)
# A list that kramdown, Python-Markdown, GitLab or an editor would fill with the headings
_CONTENTS = re.compile(
    r"^(?:[ ]{0,3}(?:[-*+]|\d{1,2}\.)[ ][^\n]*\n[ ]{0,3}\{:[ ]?[^{}\n]*\btoc\b[^{}\n]*\}|[ ]{0,3}\{:[ ]?toc\b[^{}\n]*\}"
    r"|[ ]{0,3}(?:\[TOC\]|\[\[_?toc_?\]\]|@\[toc\](?:\([^()\n]*\))?|\{\{(?:>[ ]?)?toc\}\}|\$\{toc\}))[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_SHOWN = re.compile(  # what a post can show; the last of them a player becomes of (`media`)
    r"\.(?:png|jpe?g|gif|webp|svg|avif|bmp|mp4|m4v|webm|mov|ogv|mp3|m4a|ogg|oga|opus|wav|flac|aac)\Z", re.IGNORECASE
)
_FILE = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}\Z")
_MEASURE = re.compile(r"\d+(?:x\d+)?\Z")


def without_contents(text: str) -> str:
    """Without the places that a table of contents would take."""
    return outside_code(_CONTENTS, text, lambda _: "") if "toc" in text or "TOC" in text else text


def as_markdown(text: str, *, obsidian: bool) -> str:
    """The same in plain Markdown, code left alone."""
    if "](" in text and " =" in text:
        text = outside_code(_SIZE, text, lambda match: match[1])
    if obsidian and "==" in text:
        text = outside_code(_MARKED, text, lambda match: f"<mark>{match[1]}</mark>")
    if obsidian and "^" in text:
        text = outside_code(_BLOCK_ID, text, lambda _: "")
    return outside_code(_LINK, text, _link) if "[[" in text else text


def _link(match: re.Match[str]) -> str:
    """`[[Another post|words]]`, `[[#Part]]`, `![[picture.png|words|300]]`; what cannot be shown is linked."""
    target = (match["target"] or "").rstrip("\\").strip()  # `\\|` in a table
    part = (match["part"] or match["here"] or "").rstrip("\\").strip()
    words = " ".join(one for one in (match["words"] or "").split("|") if not (match["picture"] and _MEASURE.match(one)))
    if match["picture"] and _SHOWN.search(target):
        return f"![{words.strip()}](<{target}>)"
    if match["picture"] and _FILE.search(target) and not target.lower().endswith(".md"):
        return f"[{words.strip() or target}](<{target}>)"
    hash_ = "" if part.startswith("#^") else quote(part, safe="#-._~:")  # nobody writes the id of a block into a page
    said = words.strip() or target or part.lstrip("#^")
    return f"[{said}](<{POST_SCHEME}:{quote(target, safe='/@.-_~')}{hash_}>)"
