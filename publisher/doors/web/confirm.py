"""The link of the mail that asks whether somebody wants a newsletter: a page with one button, and its POST."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from publisher.doors.web.forms import BadForm, Form, answers
from publisher.doors.web.leave import unknown
from publisher.doors.web.offers import Offers
from publisher.doors.web.pages import Pages
from publisher.mail.tokens import Purpose, read
from publisher.model.issue import IssueId
from publisher.model.subscriber import SubscriberId
from publisher.steps.signup import Choice
from publisher.wiring import House


def routes(house: House, pages: Pages) -> list[Route]:
    """`/c/TOKEN`: GET asks and changes nothing (E11); POST confirms, once, or sends another where it is too old."""
    offers = Offers(house, pages)

    def named(request: Request) -> tuple[IssueId, SubscriberId]:
        """The mail that the link was in, and whose it is; a made-up one takes as long to look for (E8)."""
        claim = read(house.keyring, Purpose.CONFIRM, request.path_params["token"])
        return (claim.issue or IssueId(0), claim.subscriber) if claim else (IssueId(0), SubscriberId(0))

    def show(request: Request) -> Response:
        standing = house.signup.requests.standing(*named(request), now=house.clock())
        choices: tuple[Choice, ...] = house.signup.still(standing.choices) if standing else ()
        if standing is None or not choices:
            return unknown(pages, request)
        language = standing.language or house.newsletters[choices[0].newsletter].language
        state = {"open": "ask", "late": "late", "done": "done"}[standing.answer]
        return pages.show("web/confirm.html", request, language=language, state=state, wanted=offers.wanted(choices))

    def act(request: Request, form: Form) -> Response:
        del form  # the link says all; which button it was depends on what the link still does
        notice, reader = named(request)
        answer = house.signup.confirm(notice, reader, now=house.clock())
        if answer == "late" and house.signup.again(notice, reader, now=house.clock()):
            return pages.show("web/asked.html", request, state="asked")
        return show(request)

    def refuse(request: Request, error: BadForm) -> Response:
        del error
        return act(request, {})

    return [Route("/c/{token}", answers(show, act, refuse), methods=["GET", "POST"])]
