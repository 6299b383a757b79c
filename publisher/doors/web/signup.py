"""The page on which people sign up: a form, maybe one more button, and an answer that is the same for everybody."""

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from publisher.doors.web.forms import BadForm, Form, answers, one
from publisher.doors.web.offers import Offers
from publisher.doors.web.pages import Pages
from publisher.doors.web.stamps import PRESSED, Stamps
from publisher.doors.web.visitors import Places, Visitors
from publisher.model.issue import Newsletter
from publisher.model.subscriber import Address, parse_address
from publisher.model.throwaway import is_refused
from publisher.steps.signup import Application, Choice
from publisher.wiring import House

_log = logging.getLogger(__name__)

TRAP = "comment"  # a field that people do not see: a name that machines fill in, and browsers do not
_REFUSED = 4  # times the sign-ups of one place that are let through without a question


def routes(house: House, pages: Pages) -> list[Route]:
    """`/subscribe` and `/subscribe/NEWSLETTER`: GET shows the form, POST sends one mail at most."""
    page = _Page(house, pages)
    answer = answers(page.show, page.act, page.refuse)
    return [Route(path, answer, methods=["GET", "POST"]) for path in ("/subscribe", "/subscribe/{newsletter}")]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A form that was filled in well."""

    address: Address
    choices: tuple[Choice, ...]
    place: str

    def named(self) -> str:
        """Names just this, for its stamp."""
        said = json.dumps([self.address.key, self.choices])
        return hashlib.sha256(said.encode()).hexdigest()


class _Page:
    """One for all requests of a process, since it counts where visitors come from."""

    def __init__(self, house: House, pages: Pages) -> None:
        self._house = house
        self._pages = pages
        self._offers = Offers(house, pages)
        self._stamps = Stamps(house.keyring, house.clock)
        self._places = Places(house.config.web.proxies, house.keyring.keys[house.keyring.current])
        self._visitors = Visitors()

    def show(self, request: Request) -> Response:
        """The form."""
        public = self._public(request)
        return self._form(request, public) if public else self._closed(request)

    def act(self, request: Request, form: Form) -> Response:
        """What was sent."""
        public = self._public(request)
        if not public:
            return self._closed(request)
        errors, found = self._checked(request, form, public)
        if found is None:
            return self._form(request, public, form, errors)
        came = self._visitors.came(found.place, now=self._house.clock())
        most = self._house.config.signup.per_visitor
        if came >= _REFUSED * most:
            return self._pages.show("web/asked.html", request, status=429, state="crowded")
        # what was asked once more, and pressed, was pressed by somebody, whatever the form looked like
        pressed = self._stamps.stands(one(form, "pressed"), found.named(), least=PRESSED)
        if not pressed and (came >= most or self._is_suspect(request, form, public)):
            return self._sure(request, found, public)
        if self._ask(request, found, public, pressed=pressed):
            return self._pages.show("web/asked.html", request, state="asked")
        return self._sure(request, found, public)

    def refuse(self, request: Request, error: BadForm) -> Response:
        """A body that is no form of ours."""
        public = self._public(request)
        return self._form(request, public, status=error.status) if public else self._closed(request)

    def _public(self, request: Request) -> Sequence[Newsletter]:
        return self._offers.public(request.path_params.get("newsletter", ""))

    def _closed(self, request: Request) -> Response:
        """For a newsletter that is not public, too: nobody learns that it is there."""
        return self._pages.show("web/subscribe.html", request, status=404, state="closed")

    def _form(
        self,
        request: Request,
        public: Sequence[Newsletter],
        form: Form | None = None,
        errors: Sequence[str] = (),
        *,
        status: int = 400,
    ) -> Response:
        language = self._pages.spoken(request)
        consent = self._offers.consent(public, language)
        return self._pages.show(
            "web/subscribe.html",
            request,
            status=200 if form is None and request.method != "POST" else status,
            state="form",
            title=public[0].title if len(public) == 1 else self._house.config.site.title,
            offered=self._offers.shown(public, self._offers.choices(form or {}, public)),
            address=one(form or {}, "address")[:254],
            errors=errors,
            consent=consent.html,
            wording=consent.wording.digest,
            stamp=self._stamps.make(),
        )

    def _checked(
        self, request: Request, form: Form, public: Sequence[Newsletter]
    ) -> tuple[Sequence[str], _Asked | None]:
        """What is wrong with a form, or what it asks for."""
        choices = self._offers.choices(form, public)
        errors = [] if choices else ["newsletters"]
        try:
            address = parse_address(one(form, "address"))
        except ValueError:
            return [*errors, "address"], None
        if is_refused(address.domain, self._house.config.signup.refuse):
            errors.append("throwaway")
        if address.ascii is None:
            errors.append("address")  # no server that we know to take it
        found = _Asked(address=address, choices=choices, place=self._places.of(request))
        return errors, None if errors else found

    def _is_suspect(self, request: Request, form: Form, public: Sequence[Newsletter]) -> bool:
        """A machine may have filled it in; or it was another page's, whose words we do not know."""
        words = self._offers.consent(public, self._pages.spoken(request)).wording.digest
        return bool(one(form, TRAP)) or one(form, "wording") != words or not self._stamps.stands(one(form, "stamp"))

    def _sure(self, request: Request, found: _Asked, public: Sequence[Newsletter]) -> Response:
        """The same once more, with a button and a stamp for just this."""
        hidden = [("address", found.address.display)]
        for choice in found.choices:
            hidden += [("newsletter", choice.newsletter), (f"frequency.{choice.newsletter}", choice.frequency)]
            hidden += [(f"topic.{choice.newsletter}", topic) for topic in choice.topics]
        hidden.append(("pressed", self._stamps.make(found.named())))
        titles = [self._house.newsletters[choice.newsletter].title for choice in found.choices]
        return self._pages.show(
            "web/sure.html",
            request,
            address=found.address.display,
            titles=titles,
            hidden=hidden,
            consent=self._offers.consent(public, self._pages.spoken(request)).html,
        )

    def _ask(self, request: Request, found: _Asked, public: Sequence[Newsletter], *, pressed: bool) -> bool:
        """Write it down; False where there is room only for those who press once more."""
        house, language = self._house, self._pages.spoken(request)
        wanted = [house.newsletters[choice.newsletter] for choice in found.choices]
        what = Application(
            address=found.address,
            choices=found.choices,
            language=language if any(language in newsletter.languages for newsletter in wanted) else None,
            wording=self._offers.consent(public, language).wording,
            source="form",
            origin=found.place if house.config.signup.keep_origin else None,
        )
        asked = house.signup.ask(what, "pressed" if pressed else "form", now=house.clock())
        if asked == "busy":
            return False
        self._visitors.count(found.place, now=house.clock())
        if asked == "waits":
            _log.info("a sign-up waits: its mail is over the budget")
        return True
