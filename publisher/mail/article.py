"""A post's sanitised HTML -> what mail programs can show of it.

No ids and no links inside the mail (they are dead in Gmail's and Samsung's apps), no classes but ours,
headings that begin below the title and skip no level, pictures that say how wide they are.
"""

import re
from urllib.parse import urldefrag, urlsplit

from lxml import etree
from lxml import html as lxml_html
from lxml.html import HtmlElement

from publisher.mail.figures import fit_pictures, fit_tables
from publisher.model.script import is_written_right_to_left

_KEPT = frozenset(
    {"href", "src", "alt", "title", "lang", "dir", "width", "height", "align", "start", "reversed", "value"}
    | {"datetime", "colspan", "rowspan", "scope"}
)
_WIDE = frozenset({"img"})  # the only ones whose size and place the author decides
_CELLS = frozenset({"td", "th"})
_GONE = ("script", "style", "iframe", "object", "embed", "svg", "link", "base", "meta", "template")
_UNWRAPPED = ("form", "picture", "video", "audio", "canvas", "button", "label", "font", "center", "noscript")
_EMPTY = ("source", "track")  # libxml2 does not know that they are empty, and puts things into them
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_RETURN = re.compile(r"[\s\u21a9\u21b5\u2191\u23ce\ufe0e\ufe0f^\d]*")  # a way back up is an arrow, no words
_ALIGN = re.compile(r"text-align:\s*(left|right|center)", re.IGNORECASE)
_SIDES = frozenset({"left", "right", "center"})
_PARAGRAPHS = frozenset({"p", "td", "th", "dd", "dt", "figcaption", *_HEADINGS})
_TIGHT = frozenset({"blockquote", "li", "td", "th", "figcaption", "dd"})  # a last paragraph in them needs no space


def parse(fragment: str) -> HtmlElement:
    """The fragment, in a `div` of its own."""
    return lxml_html.fragment_fromstring(fragment, create_parent="div")


def serialise(root: HtmlElement) -> str:
    """What is in the `div` that `parse` gave."""
    text: str = lxml_html.tostring(root, encoding="unicode", with_tail=False)
    return text.removeprefix("<div>").removesuffix("</div>")


def to_mail(fragment: str, *, title: str, url: str, column: int) -> str:
    """The article at *url*, whose headline is *title*, for a column of so many pixels.

    Links and pictures are absolute already.
    """
    root = parse(fragment)
    _posters(root)
    etree.strip_tags(root, etree.Comment, *_UNWRAPPED, *_EMPTY)
    etree.strip_elements(root, *_GONE, with_tail=False)
    _boxes(root)
    _links(root, url)
    _attributes(root)
    _directions(root)
    _headings(root, title)
    fit_pictures(root, column)
    fit_tables(root)
    return serialise(root)


def _posters(root: HtmlElement) -> None:
    """The picture of a film leads to it, as the words do that stand in it for whoever cannot play it."""
    for film in root.iter("video"):
        link = film.find(".//a[@href]")
        if film.get("poster") and link is not None:
            picture = lxml_html.Element("img", src=film.get("poster"), alt="")
            link.insert(0, picture)
            line = lxml_html.Element("br")
            line.tail, link.text = link.text, None
            picture.addnext(line)


def _links(root: HtmlElement, url: str) -> None:
    here = urldefrag(url).url
    for link in list(root.iter("a")):
        href = "".join((link.get("href") or "").split())
        target = urldefrag(href)
        if target.fragment and target.url in {"", here}:
            _inner_link(root, link, f"{here}#{target.fragment}")
        elif urlsplit(href).scheme.lower() not in _SCHEMES or not (_words(link) or link.find(".//img") is not None):
            link.drop_tag()
        else:
            link.set("href", href)


def _inner_link(root: HtmlElement, link: HtmlElement, web: str) -> None:
    """Notes become end notes, other links go to the post on the web (K9)."""
    notes = next(link.iterancestors("ol"), None)
    if notes is not None and _RETURN.fullmatch(_words(link)):
        box = notes.getparent() if notes.getparent() is not root else notes
        box.set("data-notes", "")
        link.drop_tree()
    elif next(link.iterancestors("sup"), None) is not None or link.find("sup") is not None:
        link.drop_tag()
    elif _words(link):
        link.set("href", web)
    else:
        link.drop_tag()


def _words(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())


def _attributes(root: HtmlElement) -> None:
    for element in list(root.iter("*")):
        align = _ALIGN.search(element.get("style", ""))
        kept = _KEPT if element.tag in _WIDE else _KEPT - {"width", "height", "align"}
        side = align[1] if align else element.get("align", "")
        notes = "data-notes" in element.attrib
        for name in [name for name in element.attrib if name not in kept]:
            del element.attrib[name]
        if element.tag in _CELLS and side.lower() in _SIDES:
            element.set("style", f"text-align: {side.lower()}")
        if element.tag == "p" and element.getnext() is None and element.getparent().tag in _TIGHT:
            element.set("class", "last")
        if notes:
            element.set("class", "notes")
            for rule in element.findall("hr"):
                rule.drop_tree()
        if element.tag == "pre":
            element.set("dir", "ltr")  # code reads so in every language


def _directions(root: HtmlElement) -> None:
    """What is quoted in Hebrew or Arabic within another text; `auto` is unknown to Outlook."""
    if is_written_right_to_left(_words(root)):
        return  # what is around it says so
    for element in root.iter(*_PARAGRAPHS):
        if "dir" not in element.attrib and is_written_right_to_left(_words(element)):
            element.set("dir", "rtl")


def _headings(root: HtmlElement, title: str) -> None:
    first = next((element for element in root.iter("*") if element is not root), None)
    if first is not None and first.tag in _HEADINGS and _words(first).casefold() == title.casefold():
        first.drop_tree()
    above: list[str] = []
    for heading in root.iter(*_HEADINGS):
        while above and above[-1] >= str(heading.tag):
            above.pop()
        above.append(str(heading.tag))
        heading.tag = f"h{min(len(above) + 1, 6)}"


def _boxes(root: HtmlElement) -> None:
    """Task lists and folded parts, in words that need no program."""
    for box in list(root.iter("input")):
        if (box.get("type") or "") == "checkbox" or box.getparent().tag == "li":
            box.tail = ("☑ " if "checked" in box.attrib else "☐ ") + (box.tail or "").lstrip()
        box.drop_tree()
    for element in list(root.iter("summary")):
        element.tag = "p"
    for element in list(root.iter("details")):
        element.tag = "div"


def plain(fragment: str) -> str:
    """The words of a short piece of HTML, a paragraph each, with addresses behind the words of links."""
    root = parse(fragment)
    for link in root.iter("a"):
        href = link.get("href", "")
        if urlsplit(href).scheme in _SCHEMES and _words(link) not in {href, href.removeprefix("mailto:")}:
            link.tail = f" <{href}>{link.tail or ''}"
    paragraphs = [_words(element) for element in root.iter("p", "li", *_HEADINGS, "pre", "td")]
    return "\n\n".join(filter(None, paragraphs)) or _words(root)
