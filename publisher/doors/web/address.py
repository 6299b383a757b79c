"""The page behind the link that was mailed to a new address."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from publisher.doors.web.leave import unknown
from publisher.doors.web.pages import Pages
from publisher.mail.tokens import Purpose, read
from publisher.model.issue import IssueId
from publisher.model.subscriber import SubscriberId
from publisher.wiring import House

NOTE = "another address, confirmed there"


def routes(house: House, pages: Pages) -> list[Route]:
    """`/a/TOKEN`: GET asks, POST moves, once."""

    def answer(request: Request) -> Response:
        # Whatever body there is says nothing, and is not read
        claim = read(house.keyring, Purpose.CONFIRM, request.path_params["token"])
        # a made-up one takes as long to look for (E8)
        notice, asked = (claim.issue or IssueId(0), claim.subscriber) if claim else (IssueId(0), SubscriberId(0))
        if request.method == "POST":
            house.moving.confirm(notice, asked, note=NOTE, now=house.clock())
        standing = house.moving.moves.standing(notice, asked, now=house.clock())
        if standing is None:
            return unknown(pages, request)
        newsletter = house.newsletters.get(standing.newsletter)
        language = standing.language or (newsletter.language if newsletter else None)
        return pages.show("web/address.html", request, language=language, state=standing.answer)

    return [Route("/a/{token}", answer, methods=["GET", "POST"])]
