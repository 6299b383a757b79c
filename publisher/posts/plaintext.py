"""Clean HTML -> plain text for people: wrapped, links as numbered notes at the end, structure by marks and indents."""

from collections.abc import Callable, Mapping

from publisher.posts.page import Level, Page
from publisher.posts.texttable import TextTable
from publisher.posts.tokens import Token, tokens
from publisher.posts.wrap import BREAK

_BLOCKS = frozenset({
    "address", "article", "aside", "center", "dd", "details", "div", "dl", "dt", "fieldset", "figcaption",
    "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "main", "p", "section", "summary",
})  # fmt: skip
_UNDERLINES = {"h1": "=", "h2": "-"}
_CODE = "    "


def plain_text(html: str, *, width: int = 72) -> str:
    """The text part of a mail, ended by a line feed; empty for nothing. Code and long addresses may be wider."""
    page = Page(width=width)
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


def _block(page: Page, token: Token) -> None:
    page.flush()
    page.heading = "" if token.end else _UNDERLINES.get(token.name, "")
    level = page.levels[-1] if page.levels else None
    if level is None or not level.fresh:
        page.gap = True
    elif level.name == "li":
        level.tight = token.name != "p"


def _hr(page: Page, token: Token) -> None:
    _block(page, token)
    page.verbatim("* * *")
    page.gap = True


def _br(page: Page, token: Token) -> None:
    del token
    page.words.append("\n" if page.pre else BREAK)


def _push(page: Page, name: str, rest: str, first: str = "", number: int = 0) -> None:
    page.levels.append(Level(name=name, rest=rest, first=first, number=number))


def _pop(page: Page, name: str) -> Level | None:
    """Close the level and what was left open in it."""
    for at in range(len(page.levels) - 1, -1, -1):
        if page.levels[at].name == name:
            level = page.levels[at]
            del page.levels[at:]
            return level
    return None


def _quote(page: Page, token: Token) -> None:
    page.flush()
    if token.end:
        _pop(page, "blockquote")
        page.gap = True
        return
    page.gap = page.gap or not (page.levels and page.levels[-1].fresh)
    page.space()  # before the quote, not in it
    _push(page, "blockquote", "> ")


def _list(page: Page, token: Token) -> None:
    page.flush()
    nested = any(level.name == "li" for level in page.levels)
    if token.end:
        _pop(page, token.name)
        page.gap = not nested
        page.notes_of = page.notes_of and nested
        return
    start = token.attributes().get("start", "1") if token.name == "ol" else "0"
    _push(page, token.name, "", number=int(start) if start.isascii() and start.isdigit() and len(start) < 9 else 1)
    page.gap = page.gap or not nested


def _item(page: Page, token: Token) -> None:
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


def _definition(page: Page, token: Token) -> None:
    page.flush()
    if token.end:
        _pop(page, "dd")
    else:
        _push(page, "dd", _CODE)
    page.gap = token.end


def _pre(page: Page, token: Token) -> None:
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


def _link(page: Page, token: Token) -> None:
    kind = token.attributes().get("class", "")
    if kind == "footnote-backref":
        page.skipped = 1
        return
    page.links.append((kind if kind == "footnote-ref" else token.attributes().get("href", ""), len(page.words)))
    if kind == "footnote-ref":
        page.words.append("[^")


def _link_end(page: Page, token: Token) -> None:
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


def _image(page: Page, token: Token) -> None:
    alt = " ".join(token.attributes().get("alt", "").split())
    if alt:
        page.words.append(f"[{alt}]")


def _division(page: Page, token: Token) -> None:
    _block(page, token)
    if "footnote" in token.raw_attributes:
        page.notes_of = True


def _table(page: Page, token: Token) -> None:
    del token
    page.flush()
    page.gap = True
    page.table = TextTable()


def _in_table(page: Page, token: Token) -> None:
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


_STARTS: Mapping[str, Callable[[Page, Token], None]] = {
    "a": _link, "blockquote": _quote, "br": _br, "dd": _definition, "div": _division, "hr": _hr,
    "img": _image, "li": _item, "ol": _list, "pre": _pre, "section": _division, "table": _table,
    "ul": _list,
}  # fmt: skip
_ENDS: Mapping[str, Callable[[Page, Token], None]] = {
    "a": _link_end, "blockquote": _quote, "dd": _definition, "li": _item, "ol": _list, "pre": _pre, "ul": _list,
}  # fmt: skip
