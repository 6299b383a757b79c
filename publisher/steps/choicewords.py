"""The words of a mail that a reader was mailed the link of -> the rule that does what they ask for."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from publisher.model.issue import Newsletter
from publisher.model.subscriber import SubscriberId
from publisher.steps.choices import WEEKS, Held, Offer, Rule, joining, keeping, leaving, pausing, resuming
from publisher.steps.topicwords import term_called, term_of

_CHOICES = frozenset(
    {"rhythm", "only", "also", "without", "everything", "pause", "resume", "leave", "leaveall", "join"}
)
FRESH = _CHOICES | {"language", "name", "move", "export", "erase"}
"""All that a fresh link may ask for."""

_BY_NAME: Mapping[str, Callable[[str], Rule]] = {"leave": leaving, "resume": resuming}
"""What can be asked of a newsletter that is in the settings no more."""


def rule_of(
    word: str,
    about: str,
    reader: SubscriberId,
    *,
    held: Held,
    newsletters: Mapping[str, Newsletter],
    offer: Callable[[Newsletter], Offer],
    now: datetime,
) -> Rule | None:
    """What a word asks for; None for what no link of ours does."""
    name, _, rest = about.partition(" ")
    newsletter = newsletters.get(name)
    if word == "leaveall":
        return leaving()
    if word in _BY_NAME:
        return _BY_NAME[word](name) if name else None  # no name would be all
    if newsletter is None:
        return None
    if word == "join":
        return joining(reader, newsletter, now=now)
    if word == "pause":
        return pausing(name, now + timedelta(weeks=int(rest))) if rest in map(str, WEEKS) else None
    return _chosen(word, rest, offer(newsletter), held)


def _chosen(word: str, about: str, offer: Offer, held: Held) -> Rule | None:
    if word == "rhythm":
        return keeping(offer, frequency=about) if about in offer.newsletter.frequencies else None
    return keeping(offer, also=offer.topics) if word == "everything" else _topics(word, about, offer, held)


def _topics(word: str, about: str, offer: Offer, held: Held) -> Rule | None:
    mine = held.get(offer.newsletter.name)
    labels = {term: term for term in mine.topics} if mine is not None else {}
    labels |= offer.topics
    term = term_of(about, labels) or term_called(about, labels)  # of a link, or written by the reader
    if term is None:
        return None
    match word:
        case "only":
            return keeping(offer, only=[term])
        case "also":
            return keeping(offer, also=[term])
    return keeping(offer, without=[term])
