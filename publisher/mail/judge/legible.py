"""The HTML as it is where styles stand on its elements -> words too small, too faint, too wide, or hard to press.

What needs a browser is not seen: dark mode, what a `<style>` changes, pictures behind words.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from publisher.mail.judge.document import HEADINGS, fault
from publisher.mail.judge.fault import Fault, Kind
from publisher.mail.judge.tree import Element, Page
from publisher.mail.theme import contrast

_SIZE = re.compile(r"(?:^|;)\s*font(?:-size)?\s*:[^;]*?(\d+(?:\.\d+)?)(px|pt)")
_COLOUR = re.compile(r"(?:^|;)\s*color\s*:\s*([^;]+)")
_WEIGHT = re.compile(r"(?:^|;)\s*font-weight\s*:\s*(\w+)")
_BEHIND = re.compile(r"(?:^|;)\s*background(?:-color)?\s*:\s*([^;]+)")
_HEX = re.compile(r"#[0-9a-f]{6}|#[0-9a-f]{3}")
_WIDTH = re.compile(r"(?:^|;)\s*width\s*:\s*([^;]+)")
_PIXELS = re.compile(r"(\d+(?:\.\d+)?)px")
_LINE = re.compile(r"(?:^|;)\s*line-height\s*:\s*(\d+(?:\.\d+)?)px")
_PADDING = re.compile(r"(?:^|;)\s*padding\s*:\s*([^;\s][^;]*)")
_MEDIA = re.compile(r"@media[^{]*\{((?:[^{}]*\{[^{}]*\})*)")

_SMALLEST, _BODY = 13, 16  # px (A10)
_LARGE, _BOLD = 24, 18.66  # px; WCAG 2.2 1.4.3 "large scale", 18 pt, or 14 pt in bold
_ENOUGH, _ENOUGH_LARGE = 4.5, 3.0
_TELEPHONE = 320  # px (A9)
_THUMB = 44  # px (A11)


class _Look(NamedTuple):
    """How words in an element look: pixels, colours as #rrggbb ("" in words that we do not read)."""

    size: float = 16.0  # what browsers begin with
    colour: str = "#000000"
    behind: str = "#ffffff"
    bold: bool = False


def legible_faults(page: Page) -> Iterator[Fault]:
    """A8 to A11."""
    looks: dict[Element | None, _Look] = {None: _Look()}
    for element in page.elements:  # what is around one comes before it
        looks[element] = _look(element, looks[element.parent])
    yield from _size_faults(page, looks)
    yield from _contrast_faults(page, looks)
    kept = " ".join(block for style in page.named("style") for block in _MEDIA.findall("".join(style.words)))
    for element in page.elements:
        yield from _width_faults(element, kept)
        if element.tag == "a":
            yield from _button_faults(element)


def _look(element: Element, around: _Look) -> _Look:
    style = element.style
    size, colour, behind, bold = around
    if found := _SIZE.search(style):
        size = float(found[1]) * (4 / 3 if found[2] == "pt" else 1)
    if said := _COLOUR.search(style):
        colour = _read(said[1])
    elif element.tag == "a":
        colour = "#0000ee"  # as browsers show a link
    if said := _BEHIND.search(style):
        behind = _read(said[1])
    elif said_so := element.get("bgcolor"):
        behind = _read(said_so)
    if found := _WEIGHT.search(style):
        bold = found[1] in {"bold", "700", "800", "900"}
    return _Look(size, colour, behind, bold)


def _read(colour: str) -> str:
    colour = colour.strip().lower()
    if not _HEX.fullmatch(colour):
        return ""
    return colour if len(colour) == len("#rrggbb") else "#" + "".join(2 * digit for digit in colour[1:])


def _size_faults(page: Page, looks: Mapping[Element | None, _Look]) -> Iterator[Fault]:
    seen: set[float] = set()
    for element, words in page.spoken:
        size = looks[element].size
        if size < _SMALLEST and size not in seen:
            said = f"words of {size:g} pixels, as “{words.strip()[:40]}”; {_SMALLEST} or more can be read"
            yield fault(Kind.DOUBTFUL, "A10", said, element)
        if not any(one.tag in HEADINGS for one in element.around()):
            seen.add(size)
    if seen and max(seen) < _BODY:
        said = f"no words but headings are of {_BODY} pixels or more, which telephones need"
        yield fault(Kind.DOUBTFUL, "A10", said, page.first("body"))


def _contrast_faults(page: Page, looks: Mapping[Element | None, _Look]) -> Iterator[Fault]:
    seen: set[_Look] = set()
    for element, words in page.spoken:
        look = looks[element]
        if look in seen or not (look.colour and look.behind):
            continue
        seen.add(look)
        enough = _ENOUGH_LARGE if look.size >= (_BOLD if look.bold else _LARGE) else _ENOUGH
        if (found := contrast(look.colour, look.behind)) < enough:
            said = (
                f"“{words.strip()[:40]}” hardly stands out: {look.colour} on {look.behind} is {found:.1f} of {enough}"
            )
            yield fault(Kind.DOUBTFUL, "A8", said, element)


def _width_faults(element: Element, kept: str) -> Iterator[Fault]:
    """*kept*: the rules of media queries, which may make it narrower."""
    width = _width(element)
    narrowed = any(re.search(rf"\.{re.escape(name)}\b", kept) for name in (element.get("class") or "").split())
    if width > _TELEPHONE and "max-width" not in element.style and not narrowed:
        said = f"<{element.tag}> is {width:g} pixels wide on a telephone too, which then scrolls sideways"
        yield fault(Kind.DOUBTFUL, "A9", said, element)


def _width(element: Element) -> float:
    """In pixels; 0 where it is as wide as there is room. A style goes before an attribute."""
    said = _WIDTH.findall(element.style)
    if said:
        found = _PIXELS.match(said[-1].strip())
        return float(found[1]) if found else 0.0
    number = element.get("width") or ""
    return float(number) if number.isascii() and number.isdigit() else 0.0


def _button_faults(link: Element) -> Iterator[Fault]:
    """A link that looks like a button: it, or its cell, is coloured, and it has room around its words."""
    cell = next((one for one in link.around() if one.tag == "td" and one.text == link.text), link)
    coloured = any(_BEHIND.search(one.style) or one.get("bgcolor") for one in (link, cell))
    padding, line = _PADDING.search(link.style), _LINE.search(link.style)
    if not (coloured and padding and line):
        return
    sides = [float(found[1]) if (found := _PIXELS.match(one)) else 0.0 for one in padding[1].split()]
    height = float(line[1]) + sides[0] + (sides[2] if len(sides) > 2 else sides[0])  # top, right, bottom
    if height < _THUMB:
        said = f"the button “{link.text[:40]}” is {height:g} pixels high, and a thumb needs {_THUMB}"
        yield fault(Kind.DOUBTFUL, "A11", said, link)
