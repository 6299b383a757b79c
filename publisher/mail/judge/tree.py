"""HTML -> its elements in order, with what is visible of it: as a mail program's parser walks over it."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import NamedTuple

_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}
)
_UNSEEN = frozenset({"head", "style", "script", "title", "template"})
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden")


class Element:
    """A tag with its attributes, where it stands, and the words in it."""

    __slots__ = ("attributes", "line", "parent", "tag", "words")

    def __init__(self, tag: str, attributes: dict[str, str], line: int, parent: "Element | None") -> None:
        self.tag = tag
        self.attributes = attributes
        self.line = line
        self.parent = parent
        self.words: list[str] = []

    def get(self, name: str) -> str | None:
        """An attribute; "" where it has no value, None where it is not there."""
        return self.attributes.get(name)

    @property
    def style(self) -> str:
        """The style attribute, in lower case."""
        return (self.get("style") or "").lower()

    @property
    def text(self) -> str:
        """The words in it and in what it holds, on one line; an image's `alt` is a word."""
        return " ".join("".join(self.words).split())

    def around(self) -> Iterator["Element"]:
        """Itself and all that it is in, from within."""
        one: Element | None = self
        while one is not None:
            yield one
            one = one.parent

    @property
    def hidden(self) -> bool:
        """Whether no reader sees it."""
        return any(one.tag in _UNSEEN or _HIDDEN.search(one.style) for one in self.around())


class Link(NamedTuple):
    """An `<a href>`."""

    href: str
    element: Element


class Page:
    """The document that a text is. Never fails: what is no HTML is words."""

    def __init__(self, html: str) -> None:
        walk = _Walk()
        walk.feed(html)
        walk.close()
        self.html = html
        self.elements = walk.elements  # in order
        self.doctype = walk.doctype
        self.spoken = walk.spoken  # the words that a reader sees, each with the element that they are in
        self.visible = " ".join(" ".join(walk.visible).split())  # all of them

    def named(self, *tags: str) -> list[Element]:
        """The elements of these tags, in order."""
        return [element for element in self.elements if element.tag in tags]

    def first(self, tag: str) -> Element | None:
        """The first element of a tag."""
        return next((element for element in self.elements if element.tag == tag), None)

    @property
    def links(self) -> list[Link]:
        """All that lead somewhere, or should."""
        return [Link((one.get("href") or "").strip(), one) for one in self.named("a") if one.get("href") is not None]


class _Walk(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.doctype = ""
        self.visible: list[str] = []
        self.spoken: list[tuple[Element, str]] = []
        self._open: Element | None = None
        self._hidden: dict[int, bool] = {}  # by the id of an element that has words

    def handle_decl(self, decl: str) -> None:
        self.doctype = self.doctype or decl

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes: dict[str, str] = {}
        for name, value in attrs:
            attributes.setdefault(name, value or "")  # of two, browsers take the first
        element = Element(tag, attributes, self.getpos()[0], self._open)
        self.elements.append(element)
        if tag == "img":
            self._say(attributes.get("alt", ""), element)
        if tag not in _VOID:
            self._open = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self._open is None:
            return
        for element in self._open.around():
            if element.tag == tag:
                self._open = element.parent
                return

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self._say(data, self._open)
        elif data.strip():
            self.visible.append(data)

    def _say(self, words: str, element: Element) -> None:
        for one in element.around():
            one.words.append(words)
        if words.strip() and not self._hides(element):
            self.visible.append(words)
            if element.tag != "img":
                self.spoken.append((element, words))

    def _hides(self, element: Element) -> bool:
        if id(element) not in self._hidden:
            self._hidden[id(element)] = element.hidden
        return self._hidden[id(element)]
