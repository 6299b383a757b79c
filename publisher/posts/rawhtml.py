"""Lines of Markdown -> how far the raw HTML goes that begins on one of them, and what in it is Markdown again.

It goes to its closing tag, as Python-Markdown and kramdown have it; where none comes, to the next blank line
(CommonMark 4.6). A fence in it is code (Python-Markdown), and words behind a blank line are Markdown (CommonMark); but
a line that begins with a tag stays HTML, however far it is indented. All tags of a name are paired once, so that a
thousand open ones are no thousand searches.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from publisher.posts.lines import closing, columns, fence_of, without

_OPEN_ENDED = frozenset({
    "address", "article", "aside", "blockquote", "center", "dd", "details", "dialog", "dir", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "iframe",
    "li", "main", "menu", "nav", "ol", "p", "pre", "script", "section", "style", "summary", "table", "tbody", "td",
    "textarea", "tfoot", "th", "thead", "tr", "ul",
})  # fmt: skip
# Blocks only where they are closed: who writes about HTML begins a line with them, too.
_CLOSED = frozenset({
    "audio", "body", "canvas", "caption", "colgroup", "head", "html", "map", "math", "noscript", "object", "option",
    "select", "svg", "template", "title", "video",
})  # fmt: skip
_VOID = frozenset({"hr", "col", "link", "meta", "base", "source", "param", "track"})
_KNOWN = _OPEN_ENDED | _CLOSED | _VOID
_NO_BLOCKS = frozenset({
    "address", "dd", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "legend", "li", "p", "summary", "td", "th",
})  # fmt: skip  # where `markdown="1"` is for words only
_PLAIN = "pre|script|style|textarea|svg|math|canvas"  # never any Markdown in them

_BLANKS = re.compile(r"[ \t]*")
_START = re.compile(r"<(?:(!--|\?)|(/?)([A-Za-z][A-Za-z0-9]*)(?=[\s/>]|\Z))")
_MARKDOWN = re.compile(r"\smarkdown(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+)))?(?=[\s/>])", re.IGNORECASE)
_VERBATIM = re.compile(rf"<({_PLAIN})(?=[\s>])|<!--", re.IGNORECASE)


def may_begin(words: str) -> bool:
    """Whether a line that begins so may begin raw HTML, and so end the paragraph before it."""
    match = _START.match(words)
    return match is not None and (match[1] is not None or match[3].lower() in _OPEN_ENDED | _VOID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some lines of raw HTML, or of Markdown in it, without the indent they have in common."""

    first: int
    end: int
    text: str
    markdown: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """Raw HTML up to a line, and what of its last line is behind it."""

    end: int
    pieces: tuple[Piece, ...]
    tail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """An element that says `markdown="1"`: its start tag, and the Markdown in it, which begins on line *first*."""

    end: int
    tag: str
    first: int
    inner: str
    words: bool  # it holds no blocks
    tail: str = ""


@dataclass(slots=True)
class RawHtml:
    """The raw HTML of some lines."""

    lines: list[str]
    _text: str = ""
    _starts: list[int] = field(default_factory=list)
    _pairs: dict[str, dict[int, tuple[int, int]]] = field(default_factory=dict)
    _missing: set[str] = field(default_factory=set)

    def at(self, line: int, column: int, *, interrupts: bool) -> Raw | Element | None:
        """What begins there; a paragraph is interrupted only by what is closed."""
        match = _START.match(self.lines[line], column)
        if match is None:
            return None
        self._join()
        start = self._starts[line] + column
        if match[1] is not None:
            end = self._after("-->" if match[1] == "!--" else "?>", start + 2)
        elif (name := match[3].lower()) not in _KNOWN:
            end = 0
        elif match[2] or name in _VOID:
            end = self._text.find(">", start, self._stop(line)) + 1
        elif (pair := self._paired(name).get(start)) is not None:
            return self._element(start, name, *pair) or self._raw(start, pair[1])
        else:
            end = 0 if interrupts or name in _CLOSED else self._stop(self._blank(line) - 1)
        return self._raw(start, end) if end else None

    def _blank(self, line: int) -> int:
        """The next blank line."""
        return next((at for at in range(line, len(self.lines)) if not self.lines[at].strip()), len(self.lines))

    def _element(self, start: int, name: str, close: int, end: int) -> Element | None:
        opened = self._text.find(">", start) + 1
        tag = self._text[start:opened]
        if "markdown" not in tag or name in _PLAIN.split("|") or (setting := _MARKDOWN.search(tag)) is None:
            return None
        value = (setting[1] or setting[2] or setting[3] or "1").lower()
        if value == "0":
            return None
        last = self._line(end)
        return Element(
            end=last + 1,
            tag=tag,
            first=self._line(opened),
            inner=self._text[opened:close],
            words=value == "span" or (value != "block" and name in _NO_BLOCKS),
            tail=self._text[end : self._stop(last)].strip(),
        )

    def _raw(self, start: int, end: int) -> Raw:
        """With what stands on its last line, if that is HTML as well."""
        last = self._line(end)
        while (match := _START.match(self._text, _BLANKS.match(self._text, end).end())) is not None:  # type: ignore[union-attr]
            name = (match[3] or "").lower()
            more = self._paired(name).get(match.start()) if name in _KNOWN and not match[2] else None
            end = more[1] if more is not None else self._stop(last)
            last = self._line(end)
        pieces = tuple(_pieces(self._text[start:end], self._line(start)))
        return Raw(end=last + 1, pieces=pieces, tail=self._text[end : self._stop(last)].strip())

    def _after(self, closing: str, position: int) -> int:
        """Where the next such closing ends; 0 where none comes, now or later."""
        found = -1 if closing in self._missing else self._text.find(closing, position)
        if found < 0:
            self._missing.add(closing)
        return found + len(closing) if found >= 0 else 0

    def _join(self) -> None:
        if not self._starts:
            self._text = "\n".join(self.lines)
            position = 0
            for one in self.lines:
                self._starts.append(position)
                position += len(one) + 1

    def _line(self, position: int) -> int:
        return bisect_right(self._starts, position) - 1

    def _stop(self, line: int) -> int:
        return self._starts[line] + len(self.lines[line])

    def _paired(self, name: str) -> dict[int, tuple[int, int]]:
        """Where each start tag of that name is -> its end tag, if it has one."""
        if name not in self._pairs:
            pairs = self._pairs[name] = {}
            opened: list[int] = []
            for tag in re.finditer(rf"<(/?){name}(?=[\s/>])[^<>]*>", self._text, re.IGNORECASE):
                if not tag[1]:
                    if not tag[0].endswith("/>"):
                        opened.append(tag.start())
                elif opened:
                    pairs[opened.pop()] = tag.span()
        return self._pairs[name]


def _pieces(html: str, first: int) -> Iterator[Piece]:
    """HTML and Markdown in turns, a line belongs to one of them."""
    lines = html.split("\n")
    verbatim = _verbatim(html) if len(lines) > 2 else frozenset()
    begin = at = 0
    while at < len(lines):
        end = at
        if at not in verbatim and _begins_markdown(lines, at):
            end = _end_of_markdown(lines, at)
        if end > at:
            yield Piece(first=first + begin, end=first + at, text="\n".join(lines[begin:at]), markdown=False)
            width = min(columns(line, line.lstrip(" \t")) for line in lines[at:end] if line.strip())
            text = "\n".join(without(line, width) for line in lines[at:end])
            yield Piece(first=first + at, end=first + end, text=text, markdown=True)
            begin = end
        at = max(end, at + 1)
    yield Piece(first=first + begin, end=first + at, text="\n".join(lines[begin:]), markdown=False)


def _begins_markdown(lines: list[str], at: int) -> bool:
    words = lines[at].lstrip(" \t")
    return bool(words) and (fence_of(words) != "" or (at > 0 and not lines[at - 1].strip() and words[0] != "<"))


def _end_of_markdown(lines: list[str], at: int) -> int:
    """Up to a line that begins with the tag of a block, which is HTML again."""
    end = at
    while end < len(lines) - 1:
        words = lines[end].lstrip(" \t")
        if fence := fence_of(words):
            close = closing(lines, end, fence)
            if close == len(lines):
                return end
            end = close
        elif may_begin(words):
            break
        end += 1
    return end


def _verbatim(html: str) -> frozenset[int]:
    """The lines that begin within code, scripts, pictures and comments."""
    lines: set[int] = set()
    position = line = 0
    while (match := _VERBATIM.search(html, position)) is not None:
        close = f"</{match[1]}" if match[1] else "-->"
        end = html.find(close, match.end())
        if end < 0:
            end = len(html)
        line += html.count("\n", position, match.start())
        last = line + html.count("\n", match.start(), end)
        lines.update(range(line + 1, last + 1))
        position, line = end, last
    return frozenset(lines)
