"""Taking somebody off who asked a person for it: the owner's link, a page with one button, and its POST."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from publisher.doors.web import leave
from publisher.doors.web.forms import BadForm, Form, answers
from publisher.doors.web.pages import Pages
from publisher.mail.tokens import Claim, Purpose, read
from publisher.model.subscriber import Address
from publisher.wiring import House


def routes(house: House, pages: Pages) -> list[Route]:
    """`/r/TOKEN`: GET shows the button and changes nothing; POST ends all that the reader gets.

    Only the owner's mails have such links, so the page says whom it is about.
    """

    def known(request: Request) -> tuple[Claim, Address] | None:
        claim = read(house.keyring, Purpose.REMOVE, request.path_params["token"])
        address = house.subscribers.address(claim.subscriber) if claim is not None else None
        return (claim, address) if claim is not None and address is not None else None

    def show(request: Request) -> Response:
        found = known(request)
        if found is None:
            return leave.unknown(pages, request)
        return pages.show("web/remove.html", request, state="ask", address=str(found[1]))

    def act(request: Request, form: Form) -> Response:
        del form
        found = known(request)
        if found is None:
            return leave.unknown(pages, request)
        claim, address = found
        house.take_off(claim.subscriber)
        return pages.show("web/remove.html", request, state="done", address=str(address))

    def refuse(request: Request, error: BadForm) -> Response:
        found = known(request)
        if found is None:
            return leave.unknown(pages, request)
        return pages.show("web/remove.html", request, status=error.status, state="ask", address=str(found[1]))

    return [Route("/r/{token}", answers(show, act, refuse), methods=["GET", "POST"])]
