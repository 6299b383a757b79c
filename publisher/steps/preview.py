"""A rehearsal of a site -> every mail that it would send now, each made when somebody looks at it.

All of it happens on a copy of the database. What is new is announced there, and issues for those who get each post at
once are composed, as a tick does it; digests are drafted, as `publisher digest` does it before it asks.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol

from publisher.errors import Refused
from publisher.mail.digest import variant_key
from publisher.mail.schedule import Due
from publisher.model.entry import Entry
from publisher.model.issue import Announcement, Assignment, Issue, IssueId, Newsletter, Rendered
from publisher.model.subscriber import Address, SubscriberId
from publisher.ports import Entries
from publisher.steps.announce import AnnounceRules, announce, at_once_frequencies, digest_frequencies
from publisher.steps.compose import Draft, Order, compose, expected, foreseen, prove
from publisher.steps.letters import Sender
from publisher.steps.occasions import Occasions, digest_order, next_issue, nothing_to_send
from publisher.steps.trial import newest, sample
from publisher.steps.trialnotices import Example

POSTS = 12  # single posts in the list, the latest
AT_ONCE = 20  # issues for those who get each post at once; so many are composed to look at, however many there are
SHOWN = 5  # addresses of readers that are shown at most


class Audiences(Protocol):
    """Who gets the variants of a composed issue."""

    def of(self, issue_id: IssueId, /) -> Sequence[tuple[int, int]]:
        """Its variants, each with the number of its readers; the largest first."""

    def first(self, variant: int, count: int, /) -> Sequence[Address]:
        """The first readers of a variant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """All that looking at mails needs; the database behind it is a copy."""

    occasions: Occasions
    entries: Entries
    live: Sequence[Entry]
    announce_rules: AnnounceRules
    audiences: Audiences
    variant: Callable[[int], Rendered]
    address: Callable[[SubscriberId], Address | None]
    held: Callable[[], Sequence[Entry]]
    sender: Sender
    notices: Callable[[Newsletter, Sequence[Entry]], Iterable[Example]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """What one group of readers gets. `render` raises TemplateError, and Refused where none of its posts can be."""

    readers: int
    titles: tuple[str, ...]
    paths: tuple[str, ...]  # of the posts in it
    render: Callable[[], Rendered]
    first: Callable[[], Sequence[Address]] = tuple  # the first few who get it


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A mail, seen closely. `sample`: why nobody would get it now; then it is an example."""

    variants: tuple[Variant, ...]  # never empty; the one with most readers first
    sample: str = ""
    due: Due | None = None

    @property
    def readers(self) -> int:
        """How many would get it."""
        return sum(variant.readers for variant in self.variants)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewMail:
    """A mail in the list. `key` names it in addresses, and stays the same when something else changes.

    `look` raises what rendering raises, and Refused where there is no post at all. `sender` is how it is sent.
    """

    key: str
    group: str
    name: str
    newsletter: Newsletter
    sender: Sender
    look: Callable[[], Look]
    path: str = ""  # of the only post in it
    by_hand: bool = False  # it goes out by the owner's word only
    alone: bool = False  # one person's own mail, which nobody can leave
    example: bool = False  # of a kind that comes when there is a reason


def mails(stage: Stage) -> tuple[PreviewMail, ...]:
    """Every mail, in the order of the list: announces what is new, on the copy. Another kind is another line here."""
    now = stage.occasions.desk.clock()
    fresh = stage.entries.waiting(now, seen_before=now)
    announce(stage.entries, stage.occasions.desk.announcements, stage.announce_rules, now=now, by_hand=True)
    latest = fresh or newest(stage.live)
    found: list[PreviewMail] = []
    for newsletter in stage.occasions.desk.newsletters.values():
        found += _digests(stage, newsletter, latest)
        found += _at_once(stage, newsletter, latest)
        found += _single_posts(stage, newsletter, newest(stage.live, POSTS))
        found += _notices(stage, newsletter, newest(stage.live))
    return tuple(found)


def _digests(stage: Stage, newsletter: Newsletter, latest: Sequence[Entry]) -> Iterator[PreviewMail]:
    for frequency in digest_frequencies(newsletter):
        yield PreviewMail(
            key=f"{newsletter.name}/{frequency}",
            group=newsletter.title,
            name=f"{frequency.capitalize()} digest",
            newsletter=newsletter,
            sender=stage.sender,
            look=partial(_digest, stage, newsletter, frequency, latest),
        )


def _digest(stage: Stage, newsletter: Newsletter, frequency: str, latest: Sequence[Entry]) -> Look:
    desk = stage.occasions.desk
    due = next_issue(stage.occasions, newsletter.name, frequency, now=desk.clock())
    order = digest_order(newsletter, frequency)
    offered = desk.announcements.candidates(newsletter.name, order.frequencies, desk.announcements.last())
    variants = _drafted(stage, order, offered)
    if variants:
        return Look(variants=variants, due=due)
    why = nothing_to_send(stage.occasions, order, stage.held())
    return Look(variants=(_example(stage, newsletter, latest),), sample=why, due=due)


def _at_once(stage: Stage, newsletter: Newsletter, latest: Sequence[Entry]) -> Iterator[PreviewMail]:
    """An issue for each new post. Each is composed after those before it: what it holds may depend on them."""
    for frequency in at_once_frequencies(newsletter):
        posts = {f"{frequency}/{one.id}": one for one in stage.live}
        issues = [
            one
            for one in stage.occasions.desk.issues.composing()
            if one.newsletter == newsletter.name and one.occasion in posts
        ][:AT_ONCE]
        composing = _Composing(stage, issues)
        for place, issue in enumerate(issues):
            entry = posts[issue.occasion]
            yield PreviewMail(
                key=f"{newsletter.name}/{frequency}/{entry.path}",
                group=newsletter.title,
                name=f"At once: {entry.metadata.title or entry.path}",
                newsletter=newsletter,
                sender=stage.sender,
                look=partial(_issue, composing, place, newsletter, entry),
                path=entry.path,
            )
        if not issues:
            yield PreviewMail(
                key=f"{newsletter.name}/{frequency}",
                group=newsletter.title,
                name="A new post, at once",
                newsletter=newsletter,
                sender=stage.sender,
                look=partial(_nothing, stage, newsletter, frequency, newest(latest, 1)),
            )


def _nothing(stage: Stage, newsletter: Newsletter, frequency: str, entries: Sequence[Entry]) -> Look:
    why = nothing_to_send(stage.occasions, digest_order(newsletter, frequency), stage.held())
    return Look(variants=(_example(stage, newsletter, entries),), sample=why)


@dataclass(slots=True)
class _Composing:
    """Issues that are composed one after another, as far as somebody looks."""

    stage: Stage
    issues: Sequence[Issue]
    done: list[Issue] = field(default_factory=list)

    def at(self, place: int) -> Issue:
        """The issue at that place, composed."""
        while len(self.done) <= place:
            self.done.append(compose(self.stage.occasions.desk, self.issues[len(self.done)]))
        return self.done[place]


def _issue(composing: _Composing, place: int, newsletter: Newsletter, entry: Entry) -> Look:
    stage, issue = composing.stage, composing.at(place)
    variants = tuple(
        Variant(
            readers=readers,
            titles=(entry.metadata.title,),
            paths=(entry.path,),
            render=partial(stage.variant, variant),
            first=partial(stage.audiences.first, variant, SHOWN),
        )
        for variant, readers in stage.audiences.of(issue.id)
    )
    if variants:
        return Look(variants=variants)
    if issue.reason:
        raise Refused(issue.reason)
    why = f"nobody who gets the posts of {newsletter.name!r} at once is to get this one"
    return Look(variants=(_example(stage, newsletter, [entry]),), sample=why)


def _single_posts(stage: Stage, newsletter: Newsletter, latest: Sequence[Entry]) -> Iterator[PreviewMail]:
    """As `publisher send` would send them, each to everybody who lacks it."""
    # RFC 3834 5: a post that is sent by hand is not automatic
    by_hand = replace(
        stage.sender,
        stationery=lambda one, issue: replace(stage.sender.stationery(one, issue), auto_submitted=False),
    )
    for entry in latest:
        yield PreviewMail(
            key=f"{newsletter.name}/post/{entry.path}",
            group=f"{newsletter.title}: one post by hand",
            name=entry.metadata.title or entry.path,
            newsletter=newsletter,
            sender=by_hand,
            look=partial(_post, stage, newsletter, entry),
            path=entry.path,
            by_hand=True,
        )


def _notices(stage: Stage, newsletter: Newsletter, latest: Sequence[Entry]) -> Iterator[PreviewMail]:
    """The mails around a subscription, and to the owner."""
    for one in stage.notices(newsletter, latest):
        variant = Variant(readers=0, titles=(), paths=(), render=one.render)
        yield PreviewMail(
            key=f"{newsletter.name}/notice/{one.key}",
            group=f"{newsletter.title}: around a subscription",
            name=one.name,
            newsletter=newsletter,
            sender=stage.sender,
            look=partial(Look, variants=(variant,), sample="it is an example, and its numbers are made up"),
            by_hand=True,
            alone=one.alone,
            example=True,
        )


def _post(stage: Stage, newsletter: Newsletter, entry: Entry) -> Look:
    announcement = _announcement(stage, entry)
    variants = _drafted(stage, Order(newsletter=newsletter, kind="post", post=announcement), [announcement])
    if variants:
        return Look(variants=variants)
    why = f"every reader of {newsletter.name!r} has it, or there is none"
    return Look(variants=(_example(stage, newsletter, [entry]),), sample=why)


def _announcement(stage: Stage, entry: Entry) -> Announcement:
    desk = stage.occasions.desk
    found = desk.announcements.latest(entry.id)
    if found is not None and found.revision == entry.revision:
        return found
    return expected([entry], desk.announcements.last())[0]


def _drafted(stage: Stage, order: Order, announcements: Sequence[Announcement]) -> tuple[Variant, ...]:
    """The groups of readers who would get the same, the largest first."""
    groups: dict[str, _Group] = {}
    for assignment in foreseen(stage.occasions.desk, order, announcements):
        if assignment.picks:
            groups.setdefault(variant_key(assignment), _Group(assignment)).add(assignment.readers)
    by_entry = {one.entry: one for one in announcements}
    paths = {one.id: one.path for one in stage.live}
    found = []
    for group in sorted(groups.values(), key=lambda one: (-one.readers, -len(one.assignment.picks))):
        chosen = tuple(by_entry[pick.entry] for pick in group.assignment.picks)
        titles = tuple(one.metadata.title for one in chosen)
        drawn = Draft(picks=group.assignment.picks, titles=titles, announcements=chosen)
        found.append(
            Variant(
                readers=group.readers,
                titles=titles,
                paths=tuple(paths[one.entry] for one in chosen if one.entry in paths),
                render=partial(prove, stage.occasions.desk, order, drawn, language=group.assignment.language),
                first=partial(_addresses, stage, group.first),
            )
        )
    return tuple(found)


@dataclass(slots=True)
class _Group:
    assignment: Assignment
    readers: int = 0
    first: list[SubscriberId] = field(default_factory=list)

    def add(self, readers: Sequence[SubscriberId]) -> None:
        self.readers += len(readers)
        self.first += readers[: SHOWN - len(self.first)]


def _addresses(stage: Stage, ids: Iterable[SubscriberId]) -> Sequence[Address]:
    return [found for one in ids if (found := stage.address(one)) is not None]


def _example(stage: Stage, newsletter: Newsletter, entries: Sequence[Entry]) -> Variant:
    desk = stage.occasions.desk
    return Variant(
        readers=0,
        titles=tuple(one.metadata.title for one in entries),
        paths=tuple(one.path for one in entries),
        render=partial(sample, desk.press, newsletter, entries, date=desk.clock()),
    )
