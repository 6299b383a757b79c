"""The styles -> what makes Gmail drop all of them, and what looks like hiding words."""

import re
from collections.abc import Iterator, Sequence

from publisher.mail.judge.document import fault
from publisher.mail.judge.fault import Fault, Kind
from publisher.mail.judge.tree import Element, Page

_ALL, _BLOCK = 16_384, 8_192  # characters; over the first Gmail removes every style (S3, S4)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_NO_LAYOUT = re.compile(
    r"(?:^|;)\s*(?:position|float|grid[a-z-]*)\s*:|display\s*:\s*(?:inline-)?(?:grid|flex)|(?:^|;)\s*flex[a-z-]*\s*:"
    r"|\b(?:var|calc)\("
)
_INVISIBLE = re.compile(
    r"font-size\s*:\s*[01](?:px|pt)?\s*(?:;|$|!)|opacity\s*:\s*0(?:\.0*)?\s*(?:;|$|!)|visibility\s*:\s*hidden"
)
_STYLED = frozenset({"p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote"})
_CONDITIONAL = re.compile(r"<!--\[if.*?<!\[endif\]", re.DOTALL)
_WIDEST = 640  # px (B4, B5)
_MOST = re.compile(r"max-width\s*:\s*(\d+)px")
_WIDTH = re.compile(r"(?:^|;)\s*(?:min-)?width\s*:\s*(\d+)px")


def style_faults(page: Page) -> Iterator[Fault]:
    """S3, S4, C1, C3, C4, C6 to C11, B4 to B6."""
    blocks = page.named("style")
    css = ["".join(block.words) for block in blocks]
    total = sum(map(len, css))
    if total > _ALL:
        said = f"the styles have {total:,} characters, and above {_ALL:,} Gmail drops them all"
        yield fault(Kind.SIZE, "S3", said, blocks[0])
    for block, text in zip(blocks, css, strict=True):
        yield from _block_faults(block, _COMMENT.sub("", text))
    if not any("prefers-color-scheme" in text for text in css):
        yield fault(Kind.DOUBTFUL, "C6", "no style asks for prefers-color-scheme, so dark mode is left to guess")
    for element in page.elements:
        yield from _inline_faults(element)
    yield from _container_faults(page)


def _block_faults(block: Element, css: str) -> Iterator[Fault]:
    if any(one.tag == "body" for one in block.around()):
        yield fault(Kind.HTML, "C1", "<style> in the body, where programs drop it; put it into the head", block)
    if len(css) > _BLOCK:
        said = f"a style has {len(css):,} characters, and Gmail drops one above {_BLOCK:,}"
        yield fault(Kind.SIZE, "S4", said, block)
    if "@import" in css.lower():
        yield fault(Kind.HTML, "C3", "@import fetches styles from elsewhere; write them into the mail", block)
    nested, loose = _at_rules(css)
    if nested:
        yield fault(Kind.HTML, "C4", "an @ rule in an @ rule, for which Gmail drops the whole style", block)
    if loose:
        said = f'"{loose[0]}" in an @media is not !important, so the inline style wins'
        yield fault(Kind.DOUBTFUL, "C7", said, block)


def _at_rules(css: str) -> tuple[bool, Sequence[str]]:
    """Whether an @ stands in the block of an @, and which declarations of @media are not !important."""
    nested, loose = False, []
    for match in re.finditer(r"@media[^{]*\{", css):
        depth, place = 1, match.end()
        while place < len(css) and depth:
            depth += {"{": 1, "}": -1}.get(css[place], 0)
            place += 1
        inner = css[match.end() : place - 1]
        nested = nested or "@" in inner
        for rule in re.findall(r"\{([^{}]*)\}", inner):
            loose += [one.strip() for one in rule.split(";") if one.strip() and "!important" not in one]
    return nested, loose


def _inline_faults(element: Element) -> Iterator[Fault]:
    style = element.style
    where = f"<{element.tag} style>"
    if found := _NO_LAYOUT.search(style):
        said = f'{where} has "{found[0].strip("; ")}", which Outlook or Gmail drop; use tables'
        yield fault(Kind.DOUBTFUL, "C8", said, element)
    if found := _INVISIBLE.search(style):
        said = f'{where} has "{found[0].strip("; ")}", as those who hide words have; use display:none'
        yield fault(Kind.HTML, "C9", said, element)
    if "!important" in style:
        said = f"{where} is !important, so no style for dark mode or telephones can win"
        yield fault(Kind.DOUBTFUL, "C10", said, element)
    if element.tag in _STYLED and not style and element.text:
        said = f"<{element.tag}> has no style of its own, and where <style> is dropped it looks like any text"
        yield fault(Kind.DOUBTFUL, "C11", said, element)
    wide = [int(said) for said in _WIDTH.findall(style)]
    number = element.get("width") or ""
    wide += [int(number)] if number.isascii() and number.isdigit() else []
    if any(width > _WIDEST for width in wide):
        said = f"<{element.tag}> is {max(wide)} pixels wide; more than {_WIDEST} does not fit a mail program"
        yield fault(Kind.HTML, "B4", said, element)


def _container_faults(page: Page) -> Iterator[Fault]:
    widths = [int(width) for one in page.elements for width in _MOST.findall(one.style)]
    if not any(width <= _WIDEST for width in widths):
        said = f"nothing has a max-width of {_WIDEST}px or less, so lines run as wide as the window"
        yield fault(Kind.DOUBTFUL, "B5", said)
    starts = page.html.count("<!--[if")
    inside = "".join(_CONDITIONAL.findall(page.html))
    uneven = any(inside.count(f"<{tag}") != inside.count(f"</{tag}") for tag in ("table", "tr", "td"))
    if uneven or starts != page.html.count("<![endif]"):
        said = "what conditional comments begin, none ends: Outlook on Windows hides or shifts what follows"
        yield fault(Kind.HTML, "B6", said)
    elif not starts:
        yield fault(Kind.DOUBTFUL, "B6", "no conditional comment gives Outlook on Windows a sheet of its own")
