"""Sanitised HTML -> the HTML of an entry: its title said once, bare addresses linked, no depth that chokes."""

import re

from publisher.posts.depth import flattened
from publisher.posts.html import SITE_SCHEME
from publisher.posts.tokens import tokens

MAX_DEPTH = 100  # lxml gives up at 256, some readers long before; no text means more

# GFM 6.9: brackets belong to an address in pairs, and signs at its end do not.
_URL = re.compile(
    r"(?<![\w/@.=\"'-])(?:https?://|www\.)(?:\([^\s<>()\"]*\)|[^\s<>()\"“”])*"
    rf"(?:\([^\s<>()\"]*\)|[^\s<>()\"“”.,:;!?'’*_~\]}}]|(?<={SITE_SCHEME}):)"
)
_ENTITY_END = re.compile(r"&(?:quot|gt|lt|#39|nbsp)\b.*\Z", re.DOTALL)
_TAG = re.compile(r"(<[^<>]*>)")  # exact: the sanitiser escapes both signs everywhere else
_UNLINKED = re.compile(r"<(/?)(?:a|code|pre|kbd|samp|var)\b")
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_AROUND = frozenset({"header", "div", "section", "article"})
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\xa0": " "})
_EMPTY = re.compile(r"<p>\s*</p>\n?")


def finish(html: str, *, title: str) -> tuple[str, bool]:
    """The HTML, and whether it was flattened because it was too deep."""
    html = _without_title(html, title)
    html, deep = flattened(html, MAX_DEPTH)
    if _has_bare_address(html):
        html = _linked(html)
    return (_EMPTY.sub("", html) if "<p>" in html else html).strip(), deep


def _has_bare_address(html: str) -> bool:
    """Addresses in attributes and in links of their own need nothing; most posts have no others."""
    bare = html.count("www.") - html.count("://www.")
    for scheme in ("http://", "https://"):
        bare += html.count(scheme) - html.count(f'="{scheme}') - html.count(f'">{scheme}')
    return bare > 0


def _linked(html: str) -> str:
    parts = _TAG.split(html)
    unlinked = 0  # open elements in which no address becomes a link
    for at, part in enumerate(parts):
        if at % 2:
            if (match := _UNLINKED.match(part)) is not None:
                unlinked += -1 if match[1] else 1
        elif not unlinked and ("://" in part or "www." in part):
            parts[at] = _URL.sub(_link, part)
    return "".join(parts)


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
        elif name:
            words.append(token.text if not token.name else "")
        elif token.name not in _AROUND and token.raw.strip():
            return html
        position += len(token.raw)
    return html


def _plain(words: str) -> str:
    return " ".join(words.translate(_QUOTES).casefold().split()).rstrip(".")
