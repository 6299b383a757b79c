"""What was announced -> an issue: frozen cards and variants, and a delivery for every reader.

An issue is composed in steps, each a transaction of its own, and goes on from its cursor after a crash.
Nothing is sent before it is `ready`.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from publisher.errors import DatabaseError, PublisherError, Refused
from publisher.mail.digest import assign, assign_post, variant_key
from publisher.model.entry import Entry, EntryId
from publisher.model.finding import Finding, Severity
from publisher.model.issue import (
    APPROVAL,
    AnnouncedNo,
    Announcement,
    Assignment,
    Chunk,
    FrozenCard,
    FrozenVariant,
    Issue,
    IssueKind,
    Newsletter,
    Pick,
    Rendered,
)
from publisher.model.subscriber import Address
from publisher.ports import Announcements, Clock, Issues, Planning, Progress, silent
from publisher.steps.announce import at_once_frequencies
from publisher.steps.gone import gone
from publisher.steps.note import Note, no_note

Cards = Mapping[tuple[EntryId, int], FrozenCard]
"""Cards by entry and revision."""

Keyed = tuple[Assignment, str | None]
"""With the key of its variant; None where there is nothing for these readers."""

CHUNK = 10_000  # readers planned in one transaction
PATIENCE = timedelta(hours=1)  # a busy machine has caught its breath by then; a post that takes for ever has not


class Pressed(NamedTuple):
    """Cards, and why posts that are there have none."""

    cards: Sequence[FrozenCard]
    failed: Mapping[EntryId, Finding]


class Press(Protocol):
    """Makes cards and variants: entries -> what mail shows of them. See steps/press.py."""

    def cards(self, newsletter: Newsletter, announcements: Sequence[Announcement]) -> Pressed:
        """The cards of entries; one that cannot be rendered has none, one that was taken back is not missed."""

    def variant(
        self,
        newsletter: Newsletter,
        cards: Cards,
        picks: Sequence[Pick],
        *,
        language: str,
        note: str | None,
        date: datetime,
        issue: Issue | None = None,
    ) -> Rendered:
        """What readers of a language with these picks get; *note*: the author's words, HTML; *date*: of the issue.

        *issue*: whose mail it is, where there is one yet.
        """


Examine = Callable[[Newsletter, Rendered], Sequence[Finding]]
"""What is wrong with the message that an example reader would get. See steps/checkmail.py."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """All that composing needs."""

    newsletters: Mapping[str, Newsletter]
    announcements: Announcements
    issues: Issues
    planning: Planning
    press: Press
    examine: Examine
    clock: Clock
    note: Callable[[str], Note] = no_note  # the author's words for a newsletter's next digest
    owner: Address | None = None  # who gets the first message of each issue, where they are among its readers


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be composed: a digest for the readers of some frequencies, or one post for all."""

    newsletter: Newsletter
    kind: IssueKind
    frequencies: tuple[str, ...] = ()
    post: Announcement | None = None
    repeat: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What an issue composed now would be: for people to look at before they say yes."""

    readers: int = 0
    picks: tuple[Pick, ...] = ()  # of the largest variant
    variants: Mapping[tuple[Pick, ...], int] = field(default_factory=dict)  # readers of each
    titles: tuple[str, ...] = ()
    announcements: tuple[Announcement, ...] = ()  # of the largest variant
    few: int = 0  # where nobody gets anything: entries that wait for more, since the newsletter has a minimum


def expected(entries: Sequence[Entry], after: AnnouncedNo) -> tuple[Announcement, ...]:
    """What announcing these entries would give, without doing it: for drafts."""
    return tuple(
        Announcement(
            no=AnnouncedNo(no),
            entry=entry.id,
            revision=entry.revision,
            update=entry.revision > 1,
            at=entry.updated,
            metadata=entry.metadata,
        )
        for no, entry in enumerate(entries, after + 1)
    )


def draft(desk: Desk, order: Order, *, upcoming: Sequence[Entry] = ()) -> Draft:
    """Who would get what, without making an issue; nothing is written.

    `upcoming` are entries that would be announced first.
    """
    last = desk.announcements.last()
    announcements = (*_candidates(desk, order, last), *expected(upcoming, last))
    counts: dict[tuple[Pick, ...], int] = {}
    for assignment in foreseen(desk, order, announcements):
        if assignment.picks:
            counts[assignment.picks] = counts.get(assignment.picks, 0) + len(assignment.readers)
    largest = max(counts, key=lambda picks: (len(picks), counts[picks]), default=())
    by_entry = {announcement.entry: announcement for announcement in announcements}
    chosen = tuple(by_entry[pick.entry] for pick in largest)
    return Draft(
        readers=sum(counts.values()),
        picks=largest,
        variants=counts,
        titles=tuple(one.metadata.title for one in chosen),
        announcements=chosen,
        few=0 if counts else _too_few(desk, order, announcements),
    )


def _too_few(desk: Desk, order: Order, announcements: Sequence[Announcement]) -> int:
    """The most entries that a reader would get, were there no minimum."""
    if order.newsletter.minimum == 1:
        return 0
    any_ = replace(order, newsletter=replace(order.newsletter, minimum=1))
    return max((len(assignment.picks) for assignment in foreseen(desk, any_, announcements)), default=0)


def foreseen(desk: Desk, order: Order, announcements: Sequence[Announcement]) -> Iterator[Assignment]:
    """What readers would get of these, group by group, without making an issue."""
    entries = [one.entry for one in announcements]
    history = _histories(desk, order, announcements)
    for chunk in desk.planning.preview(order.newsletter.name, order.frequencies, entries, CHUNK):
        yield from _assign(order, announcements, history, chunk)


def prove(desk: Desk, order: Order, found: Draft, *, language: str | None = None) -> Rendered:
    """The largest variant as it would be: a template with a mistake is told before anybody says yes.

    In *language*, or the newsletter's. Raises TemplateError; Refused where no entry of it can be rendered.
    """
    pressed = desk.press.cards(order.newsletter, found.announcements)
    cards = {(card.entry, card.revision): card for card in pressed.cards}
    picks = [pick for pick in found.picks if (pick.entry, pick.revision) in cards]
    if not picks:
        raise Refused("none of the posts can be rendered; `publisher check posts` says why")
    spoken = language or order.newsletter.language
    note = desk.note(order.newsletter.name).html or None if takes_note(order) else None
    return desk.press.variant(order.newsletter, cards, picks, language=spoken, note=note, date=desk.clock())


def takes_note(order: Order) -> bool:
    """Whether the author's words stand at its head: a digest, but no post that goes at once."""
    return order.kind == "digest" and not set(order.frequencies) & set(at_once_frequencies(order.newsletter))


class Finished(NamedTuple):
    """Issues as they stand now, and what keeps others from being composed: the next round tries these again."""

    issues: tuple[Issue, ...]
    problems: tuple[PublisherError, ...]


def finish_all(desk: Desk, *, approved: Collection[str] = (), progress: Progress = silent) -> Finished:
    """Go on with every issue that is being composed, oldest first: those left by a crash, those just announced.

    What one cannot do stops no other. `approved`: newsletters whose owner has just said yes. Raises DatabaseError.
    """
    issues: list[Issue] = []
    problems: dict[str, PublisherError] = {}  # a template's mistake, which many have, is told once
    for issue in desk.issues.composing():
        try:
            issues.append(compose(desk, issue, approved=approved, progress=progress))
        except DatabaseError:
            raise  # no other can go on either
        except PublisherError as error:
            problems.setdefault(str(error), error)
    return Finished(tuple(issues), tuple(problems.values()))


def compose(desk: Desk, issue: Issue, *, approved: Collection[str] = (), progress: Progress = silent) -> Issue:
    """Plan an issue to its last reader and freeze it. Two that compose the same issue help each other.

    While a post of it cannot be rendered it stays `composing`, its reason says why, and the next round tries again.
    After `PATIENCE` it is held, without that post; by hand at once. It is held as well where its mails have a fault,
    and where the owner wants to see it first.
    """
    order = _order(desk, issue)
    announcements = _candidates(desk, order, issue.cut)
    failed = _missed(desk, order, announcements, _freeze_cards(desk, issue, order, announcements))
    if failed and not issue.by_hand and desk.clock() - issue.composed_at < PATIENCE:
        return replace(issue, reason=failed)
    planned = 0
    while (chunk := desk.planning.chunk(issue.id, CHUNK)) is not None:
        readable = _readable(desk, issue, announcements)
        keyed = _keyed(_assign(order, readable, _histories(desk, order, readable), chunk))
        freeze_variants(desk, issue, order, keyed)
        covered = _covered(issue, announcements, readable)
        if desk.planning.write_chunk(issue.id, chunk, keyed, covered=covered):
            planned += chunk.size
            progress(f"composing {issue.occasion}", planned, None)
    if failed:
        return desk.issues.freeze(issue.id, held=failed, empty=True, first=desk.owner)
    held = _objection(desk, issue, order) or _unapproved(desk, issue, order.newsletter, approved)
    return desk.issues.freeze(issue.id, held=held, first=desk.owner)


def _missed(desk: Desk, order: Order, announcements: Sequence[Announcement], failed: Mapping[EntryId, Finding]) -> str:
    """Why an issue is not whole: the first post without a card that somebody is to get; "" where nobody lacks one."""
    if not failed:
        return ""
    wanted = {pick.entry for one in foreseen(desk, order, announcements) for pick in one.picks}
    return next((f"a post is missing: {why}" for entry, why in failed.items() if entry in wanted), "")


def _objection(desk: Desk, issue: Issue, order: Order) -> str:
    """Why the issue must not go as it is: the first error of its first variant that has one."""
    for rendered in desk.planning.rendered(issue.id):
        for finding in desk.examine(order.newsletter, rendered):
            if finding.severity is Severity.ERROR:
                return str(finding)
    return ""


def _unapproved(desk: Desk, issue: Issue, newsletter: Newsletter, approved: Collection[str]) -> str:
    """Why the issue waits for the owner's yes; "" where it does not."""
    if newsletter.approve == "never" or issue.by_hand or issue.newsletter in approved:
        return ""
    if newsletter.approve == "first" and desk.issues.seen_before(issue.newsletter, issue.id):
        return ""
    return APPROVAL


def _order(desk: Desk, issue: Issue) -> Order:
    """Raises Refused where its newsletter is not in the settings any more."""
    if issue.newsletter not in desk.newsletters:
        raise Refused(f"issue {issue.id} ({issue.occasion}): {gone(issue)}")
    post = desk.announcements.latest(issue.entry) if issue.entry else None
    return Order(
        newsletter=desk.newsletters[issue.newsletter],
        kind=issue.kind,
        frequencies=issue.frequencies,
        post=post,
        repeat=issue.repeat,
    )


def _candidates(desk: Desk, order: Order, cut: AnnouncedNo) -> Sequence[Announcement]:
    if order.kind == "post":
        return (order.post,) if order.post else ()
    return desk.announcements.candidates(order.newsletter.name, order.frequencies, cut)


def _histories(desk: Desk, order: Order, announcements: Sequence[Announcement]) -> Sequence[Announcement]:
    """All announcements of a single post; asked before its readers are read, for one connection may have to do."""
    return desk.announcements.history(announcements[0].entry) if order.kind == "post" and announcements else ()


def _assign(
    order: Order, announcements: Sequence[Announcement], history: Sequence[Announcement], chunk: Chunk
) -> tuple[Assignment, ...]:
    if order.kind == "post":
        if not announcements:
            return ()
        (post,) = announcements
        return assign_post(order.newsletter, post, history, chunk, repeat=order.repeat)
    at_once = bool(order.frequencies) and set(order.frequencies) <= set(at_once_frequencies(order.newsletter))
    return assign(order.newsletter, announcements, chunk, at_once=at_once)


def _freeze_cards(
    desk: Desk, issue: Issue, order: Order, announcements: Sequence[Announcement]
) -> Mapping[EntryId, Finding]:
    """Make the cards that are not there yet; why some cannot be made."""
    there = {(card.entry, card.revision) for card in desk.planning.cards(issue.id)}
    missing = [one for one in announcements if (one.entry, one.revision) not in there]
    if not missing:
        return {}
    pressed = desk.press.cards(order.newsletter, missing)
    desk.planning.freeze_cards(issue.id, pressed.cards)
    return pressed.failed


def _readable(desk: Desk, issue: Issue, announcements: Sequence[Announcement]) -> Sequence[Announcement]:
    """Those that have a card: a post that cannot be rendered now must not be counted as received."""
    there = {(card.entry, card.revision) for card in desk.planning.cards(issue.id)}
    return [one for one in announcements if (one.entry, one.revision) in there]


def _covered(issue: Issue, announcements: Sequence[Announcement], readable: Sequence[Announcement]) -> AnnouncedNo:
    """How far the issue deals with what was announced: not past an entry that has no card."""
    left = [one.no for one in announcements if one not in readable]
    return AnnouncedNo(min(issue.cut, min(left, default=issue.cut + 1) - 1))


def _keyed(assignments: Iterable[Assignment]) -> Sequence[Keyed]:
    return [(one, variant_key(one) if one.picks else None) for one in assignments]


def freeze_variants(desk: Desk, issue: Issue, order: Order, planned: Iterable[Keyed]) -> None:
    """Make the variants of these that are not there yet."""
    there = desk.planning.variants(issue.id)
    missing = {key: one for one, key in planned if key is not None and key not in there}
    if not missing:
        return
    cards = {(card.entry, card.revision): card for card in desk.planning.cards(issue.id)}
    note = desk.issues.note(issue.id)
    for key, one in missing.items():
        rendered = desk.press.variant(
            order.newsletter,
            cards,
            one.picks,
            language=one.language,
            note=note,
            date=issue.composed_at,
            issue=issue,
        )
        desk.planning.freeze_variant(issue.id, FrozenVariant(key=key, picks=one.picks, rendered=rendered))


# What follows is for an issue that is sent once more to some: see steps/resend.py.


def recall(desk: Desk, issue: Issue) -> tuple[Order, tuple[Announcement, ...]]:
    """What an issue was made for, and what it carries: its cards are frozen, and no other may come in."""
    order = _order(desk, issue)
    if order.post is None:
        return order, tuple(_readable(desk, issue, _candidates(desk, order, issue.cut)))
    # A later revision may have been announced since; the card is of the one that was.
    cards = [card for card in desk.planning.cards(issue.id) if card.entry == order.post.entry]
    carried = tuple(replace(order.post, no=card.no, revision=card.revision) for card in cards)
    return order, carried


def assignments(
    desk: Desk, order: Order, announcements: Sequence[Announcement], chunk: Chunk
) -> tuple[Assignment, ...]:
    """What the readers of a chunk get of these, group by group."""
    return _assign(order, announcements, _histories(desk, order, announcements), chunk)
