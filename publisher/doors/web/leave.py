"""Leaving by a link: a page with one button, and the POST that mail programs send (RFC 8058)."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from publisher.doors.web.pages import Pages
from publisher.mail.tokens import Purpose, read
from publisher.steps.subscribe import leave
from publisher.wiring import House


def routes(house: House, pages: Pages) -> list[Route]:
    """`/u/TOKEN`: GET shows the button and changes nothing; POST leaves."""

    def answer(request: Request) -> Response:
        # Neither cookie nor body nor Origin is looked at (RFC 8058 3.1): the token alone says who and what. So it
        # does not matter whether the body is multipart or urlencoded, and a large one is never read.
        claim = read(house.keyring, Purpose.UNSUBSCRIBE, request.path_params["token"])
        # A valid link of somebody who was erased and a made-up one look the same: nobody learns who reads.
        subscription = house.subscribers.subscription(claim.subscriber, claim.newsletter) if claim else None
        if claim is None or subscription is None:
            return unknown(pages, request)
        newsletter = house.newsletters.get(claim.newsletter)
        state = "ask"
        if request.method == "POST":
            leave(house.subscribers, claim, now=house.clock(), note="by the link in a mail")
            state = "done"
        # A newsletter that is no more is known by its name only; whoever reads its old mails may leave all the same.
        title = newsletter.title if newsletter else claim.newsletter
        language = subscription.language or (newsletter.language if newsletter else None)
        return pages.show("web/unsubscribe.html", request, language=language, state=state, newsletter=title)

    return [Route("/u/{token}", answer, methods=["GET", "POST"])]


def unknown(pages: Pages, request: Request) -> Response:
    """For whatever is no link of ours; it says nothing about anybody (E8)."""
    return pages.show("web/unsubscribe.html", request, status=404, state="unknown", newsletter="")


def health(request: Request) -> HTMLResponse:
    """For a proxy or a monitor: the process answers."""
    del request
    return HTMLResponse("ok")
