"""Pictures and tables of an article -> such as fit into a mail's column, and into a telephone."""

from urllib.parse import urlsplit

from lxml import html as lxml_html
from lxml.html import HtmlElement

# SVG: no Gmail, no Outlook; AVIF: the same. WebP is shown by all but Outlook on Windows, which shows `alt`.
_UNSEEN = (".svg", ".svgz", ".avif")


def _pixels(text: str | None) -> int | None:
    digits = (text or "").strip().lower().removesuffix("px")
    return int(digits) if digits.isascii() and digits.isdigit() and 0 < int(digits) < 100_000 else None


def shows(url: str) -> bool:
    """Whether mail programs show the picture at *url*."""
    parts = urlsplit(url)
    return parts.scheme in {"http", "https"} and not parts.path.lower().endswith(_UNSEEN)


def fit_pictures(root: HtmlElement, column: int) -> None:
    """Give every picture a width of at most *column* pixels, and words.

    One that mail cannot show becomes its words, linked.
    """
    for picture in list(root.iter("img")):
        url = picture.get("src") or ""
        caption = next((text for text in _captions(picture) if text), "")
        link = next(picture.iterancestors("a"), None)
        if _is_pixel(picture):
            picture.drop_tree()
            if link is not None and not link.text_content().strip() and link.find(".//img") is None:
                link.drop_tag()
            continue
        if not shows(url):
            _replace(picture, url, caption, linked=link is not None)
            continue
        if link is not None and not " ".join(link.text_content().split()):
            # A6: a linked picture without words is a link without words
            picture.set("alt", caption or urlsplit(link.get("href") or "").netloc)
        else:
            picture.set("alt", (picture.get("alt") or "").strip())
        _size(picture, column)


def _is_pixel(picture: HtmlElement) -> bool:
    """R1: a picture that nobody sees is there to count readers, which a page may do and our mails do not."""
    return bool({picture.get("width", "").strip().removesuffix("px"), picture.get("height", "").strip()} & {"0", "1"})


def _captions(picture: HtmlElement) -> list[str]:
    figure = next(picture.iterancestors("figure"), None)
    words = figure.findtext(".//figcaption") if figure is not None else None
    return [" ".join((text or "").split()) for text in (picture.get("alt"), picture.get("title"), words)]


def _replace(picture: HtmlElement, url: str, words: str, *, linked: bool) -> None:
    on_web = urlsplit(url).scheme in {"http", "https"}
    words = words or (urlsplit(url).path.rpartition("/")[2] if on_web else "")
    if on_web and words and not linked:
        link = lxml_html.Element("a", href=url)
        link.text = words
        picture.addprevious(link)
    else:
        picture.tail = words + (picture.tail or "")
    picture.drop_tree()


def _size(picture: HtmlElement, column: int) -> None:
    width, height = _pixels(picture.get("width")), _pixels(picture.get("height"))
    for name in ("width", "height", "align"):
        picture.attrib.pop(name, None)
    if width:
        picture.set("width", str(min(width, column)))
        if height:
            picture.set("height", str(max(1, round(height * min(width, column) / width))))
        picture.set("class", "sized")
    else:
        # Outlook on Windows reads the attribute; the others take the picture's own size, at most the sheet's
        picture.set("width", str(column))
        picture.set("class", "picture")


def fit_tables(root: HtmlElement) -> None:
    """Say what heads what, and let a wide table scroll by itself, not the mail."""
    for table in list(root.iter("table")):
        heads = list(table.iter("th"))
        if heads:
            for cell in heads:
                row = cell.getparent()
                across = all(child.tag == "th" for child in row)
                cell.set("scope", cell.get("scope") or ("col" if across else "row"))
        else:
            table.set("role", "presentation")
        table.set("class", "data")
        if next(table.iterancestors("table"), None) is None:
            box = lxml_html.Element("div")
            box.set("class", "scroll")
            table.addprevious(box)
            box.tail, table.tail = table.tail, None
            box.append(table)
