"""The web application, and the server under it."""

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from publisher.doors.web import leave
from publisher.doors.web.pages import Pages
from publisher.errors import DatabaseError
from publisher.wiring import House


def application(house: House) -> Starlette:
    """All pages of a house, below the path of `web.url`."""
    pages = Pages(house.templates, house.config.site_value())

    def unknown(request: Request, error: Exception) -> Response:
        del request, error
        return pages.show("web/unsubscribe.html", status=404, state="unknown", newsletter="")

    def unavailable(request: Request, error: Exception) -> Response:
        del request, error  # told in the log by uvicorn's access line; a reader can only come again
        return Response("This does not work right now. Please try again in a minute.\n", 503, {"Retry-After": "60"})

    routes = [Route("/health", leave.health), *leave.routes(house, pages)]
    return Starlette(routes=routes, exception_handlers={404: unknown, DatabaseError: unavailable})


def serve(house: House, host: str, port: int) -> None:
    """Answer until SIGTERM or Ctrl-C. No access log: it would hold readers' IP addresses and tokens."""
    uvicorn.run(application(house), host=host, port=port, access_log=False, log_level="warning", server_header=False)
