"""An issue -> its page for everybody, and where that is: what its mails said, with nothing of a reader in it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote, urljoin
from zoneinfo import ZoneInfo

from jinja2 import Environment
from markupsafe import Markup
from slugify import slugify

from publisher.mail.card import Card, Frame, day
from publisher.mail.locales import direction
from publisher.mail.render import render_card, render_digest, render_post
from publisher.model.issue import Issue, Newsletter, Rendered, Section

FOLDER = "issues"
PAGE = 50  # issues on a page of the list
_LONG = 40  # letters of an occasion that may stand in an address


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """Where the issues of newsletters are read by everybody: below `url`, which ends with a slash."""

    url: str

    def page(self, newsletter: Newsletter, issue: Issue) -> str:
        """The address of an issue, known before its page is there: mails link to it."""
        return self._at(issue_path(newsletter, issue))

    def index(self, newsletter: Newsletter) -> str:
        """The address of the list of its issues."""
        return self._at(f"{FOLDER}/{newsletter.name}/")

    def _at(self, path: str) -> str:
        return urljoin(self.url, quote(path))


class Told(NamedTuple):
    """An issue as a list names it."""

    title: str
    url: str
    at: datetime


class Pages(NamedTuple):
    """A page of the list: its issues, the newest first, and the addresses of the pages beside it, where there are."""

    path: str
    issues: Sequence[Issue]
    newer: str
    older: str


def issue_name(newsletter: Newsletter, issue: Issue) -> str:
    """What an issue is called in its address. It never changes, and no other issue of the newsletter has it.

    `weekly-2026-w48`; with its day where the occasion is none (`2026-11-23-manual-3`), or is a post's whole id.
    """
    day = issue.composed_at.astimezone(ZoneInfo(newsletter.zone)).date().isoformat()
    what, _, rest = issue.occasion.partition("/")
    name = slugify(issue.occasion)
    if issue.entry is not None or len(name) > _LONG or not name:
        return f"{day}-{slugify(what) or 'issue'}-{hashlib.sha256(issue.occasion.encode()).hexdigest()[:8]}"
    return f"{day}-{name}" if what == "manual" or not rest else name


def issue_path(newsletter: Newsletter, issue: Issue) -> str:
    """The file of an issue's page, in the output folder."""
    return f"{FOLDER}/{newsletter.name}/{issue_name(newsletter, issue)}.html"


def list_pages(newsletter: Newsletter, issues: Sequence[Issue]) -> Sequence[Pages]:
    """The pages of the list, for issues from the oldest on. A page that is full holds the same issues for good."""
    folder = f"{FOLDER}/{newsletter.name}"
    full = max(0, len(issues) - 1) // PAGE
    names = [f"page-{number}.html" for number in range(1, full + 1)] + ["index.html"]
    cuts = [number * PAGE for number in range(full + 1)] + [len(issues)]
    links = [*names[:-1], "./"]
    return [
        Pages(
            path=f"{folder}/{name}",
            issues=tuple(reversed(issues[cuts[place] : cuts[place + 1]])),
            newer=links[place + 1] if place + 1 < len(links) else "",
            older=links[place - 1] if place else "",
        )
        for place, name in enumerate(names)
    ]


def render_issue(templates: Environment, frame: Frame, cards: Sequence[Card]) -> Rendered:
    """The page of an issue with these cards, the new ones first. *templates* leave styles where they are.

    Raises ValueError where there is no card.
    """
    frame = replace(frame, public=True, view_url=None, manage=False)
    if len(cards) == 1:
        return render_post(templates, replace(frame, canonical_url=cards[0].url), cards[0])
    most = frame.newsletter.maximum
    whole = [render_card(templates, frame, card) for card in cards[:most]]
    return render_digest(templates, frame, whole, titles_only=cards[most:])


def render_list(templates: Environment, frame: Frame, issues: Sequence[Told], page: Pages) -> str:
    """A page of the list of issues."""
    values = {
        "site": frame.site,
        "newsletter": frame.newsletter,
        "language": frame.language,
        "direction": direction(frame.language),
        "issues": [{"title": one.title, "url": one.url, "date": day(one.at, frame), "at": one.at} for one in issues],
        "newer": page.newer,
        "older": page.older,
        "feeds": frame.feeds,
        "signup_url": frame.signup_url or "",
    }
    return templates.get_template("web/issues.html").render(values)


def feed_html(cards: Sequence[Card]) -> str:
    """What a feed says of an issue: the post, or the beginnings of its posts."""
    if len(cards) == 1:
        return cards[0].html
    parts = [
        Markup('<h2 lang="{0}"><a href="{1}">{2}</a></h2>\n<p lang="{0}">{3}</p>\n').format(
            card.language, card.url, card.title or card.url, card.summary
        )
        for card in cards
    ]
    return str(Markup().join(parts))


def in_order(cards: Sequence[Card]) -> list[Card]:
    """As a digest has them: new ones before updated ones, each from the latest."""
    return sorted(cards, key=lambda card: (card.section is Section.UPDATED, -card.published.timestamp(), card.id))
