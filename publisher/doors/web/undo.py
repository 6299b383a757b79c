"""The button that gives back what a link in a mail took away."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from publisher.doors.web import links
from publisher.doors.web.leave import unknown
from publisher.doors.web.links import Holder
from publisher.doors.web.pages import Pages
from publisher.mail.tokens import Purpose
from publisher.wiring import House

NOTE = "undone on the page that said so"


def routes(house: House, pages: Pages) -> list[Route]:
    """`/undo/TOKEN`: GET says what would come back, POST gives it back, once."""

    def answer(request: Request) -> Response:
        # Whatever body there is says nothing, and is not read
        found = links.holder(house, Purpose.UNDO, request.path_params["token"])
        if found is None or found.claim.issue is None:
            return unknown(pages, request)
        act = _give_back if request.method == "POST" else _look
        state = act(house, found, found.claim.issue)
        return unknown(pages, request) if state is None else _page(house, pages, request, found, state)

    return [Route("/undo/{token}", answer, methods=["GET", "POST"])]


def _look(house: House, found: Holder, number: int) -> str | None:
    names = house.choices.undone(number, found.reader, now=house.clock())
    if names is None:
        return None
    return "ask" if names else "over"


def _give_back(house: House, found: Holder, number: int) -> str | None:
    back = house.choices.undo(number, found.reader, note=NOTE, now=house.clock())
    if back is None:
        return None
    return "back" if back in {"back", "again"} else "over"


def _page(house: House, pages: Pages, request: Request, found: Holder, state: str) -> Response:
    newsletter = house.newsletters.get(found.claim.newsletter)
    language = found.language or (newsletter.language if newsletter else None)
    return pages.show("web/undo.html", request, language=language, state=state)
