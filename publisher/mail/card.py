"""What a mail is made of, and the values its templates see: dates and directions as readers know them."""

from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from publisher.mail.lengths import clean, ellipsis, one_line
from publisher.mail.locales import direction, long_day
from publisher.mail.press import literal_text
from publisher.model.entry import EntryId, Image, check_aware
from publisher.model.issue import Newsletter, Section
from publisher.model.script import is_written_right_to_left
from publisher.model.site import Site

SUMMARY = 400  # characters of an excerpt in a digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One entry, as a mail needs it. `html` is sanitised, its links absolute; texts are plain."""

    id: EntryId
    title: str
    url: str
    published: datetime
    updated: datetime | None
    minutes: int
    labels: tuple[str, ...]
    summary: str
    html: str
    text: str
    image: Image | None
    language: str  # BCP 47
    section: Section
    subject: str | None = None  # the author's word, as is the preheader
    preheader: str | None = None
    public: bool = True  # False: for those who subscribed, and in no archive

    def __post_init__(self) -> None:
        check_aware("published", self.published)
        check_aware("updated", self.updated)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What stands around the cards: the same for all readers of a newsletter in one language."""

    newsletter: Newsletter
    site: Site
    language: str  # BCP 47
    note_html: str | None = None  # the owner's words at the head; sanitised, links absolute
    postal_address: str = ""
    privacy_url: str | None = None
    feed_url: str | None = None
    view_url: str | None = None  # this issue on the web
    date: datetime | None = None  # of this issue
    manage: bool = False  # whether readers can ask for their choices: @@MANAGE@@
    by_mail: bool = False  # readers answer by mail: there are no pages
    public: bool = False  # a page for everybody: nothing of a reader in it
    canonical_url: str | None = None  # of such a page, where it says no more than another
    signup_url: str | None = None  # on such a page: where it is subscribed to
    feeds: tuple[tuple[str, str], ...] = ()  # on such a page, those of its issues: media type and address

    def __post_init__(self) -> None:
        check_aware("date", self.date)


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedCard:
    """An entry in a digest, its styles inlined. `picture` is shown in the first few cards only."""

    card: Card
    html: str
    picture: str
    text: str


def day(moment: datetime, frame: Frame) -> str:
    """A date as readers of the newsletter write it, in its time zone."""
    return long_day(moment, frame.newsletter.zone, frame.language)


def cleaned(card: Card) -> Card:
    """The card without what no mail may carry, its single-line texts on one line."""

    def line(text: str) -> str:
        return literal_text(one_line(text))

    return replace(
        card,
        title=line(card.title) or card.url,
        url=card.url.replace("@@", "%40%40"),
        summary=ellipsis(line(card.summary), SUMMARY),
        labels=tuple(map(line, card.labels)),
        html=clean(card.html),
        text=literal_text(clean(card.text)),
        subject=line(card.subject) if card.subject else None,
        preheader=line(card.preheader) if card.preheader else None,
    )


def direction_of(card: Card) -> str:
    """Which way it is written: ltr or rtl. Its language may be that of the site, for want of another."""
    said = f"{card.title} {card.text or card.summary}"
    return "rtl" if is_written_right_to_left(said) else direction(card.language)


def card_values(frame: Frame, card: Card) -> dict[str, object]:
    """The names that card templates may use, beside those of the frame."""
    changed = card.updated if card.section is Section.UPDATED else None
    return frame_values(frame) | {
        "card": card,
        "card_direction": direction_of(card),
        "published": day(card.published, frame),
        "published_iso": card.published.date().isoformat(),
        "updated": day(changed, frame) if changed else "",
        "updated_iso": changed.date().isoformat() if changed else "",
    }


def frame_values(frame: Frame) -> dict[str, object]:
    """The names that every mail template may use."""
    return {
        "site": frame.site,
        "site_host": urlsplit(frame.site.url).hostname or frame.site.title,
        "newsletter": frame.newsletter,
        "language": frame.language,
        "direction": direction(frame.language),
        "date": day(frame.date, frame) if frame.date else "",
        "view_url": frame.view_url or "",
        "feed_url": frame.feed_url or "",
        "postal_address": frame.postal_address,
        "privacy_url": frame.privacy_url or "",
        "manage": frame.manage,
        "by_mail": frame.by_mail,
        "public": frame.public,
        "canonical_url": frame.canonical_url or "",
        "signup_url": frame.signup_url or "",
        "feeds": frame.feeds,
    }
