"""Sanitised HTML -> the HTML of an entry: its title not said twice, bare addresses linked, no depth that chokes a reader."""

import re
from dataclasses import dataclass, field

from publisher.posts.tokens import VOID, Token, tokens

MAX_DEPTH = 100  # lxml gives up at 256, some readers long before; no text means more

# GFM 6.9: brackets belong to an address in pairs, and signs at its end do not.
_URL = re.compile(
    r"(?<![\w/@.=\"'-])(?:https?://|www\.)(?:\([^\s<>()\"]*\)|[^\s<>()\"“”])*"
    r"(?:\([^\s<>()\"]*\)|[^\s<>()\"“”.,:;!?'’*_~\]}])"
)
_ENTITY_END = re.compile(r"&(?:quot|gt|lt|#39|nbsp)\b.*\Z", re.DOTALL)
_NOT_LINKED = frozenset({"a", "code", "pre", "kbd", "samp", "var"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\xa0": " "})
_EMPTY = re.compile(r"<p>\s*</p>\n?")


def finish(html: str, *, title: str) -> tuple[str, bool]:
    """The HTML, and whether it was flattened because it was too deep."""
    html = _without_title(html, title)
    deep = html.count("<") > 2 * MAX_DEPTH and _depth(html) > MAX_DEPTH
    if deep or "://" in html or "www." in html:
        work = _Finishing()
        for token in tokens(html):
            work.take(token)
        html = "".join(work.parts)
    return (_EMPTY.sub("", html) if "<p>" in html else html).strip(), deep


def _depth(html: str) -> int:
    depth = deepest = 0
    for token in tokens(html):
        if token.name and token.name not in VOID:
            depth += -1 if token.end else 1
            deepest = max(deepest, depth)
    return deepest


@dataclass(slots=True)
class _Finishing:
    parts: list[str] = field(default_factory=list)
    unlinked: int = 0  # open elements in which no address becomes a link
    open: list[bool] = field(default_factory=list)  # whether each open element was kept

    def take(self, token: Token) -> None:
        raw = token.raw
        if not token.name:
            linked = not self.unlinked and ("://" in raw or "www." in raw)
            self.parts.append(_URL.sub(_link, raw) if linked else raw)
            return
        if token.name in _NOT_LINKED:
            self.unlinked += -1 if token.end else 1
        if token.name in VOID:
            self.parts.append(raw)
        elif token.end:
            if not self.open or self.open.pop():
                self.parts.append(raw)
        else:
            self.open.append(len(self.open) < MAX_DEPTH)
            if self.open[-1]:
                self.parts.append(raw)


def _link(match: re.Match[str]) -> str:
    """The text is escaped already; what a reference stands for (`&gt;`) is not of the address."""
    written, tail = match[0], ""
    if (end := _ENTITY_END.search(written)) is not None:
        written, tail = written[: end.start()], written[end.start() :]
    if len(written.partition("://")[2] or written[4:]) < 4:
        return match[0]
    address = written if written.startswith("http") else f"http://{written}"
    return f'<a href="{address}">{written}</a>{tail}'


def _without_title(html: str, title: str) -> str:
    """A first heading that says the title again goes: feed and mail show the title themselves."""
    if not html.lstrip().startswith(("<h", "<header", "<div", "<section", "<article")):
        return html
    words: list[str] = []
    name, start, position = "", 0, 0
    for token in tokens(html):
        if name and token.end and token.name == name:
            same = _plain("".join(words)) == _plain(title)
            return html[:start] + html[position + len(token.raw) :] if same else html
        if not name and token.name in _HEADINGS and not token.end:
            name, start = token.name, position
        elif not token.name and name:
            words.append(token.text)
        elif not name and (
            token.name not in {"header", "div", "section", "article"} if token.name else token.raw.strip()
        ):
            return html
        position += len(token.raw)
    return html


def _plain(words: str) -> str:
    return " ".join(words.translate(_QUOTES).casefold().split()).rstrip(".")
