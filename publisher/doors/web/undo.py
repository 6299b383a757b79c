"""The button that gives back what a link in a mail took away."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from publisher.doors.web import links
from publisher.doors.web.forms import BadForm, Form, answers
from publisher.doors.web.leave import unknown
from publisher.doors.web.links import Holder
from publisher.doors.web.pages import Pages
from publisher.mail.tokens import Purpose
from publisher.wiring import House

NOTE = "undone on the page that said so"


def routes(house: House, pages: Pages) -> list[Route]:
    """`/undo/TOKEN`: GET says what would come back, POST gives it back, once."""

    def show(request: Request) -> Response:
        found = links.holder(house, Purpose.UNDO, request.path_params["token"])
        if found is None or found.claim.issue is None:
            return unknown(pages, request)
        names = house.choices.undone(found.claim.issue, found.reader, now=house.clock())
        if names is None:
            return unknown(pages, request)
        return _page(house, pages, request, found, "ask" if names else "over")

    def act(request: Request, form: Form) -> Response:
        del form
        return _give_back(request)

    def refuse(request: Request, error: BadForm) -> Response:
        found = links.holder(house, Purpose.UNDO, request.path_params["token"])
        return unknown(pages, request) if found is None else _page(house, pages, request, found, "ask", error.status)

    def _give_back(request: Request) -> Response:
        found = links.holder(house, Purpose.UNDO, request.path_params["token"])
        if found is None or found.claim.issue is None:
            return unknown(pages, request)
        back = house.choices.undo(found.claim.issue, found.reader, note=NOTE, now=house.clock())
        if back is None:
            return unknown(pages, request)
        return _page(house, pages, request, found, "back" if back in {"back", "again"} else "over")

    return [Route("/undo/{token}", answers(show, act, refuse), methods=["GET", "POST"])]


def _page(house: House, pages: Pages, request: Request, found: Holder, state: str, status: int = 200) -> Response:
    newsletter = house.newsletters.get(found.claim.newsletter)
    language = found.language or (newsletter.language if newsletter else None)
    return pages.show("web/undo.html", request, status=status, language=language, state=state)
