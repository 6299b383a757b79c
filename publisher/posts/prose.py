"""A piece of Markdown or HTML -> its bare words, where rendering all of it would be too much."""

import re
from html import unescape

_FENCE = re.compile(r"^ {0,3}(?:`{3,}|~{3,})", re.MULTILINE)
# As in `paragraphs`: `#words` with one sign and no blank are a tag of a note, and no heading
_HEADING = re.compile(r"^ {0,3}#{1,6}(?:(?=\s)|(?<=##)(?=[^\W\d_]|[`*\"']))(?P<words>[^\n]*)$", re.MULTILINE)
_TAGS = re.compile(r"^[ \t]*#[^\s#]\S*(?:[ \t]+#[^\s#]\S*)*[ \t]*$", re.MULTILINE)
_SETEXT = re.compile(r"^(?![ \t]*[-=>#*+\n])(?P<words>[^\n]+)\n {0,3}(?:=+|-+)[ \t]*$", re.MULTILINE)
_ATTRIBUTES = re.compile(r"\{[^{}]*\}\s*\Z")
_HTML_HEADING = re.compile(r"<h[1-6](?:\s[^>]*)?>(?P<words>[^<]{1,500})", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,2000}>|<!--.{0,5000}?-->", re.DOTALL)
_LINK = re.compile(r"!?\[([^\[\]]{0,1000})\](?:\([^()\s]{0,2000}(?:\s[^()]{0,500})?\)|\[[^\[\]]{0,200}\])")
_REFERENCE = re.compile(r"^ {0,3}\[[^\]\n]+\]:[^\n]*$", re.MULTILINE)
_CODE = re.compile(r"(?<!`)`+([^`]+)`+")
_STRONG = re.compile(r"(?<![\w*])(\*{1,3}|_{1,3})(?=\S)([^*_\n]{1,500}?)(?<=\S)\1(?![\w*])")
_SHORTCODE = re.compile(r"\{\{[^{}]{0,500}\}\}|\{%[^%{}]{0,500}%\}")
_LEAD = re.compile(r"^[ \t]*(?:>|[-*+]|\d{1,9}[.)])[ \t]+|^[ \t]*(?:[-*_=][ \t]*){3,}$", re.MULTILINE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[A-Za-z]{2,10}\d{0,2});")


def words_of(text: str) -> str:
    """The words on one line, without markup."""
    if "<" in text:
        text = _TAG.sub(" ", text)
    if "{" in text:
        text = _SHORTCODE.sub("", text)
    if "[" in text:
        text = _LINK.sub(r"\1", _REFERENCE.sub("", text))
    if "`" in text:
        text = _CODE.sub(r"\1", text)
    if "*" in text or "_" in text:
        text = _STRONG.sub(r"\2", text)
    return " ".join(readable(text).split())


def readable(text: str) -> str:
    """Character references (`&#8217;`, left over from an import) as the characters they mean."""
    return _ENTITY.sub(lambda match: unescape(match[0]), text) if "&" in text else text


def first_heading(body: str) -> str | None:
    """The words of the first heading before any code."""
    fence = _FENCE.search(body)
    body = body[: fence.start() if fence else None][:50_000]
    found = [match for form in (_HEADING, _SETEXT, _HTML_HEADING) if (match := form.search(body)) is not None]
    for match in sorted(found, key=lambda one: one.start()):
        written = _ATTRIBUTES.sub("", match["words"][:1000].strip().strip("#"))
        if words := words_of(written):
            return words[:300]
    return None


def first_words(body: str, limit: int = 60) -> str | None:
    """The first words of a text, cut between words."""
    words = words_of(_LEAD.sub("", _TAGS.sub("", body[:5_000])))
    if len(words) <= limit:
        return words or None
    cut = words[: limit + 1].rpartition(" ")[0] or words[:limit]
    return cut.rstrip(",;:- ") + "…"
