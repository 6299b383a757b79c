"""The page behind the link that was mailed to a new address."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from publisher.doors.web.forms import BadForm, Form, answers
from publisher.doors.web.leave import unknown
from publisher.doors.web.pages import Pages
from publisher.mail.tokens import Claim, Purpose, read
from publisher.model.issue import IssueId
from publisher.model.subscriber import SubscriberId
from publisher.wiring import House

NOTE = "another address, confirmed there"


def routes(house: House, pages: Pages) -> list[Route]:
    """`/a/TOKEN`: GET asks, POST moves, once."""

    def show(request: Request) -> Response:
        return _page(house, pages, request, _claim(house, request), 200)

    def act(request: Request, form: Form) -> Response:
        del form
        claim = _claim(house, request)
        notice, asked = _numbers(claim)
        house.moving.confirm(notice, asked, note=NOTE, now=house.clock())
        return _page(house, pages, request, claim, 200)

    def refuse(request: Request, error: BadForm) -> Response:
        return _page(house, pages, request, _claim(house, request), error.status)

    return [Route("/a/{token}", answers(show, act, refuse), methods=["GET", "POST"])]


def _claim(house: House, request: Request) -> Claim | None:
    return read(house.keyring, Purpose.CONFIRM, request.path_params["token"])


def _numbers(claim: Claim | None) -> tuple[IssueId, SubscriberId]:
    """What the claim says; nobody's numbers where it is none, which take as long to look for (E8)."""
    return (claim.issue or IssueId(0), claim.subscriber) if claim else (IssueId(0), SubscriberId(0))


def _page(house: House, pages: Pages, request: Request, claim: Claim | None, status: int) -> Response:
    notice, asked = _numbers(claim)
    standing = house.moving.moves.standing(notice, asked, now=house.clock())
    if standing is None:
        return unknown(pages, request)
    newsletter = house.newsletters.get(standing.newsletter)
    language = standing.language or (newsletter.language if newsletter else None)
    return pages.show("web/address.html", request, status=status, language=language, state=standing.answer)
