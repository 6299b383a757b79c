"""What readers choose of their subscriptions -> those that are to change, and how.

A link in a mail may be in anybody's hands by now, so what it asks for goes through `lessening` and `pausing`, which
never give more than there was. What adds is for who holds a fresh link. All are rules: they touch nothing.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, Protocol

from publisher.mail.schedule import Schedule, often
from publisher.model.issue import Newsletter
from publisher.model.subscriber import CONSENT, Consent, SubscriberId, Subscription
from publisher.steps.signup import Wording

WEEKS = (1, 2, 4, 8, 12)  # that a pause may be asked for
PAUSE = 4  # the weeks of a link that pauses, in a mail; another of these numbers can be written in its place
UNDO = timedelta(days=30)  # what a link took away is given back until then
RELOAD = timedelta(minutes=10)  # a page that is loaded again has its button to undo still

Held = Mapping[str, Subscription]
"""One reader's subscriptions, by newsletter."""

Rule = Callable[[Held], Iterable[Subscription]]
"""What they hold -> how that is to be which changes; what comes back as it was is no change."""

Back = Literal["back", "again", "late", "changed"]
"""What became of an undo: `again`, it was given back before; `changed`, the reader has chosen anew since."""


class NoTopicError(ValueError):
    """Somebody chose none of the topics. An empty choice would mean all of them, so it is not taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What there is to choose from in a newsletter."""

    newsletter: Newsletter
    schedules: Mapping[str, Schedule]  # by frequency
    topics: Mapping[str, str]  # terms and what people call them, the most used first

    def rarer(self, frequency: str) -> tuple[str, ...]:
        """The frequencies that send more rarely than this one; none where this one is no more."""
        if frequency not in self.schedules:
            return ()
        most = often(self.schedules[frequency])
        return tuple(name for name, schedule in self.schedules.items() if often(schedule) < most)

    def topics_of(self, held: Subscription) -> tuple[str, ...]:
        """The topics of a subscription, those among them that no post has any more."""
        return tuple(dict.fromkeys((*(term for term in self.topics if term in held.topics), *sorted(held.topics))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What a rule changed: the subscriptions as they are now, and the number by which that is undone."""

    now: tuple[Subscription, ...] = ()
    undo: int | None = None


class Choices(Protocol):
    """Readers' subscriptions, each change in one transaction."""

    def held(self, reader: SubscriberId) -> Held:
        """All of one reader's; empty where nobody has that number."""

    def change(
        self,
        reader: SubscriberId,
        rule: Rule,
        *,
        source: str,
        note: str,
        now: datetime,
        undo: timedelta | None = None,
        agreed: Wording | None = None,
    ) -> Changed:
        """Do what the rule says, and write each step of it down.

        `undo`: for how long it can be undone; `agreed`: the words to which a new consent was given.
        """

    def undone(self, number: int, reader: SubscriberId, *, now: datetime) -> Sequence[str] | None:
        """The newsletters that an undo would still give back; None where there is no such undo."""

    def undo(self, number: int, reader: SubscriberId, *, note: str, now: datetime) -> Back | None:
        """Give back what was taken, once; None where there is no such undo."""

    def recent(self, reader: SubscriberId, newsletter: str, *, since: datetime) -> int | None:
        """The undo of what was changed just now."""

    def resume_due(self, *, now: datetime) -> int:
        """End the pauses whose time is over; how many."""


# --- what any link may ask for


def leaving(*newsletters: str) -> Rule:
    """Leave these; none named: all."""

    def rule(held: Held) -> Iterator[Subscription]:
        for one in held.values():
            if one.state is not Consent.LEFT and (not newsletters or one.newsletter in newsletters):
                yield replace(one, state=CONSENT[one.state, "leave"], paused_until=None)

    return rule


def pausing(newsletter: str, until: datetime) -> Rule:
    """Nothing until then. Who has paused already may only stay away for longer."""

    def rule(held: Held) -> Iterator[Subscription]:
        one = held.get(newsletter)
        if one is None or one.state is Consent.LEFT:
            return
        if one.state is Consent.PAUSED and (one.paused_until is None or one.paused_until >= until):
            return
        yield replace(one, state=CONSENT[one.state, "pause"], paused_until=until)

    return rule


def lessening(offer: Offer, *, topics: Collection[str], shown: Collection[str], frequency: str) -> Rule:
    """Fewer topics, or a rarer frequency; whatever else is asked for stays as it is.

    `shown` are the topics that the page had: who leaves all of them chosen has changed nothing. Raises NoTopicError.
    """

    def rule(held: Held) -> Iterator[Subscription]:
        one = held.get(offer.newsletter.name)
        if one is None or one.state is Consent.LEFT:
            return
        rarer = frequency if frequency in offer.rarer(one.frequency) else one.frequency
        yield replace(one, topics=_fewer(one, offer, topics, shown), frequency=rarer)

    return rule


def _fewer(one: Subscription, offer: Offer, topics: Collection[str], shown: Collection[str]) -> frozenset[str]:
    if set(shown) <= set(topics):
        return one.topics
    kept = frozenset(topics) & (one.topics or frozenset(offer.topics))
    if not kept:
        raise NoTopicError
    return kept


# --- what only a fresh link may ask for


def choosing(offer: Offer, *, topics: Collection[str], shown: Collection[str], frequency: str) -> Rule:
    """Any topics and any frequency of a newsletter that they hold; all that were shown is all that ever comes.

    Raises NoTopicError.
    """
    known = frozenset(offer.topics)

    def rule(held: Held) -> Iterator[Subscription]:
        one = held.get(offer.newsletter.name)
        if one is None or one.state is Consent.LEFT:
            return
        chosen = frozenset() if set(shown) <= set(topics) else frozenset(topics) & (known | one.topics)
        if not chosen and not set(shown) <= set(topics):
            raise NoTopicError
        wanted = frequency if frequency in offer.newsletter.frequencies else one.frequency
        yield replace(one, topics=chosen, frequency=wanted)

    return rule


def keeping(
    offer: Offer,
    *,
    only: Collection[str] | None = None,
    also: Collection[str] = (),
    without: Collection[str] = (),
    frequency: str = "",
) -> Rule:
    """A change of what they hold by now: its topics, or these `only`, and also some, and without some.

    No frequency: the one that they have. Raises NoTopicError.
    """

    def rule(held: Held) -> Iterable[Subscription]:
        one = held.get(offer.newsletter.name)
        if one is None:
            return ()
        there = frozenset({*offer.topics, *one.topics})
        kept = (one.topics or there) if only is None else frozenset(only)
        wanted = (kept | frozenset(also)) - frozenset(without)
        return choosing(offer, topics=wanted, shown=there, frequency=frequency or one.frequency)(held)

    return rule


def resuming(newsletter: str) -> Rule:
    """End a pause."""

    def rule(held: Held) -> Iterator[Subscription]:
        one = held.get(newsletter)
        if one is not None and one.state is Consent.PAUSED:
            yield replace(one, state=CONSENT[one.state, "resume"], paused_until=None)

    return rule


def joining(reader: SubscriberId, newsletter: Newsletter, *, now: datetime) -> Rule:
    """Get a newsletter, for the first time or again: the reader's own word, by a link that only they were sent.

    One that is not public nobody gets by asking, whoever had it: the owner adds its readers (L#2296).
    """

    def rule(held: Held) -> Iterator[Subscription]:
        one = held.get(newsletter.name)
        if not newsletter.public:
            return
        if one is None:
            yield Subscription(
                subscriber=reader,
                newsletter=newsletter.name,
                state=CONSENT[None, "confirm"],
                frequency=newsletter.default_frequency,
                consented_at=now,
            )
        elif one.state is Consent.LEFT:
            known = one.frequency in newsletter.frequencies
            yield replace(
                one,
                state=CONSENT[one.state, "confirm"],
                frequency=one.frequency if known else newsletter.default_frequency,
                consented_at=now,
            )

    return rule


# --- what is written down


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One event in the life of a consent."""

    event: str
    detail: str = ""


def steps(before: Subscription | None, after: Subscription) -> Iterator[Step]:
    """What a change is, in words that `CONSENT` has; choices have events of their own, and change no state."""
    state = before.state if before is not None else None
    if state is not after.state or (before is not None and before.paused_until != after.paused_until):
        until = f"until {after.paused_until:%Y-%m-%d}" if after.paused_until is not None else ""
        yield Step(event=_event(state, after.state), detail=until)
    if before is not None and before.topics != after.topics:
        yield Step(event="topics", detail=", ".join(sorted(after.topics)) or "all")
    if before is not None and before.frequency != after.frequency:
        yield Step(event="frequency", detail=after.frequency)


def _event(before: Consent | None, after: Consent) -> str:
    """The first in the table that leads there: `undo` is never what a choice is."""
    return next(event for (state, event), to in CONSENT.items() if state == before and to is after and event != "undo")


def giving_back(before: Subscription, now: Subscription) -> Iterator[Step]:
    """The events of an undo: what was left or paused is active once more, and paused again if it was."""
    if now.state is not before.state:
        yield Step(event="undo")
        if before.state is Consent.PAUSED:
            yield Step(event="pause")
    elif (now.topics, now.frequency, now.paused_until) != (before.topics, before.frequency, before.paused_until):
        yield Step(event="undo")
