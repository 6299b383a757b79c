"""Who may ask: this machine's own browser, by the address that the terminal showed.

The page shows readers' addresses and can send a mail. So nothing but a loopback name is answered to (DNS rebinding),
the path begins with a word that nobody guesses, and a form must come from a page of ours.
"""

import re
import secrets

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK = ("127.0.0.1", "localhost", "::1")
_HOST = re.compile(r"([A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?")


class Guard:
    """An ASGI application before another: asks for host and token, and takes the token off the path."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._prefix = f"/{token}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or let it in."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        refused = self._refused(scope)
        if refused is not None:
            await refused(scope, receive, send)
            return
        await self._app({**scope, "root_path": self._prefix}, receive, send)

    def _refused(self, scope: Scope) -> PlainTextResponse | None:
        hosts = Headers(scope=scope).getlist("host")
        if len(hosts) != 1 or host_name(hosts[0]) not in LOOPBACK:
            return PlainTextResponse("This page answers to names of this machine only.\n", 421)
        path = scope["path"]
        if not secrets.compare_digest(path[: len(self._prefix) + 1].encode(), f"{self._prefix}/".encode()):
            return PlainTextResponse("Open the address that `publisher preview` shows in the terminal.\n", 404)
        return None


def host_name(host: str) -> str:
    """The name in a Host header; "" where it is none."""
    found = _HOST.fullmatch(host)
    return found[1].strip("[]").lower() if found else ""


def is_ours(headers: Headers) -> bool:
    """Whether a form comes from a page of ours: browsers say so with every POST."""
    return headers.get("origin") == f"http://{headers.get('host', '')}"
