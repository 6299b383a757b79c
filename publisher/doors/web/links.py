"""The token of a link -> whose it is, and what they hold; and how their choices are shown."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from babel.dates import format_date

from publisher.mail.locales import locale
from publisher.mail.tokens import Claim, Purpose, read, sign
from publisher.model.issue import IssueId, Newsletter
from publisher.model.subscriber import Consent, SubscriberId, Subscription
from publisher.steps.choices import Held, Offer
from publisher.wiring import House


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A link that is genuine, of a reader who is there."""

    claim: Claim
    reader: SubscriberId
    held: Held

    @property
    def language(self) -> str | None:
        """The one that the reader has chosen, if any."""
        return next((one.language for one in self.held.values()), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One thing to choose. `name` is the form's, `label` what people read."""

    name: str
    label: str
    chosen: bool = False


def holder(house: House, purpose: Purpose, token: str) -> Holder | None:
    """Whose link it is. A valid one of somebody who was erased and a made-up one are the same: None (E8)."""
    claim = read(house.keyring, purpose, token)
    # a made-up one takes as long
    held = house.choices.held(claim.subscriber if claim else SubscriberId(0))
    if claim is None or not held:
        return None
    reader = next(iter(held.values())).subscriber  # who moved to another's address is that other now
    return Holder(claim=claim, reader=reader, held=held)


def undo_token(house: House, reader: SubscriberId, newsletter: str, number: int) -> str:
    """The token of a button that gives back what was taken."""
    return sign(house.keyring, Purpose.UNDO, newsletter=newsletter, subscriber=reader, issue=IssueId(number))


def manage_token(house: House, found: Holder) -> str:
    """The token of the page where less is chosen, as it is in the mails of that newsletter."""
    claim = found.claim
    return sign(
        house.keyring, Purpose.MANAGE, newsletter=claim.newsletter, subscriber=claim.subscriber, issue=claim.issue
    )


def title(house: House, name: str) -> str:
    """A newsletter that is no more is known by its name only; whoever reads its old mails may leave all the same."""
    newsletter = house.newsletters.get(name)
    return newsletter.title if newsletter else name


def titles(house: House, held: Held, *, but: str) -> list[str]:
    """The other newsletters that a reader gets, or has paused."""
    others = (one for one in held.values() if one.newsletter != but and one.state is not Consent.LEFT)
    return [title(house, one.newsletter) for one in others]


def topics(offer: Offer, one: Subscription, *, all_of_them: bool, chosen: Collection[str] | None = None) -> list[Shown]:
    """The topics of a page, in the order of their words. `all_of_them`: those too that the reader does not get."""
    terms = [*offer.topics, *offer.topics_of(one)] if all_of_them or not one.topics else offer.topics_of(one)
    got = one.topics or frozenset(terms) if chosen is None else frozenset(chosen)
    shown = [Shown(name=term, label=offer.topics.get(term, term), chosen=term in got) for term in dict.fromkeys(terms)]
    return sorted(shown, key=lambda topic: topic.label.casefold())


def frequencies(offer: Offer, one: Subscription, names: Collection[str]) -> list[Mapping[str, object]]:
    """The rhythms of a page."""
    cadences = {name: offer.schedules[name] for name in offer.schedules if name in names}
    words = {name: "each" if found.at_once else str(found.cadence) for name, found in cadences.items()}
    return told_apart(words, one.frequency)


def told_apart(cadences: Mapping[str, str], chosen: str) -> list[Mapping[str, object]]:
    """Frequencies and how often they come; two that come equally often are told apart by their names."""
    times = Counter(cadences.values())
    return [
        {"name": name, "cadence": word, "also": name if times[word] > 1 else "", "chosen": name == chosen}
        for name, word in cadences.items()
    ]


def day(one: Subscription, newsletter: Newsletter | None, language: str) -> str:
    """The day on which a pause ends, as readers write it; "" where there is none."""
    if one.paused_until is None:
        return ""
    zone = ZoneInfo(newsletter.zone) if newsletter else None
    found: date = one.paused_until.astimezone(zone).date()
    return format_date(found, "long", locale(language))
