"""What a reader may ask for by a fresh link: all that is stored about them, and that it goes."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from publisher.doors.web.forms import BadForm, Form, answers
from publisher.doors.web.leave import unknown
from publisher.doors.web.mine import visit
from publisher.doors.web.pages import Pages, security_headers
from publisher.model.subscriber import Address
from publisher.steps.rights import OWN_DATA, document
from publisher.wiring import House


def routes(house: House, pages: Pages) -> list[Route]:
    """`/m/TOKEN/export` and `/m/TOKEN/forget`. GET shows and changes nothing; a POST to the second forgets."""

    def whose(request: Request) -> Address | None:
        found = visit(house, request.path_params["token"])
        if found is None or found.standing != "open":
            return None
        return house.subscribers.address(found.claim.subscriber)

    def export(request: Request) -> Response:
        address = whose(request)
        found = house.dossiers.of(address, now=house.clock()) if address is not None else None
        if found is None:
            return unknown(pages, request)
        headers = security_headers("") | {"Content-Disposition": f'attachment; filename="{OWN_DATA}"'}
        return Response(document(found), 200, headers, "application/json")

    def ask(request: Request) -> Response:
        return _page("ask", request) if whose(request) is not None else unknown(pages, request)

    def forget(request: Request, form: Form) -> Response:
        del form  # the link says who, and the press that they mean it
        address = whose(request)
        if address is None:
            return unknown(pages, request)
        house.forget(address)
        return _page("done", request)

    def refuse(request: Request, error: BadForm) -> Response:
        found = ask(request)
        return Response(found.body, error.status, dict(found.headers)) if found.status_code == 200 else found

    def _page(state: str, request: Request) -> Response:
        return pages.show("web/forget.html", request, state=state)

    return [
        Route("/m/{token}/export", export, methods=["GET"]),
        Route("/m/{token}/forget", answers(ask, forget, refuse), methods=["GET", "POST"]),
    ]
