"""Leaving by a link: a page with one button, and the POST that mail programs send (RFC 8058)."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from publisher.doors.web import links
from publisher.doors.web.links import Holder
from publisher.doors.web.pages import Pages
from publisher.mail.tokens import Purpose
from publisher.model.issue import Newsletter
from publisher.steps.choices import RELOAD, UNDO, leaving
from publisher.wiring import House
from publisher.wiring.joining import join_link


def routes(house: House, pages: Pages) -> list[Route]:
    """`/u/TOKEN`: GET shows the button and changes nothing; POST leaves."""

    def answer(request: Request) -> Response:
        # Neither cookie nor body nor Origin is looked at (RFC 8058 3.1): the token alone says who and what. So it
        # does not matter whether the body is multipart or urlencoded, and a large one is never read.
        # A valid link of somebody who was erased and a made-up one look the same: nobody learns who reads.
        found = links.holder(house, Purpose.UNSUBSCRIBE, request.path_params["token"])
        if found is None or found.claim.newsletter not in found.held:
            return unknown(pages, request)
        undo = _leave(house, found) if request.method == "POST" else ""
        name = found.claim.newsletter
        newsletter = house.newsletters.get(name)
        return pages.show(
            "web/unsubscribe.html",
            request,
            language=found.held[name].language or (newsletter.language if newsletter else None),
            state="done" if request.method == "POST" else "ask",
            newsletter=links.title(house, name),
            others=links.titles(house, found.held, but=name),
            undo=undo,
            resubscribe_url=_way_back(house, newsletter) if not undo else "",
            manage=links.manage_token(house, found),
        )

    return [Route("/u/{token}", answer, methods=["GET", "POST"])]


def _way_back(house: House, newsletter: Newsletter | None) -> str:
    """Where who comes too late for the button to undo may sign up, as anybody may; "" where nobody can."""
    return (join_link(house, newsletter) or "") if newsletter else ""


def _leave(house: House, found: Holder) -> str:
    """Leave, and the token of a button that undoes it; "" for who left before."""
    name, now = found.claim.newsletter, house.clock()
    note = "by the link in a mail"
    changed = house.choices.change(found.reader, leaving(name), source="mail", note=note, now=now, undo=UNDO)
    number = changed.undo or house.choices.recent(found.reader, name, since=now - RELOAD)
    return links.undo_token(house, found.reader, name, number) if number is not None else ""


def unknown(pages: Pages, request: Request) -> Response:
    """For whatever is no link of ours; it says nothing about anybody (E8)."""
    return pages.show("web/unsubscribe.html", request, status=404, state="unknown", newsletter="", others=[], undo="")


def health(request: Request) -> HTMLResponse:
    """For a proxy or a monitor: the process answers."""
    del request
    return HTMLResponse("ok")
