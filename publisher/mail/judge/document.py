"""The HTML as a document -> what mail programs take out of it, and what readers who see or hear little need."""

from collections.abc import Iterator

from publisher.mail.judge.fault import Fault, Kind
from publisher.mail.judge.tree import Element, Page

HTML = "text/html"
_FORBIDDEN = frozenset({"link", "script", "form", "iframe", "object", "video", "svg", "base"})  # C2
_RUNS = ("javascript:", "vbscript:", "data:text")
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def fault(kind: Kind, rule: str, said: str, element: Element | None = None) -> Fault:
    """A fault of the HTML, at an element."""
    return Fault(kind, rule, said, HTML, element.line if element else None)


def document_faults(page: Page) -> Iterator[Fault]:
    """P1 to P7, A1, A7, C2, C5, K7."""
    if page.doctype.lower() != "doctype html":
        yield fault(Kind.HTML, "P1", "the document does not begin with <!DOCTYPE html>; programs guess without it")
    yield from _language_faults(page)
    yield from _head_faults(page)
    for element in page.elements:
        yield from _harm_faults(element)
    for table in page.named("table"):
        heads = any(one.tag == "th" and _table_of(one) is table for one in page.named("th"))
        if (table.get("role") or "").lower() not in {"presentation", "none"} and not heads:
            said = '<table> has neither role="presentation" nor <th>, so a screen reader counts its cells'
            yield fault(Kind.HTML, "A1", said, table)
    yield from _heading_faults(page)
    yield from _id_faults(page)


def _table_of(cell: Element) -> Element | None:
    return next((one for one in cell.around() if one.tag == "table"), None)


def _language_faults(page: Page) -> Iterator[Fault]:
    root = page.first("html")
    body = page.first("body")
    inside = [one for one in page.elements if one.tag == "div" and body is not None and body in one.around()]
    for rule, name in (("P2", "lang"), ("P3", "dir")):
        if root is None or not root.get(name):
            yield fault(Kind.HTML, rule, f"<html> has no {name}; screen readers and right-to-left texts need it", root)
        elif not any(one.get(name) for one in inside):
            said = f"no <div> around the mail has {name}; webmail drops <html>, and the word with it"
            yield fault(Kind.HTML, rule, said, body)


def _head_faults(page: Page) -> Iterator[Fault]:
    metas = page.named("meta")
    names = {(one.get("name") or "").lower(): (one.get("content") or "").lower() for one in metas}
    title = page.first("title")
    if title is None or not title.text:
        yield fault(Kind.HTML, "P4", "the document has no <title>, by which browsers and screen readers name it", title)
    if not any((one.get("charset") or "").lower() == "utf-8" for one in metas):
        yield fault(Kind.HTML, "P5", 'there is no <meta charset="utf-8">')
    if "viewport" not in names:
        yield fault(Kind.HTML, "P6", "there is no <meta name=viewport>, so telephones shrink the mail")
    elif "user-scalable=no" in names["viewport"].replace(" ", ""):
        yield fault(Kind.HTML, "P6", "the viewport forbids readers to make the text larger; take user-scalable out")
    if "color-scheme" not in names:
        yield fault(Kind.DOUBTFUL, "P7", "there is no <meta name=color-scheme>, so dark mode turns colours over")


def _harm_faults(element: Element) -> Iterator[Fault]:
    if element.tag in _FORBIDDEN:
        yield fault(Kind.HTML, "C2", f"<{element.tag}> is nothing for a mail; programs drop it, or the mail", element)
    for name, said in element.attributes.items():
        value = "".join(said.split()).lower()
        if name.startswith("on"):
            yield fault(Kind.HTML, "C5", f"<{element.tag} {name}> runs a script; take it out", element)
        elif name in {"href", "src", "action", "background"} and value.startswith(_RUNS):
            yield fault(Kind.HTML, "C5", f"<{element.tag} {name}> runs what it names; take it out", element)


def _heading_faults(page: Page) -> Iterator[Fault]:
    headings = page.named(*HEADINGS)
    tops = [one for one in headings if one.tag == "h1"]
    if len(tops) != 1:
        said = f"there are {len(tops)} <h1>; one, the mail's title"
        yield fault(Kind.HTML, "A7", said, tops[1] if tops else None)
    elif headings[0] is not tops[0]:
        yield fault(Kind.HTML, "A7", f"<{headings[0].tag}> comes before <h1>, the mail's title", headings[0])
    level = 0
    for one in headings:
        if int(one.tag[1]) > level + 1 and level:
            said = f"<{one.tag}> follows <h{level}>: a level is skipped"
            yield fault(Kind.HTML, "A7", said, one)
        level = int(one.tag[1])


def _id_faults(page: Page) -> Iterator[Fault]:
    seen: set[str] = set()
    for element in page.elements:
        name = element.get("id")
        if name and name in seen:
            yield fault(Kind.HTML, "K7", f'two elements have the id "{name}"', element)
        seen.add(name or "")
