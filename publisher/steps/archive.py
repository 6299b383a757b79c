"""Issues that went out -> pages for everybody, a list of them, and its feeds.

A page shows the cards of all variants together, in the newsletter's language: readers with other topics got others. A
post that was taken back since is left out, and one that is for subscribers only always is.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Protocol

from jinja2 import Environment

from publisher.feeds.build import addresses, documents, fill
from publisher.feeds.clean import clean_host
from publisher.feeds.feed import MEDIA_TYPES, FeedPlan, FeedRules, Kind
from publisher.feeds.item import FeedEntry
from publisher.mail.archive import (
    FOLDER,
    Archive,
    Pages,
    Told,
    feed_html,
    in_order,
    issue_name,
    issue_path,
    list_pages,
    render_issue,
    render_list,
)
from publisher.mail.card import Card, Frame, cleaned
from publisher.mail.render import subject_of
from publisher.model.entry import Entry, EntryId, Metadata
from publisher.model.issue import Carried, Issue, IssueId, Newsletter, Section
from publisher.model.site import Site
from publisher.steps.announce import at_once_frequencies
from publisher.steps.press import thawed
from publisher.steps.publish import Page

_FEED = "feed"  # its name, in the folder of its issues
_IN_HAND = 64  # issues whose cards are kept: as many as a page of the list has, or a feed


class Archived(Protocol):
    """What the database knows of issues that went out."""

    def issues(self, newsletter: str) -> Sequence[Issue]:
        """Those that go out, or went out to somebody, from the oldest on."""

    def carried(self, newsletter: str) -> Mapping[IssueId, Sequence[Carried]]:
        """The cards of its issues, those that some variant shows."""

    def rendered(self, cards: Sequence[int]) -> Iterator[tuple[int, str]]:
        """These cards as they were frozen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archivist:
    """All that makes the pages, of newsletters that have them.

    `templates` leave styles where they are; `made_by` names templates and programs.
    """

    newsletters: Sequence[Newsletter]
    archived: Archived
    note: Callable[[IssueId], str | None]
    templates: Callable[[], Environment]
    frame: Callable[[Newsletter], Frame]
    archive: Archive
    site: Site
    rules: FeedRules
    made_by: str

    def pages(self) -> Iterator[Page]:
        """Every file of the archive; what it says is made only if it is asked for."""
        for newsletter in self.newsletters:
            shelf = _Shelf(self, newsletter)
            for issue in shelf.issues:
                yield Page(issue_path(newsletter, issue), shelf.named([issue]), partial(shelf.issue_page, issue))
            for page in list_pages(newsletter, shelf.listed):
                yield Page(page.path, shelf.named(page.issues, page.newer, page.older), partial(shelf.list, page))
            yield from shelf.feeds()


class _Shelf:
    """The issues of one newsletter, and what each carries."""

    def __init__(self, archivist: Archivist, newsletter: Newsletter) -> None:
        self._of = archivist
        self._newsletter = newsletter
        self._carried = {
            issue: [one for one in cards if not one.hidden]
            for issue, cards in archivist.archived.carried(newsletter.name).items()
        }
        self._shown = lru_cache(maxsize=_IN_HAND)(self._read)
        # an issue of which nothing is left to show is in no list
        self.issues = [issue for issue in archivist.archived.issues(newsletter.name) if self._carried.get(issue.id)]
        # a post that went out at once comes with a digest too; where there are digests, the list is of them
        at_once = frozenset(at_once_frequencies(newsletter))
        single = frozenset() if at_once == set(newsletter.frequencies) else at_once
        self.listed = [issue for issue in self.issues if single.isdisjoint(issue.frequencies)]

    def named(self, issues: Iterable[Issue], *more: str) -> str:
        """Of what a page with these issues is made."""
        said = [f"{issue.id} {self._carried[issue.id]}" for issue in issues]
        return _digest(self._of.made_by, repr(self._newsletter), *said, *more)

    def issue_page(self, issue: Issue) -> bytes:
        frame = replace(self._frame(), note_html=self._of.note(issue.id), date=issue.composed_at)
        return render_issue(self._of.templates(), frame, self._shown(issue.id)).html.encode()

    def list(self, page: Pages) -> bytes:
        return render_list(self._of.templates(), self._frame(), [*map(self._told, page.issues)], page).encode()

    def feeds(self) -> Iterator[Page]:
        """One of the last issues, in each format."""
        plan, rules = self._plan(), self._rules()
        last = {self._id(issue): issue for issue in reversed(self.listed[-rules.limit :])}
        plan = replace(plan, entry_ids=tuple(last))
        made: dict[str, bytes] = {}

        def document(path: str) -> bytes:
            if not made:
                contents = {entry: self._entry(entry, issue) for entry, issue in last.items()}
                made.update(documents(fill(plan, self._of.site, contents, rules), rules))
            return made[path]

        named = self.named(last.values(), "feed")
        for format_ in rules.formats:
            path = rules.paths[Kind.SITE].format(name=_FEED, ext=format_)
            yield Page(path, named, partial(document, path))

    def _read(self, issue: IssueId) -> Sequence[Card]:
        """The cards of an issue that everybody may see, in order."""
        carried = {one.card: one for one in self._carried[issue]}
        cards = []
        for number, frozen in self._of.archived.rendered(list(carried)):
            section = Section.NEW if carried[number].new else Section.UPDATED
            cards.append(replace(cleaned(thawed(frozen).card), section=section))
        return in_order(cards)

    def _told(self, issue: Issue) -> Told:
        title = subject_of(self._of.templates(), self._newsletter.language, self._shown(issue.id))
        return Told(title, self._of.archive.page(self._newsletter, issue), issue.composed_at)

    def _frame(self) -> Frame:
        where = addresses(self._plan(), self._of.site, self._rules())
        feeds = tuple((MEDIA_TYPES[format_], address) for format_, address in where.items())
        return replace(self._of.frame(self._newsletter), feeds=feeds)

    def _rules(self) -> FeedRules:
        folder = f"{FOLDER}/{self._newsletter.name}"
        return replace(
            self._of.rules,
            paths={**self._of.rules.paths, Kind.SITE: f"{folder}/{{name}}.{{ext}}"},
            pages={Kind.SITE: self._of.archive.index(self._newsletter)},
            aliases={},
            hubs=(),
        )

    def _plan(self) -> FeedPlan:
        return FeedPlan(
            kind=Kind.SITE,
            name=_FEED,
            title=self._newsletter.title,
            id=f"tag:{clean_host(self._of.site.url)},2005:newsletters/{self._newsletter.name}",
            language=self._newsletter.language,
            entry_ids=(),
        )

    def _id(self, issue: Issue) -> EntryId:
        """RFC 4151: who had the name when the issue went out."""
        name = f"{self._newsletter.name}/{issue_name(self._newsletter, issue)}"
        return EntryId(f"tag:{clean_host(self._of.site.url)},{issue.composed_at:%Y-%m-%d}:{FOLDER}/{name}")

    def _entry(self, entry: EntryId, issue: Issue) -> FeedEntry:
        """An issue, as feeds know posts."""
        cards = self._shown(issue.id)
        metadata = Metadata(
            title=self._told(issue).title,
            url=self._of.archive.page(self._newsletter, issue),
            slug=issue_name(self._newsletter, issue),
            published=issue.composed_at,
            language=self._newsletter.language,
        )
        there = Entry(
            id=entry,
            path=issue_path(self._newsletter, issue),
            digest="",
            body_digest="",
            metadata=metadata,
            first_seen=issue.composed_at,
        )
        return FeedEntry(entry=there, html=feed_html(cards), summary=cards[0].summary)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
