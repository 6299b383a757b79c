"""The text of a file -> its metadata as written, and its body, in every dialect that blogs use."""

import contextlib
import json
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from publisher.errors import PostError
from publisher.model.finding import Finding
from publisher.posts.findings import found, unreadable
from publisher.posts.headers import (
    looks_like_headers,
    read_headers,
    read_html_head,
    read_lines,
    read_nikola,
    with_quotes,
)
from publisher.posts.yamlhead import MAX_HEAD, HeadError, read_yaml


class Dialect(StrEnum):
    """How the front matter is written."""

    YAML = "yaml"  # --- ... ---
    TOML = "toml"  # +++ ... +++
    JSON = "json"  # { ... }
    HEADERS = "headers"  # Title: ... up to a blank line: Pelican, MultiMarkdown
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter:
    """A file taken apart. `line` is where the body starts, from 1."""

    metadata: dict[str, object]
    body: str
    line: int
    dialect: Dialect
    findings: tuple[Finding, ...] = ()


# Jekyll closes with `...` too; a comment behind the fence is legal YAML; gray-matter (Eleventy) names the language.
_OPEN = re.compile(r"(?:-{3,}[ \t]*(yaml|yml|toml|json|js|javascript)?|(\+{3})|(;{3}))[ \t]*(?:#[^\n]*)?(?:\n|\Z)")
_CLOSE_YAML = re.compile(r"^(?:-{3,}|\.\.\.)[ \t]*(?:#[^\n]*)?$", re.MULTILINE)
_CLOSE_TOML = re.compile(r"^\+{3}[ \t]*(?:#[^\n]*)?$", re.MULTILINE)
_CLOSE_JSON = re.compile(r"^;{3}[ \t]*$", re.MULTILINE)
_PLACE = re.compile(r" \(at (?:line \d+, column \d+|end of document)\)\Z")
_KEY = re.compile(r"\s*(?:#[^\n]*\n\s*)*[\w\"'-][\w .\"'-]*\s*[:=]")
_KEY_WITHOUT_BLANK = re.compile(r"\A\s*[A-Za-z_]\w*:\S")
_INDENT = re.compile(r"^[ \t]*\t[ \t]*", re.MULTILINE)
_COMMENT = re.compile(r"[\ufeff\s]*<!--(?:(?!-->).){0,2000}-->\s*", re.DOTALL)
_JSON = re.compile(r"\{\s*[\"}]")
_PAIR = re.compile(r"\"[\w -]+\"\s*:")  # Hexo's JSON, which has no braces


def read_front_matter(text: str, path: str) -> FrontMatter:
    """The file taken apart. Raises PostError where front matter is begun and cannot be read."""
    start = _start(text)
    if (fence := _OPEN.match(text, start)) is not None:
        return _fenced(text, path, fence)
    if _JSON.match(text, start) or _end_of_pairs(text, start) is not None:
        return _bare_json(text, path, start)
    if (nikola := read_nikola(text, start)) is not None:
        return _made(text, nikola[1], nikola[0], Dialect.HEADERS)
    if (head := read_html_head(text, start)) is not None:
        return _made(head.body, 0, head.metadata, Dialect.HEADERS)
    if looks_like_headers(text, start):
        return _headers(text, start)
    msg = "the file has no front matter; put title and date between two lines `---` at its top"
    return _made(text, start, {}, Dialect.NONE, found("frontmatter-missing", path, msg, 1))


def _start(text: str) -> int:
    """Where front matter would begin: behind blank lines and a comment that some tool wrote above it."""
    comment = _COMMENT.match(text)
    start = comment.end() if comment is not None and _OPEN.match(text, comment.end()) is not None else 0
    start += len(text[start:]) - len(text[start:].lstrip("\ufeff \t\n"))
    return start if text[start : start + 1] in {"{", "-", "+"} else text.rfind("\n", 0, start) + 1


def _headers(text: str, start: int) -> FrontMatter:
    """Headers up to a blank line; or, as Hexo takes it, YAML without its first fence."""
    close = _CLOSE_YAML.search(text, start, start + MAX_HEAD)
    if close is not None and "\n\n" not in text[start : close.start()].rstrip("\n"):
        with contextlib.suppress(HeadError):
            value, _ = read_yaml(text[start : close.start()])
            if isinstance(value, dict):
                return _made(text, close.end(), value, Dialect.YAML)
    metadata, end = read_headers(text, start)
    if close is not None and not text[end : close.start()].strip():
        end = close.end()
    return _made(text, end, metadata, Dialect.HEADERS)


def _made(text: str, end: int, metadata: dict[str, object], dialect: Dialect, *findings: Finding) -> FrontMatter:
    """The first line of code may be indented, so only whole blank lines go."""
    while (stop := text.find("\n", end)) >= 0 and not text[end:stop].strip():
        end = stop + 1
    return FrontMatter(
        metadata=metadata,
        body=text[end:].rstrip(),
        line=text.count("\n", 0, end) + 1,
        dialect=dialect,
        findings=findings,
    )


def _fenced(text: str, path: str, fence: re.Match[str]) -> FrontMatter:
    language = "toml" if fence[2] else "json" if fence[3] else (fence[1] or "yaml")
    close = _CLOSE_TOML if fence[2] else _CLOSE_JSON if fence[3] else _CLOSE_YAML
    top = text.count("\n", 0, fence.end())
    end = close.search(text, fence.end())
    if end is None:
        if _KEY.match(text, fence.end()):
            msg = f"the front matter opened here is never closed; add a line `{fence.group().split()[0]}` after its end"
            raise unreadable("frontmatter-unclosed", path, msg, top)
        return _only_text(text, path, top)
    head = text[fence.end() : end.start()]
    return _READERS[language](text, path, head, top, end.end())


def _only_text(text: str, path: str, line: int) -> FrontMatter:
    """A post that begins with a rule."""
    msg = "the line `---` at the top is no front matter, so it was kept as text; put title and date at the top"
    return _made(text, 0, {}, Dialect.NONE, found("frontmatter-missing", path, msg, line))


def _yaml(text: str, path: str, head: str, top: int, end: int) -> FrontMatter:
    findings: list[Finding] = []
    try:
        value, duplicates = read_yaml(head)
    except HeadError as error:
        mended = _mended(head) if error.finding == "frontmatter-broken" else None
        if mended is None:
            if not _KEY.match(head):
                return _only_text(text, path, top)
            raise _broken(error, path, top) from None
        value, duplicates = mended, []
        msg = f"{error}; it was read as if it had them" if "quotes" in str(error) else f"{error}; it was read anyway"
        findings.append(found("frontmatter-not-yaml", path, msg, top + (error.line or 1)))
    if isinstance(value, dict):
        findings += (found("frontmatter-duplicate-key", path, _twice(key), top + line) for key, line in duplicates)
        return _made(text, end, value, Dialect.YAML, *findings)
    if value is None:
        return _made(text, end, {}, Dialect.YAML)
    if _KEY_WITHOUT_BLANK.match(head):
        raise _broken(HeadError(1, "not YAML: a key needs a blank after its colon"), path, top)
    return _only_text(text, path, top)


def _mended(head: str) -> dict[str, object] | None:
    """The metadata of a block that is nearly YAML: blanks for tabs, with quotes where they lack; else line by line."""
    try:
        value, _ = read_yaml(with_quotes(_INDENT.sub(lambda match: match[0].replace("\t", "  "), head)))
    except HeadError:
        return read_lines(head)
    return value if isinstance(value, dict) else None


def _twice(key: str) -> str:
    return f"`{key}:` stands twice; the last one counts; delete one"


def _broken(error: HeadError, path: str, top: int) -> PostError:
    line = top + error.line if error.line else top
    return unreadable(error.finding, path, f"the front matter is {error}", line)


def _toml(text: str, path: str, head: str, top: int, end: int) -> FrontMatter:
    if len(head) > MAX_HEAD:
        raise _broken(HeadError(None, "too large", finding="frontmatter-too-large"), path, top)
    try:
        metadata = tomllib.loads(head, parse_float=str)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        line = re.search(r"at line (\d+)", str(error))
        raise _broken(HeadError(int(line[1]) if line else None, _toml_sentence(str(error))), path, top) from None
    return _made(text, end, metadata, Dialect.TOML)


def _toml_sentence(said: str) -> str:
    """Without its place, which is counted from the head's first line, and not from the file's."""
    problem = _PLACE.sub("", said)
    hint = ""
    if "Illegal character '\\n'" in problem:
        hint = "; a quote that opens a value is not closed on its line"
    elif "Invalid value" in problem:
        hint = "; words need quotes around them"
    elif "Unescaped '\\'" in problem:
        hint = "; write \\\\ for \\, or single quotes around the value"
    elif "after a statement" in problem:
        hint = '; a quote within a value is written \\"'
    return f"not TOML: {problem}{hint}"


def _program(text: str, path: str, head: str, top: int, end: int) -> FrontMatter:
    """Eleventy's `---js`."""
    del text, head, end
    msg = "the front matter is a program (JavaScript), and none is run here; write it as YAML or JSON"
    raise unreadable("frontmatter-broken", path, msg, top)


def _json(text: str, path: str, head: str, top: int, end: int) -> FrontMatter:
    metadata, _ = _load_json(head if head.lstrip().startswith("{") else f"{{{head}}}", path, top + 1, 0)
    return _made(text, end, metadata, Dialect.JSON)


_READERS: dict[str, Callable[[str, str, str, int, int], FrontMatter]] = {
    "yaml": _yaml,
    "yml": _yaml,
    "toml": _toml,
    "json": _json,
    "js": _program,
    "javascript": _program,
}


def _end_of_pairs(text: str, start: int) -> re.Match[str] | None:
    return _CLOSE_JSON.search(text, start, start + MAX_HEAD) if _PAIR.match(text, start) else None


def _bare_json(text: str, path: str, start: int) -> FrontMatter:
    if (close := _end_of_pairs(text, start)) is not None:
        return _json(text, path, text[start : close.start()], text.count("\n", 0, start), close.end())
    metadata, end = _load_json(text, path, text.count("\n", 0, start) + 1, start)
    if text.startswith("\n", end):
        end += 1
    return _made(text, end, metadata, Dialect.JSON)


_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str, strict=False)


def _load_json(text: str, path: str, line: int, start: int) -> tuple[dict[str, object], int]:
    start += len(text[start : start + MAX_HEAD]) - len(text[start : start + MAX_HEAD].lstrip())
    try:
        value, end = _DECODER.raw_decode(text[: start + MAX_HEAD], start)
    except json.JSONDecodeError as error:
        broken = line + text.count("\n", start, error.pos)
        raise unreadable("frontmatter-broken", path, f"the front matter is not JSON: {error.msg}", broken) from None
    except RecursionError:
        raise unreadable("frontmatter-too-large", path, "the front matter is too deeply nested", line) from None
    if not isinstance(value, dict):
        raise unreadable("frontmatter-broken", path, "the front matter is JSON, but no object", line)
    return value, end
