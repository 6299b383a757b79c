"""What happened -> what the owner is to hear of it, and what of that goes into the next mail.

Each thing is told once; a trouble again when it changes, or after a week. There are three mails a day at most: what is
over that stays news, and goes with the next.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum

from publisher.errors import PublisherError
from publisher.mail.notices import Command, Receipt, Trouble
from publisher.model.entry import Entry
from publisher.model.finding import Finding
from publisher.model.issue import Issue
from publisher.ports import News, Told

MOST = 3  # mails to the owner in a day of the site's zone
AGAIN = timedelta(weeks=1)  # what still waits then is told once more
LONG = timedelta(hours=1)  # a mail server that is away for less is an everyday thing
IN_ONE_MAIL = 30  # things; the rest comes with the next

_NAMED = 5  # posts, or mistakes, that are named of many


class Kind(IntEnum):
    """In this order a mail tells them. A receipt is no reason to use up the last mail of a day."""

    PREVIEW = 0
    TROUBLE = 1
    RECEIPT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to tell. `issue` is that of a preview or a receipt."""

    key: str
    kind: Kind
    said: Trouble
    issue: Issue | None = None
    receipt: Receipt | None = None

    @property
    def news(self) -> News:
        """What is remembered of having told it."""
        words = "\n".join((self.said.what, *self.said.details))
        return News(key=self.key, digest=hashlib.sha256(words.encode("utf-8", "replace")).hexdigest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Plea:
    """Somebody asks to be taken off, by a mail that proves nothing. `link`: takes them off with one press."""

    number: int
    who: str
    said: str
    link: str = ""
    reads: bool = True  # they are subscribed, by the address that they wrote from or the mail that they quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What came by mail and is for the owner. `unread`: answers, and what is not understood."""

    pleas: Sequence[Plea] = ()
    unread: int = 0
    refused: Sequence[tuple[int, str, str]] = ()  # issue, newsletter, a server's words


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What there is to be told of now, but for previews and receipts."""

    held: Sequence[tuple[Entry, str]] = ()  # posts, and why
    held_in_mass: bool = False  # some of them, because many came at once
    held_removals: int = 0
    unreadable: Sequence[Finding] = ()
    unshown: Sequence[str] = ()  # pages that are not there long after their posts were seen
    paused: Sequence[Issue] = ()  # but for those that wait for approval
    doubtful: Sequence[tuple[Issue, int]] = ()
    unreachable: tuple[datetime, str] | None = None  # since when, and why
    problems: Sequence[PublisherError] = field(default_factory=tuple)  # what a stage of the round could not do
    came: Came = field(default_factory=Came)


def choose(items: Sequence[Item], told: Mapping[str, Told], *, sent: int, now: datetime) -> tuple[Item, ...]:
    """What goes into a mail now, in order; nothing where nothing is new, or *sent* mails are enough for a day."""
    fresh = sorted((item for item in items if is_new(item, told.get(item.key), now)), key=lambda item: item.kind)
    left = MOST - sent
    if left <= 0 or (left == 1 and all(item.kind is Kind.RECEIPT for item in fresh)):
        return ()
    return tuple(fresh[:IN_ONE_MAIL])


def is_new(item: Item, told: Told | None, now: datetime) -> bool:
    """Whether it is still to be told."""
    if told is None:
        return True
    if item.kind is Kind.RECEIPT:
        return False
    return told.digest != item.news.digest or told.at + AGAIN <= now


def troubles(situation: Situation) -> tuple[Item, ...]:
    """All that waits for the owner, an item each."""
    found = [*_posts(situation), *map(_paused, situation.paused)]
    found += [_doubtful(issue, count) for issue, count in situation.doubtful]
    found += _of_mail(situation.came)
    if situation.unreachable is not None:
        found.append(_unreachable(*situation.unreachable))
    return (*found, *map(_problem, situation.problems))


def _posts(situation: Situation) -> list[Item]:
    found = []
    if situation.held:
        details = _some([f"{entry.path}: {reason}" for entry, reason in situation.held])
        first = situation.held[0][0].path
        commands = [Command(line=f"publisher announce {first}", does="To let one of them into newsletters")]
        if situation.held_in_mass:
            does = "To let go what was held because it came in a mass"
            commands.append(Command(line="publisher build --accept all", does=does))
        what = _counted(len(situation.held), "post is held", "posts are held")
        found.append(_trouble("held", what, details, commands))
    if situation.held_removals:
        what = _counted(situation.held_removals, "removed post is held", "removed posts are held")
        details = ("They stay in the feeds until you say that you meant it, or until their files are back.",)
        command = Command(line="publisher build --accept removed", does="If you meant it")
        found.append(_trouble("held-removals", what, details, (command,)))
    if situation.unreadable:
        paths = len({finding.path for finding in situation.unreadable})
        what = _counted(paths, "post cannot be read", "posts cannot be read")
        command = Command(line="publisher check posts", does="To see all that is wrong")
        found.append(_trouble("unreadable", what, _some(list(map(str, situation.unreadable))), (command,)))
    if situation.unshown:
        what = _counted(len(situation.unshown), "post waits for its page", "posts wait for their pages")
        details = _some(situation.unshown)
        found.append(_trouble("unshown", what, details, ()))
    return found


def _of_mail(came: Came) -> Iterator[Item]:
    yield from map(_plea, came.pleas)
    for issue, newsletter, said in came.refused:
        what = f"Mail of issue {issue} of {newsletter} comes back for what may be ours to mend"
        commands = (
            Command(line="publisher doctor", does="To see what is missing"),
            Command(line=f"publisher issues show {issue}", does="To see how it stands"),
        )
        yield _trouble(f"came-back/{issue}", what, (said,), commands)
    if came.unread:  # not how many: each answer more would be told again
        command = Command(line="publisher received list", does="To see it")
        details = ("Readers answered, or something came that the program does not understand.",)
        yield _trouble("received", "Mail came that waits for you", details, (command,))


def _plea(plea: Plea) -> Item:
    commands = []
    if plea.link:
        commands.append(Command(line=plea.link, does="To take them off with one press"))
    if plea.reads:
        commands.append(Command(line=f"publisher subscribers remove {plea.who}", does="To take them off"))
    commands.append(Command(line=f"publisher received settle {plea.number}", does="If nothing is to be done"))
    details = [f"“{plea.said}”"] if plea.said else []
    if not plea.reads:
        details.append("Nobody is subscribed with that address: it may be another of a reader's.")
    return _trouble(f"plea/{plea.number}", f"{plea.who} asks to be taken off", details, commands)


def _paused(issue: Issue) -> Item:
    what = f"Issue {issue.id} of {issue.newsletter} is paused"
    commands: Sequence[Command] = (
        Command(line=f"publisher issues resume {issue.id}", does="When that is mended"),
        Command(line=f"publisher issues cancel {issue.id}", does="To drop it; its posts come with the next"),
    )
    if issue.kind == "notice":
        what, commands = f"A mail to one reader is paused ({issue.occasion})", commands[:1]
    return _trouble(f"paused/{issue.id}", what, (issue.reason,), commands)


def _doubtful(issue: Issue, count: int) -> Item:
    what = f"Issue {issue.id} of {issue.newsletter}: {_counted(count, 'message is', 'messages are')} in doubt"
    details = ("They were sent, but the answers were lost. Nearly always they arrived.",)
    commands = (
        Command(line=f"publisher issues settle {issue.id} --arrived", does="To take them for sent"),
        Command(line=f"publisher issues settle {issue.id} --again", does="To send them again"),
    )
    return _trouble(f"doubt/{issue.id}", what, details, commands)


def _unreachable(since: datetime, why: str) -> Item:
    what = f"The mail server could not be used from {since:%Y-%m-%d %H:%M} UTC on"
    details = (why, "All mail waited for it, this one too: when you read this, it is back.")
    return _trouble(f"unreachable/{since.isoformat()}", what, details, ())


def _problem(error: PublisherError) -> Item:
    named = hashlib.sha256(str(error).encode("utf-8", "replace")).hexdigest()[:12]  # of two, neither replaces the other
    return _trouble(f"problem/{named}", "A round could not do all that was due", (str(error),), ())


def _trouble(key: str, what: str, details: Sequence[str], commands: Sequence[Command]) -> Item:
    return Item(key=key, kind=Kind.TROUBLE, said=Trouble(what=what, details=tuple(details), commands=tuple(commands)))


def _some(lines: Sequence[str]) -> tuple[str, ...]:
    more = len(lines) - _NAMED
    return (*lines[:_NAMED], *([f"and {more} more"] if more > 0 else []))


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
