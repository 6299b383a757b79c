"""The page behind a fresh link, which was mailed to a reader because they asked: it shows and changes everything.

`/manage` mails such a link to whoever types the address of a reader, and says the same to whoever does not.
"""

import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from publisher.doors.web.forms import BadForm, Form, answers, one
from publisher.doors.web.leave import unknown
from publisher.doors.web.offers import Offers
from publisher.doors.web.pages import Pages
from publisher.errors import DatabaseError
from publisher.mail.locales import locale
from publisher.mail.tokens import Claim
from publisher.model.issue import Newsletter
from publisher.model.subscriber import Address, parse_address
from publisher.steps.choices import WEEKS, NoTopicError, Rule, choosing, joining, leaving, pausing, resuming
from publisher.steps.freshlinks import Standing, visited
from publisher.steps.person import Person, checked
from publisher.steps.shown import Section, sections
from publisher.wiring import House

_log = logging.getLogger(__name__)

SOURCE = "preferences"  # of the consent's events
NOTE = "by a link that was mailed to them"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Visit:
    """A genuine link, and what became of the form on its page."""

    claim: Claim
    standing: Standing
    token: str
    status: int = 200
    state: str = "ask"
    error: str = ""
    of: str = ""  # the newsletter that the error is about
    typed: str = ""  # the address that cannot be used


def routes(house: House, pages: Pages) -> list[Route]:
    """`/m/TOKEN`: GET shows, POST changes. `/manage`: GET asks for an address, POST mails a link."""
    return [
        Route("/m/{token}", _Mine(house, pages).answers(), methods=["GET", "POST"]),
        Route("/manage", _Manage(house, pages).answers(), methods=["GET", "POST"]),
    ]


def visit(house: House, token: str) -> _Visit | None:
    """Whose fresh link it is, and whether it still works; None for whatever is none (E8)."""
    found = visited(house.keyring, house.fresh.links, token, now=house.clock())
    return _Visit(claim=found.claim, standing=found.standing, token=token) if found else None


class _Mine:
    def __init__(self, house: House, pages: Pages) -> None:
        self._house = house
        self._pages = pages
        self._offers = Offers(house, pages)

    def answers(self) -> Callable[[Request], Awaitable[Response]]:
        return answers(self._show, self._act, self._refuse)

    def _show(self, request: Request) -> Response:
        found = visit(self._house, request.path_params["token"])
        return unknown(self._pages, request) if found is None else self._page(request, found)

    def _refuse(self, request: Request, error: BadForm) -> Response:
        found = visit(self._house, request.path_params["token"])
        return unknown(self._pages, request) if found is None else self._page(request, _with(found, error.status))

    def _act(self, request: Request, form: Form) -> Response:
        found = visit(self._house, request.path_params["token"])
        if found is None:
            return unknown(self._pages, request)
        if found.standing == "late":
            return self._page(request, self._late(found, form))
        return self._page(request, self._done(request, found, form))

    def _late(self, found: _Visit, form: Form) -> _Visit:
        if one(form, "action") != "link":
            return found
        self._house.fresh.send(found.claim.subscriber, found.claim.newsletter, now=self._house.clock())
        return _with(found, 200, "link")

    def _done(self, request: Request, found: _Visit, form: Form) -> _Visit:
        match one(form, "action"):
            case "person":
                return self._person(found, form)
            case "address":
                return self._address(found, form)
            case "join":
                return self._join(request, found, form)
            case action:
                return self._choose(found, action, form)

    def _person(self, found: _Visit, form: Form) -> _Visit:
        offered = [tag for newsletter in self._house.newsletters.values() for tag in newsletter.offered]
        try:
            name, language = checked(one(form, "name"), one(form, "language"), offered)
        except ValueError:
            return _with(found, 422, error="name")
        self._house.people.call(found.claim.subscriber, name=name, language=language)
        return _with(found, 200, "saved")

    def _address(self, found: _Visit, form: Form) -> _Visit:
        typed = one(form, "address")
        person = self._house.people.person(found.claim.subscriber)
        try:
            address = parse_address(typed)
        except ValueError:
            return _with(found, 422, error="address", typed=typed)
        newsletter = self._newsletter(found)
        if person is None or newsletter is None or address.key == person.address.key:
            return _with(found, 422, error="same", typed=typed)
        # What comes of it is the same whether that address is a reader's or not
        self._house.moving.ask(found.claim.subscriber, address, newsletter, person.language, now=self._house.clock())
        return _with(found, 200, "asked")

    def _newsletter(self, found: _Visit) -> Newsletter | None:
        newsletters = self._house.newsletters
        return newsletters.get(found.claim.newsletter) or next(iter(newsletters.values()), None)

    def _choose(self, found: _Visit, action: str, form: Form) -> _Visit:
        house, reader = self._house, found.claim.subscriber
        rule = _rule(house, action, form)
        if rule is None:
            return _with(found, 400)
        try:
            house.choices.change(reader, rule, source=SOURCE, note=NOTE, now=house.clock())
        except NoTopicError:
            return _with(found, 422, error="topics", of=one(form, "newsletter"))
        return _with(found, 200, "saved")

    def _join(self, request: Request, found: _Visit, form: Form) -> _Visit:
        """A new consent, to the words that the page showed; shown anew where they are others by now."""
        house, reader, name = self._house, found.claim.subscriber, one(form, "newsletter")
        public, person = self._offers.public(name), house.people.person(reader)
        if not name or not public or person is None:
            return _with(found, 400)
        words = self._offers.consent(public, self._language(request, found, person), asked=False).wording
        if one(form, "wording") != words.digest:
            return _with(found, 422, error="wording", of=name)
        now = house.clock()
        rule = joining(reader, public[0], now=now)
        house.choices.change(reader, rule, source=SOURCE, note=NOTE, now=now, agreed=words)
        return _with(found, 200, "saved")

    def _language(self, request: Request, found: _Visit, person: Person) -> str:
        newsletter = self._newsletter(found)
        return self._pages.spoken(request, person.language or (newsletter.language if newsletter else None))

    def _page(self, request: Request, found: _Visit) -> Response:
        person = self._house.people.person(found.claim.subscriber)
        if person is None:  # erased just now
            return unknown(self._pages, request)
        state = "late" if found.standing == "late" and found.state != "link" else found.state
        language = self._language(request, found, person)
        shown = self._shown(found, person, language) if state not in {"late", "link"} else {}
        return self._pages.show(
            "web/mine.html",
            request,
            status=found.status,
            language=language,
            state=state,
            error=found.error,
            new_address=found.typed,
            token=found.token,
            weeks=WEEKS,
            **shown,
        )

    def _shown(self, found: _Visit, person: Person, language: str) -> Mapping[str, object]:
        house = self._house
        tags = dict.fromkeys(tag for newsletter in house.newsletters.values() for tag in newsletter.offered)
        return {
            "address": person.address.display,
            "name": person.name,
            "spoken": person.language,
            "languages": [(tag, locale(tag).get_display_name() or tag) for tag in tags],
            "sections": list(self._sections(found, language)),
        }

    def _sections(self, found: _Visit, language: str) -> Iterator[Section | Mapping[str, object]]:
        house = self._house
        held = house.choices.held(found.claim.subscriber)
        for section in sections(house.newsletters, held, house.offer, language):
            if section.state == "none":
                yield from self._offered(found, section.name, language)
            else:
                yield replace(section, error=found.error == "topics" and found.of == section.name)

    def _offered(self, found: _Visit, name: str, language: str) -> Iterator[Mapping[str, object]]:
        """What they do not get, where anybody may ask for it: readers of the others are added by the owner (L#2296)."""
        public = self._offers.public(name)
        if public:
            consent = self._offers.consent(public, language, asked=False)
            yield {
                "name": name,
                "title": public[0].title,
                "state": "none",
                "consent": consent.html,
                "wording": consent.wording.digest,
                "error": found.error == "wording" and found.of == name,
            }


def _with(found: _Visit, status: int, state: str = "ask", *, error: str = "", of: str = "", typed: str = "") -> _Visit:
    return replace(found, status=status, state=state, error=error, of=of, typed=typed)


def _rule(house: House, action: str, form: Form) -> Rule | None:
    """What a button asks for; None for what no button of ours does."""
    name, weeks, now = one(form, "newsletter"), one(form, "weeks"), house.clock()
    newsletter = house.newsletters.get(name)
    match action:
        case "leave" if name:  # no name would be all
            return leaving(name)
        case "choose" if newsletter is not None:
            topics, shown = form.get("topic", ()), form.get("shown", ())
            return choosing(house.offer(newsletter), topics=topics, shown=shown, frequency=one(form, "frequency"))
        case "pause" if newsletter is not None and weeks in map(str, WEEKS):
            return pausing(name, now + timedelta(weeks=int(weeks)))
        case "resume":
            return resuming(name)
    return None


class _Manage:
    def __init__(self, house: House, pages: Pages) -> None:
        self._house = house
        self._pages = pages

    def answers(self) -> Callable[[Request], Awaitable[Response]]:
        return answers(self._show, self._act, self._refuse)

    def _show(self, request: Request) -> Response:
        return self._page(request)

    def _refuse(self, request: Request, error: BadForm) -> Response:
        return self._page(request, status=error.status)

    def _act(self, request: Request, form: Form) -> Response:
        typed = one(form, "address")
        try:
            address = parse_address(typed)
        except ValueError:
            return self._page(request, status=422, error=True, address=typed)
        answer = self._page(request, state="done")
        # Afterwards: so nobody learns by the time it takes whether the address is a reader's (E8)
        answer.background = BackgroundTask(self._send, address, self._pages.spoken(request))
        return answer

    def _send(self, address: Address, language: str) -> None:
        try:
            self._house.fresh.send_to(address, language, now=self._house.clock())
        except DatabaseError as error:
            _log.error("%s", error)  # for the owner; the reader asks again

    def _page(
        self, request: Request, *, status: int = 200, state: str = "ask", error: bool = False, address: str = ""
    ) -> Response:
        return self._pages.show("web/manage.html", request, status=status, state=state, error=error, address=address)
