"""What readers hold and what there is -> choices as pages and mails show them."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from babel.dates import format_date

from publisher.mail.locales import locale
from publisher.model.issue import Newsletter
from publisher.model.subscriber import Consent, Subscription
from publisher.steps.choices import Held, Offer


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One thing to choose. `name` is the form's, `label` what people read."""

    name: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One newsletter, to its reader. `state`: active, paused, or none; `paused`: until when, "" where nobody knows."""

    name: str
    title: str
    state: str
    paused: str = ""
    topics: Sequence[Shown] = ()
    frequencies: Sequence[Mapping[str, object]] = ()
    error: bool = False  # none of its topics was chosen


def sections(
    newsletters: Mapping[str, Newsletter], held: Held, offer: Callable[[Newsletter], Offer], language: str
) -> Iterator[Section]:
    """All that a reader gets, or may get: to who holds a fresh link."""
    for name in dict.fromkeys((*newsletters, *held)):
        newsletter, mine = newsletters.get(name), held.get(name)
        gets = mine is not None and mine.state is not Consent.LEFT
        if not gets and (newsletter is None or not newsletter.public):
            continue
        offered = offer(newsletter) if newsletter is not None and gets else None
        yield Section(
            name=name,
            title=newsletter.title if newsletter is not None else name,
            state=str(mine.state) if mine is not None and gets else "none",
            paused=day(mine, newsletter, language) if mine is not None else "",
            topics=topics(offered, mine, all_of_them=True) if offered and mine else (),
            frequencies=frequencies(offered, mine, offered.schedules) if offered and mine else (),
        )


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
