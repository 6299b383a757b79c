"""Lines such as `Title: Hello` -> metadata: Pelican's and MultiMarkdown's front matter, without fences."""

import re
from html import unescape
from typing import NamedTuple

_HEADER = re.compile(r" {0,3}([A-Za-z][\w .-]{0,40}?)[ \t]*:(?:[ \t]+|(?=\n)|\Z)(.*)")
_BARE_HEADER = re.compile(r" {0,3}([A-Za-z][\w-]{0,40}):[ \t]*(.*)")  # Pelican takes `Tags:a,b`
_CONTINUED = re.compile(r"[ \t]+(\S.*)")
_VALUE = re.compile(r"^([A-Za-z_][\w-]*:)[ \t]+([^\s\[{|>&*!#][^\n]*)$", re.MULTILINE)
_NIKOLA = re.compile(r"(?:<!--[ \t]*\n)?((?:[ \t]*\.\.[ \t]+[A-Za-z][\w-]*:[^\n]*(?:\n|\Z))+)(?:[ \t]*-->[ \t]*)?")
_NIKOLA_LINE = re.compile(r"^[ \t]*\.\.[ \t]+([A-Za-z][\w-]*):([^\n]*)$", re.MULTILINE)
_DOCUMENT = re.compile(r"<!doctype html|<html\b|<head\b", re.IGNORECASE)
_META = re.compile(r"<meta\b[^<>]{0,2000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([A-Za-z-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_TITLE = re.compile(r"<title\b[^<>]*>([^<]{0,1000})</title", re.IGNORECASE)
_BODY = re.compile(r"<body\b[^<>]*>(.*?)(?:</body>|\Z)", re.IGNORECASE | re.DOTALL)
_SURE = frozenset({"title", "date"})  # without one of these, `Note: ...` is how a text begins


def looks_like_headers(text: str, start: int) -> bool:
    """Whether a block of headers begins at *start*: `Note: this` alone is text."""
    if _BARE_HEADER.match(text, start) is None:
        return False
    metadata, _ = read_headers(text, start)
    return bool(_SURE.intersection(key.lower() for key in metadata))


def read_headers(text: str, start: int) -> tuple[dict[str, object], int]:
    """The headers from *start* up to the first line that is none, and where that line begins."""
    metadata: dict[str, object] = {}
    key = None
    position = start
    while position < len(text):
        stop = text.find("\n", position)
        stop = len(text) if stop < 0 else stop
        line = text[position:stop]
        if (header := _BARE_HEADER.match(line)) is not None:
            key = header[1].strip()
            metadata[key] = header[2].strip()
        elif key is not None and (more := _CONTINUED.match(line)) is not None:
            metadata[key] = f"{metadata[key]} {more[1].strip()}".strip()
        else:
            break
        position = stop + 1
    return metadata, min(position, len(text))


def read_nikola(text: str, start: int) -> tuple[dict[str, object], int] | None:
    """Nikola's `.. title: Hello`, in a comment or not, and where the text begins; None where it is none."""
    match = _NIKOLA.match(text, start)
    if match is None:
        return None
    metadata: dict[str, object] = {
        line[1].strip(): line[2].strip() for line in _NIKOLA_LINE.finditer(match[1]) if line[2].strip()
    }
    return (metadata, match.end()) if _SURE.intersection(key.lower() for key in metadata) else None


class HtmlHead(NamedTuple):
    """A page of HTML taken apart."""

    metadata: dict[str, object]
    body: str


def read_html_head(text: str, start: int) -> HtmlHead | None:
    """Pelican's HTML posts: `<title>` and `<meta name="date" …>`; None for HTML that has no such date."""
    if _DOCUMENT.match(text, start) is None:
        return None
    head, _, rest = text[start:].partition("</head>")
    metadata: dict[str, object] = {}
    for meta in _META.finditer(head):
        attributes = {
            match[1].lower(): unescape(match[2] if match[2] is not None else match[3])
            for match in _ATTRIBUTE.finditer(meta[0])
        }
        if attributes.get("name") and "content" in attributes:
            metadata.setdefault(attributes["name"].lower(), attributes["content"])
    if (title := _TITLE.search(head)) is not None:
        metadata.setdefault("title", unescape(title[1].strip()))
    body = _BODY.search(rest)
    return HtmlHead(metadata, (body[1] if body is not None else rest).strip()) if "date" in metadata else None


def read_lines(head: str) -> dict[str, object] | None:
    """A block that is no YAML, read as headers; None where a line of it is none, or it says too little."""
    metadata: dict[str, object] = {}
    key = None
    for line in head.split("\n"):
        if not line.strip() or line.startswith("#"):
            continue
        if (header := _HEADER.match(line)) is not None and not line.startswith(" "):
            key = header[1].strip()
            metadata[key] = _unquoted(header[2].strip())
        elif key is not None and (more := _CONTINUED.match(line)) is not None and not more[1].startswith("- "):
            metadata[key] = f"{metadata[key]} {more[1].strip()}".strip()
        else:
            return None
    return metadata if _SURE.intersection(name.lower() for name in metadata) else None


def with_quotes(head: str) -> str:
    """A YAML block in which values that are no YAML (`title: Foo: bar`, `title: "Foo" and bar`) are quoted."""
    return _VALUE.sub(_quoted, head)


def _quoted(match: re.Match[str]) -> str:
    key, value = match[1], match[2].strip()
    if value[0] in "\"'" and value[-1] == value[0] and len(value) > 1:
        return match[0]
    if value[0] in "\"'@`%" or ": " in value or value.endswith(":"):
        return f"{key} '{value.replace(chr(39), chr(39) * 2)}'"
    return match[0]


def _unquoted(value: str) -> object:
    if value.startswith("[") and value.endswith("]"):
        return [item.strip().strip("\"'") for item in value[1:-1].split(",") if item.strip()]
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value or None
