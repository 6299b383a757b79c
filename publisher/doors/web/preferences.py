"""The page of the link in every mail: what that reader gets of one newsletter, and how to get less of it.

Mails are forwarded, so whoever opens it may be somebody else: it shows neither address nor name, everything on it only
lessens, and the answer has a button that gives back what was taken. For more there is a link by mail.
"""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from publisher.doors.web import links
from publisher.doors.web.forms import BadForm, Form, answers, one
from publisher.doors.web.leave import unknown
from publisher.doors.web.links import Holder
from publisher.doors.web.pages import Pages
from publisher.mail.tokens import Purpose
from publisher.model.subscriber import Consent
from publisher.steps import shown
from publisher.steps.choices import RELOAD, UNDO, WEEKS, NoTopicError, Rule, leaving, lessening, pausing
from publisher.wiring import House

SOURCE = "mail"  # of the consent's events: a link that stood in a mail
NOTE = "by the link in a mail"


def routes(house: House, pages: Pages) -> list[Route]:
    """`/p/TOKEN`: GET shows and changes nothing, POST lessens."""

    def show(request: Request) -> Response:
        found = links.holder(house, Purpose.MANAGE, request.path_params["token"])
        return unknown(pages, request) if found is None else _page(house, pages, request, found)

    def act(request: Request, form: Form) -> Response:
        found = links.holder(house, Purpose.MANAGE, request.path_params["token"])
        if found is None:
            return unknown(pages, request)
        name = one(form, "action")
        if name == "link":
            house.fresh.send(found.reader, found.claim.newsletter, now=house.clock())
            return _page(house, pages, request, found, state="link")
        rule = _rule(house, found, name, form)
        if rule is None:
            return _page(house, pages, request, found, status=400)
        try:
            return _changed(house, pages, request, found, rule)
        except NoTopicError:
            return _page(house, pages, request, found, status=422, error="topics")

    def refuse(request: Request, error: BadForm) -> Response:
        found = links.holder(house, Purpose.MANAGE, request.path_params["token"])
        return unknown(pages, request) if found is None else _page(house, pages, request, found, status=error.status)

    return [Route("/p/{token}", answers(show, act, refuse), methods=["GET", "POST"])]


def _rule(house: House, found: Holder, action: str, form: Form) -> Rule | None:
    """What a button asks for; None for what no button of ours does."""
    name = found.claim.newsletter
    newsletter, weeks = house.newsletters.get(name), one(form, "weeks")
    match action:
        case "choose" if newsletter is not None:
            topics, shown = form.get("topic", ()), form.get("shown", ())
            return lessening(house.offer(newsletter), topics=topics, shown=shown, frequency=one(form, "frequency"))
        case "pause" if weeks in map(str, WEEKS):
            return pausing(name, house.clock() + timedelta(weeks=int(weeks)))
        case "leave":
            return leaving(name)
        case "leave-all":
            return leaving()
    return None


def _changed(house: House, pages: Pages, request: Request, found: Holder, rule: Rule) -> Response:
    now = house.clock()
    changed = house.choices.change(found.reader, rule, source=SOURCE, note=NOTE, now=now, undo=UNDO)
    number = changed.undo or house.choices.recent(found.reader, found.claim.newsletter, since=now - RELOAD)
    later = Holder(claim=found.claim, reader=found.reader, held=house.choices.held(found.reader))
    token = links.undo_token(house, found.reader, found.claim.newsletter, number) if number is not None else ""
    return _page(house, pages, request, later, state="changed" if changed.now else "same", undo=token)


def _page(
    house: House,
    pages: Pages,
    request: Request,
    found: Holder,
    *,
    status: int = 200,
    state: str = "ask",
    error: str = "",
    undo: str = "",
) -> Response:
    name = found.claim.newsletter
    held, newsletter = found.held.get(name), house.newsletters.get(name)
    language = pages.spoken(request, found.language or (newsletter.language if newsletter else None))
    offer = house.offer(newsletter) if newsletter is not None and held is not None else None
    here = held is not None and held.state is not Consent.LEFT
    return pages.show(
        "web/preferences.html",
        request,
        status=status,
        language=language,
        state=state,
        newsletter=links.title(house, name),
        here=here,
        paused=shown.day(held, newsletter, language) if held is not None else "",
        topics=shown.topics(offer, held, all_of_them=False) if offer and held else [],
        frequencies=shown.frequencies(offer, held, {held.frequency, *offer.rarer(held.frequency)})
        if offer and held
        else [],
        weeks=WEEKS,
        others=links.titles(house, found.held, but=name),
        error=error,
        undo=undo,
    )
