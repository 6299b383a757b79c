"""A house -> how people come to its newsletters."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from publisher.mail.notices import LATEST, Rhythm, Wanted, render_confirmation, render_welcome
from publisher.mail.schedule import Schedule, next_due
from publisher.model.issue import Newsletter, Rendered
from publisher.steps.announce import at_once_frequencies
from publisher.steps.links import join_by_mail
from publisher.steps.signup import LASTS, Budget, Choice, SignupDesk
from publisher.store.archived import Archived
from publisher.store.requests import Requests

if TYPE_CHECKING:
    from publisher.mail.card import Card
    from publisher.model.entry import Entry
    from publisher.wiring.house import House

_KEPT = 64  # mails that differ; a million sign-ups ask for a few


def desk(house: "House") -> SignupDesk:
    """All that signing up needs."""
    settings = house.config.signup
    return SignupDesk(
        newsletters=house.newsletters,
        requests=Requests(house.engine, house.generation, house.blocked_marks),
        question=lru_cache(maxsize=_KEPT)(lambda choices, language: _question(house, choices, language)),
        welcome=lambda choice, language: _welcome(house, choice, language),
        at_once=lambda choice: _schedule_of(house, choice).at_once,
        token_key=house.keyring.current,
        budget=Budget(hourly=settings.per_hour, cool=settings.cool_down),
    )


def join_link(house: "House", newsletter: Newsletter) -> str | None:
    """Where somebody asks for a newsletter: a page, or a mail to us; None where nobody can."""
    config = house.config
    if not newsletter.public or not config.signup_open():
        return None
    return f"{config.web.url}subscribe/{newsletter.name}" if config.web.url else join_by_mail(newsletter)


def rhythm(house: "House", choice: Choice) -> Rhythm:
    """How often somebody gets mail who chose this."""
    schedule = _schedule_of(house, choice)
    return Rhythm(cadence=None if schedule.at_once else schedule.cadence)


def labels(house: "House", choice: Choice) -> Sequence[str]:
    """What people call the topics of a choice; of one that no post has any more, its term."""
    known = house.topics(house.newsletters[choice.newsletter]) if choice.topics else {}
    return [known.get(term, term) for term in choice.topics]


def _question(house: "House", choices: tuple[Choice, ...], language: str | None) -> Rendered:
    first = house.newsletters[choices[0].newsletter]
    wanted = [
        Wanted(title=house.newsletters[one.newsletter].title, rhythm=rhythm(house, one), topics=labels(house, one))
        for one in choices
    ]
    frame = house.press.frame(first, first.spoken(language))
    return render_confirmation(house.templates, frame, wanted[0].rhythm, days=LASTS.days, wanted=wanted)


def _welcome(house: "House", choice: Choice, language: str | None) -> Rendered:
    newsletter, schedule = house.newsletters[choice.newsletter], _schedule_of(house, choice)
    due = next_due(schedule, house.clock())
    when = Rhythm(cadence=None if schedule.at_once else schedule.cadence, next=due.at if due else None)
    issue = _last_issue(house, choice) if newsletter.welcome_latest == "issue" else ()
    latest = _latest(house, choice) if newsletter.welcome_latest != "nothing" and not issue else ()
    frame = house.press.frame(newsletter, newsletter.spoken(language))
    return render_welcome(house.templates, frame, when, latest, issue=issue)


def _latest(house: "House", choice: Choice) -> "Sequence[Card]":
    """The newest posts that this reader would have got."""
    live = sorted(house.entries.live(), key=lambda entry: entry.metadata.published, reverse=True)
    return house.press.shown(list(islice(_of_interest(house, choice, live), LATEST)))


def _last_issue(house: "House", choice: Choice) -> "Sequence[Card]":
    """What this reader would have got of the last digest; nothing before there was one."""
    at_once = frozenset(at_once_frequencies(house.newsletters[choice.newsletter]))
    carried = Archived(house.engine).last_digest(choice.newsletter, at_once)
    live = {entry.id: entry for entry in house.entries.live()}
    return house.press.shown(list(_of_interest(house, choice, [live[one] for one in carried if one in live])))


def _of_interest(house: "House", choice: Choice, entries: "Iterable[Entry]") -> "Iterator[Entry]":
    only = (frozenset(house.newsletters[choice.newsletter].categories), frozenset(choice.topics))
    for entry in entries:
        terms = {category.term for category in entry.metadata.categories}
        if all(not wanted or terms & wanted for wanted in only):
            yield entry


def _schedule_of(house: "House", choice: Choice) -> Schedule:
    return house.config.schedules()[choice.newsletter, choice.frequency]
