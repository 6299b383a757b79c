"""A feed entry -> the clean words that all formats say alike."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from html import unescape
from urllib.parse import urljoin

from publisher.feeds.clean import clean, clean_language, clean_line, clean_url
from publisher.model.entry import Author, Category, Enclosure, Entry, Image
from publisher.model.script import is_written_right_to_left
from publisher.model.site import Site

_TAXONOMIES = {"category": "categories/", "tag": "tags/"}  # below the site's address
_TITLE_WORDS = 8  # of the summary, where there is no title
_TAG = re.compile("<[^>]*>")
_MAILBOX = re.compile(r"[^\s@]+@[^\s@]+")  # what RFC 4287 3.2.3 and RSS both take for one
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+( ?;.*)?")  # RFC 6838 4.2
_SCHEME = re.compile("[A-Za-z][A-Za-z0-9+.-]*:")  # RFC 3986 3.1
_WEB = re.compile("https?://", re.IGNORECASE)

# Written from right to left: these scripts, and these languages unless their tag names another script.
_RTL_SCRIPTS = frozenset({"adlm", "arab", "hebr", "mand", "nkoo", "rohg", "samr", "syrc", "thaa"})
_RTL_LANGUAGES = frozenset(
    {"ar", "arc", "ckb", "dv", "fa", "glk", "he", "iw", "ks", "lrc", "mzn", "nqo", "pnb", "ps"}
    | {"sd", "syr", "ug", "ur", "yi"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """An entry with what readers see of it: `html` sanitised and all its URLs absolute, `summary` plain text."""

    entry: Entry
    html: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A category or tag as a feed names it; `scheme` is the taxonomy's IRI (RFC 4287 4.2.2)."""

    term: str
    scheme: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An entry as it stands in a feed: every string clean, every URL encoded. Nothing here depends on the format."""

    id: str
    url: str
    title: str  # may be empty
    heading: str  # the title, or else the first words; never empty
    published: datetime
    updated: datetime
    language: str  # empty where it is the feed's
    authors: tuple[Author, ...]
    terms: tuple[Term, ...]
    html: str
    summary: str  # empty where the content says the same
    image: Image | None
    enclosures: tuple[Enclosure, ...]
    rights: str

    @property
    def changed(self) -> bool:
        """Whether it was updated after it was published."""
        return self.updated > self.published


def to_item(one: FeedEntry, site: Site, *, language: str = "", full: bool) -> Item:
    """The item of *one* in a feed of *site*, in *language* if not in the site's; without *full*, its summary alone."""
    meta = one.entry.metadata
    title, summary, url = clean_line(meta.title), clean_line(one.summary), clean_url(meta.url)
    site_language = clean_language(site.language)
    feed_language = clean_language(language) or site_language
    language = clean_language(meta.language) or site_language
    html = clean(one.html) if full else ""
    return Item(
        id=clean(one.entry.id).strip() or url,
        url=url,
        title=title,
        heading=title or _first_words(summary) or clean_line(meta.slug) or url,
        published=to_second(meta.published),
        updated=to_second(one.entry.updated),
        language=language if language.lower() != feed_language.lower() else "",
        authors=clean_authors(meta.authors),
        terms=to_terms(meta.categories, site),
        html=_turned(html) if html and _from_right(html, language) else html,
        summary="" if _says(html, summary) else summary,
        image=_image(meta.image, url) if meta.image else None,
        enclosures=tuple(_enclosure(enclosure, url) for enclosure in meta.enclosures),
        rights=clean_line(meta.rights or ""),
    )


def clean_authors(authors: Iterable[Author]) -> tuple[Author, ...]:
    """The authors whose names have something to read in them, none twice."""
    cleaned = (
        Author(
            name=name,
            uri=uri if _SCHEME.match(uri := clean_url(author.uri or "")) else None,
            email=email if _MAILBOX.fullmatch(email := clean_line(author.email or "")) else None,
        )
        for author in authors
        if (name := clean_line(author.name))
    )
    return tuple(dict.fromkeys(cleaned))


def to_terms(categories: Iterable[Category], site: Site) -> tuple[Term, ...]:
    """The categories as a feed of *site* names them, none twice, whatever its case."""
    found: dict[tuple[str, str], Term] = {}
    for category in categories:
        term = clean_line(category.term)
        if term:
            scheme = clean_url(urljoin(site.url, _TAXONOMIES[category.kind]))
            name = Term(term=term, scheme=scheme, label=clean_line(category.label) or term)
            found.setdefault((category.kind, term.casefold()), name)
    return tuple(found.values())


def to_second(moment: datetime) -> datetime:
    """*moment* in UTC, to the second: no date of a post means more."""
    return moment.astimezone(UTC).replace(microsecond=0)


def to_rfc3339(moment: datetime) -> str:
    """As Atom and JSON Feed write dates."""
    return to_second(moment).isoformat()


def to_rfc822(moment: datetime) -> str:
    """As RSS writes dates: English in any locale, four digits for the year, numeric zone."""
    return format_datetime(to_second(moment))


def is_web_address(text: str) -> bool:
    """Whether *text* is one http(s) address and nothing else."""
    return bool(_WEB.match(text)) and " " not in text


def runs_right_to_left(language: str) -> bool:
    """Whether text in *language* (BCP 47) is written from right to left."""
    first, *others = language.lower().split("-")
    scripts = [part for part in others if len(part) == 4 and part.isalpha()]
    return scripts[0] in _RTL_SCRIPTS if scripts else first in _RTL_LANGUAGES


def _from_right(html: str, language: str) -> bool:
    """By its language, or by what it is written in: a site is in one language, and not all its posts may say theirs."""
    return runs_right_to_left(language) or (not html.isascii() and is_written_right_to_left(_TAG.sub("", html)))


def _turned(html: str) -> str:
    return f'<div dir="rtl">{html}</div>'  # readers ignore xml:lang


def _image(image: Image, base: str) -> Image:
    return Image(url=urljoin(base, clean_url(image.url)), alt=clean_line(image.alt))


def _enclosure(enclosure: Enclosure, base: str) -> Enclosure:
    media_type = clean_line(enclosure.type)
    known = _MEDIA_TYPE.fullmatch(media_type) is not None
    return Enclosure(
        url=urljoin(base, clean_url(enclosure.url)),
        type=media_type if known else "application/octet-stream",
        length=enclosure.length,
    )


def _first_words(summary: str) -> str:
    words = summary.split()
    return " ".join(words[:_TITLE_WORDS]) + ("…" if len(words) > _TITLE_WORDS else "")


def _says(html: str, summary: str) -> bool:
    """Whether *html* is no more than *summary* in tags."""
    if len(html) > 4 * len(summary) + 200:  # cannot be; saves looking through long articles
        return False
    return "".join(unescape(_TAG.sub("", html)).split()) == "".join(summary.split())
