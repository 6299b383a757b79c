"""The web application, and the server under it."""

import logging
from urllib.parse import unquote, urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from publisher.doors.web import address, api, confirm, hooks, leave, mine, preferences, removal, rights, signup, undo
from publisher.doors.web.feeds import FeedFiles
from publisher.doors.web.pages import Pages
from publisher.errors import DatabaseError
from publisher.wiring import House

_log = logging.getLogger(__name__)


def application(house: House) -> Starlette:
    """All pages of a house, below the path of `web.url` and at the root: a proxy may keep that path or strip it.

    What is none of them may be a feed, which has a path of its own: that of `output.url`.
    """
    pages = Pages(house.templates, house.config.site_value(), house.languages.known())

    def unknown(request: Request, error: Exception) -> Response:
        del error
        return leave.unknown(pages, request)

    def unavailable(request: Request, error: Exception) -> Response:
        _log.error("%s", error)  # for the owner; a reader can only come again
        return pages.line("web/unavailable.txt", request, 503, {"Retry-After": "60"})

    rooms = (leave, signup, confirm, api, preferences, mine, rights, address, undo, removal)
    pages_of_ours = [Route("/health", leave.health), *(one for room in rooms for one in room.routes(house, pages))]
    pages_of_ours += hooks.routes(house)
    path = unquote(urlsplit(house.config.web.url or "").path).rstrip("/")
    routes = [
        Route(prefix + one.path, one.endpoint, methods=list(one.methods or ()))
        for prefix in dict.fromkeys(("", path))
        for one in pages_of_ours
    ]
    found = Starlette(routes=routes, exception_handlers={404: unknown, DatabaseError: unavailable})
    found.router.default = FeedFiles(house)
    found.router.redirect_slashes = False  # RFC 8058 3.1: never a redirect, not for a slash too many either
    return found


def serve(house: House, host: str, port: int) -> None:
    """Answer until SIGTERM or Ctrl-C. No access log: it would hold readers' IP addresses and tokens."""
    uvicorn.run(
        application(house),
        host=host,
        port=port,
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,  # it would believe whoever connects from this machine; `web.proxies` says whom to
    )
