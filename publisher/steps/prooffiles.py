"""The files that a build writes for people -> each as it may be, with values made up: for proofs of templates."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from jinja2 import Environment

from publisher.feeds.directory import FeedLine
from publisher.feeds.feed import Format, Kind
from publisher.mail.archive import Pages, Told, render_issue, render_list
from publisher.mail.card import Card, Frame
from publisher.mail.locales import direction
from publisher.model.site import Site

_TITLE = "TITLE"
_URL = "https://example.org/feed"
_GROUPS = (Kind.CATEGORY, Kind.TAG, Kind.AUTHOR, Kind.LANGUAGE)
_ISSUES = (Told(title=_TITLE, url=_URL, at=datetime(2026, 11, 23, 9, 0, tzinfo=UTC)),)
_ALONE = Pages(path="", issues=(), newer="", older="")
_AMONG = Pages(path="", issues=(), newer="./", older="page-1.html")


def feed_files(templates: Environment, site: Site, language: str) -> Iterator[Callable[[], str]]:
    """The page of all feeds, with all that it can have and with as little, and the style of their XML."""
    values = {"site": site, "language": language, "direction": direction(language)}
    groups = [(str(kind), [_feed(kind)]) for kind in _GROUPS]
    much = {"feed": _feed(Kind.SITE), "groups": groups, "opml": _URL, "signup": _URL}
    little = {"feed": _feed(Kind.SITE, full=True), "groups": [], "opml": "", "signup": ""}
    yield lambda: templates.get_template("web/feeds.html").render(values | much)
    yield lambda: templates.get_template("web/feeds.html").render(values | little)
    yield lambda: templates.get_template("web/feeds.css").render(language=language)


def archive_files(templates: Environment, frame: Frame, cards: Sequence[Card]) -> Iterator[Callable[[], str]]:
    """The page of an issue, of many posts and of one, and the list of issues."""
    feeds = (("application/atom+xml", _URL),)
    for shown in (frame, replace(frame, feeds=feeds, signup_url=_URL, privacy_url=_URL)):
        yield partial(_issue, templates, shown, cards)
        yield partial(_issue, templates, shown, cards[:1])
        yield partial(render_list, templates, shown, (), _ALONE)
        yield partial(render_list, templates, shown, _ISSUES, _AMONG)


def _issue(templates: Environment, frame: Frame, cards: Sequence[Card]) -> str:
    return render_issue(templates, frame, cards).html


def _feed(kind: Kind, *, full: bool = False) -> FeedLine:
    return FeedLine(
        key=_TITLE,
        id=_URL,
        kind=kind,
        title=_TITLE,
        label="" if kind is Kind.SITE else _TITLE,
        url=_URL,
        language="de",
        addresses=dict.fromkeys(Format, _URL),
        full=full,
    )
