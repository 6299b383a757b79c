"""Notes and warnings in the ways that Markdown's dialects have for them -> quotes under a title.

`> [!NOTE]` (GitHub, Obsidian, Hugo), `::: tip Title` (Docusaurus, VitePress, Pandoc), `!!! note "Title"` (MkDocs,
Pelican).
"""

import re
from collections.abc import Iterator

from publisher.posts.coderegions import code_regions
from publisher.posts.labels import Labels
from publisher.posts.tags.boxes import title_of, titled

_SIGNS = ("[!", ":::", "!!! ", "??? ", "???+")
_CALLOUT = re.compile(
    r"(?P<before>[ ]{0,3}(?:(?:[-*+]|\d{1,9}[.)])[ ])?(?:[ ]*>[ ]?)+)\[!(?P<kind>[\w-]+)\][-+]?[ \t]*"
)
_MARKS = re.compile(r"[-*+]|\d{1,9}[.)]")
_FENCE = re.compile(r"[ ]{0,3}(?P<colons>:{3,})[ \t]*(?P<rest>[^\n]*)\Z")
_ATTRIBUTES = re.compile(r"\{(?P<inner>[^{}]*)\}")
_TITLE_OF = re.compile(r"\btitle=(?:\"([^\"]*)\"|'([^']*)')")
_ADMONITION = re.compile(
    r"(?P<indent>[ ]{0,12})(?:!!!|\?\?\?\+?)[ ]+(?P<kind>[A-Za-z][\w -]*?)?[ ]*(?:\"(?P<title>[^\"]*)\")?[ ]*\Z"
)
_DEEPEST = 12


def with_asides_as_quotes(text: str, labels: Labels) -> str:
    """The text with all its asides, those in code left alone, as quotes."""
    if not any(sign in text for sign in _SIGNS):
        return text
    code = code_regions(text)
    lines: list[tuple[str, bool]] = []  # with whether it is code
    position = 0
    for line in text.split("\n"):
        lines.append((line, code.at(position) is not None))
        position += len(line) + 1
    return "\n".join(_quoted(lines, 0, labels))


def _quoted(lines: list[tuple[str, bool]], depth: int, labels: Labels) -> Iterator[str]:
    at = 0
    while at < len(lines):
        line, is_code = lines[at]
        end = at + 1
        if is_code or depth >= _DEEPEST:
            yield line
        elif "[!" in line and (callout := _CALLOUT.match(line)) is not None:
            yield from _callout(callout, line, labels)
        elif ":::" in line and (fence := _FENCE.match(line)) is not None and fence["rest"]:
            inner, end = _fenced(lines, at, len(fence["colons"]))
            title = _title(fence["rest"], labels) if end else None
            if title is None or not end:
                yield line
                end = at + 1
            else:
                yield from _as_quote(title, inner, "", depth, labels)
        elif line.lstrip(" ").startswith(("!!!", "???")) and (note := _ADMONITION.match(line)) is not None:
            inner, end = _indented(lines, at, len(note["indent"]) + 4)
            if end == at + 1:
                yield line
            else:
                kind = (note["kind"] or "").split(" ")[0]
                title = note["title"] if note["title"] is not None else title_of(kind, "", labels)
                yield from _as_quote(title, inner, note["indent"], depth, labels)
        else:
            yield line
        at = end


def _callout(callout: re.Match[str], line: str, labels: Labels) -> Iterator[str]:
    """The quote is there already; its first line becomes the title."""
    before, title = callout["before"], line[callout.end() :].strip()
    kind = callout["kind"]
    yield f"{before}**{title or title_of(kind, '', labels) or kind.capitalize()}**"
    yield _MARKS.sub(lambda mark: " " * len(mark[0]), before).rstrip()


def _fenced(lines: list[tuple[str, bool]], at: int, colons: int) -> tuple[list[tuple[str, bool]], int]:
    """What stands between a fence and the one that closes it, and where to go on; 0 where none does."""
    open_ = 1
    for end in range(at + 1, len(lines)):
        line, is_code = lines[end]
        fence = _FENCE.match(line) if not is_code and ":::" in line else None
        if fence is None:
            continue
        if fence["rest"]:
            open_ += 1
        else:
            open_ -= 1
            if open_ == 0 or len(fence["colons"]) > colons:
                return lines[at + 1 : end], end + 1
    return [], 0


def _title(rest: str, labels: Labels) -> str | None:
    """What a fence is called: "" where it is only layout, None where it is no fence but words."""
    attributes = _ATTRIBUTES.search(rest)
    words = (rest[: attributes.start()] + rest[attributes.end() :] if attributes else rest).strip().rstrip(":").strip()
    kind, _, title = words.partition(" ")
    if "[" in kind:  # :::note[Title]
        kind, _, title = words.partition("[")
        title = title.rstrip("]")
    if not kind and attributes is not None:
        kind = next((word.lstrip(".") for word in attributes["inner"].split() if word.startswith(".")), "")
        named = _TITLE_OF.search(attributes["inner"])
        title = (named[1] or named[2] or "") if named else ""
    if not re.fullmatch(r"[A-Za-z][\w.-]*", kind):
        return None
    return title_of(kind.removeprefix("callout-"), title.strip().strip("\"'"), labels)


def _indented(lines: list[tuple[str, bool]], at: int, width: int) -> tuple[list[tuple[str, bool]], int]:
    """The lines below that are that deep, without their indent, and where to go on."""
    blanks = " " * width
    end = last = at + 1
    while end < len(lines) and (not lines[end][0].strip() or lines[end][0].startswith(blanks)):
        end += 1
        last = end if lines[end - 1][0].strip() else last
    inner = [line[width:] for line, _ in lines[at + 1 : last]]
    text = "\n".join(inner)
    code = code_regions(text)
    marked: list[tuple[str, bool]] = []
    position = 0
    for line in inner:
        marked.append((line, code.at(position) is not None))
        position += len(line) + 1
    return marked, last


def _as_quote(title: str, inner: list[tuple[str, bool]], indent: str, depth: int, labels: Labels) -> Iterator[str]:
    said = titled(title, "\n".join(_quoted(inner, depth + 1, labels)).strip("\n"))
    yield ""
    for line in said.split("\n"):
        yield f"{indent}> {line}".rstrip()
    yield ""
