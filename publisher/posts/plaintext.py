"""Clean HTML -> plain text for people: wrapped, links as numbered notes at the end, structure by marks and indents."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from publisher.posts.texttable import TextTable
from publisher.posts.tokens import Token, tokens
from publisher.posts.wrap import BREAK, columns, wrapped

_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "main",
        "p",
        "section",
        "summary",
    ]
)
_UNDERLINES = {"h1": "=", "h2": "-"}
_ROOM = 24  # columns that marks and indents may take; deeper levels share the last indent
_CODE = "    "


@dataclass(slots=True)
class _Level:
    """A quote, an item or an indent: what its lines begin with, the first one apart."""

    name: str
    rest: str
    first: str = ""  # used once
    fresh: bool = True  # no line in it yet
    tight: bool = True  # no paragraph in it yet
    number: int = 0  # of a list: its next item


@dataclass(slots=True)
class _Page:
    """The text as it grows."""

    width: int
    lines: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)  # of the paragraph in progress
    levels: list[_Level] = field(default_factory=list)
    notes: dict[str, int] = field(default_factory=dict)
    links: list[tuple[str, int]] = field(default_factory=list)  # open ones: address, where their words begin
    gap: bool = False  # a blank line is due before the next block
    skipped: int = 0  # inside of what is not shown
    heading: str = ""
    pre: int = 0
    table: TextTable | None = None
    notes_of: bool = False  # inside the list of footnotes

    def margins(self) -> tuple[str, str]:
        """What the next line begins with, and the lines after it."""
        rest = "".join(level.rest for level in self.levels)
        first = "".join(level.first or level.rest for level in self.levels)
        for level in self.levels:
            level.first, level.fresh = "", False
        return (first, rest) if len(rest) <= _ROOM else (first.strip()[-4:].rjust(_ROOM), rest[:_ROOM])

    def flush(self) -> None:
        """End the paragraph in progress."""
        text = "".join(self.words).strip(" \t\n\r\f\xa0" + BREAK)
        self.words.clear()
        if not text:
            return
        self.space()
        first, rest = self.margins()
        body = wrapped(text, max(20, self.width - columns(rest)))
        self.lines += [f"{rest if number else first}{line}".rstrip() for number, line in enumerate(body)]
        if self.heading:
            self.lines.append(rest + self.heading * min(max(map(columns, body)), self.width - len(rest)))

    def verbatim(self, text: str) -> None:
        """Lines that stay as they are."""
        self.space()
        first, rest = self.margins()
        for number, line in enumerate(text.strip("\n").split("\n")):
            self.lines.append(f"{rest if number else first}{line}".rstrip())

    def space(self) -> None:
        """The blank line before a block, with the marks of the quotes it stands in."""
        if self.gap and self.lines:
            self.lines.append("".join(level.rest for level in self.levels if not level.first).rstrip())
        self.gap = False


def plain_text(html: str, *, width: int = 72) -> str:
    """The text part of a mail, ended by a line feed; empty for nothing. Code and long addresses may be wider."""
    page = _Page(width=width)
    for token in tokens(html):
        if page.skipped:
            if token.name == "a":
                page.skipped += -1 if token.end else 1
        elif not token.name:
            page.words.append(token.text if page.pre else token.text.replace("\n", " "))
        elif page.table is not None:
            _in_table(page, token)
        elif (act := (_ENDS if token.end else _STARTS).get(token.name)) is not None:
            act(page, token)
        elif token.name in _BLOCKS:
            _block(page, token)
    page.flush()
    if page.notes:
        page.lines += ["", *(f"[{number}] {address}" for address, number in page.notes.items())]
    return "\n".join(page.lines).strip("\n") + "\n" if page.lines else ""


def _block(page: _Page, token: Token) -> None:
    page.flush()
    page.heading = "" if token.end else _UNDERLINES.get(token.name, "")
    level = page.levels[-1] if page.levels else None
    if level is None or not level.fresh:
        page.gap = True
    elif level.name == "li":
        level.tight = token.name != "p"


def _hr(page: _Page, token: Token) -> None:
    _block(page, token)
    page.verbatim("* * *")
    page.gap = True


def _br(page: _Page, token: Token) -> None:
    del token
    page.words.append("\n" if page.pre else BREAK)


def _push(page: _Page, name: str, rest: str, first: str = "", number: int = 0) -> None:
    page.levels.append(_Level(name=name, rest=rest, first=first, number=number))


def _pop(page: _Page, name: str) -> _Level | None:
    """Close the level and what was left open in it."""
    for at in range(len(page.levels) - 1, -1, -1):
        if page.levels[at].name == name:
            level = page.levels[at]
            del page.levels[at:]
            return level
    return None


def _quote(page: _Page, token: Token) -> None:
    page.flush()
    if token.end:
        _pop(page, "blockquote")
        page.gap = True
        return
    page.gap = page.gap or not (page.levels and page.levels[-1].fresh)
    page.space()  # before the quote, not in it
    _push(page, "blockquote", "> ")


def _list(page: _Page, token: Token) -> None:
    page.flush()
    nested = any(level.name == "li" for level in page.levels)
    if token.end:
        _pop(page, token.name)
        page.gap = not nested
        return
    start = token.attributes().get("start", "1") if token.name == "ol" else "0"
    _push(page, token.name, "", number=int(start) if start.isascii() and start.isdigit() and len(start) < 9 else 1)
    page.gap = page.gap or not nested


def _item(page: _Page, token: Token) -> None:
    page.flush()
    if token.end:
        level = _pop(page, "li")
        page.gap = level is not None and not level.tight
        return
    if page.levels and page.levels[-1].name == "li":  # an end tag left out
        page.levels.pop()
    mark = "- "
    if page.levels and page.levels[-1].name == "ol":
        mark = f"[^{page.levels[-1].number}] " if page.notes_of else f"{page.levels[-1].number}. "
        page.levels[-1].number += 1
    _push(page, "li", " " * len(mark), mark)


def _definition(page: _Page, token: Token) -> None:
    page.flush()
    if token.end:
        _pop(page, "dd")
    else:
        _push(page, "dd", _CODE)
    page.gap = token.end


def _pre(page: _Page, token: Token) -> None:
    if not token.end:
        page.flush()
        page.pre += 1
        return
    code = "".join(page.words).replace(BREAK, "\n")
    page.words.clear()
    page.pre = max(0, page.pre - 1)
    page.gap = True
    if code.strip():
        _push(page, "pre", _CODE)
        page.verbatim(code)
        _pop(page, "pre")
    page.gap = True


def _link(page: _Page, token: Token) -> None:
    kind = token.attributes().get("class", "")
    if kind == "footnote-backref":
        page.skipped = 1
        return
    page.links.append((kind if kind == "footnote-ref" else token.attributes().get("href", ""), len(page.words)))
    if kind == "footnote-ref":
        page.words.append("[^")


def _link_end(page: _Page, token: Token) -> None:
    del token
    if not page.links:
        return
    address, start = page.links.pop()
    if address == "footnote-ref":
        page.words.append("]")
        return
    words = "".join(page.words[start:]).strip()
    bare = address.removeprefix("mailto:").removeprefix("tel:")
    if not address or address.startswith("#") or words in {address, bare} or words.endswith(address):
        return
    number = page.notes.setdefault(address, len(page.notes) + 1)
    page.words.append(f" [{number}]" if words else f"[{number}]")


def _image(page: _Page, token: Token) -> None:
    alt = " ".join(token.attributes().get("alt", "").split())
    if alt:
        page.words.append(f"[{alt}]")


def _media(page: _Page, token: Token) -> None:
    source = token.attributes().get("src", "")
    if source:
        page.words.append(f"[{page.notes.setdefault(source, len(page.notes) + 1)}] ")


def _division(page: _Page, token: Token) -> None:
    _block(page, token)
    if "footnote" in token.raw_attributes:
        page.notes_of = True


def _table(page: _Page, token: Token) -> None:
    del token
    page.flush()
    page.gap = True
    page.table = TextTable()


def _in_table(page: _Page, token: Token) -> None:
    table = page.table
    assert table is not None
    if token.name in {"tr", "td", "th", "table", "caption"}:
        table.add("".join(page.words))
        page.words.clear()
        table.tag(token.name, end=token.end)
        if table.depth == 0:
            page.table = None
            for block in table.blocks(page.width - sum(len(level.rest) for level in page.levels)):
                page.gap = True
                page.verbatim(block)
            page.gap = True
    elif token.name in {"a", "img"} and (act := (_ENDS if token.end else _STARTS).get(token.name)) is not None:
        act(page, token)
    elif token.name in _BLOCKS or token.name in {"br", "li"}:
        page.words.append(" ")


_STARTS: Mapping[str, Callable[[_Page, Token], None]] = {
    "a": _link, "audio": _media, "blockquote": _quote, "br": _br, "dd": _definition, "div": _division, "hr": _hr,
    "img": _image, "li": _item, "ol": _list, "pre": _pre, "section": _division, "source": _media, "table": _table,
    "ul": _list, "video": _media,
}  # fmt: skip
_ENDS: Mapping[str, Callable[[_Page, Token], None]] = {
    "a": _link_end, "blockquote": _quote, "dd": _definition, "li": _item, "ol": _list, "pre": _pre, "ul": _list,
}  # fmt: skip
