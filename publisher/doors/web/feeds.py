"""The files of the last build, served: feeds, their list, their page.

Starlette's own StaticFiles makes its tags of time and size, which say nothing about bytes; it knows no compressed files
and no `If-None-Match: *`; and it would hand out whatever else lies in the folder.
"""

import re
from collections.abc import Iterator, Mapping
from email.utils import formatdate
from pathlib import PurePosixPath
from urllib.parse import quote, unquote, urljoin, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketClose

from publisher.adapters.shelf import File, Label, Shelf
from publisher.doors.web.conditions import choose_coding, is_current
from publisher.doors.web.pages import content_policy
from publisher.feeds.codings import CODINGS, IDENTITY
from publisher.feeds.feed import MEDIA_TYPES, Format
from publisher.wiring import House

_METHODS = ("GET", "HEAD")
_PREFERRED = (*(coding.name for coding in CODINGS), IDENTITY)
_FEEDS = frozenset(MEDIA_TYPES.values())
_HTML = "text/html"
_TYPES = {f".{format_}": media_type for format_, media_type in MEDIA_TYPES.items()} | {
    ".opml": "text/x-opml",  # not registered; what readers know
    ".html": _HTML,
    ".css": "text/css",
}
_ROOT = re.compile(rb"<(rss|feed)[\s>]")
_ROOTS = {b"rss": Format.RSS, b"feed": Format.ATOM}
_HEAD = 2_000  # bytes; before the root are only lines that name the style, and those are ours


class FeedFiles:
    """An ASGI application for all below the address of the output folder. 404 for what no build made.

    A proxy may keep the path of that address or strip it.
    """

    def __init__(self, house: House) -> None:
        config = house.config
        self._shelf = Shelf(config.output.folder)
        self._address = config.site_value().public_url
        self._prefix = unquote(urlsplit(self._address).path).removeprefix("/")  # ends with a slash, or is empty
        self._aliases = config.feeds.aliases
        self._ended = frozenset(config.feeds.ended)
        self._farewell = house.templates.get_template("web/ended.txt").render(language=config.site.language)
        self._hubs = config.feeds.hubs
        self._caching = {"Cache-Control": f"public, max-age={int(config.web.feed_max_age.total_seconds())}"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
            return
        response = await self._answer(Request(scope))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        for path in self._meant(request.scope["path"]):
            files = self._shelf.files(self._aliases.get(path, path))
            if not files and path not in self._ended:
                continue
            if request.method not in _METHODS:
                return Response(status_code=405, headers={"Allow": ", ".join(_METHODS)})
            if path in self._ended:
                return Response(self._farewell, 410, self._caching, "text/plain")
            if path in self._aliases:
                return Response(status_code=301, headers=self._caching | {"Location": self._url(self._aliases[path])})
            return await self._file(request, path, files)
        raise HTTPException(404)

    def _meant(self, path: str) -> Iterator[str]:
        """Which file of the output folder may be meant; a folder means its index."""
        said = path.removeprefix("/")
        if said.endswith("/"):
            said += "index.html"
        if said.startswith(self._prefix):
            yield said.removeprefix(self._prefix)
        yield said

    async def _file(self, request: Request, path: str, files: Mapping[str, File]) -> Response:
        asked = request.headers
        headers = self._caching | {"Vary": "Accept-Encoding"}
        accepted = asked.getlist("Accept-Encoding")
        coding = choose_coding(", ".join(accepted), [one for one in _PREFERRED if one in files])
        if coding is None:
            return Response(status_code=406, headers=headers)
        file = files[coding]
        label = await self._label(file)
        headers["ETag"] = label.etag
        if not path.endswith(".html"):
            headers["Access-Control-Allow-Origin"] = "*"  # readers that are web pages; what is here is for everybody
        none_match = ", ".join(asked.getlist("If-None-Match")) if "If-None-Match" in asked else None
        if is_current(none_match, asked.get("If-Modified-Since"), etag=label.etag, modified=file.modified):
            return Response(status_code=304, headers=headers)
        headers |= {
            "Last-Modified": formatdate(file.modified, usegmt=True),
            "Content-Length": str(label.size),  # of HEAD as well
            **await self._about(path, files[IDENTITY]),
        }
        if coding != IDENTITY:
            headers["Content-Encoding"] = coding
        return Response(b"" if request.method == "HEAD" else await self._body(file), headers=headers)

    async def _about(self, path: str, plain: File) -> Mapping[str, str]:
        """What a file is."""
        media_type = _TYPES.get(PurePosixPath(path).suffix) or _sniffed(await self._body(plain))
        headers = {"Content-Type": f"{media_type}; charset=utf-8", "X-Content-Type-Options": "nosniff"}
        if media_type == _HTML:
            headers["Content-Security-Policy"] = content_policy((await self._body(plain)).decode())
        if media_type in _FEEDS:
            links = [("hub", hub) for hub in self._hubs] + [("self", self._url(path))]  # WebSub 4
            headers["Link"] = ", ".join(f'<{_ascii(url)}>; rel="{relation}"' for relation, url in links)
        return headers

    async def _label(self, file: File) -> Label:
        return self._shelf.label(file) or (await self._read(file))[0]

    async def _body(self, file: File) -> bytes:
        known = self._shelf.body(file)
        return known if known is not None else (await self._read(file))[1]

    async def _read(self, file: File) -> tuple[Label, bytes]:
        try:
            return await run_in_threadpool(self._shelf.read, file)
        except OSError:
            raise HTTPException(404) from None  # a build took it away just now

    def _url(self, path: str) -> str:
        return _ascii(urljoin(self._address, quote(path)))


def _sniffed(body: bytes) -> str:
    """The type of a feed whose name does not tell it, such as `rss/feed.xml`."""
    if body.startswith(b"{"):
        return MEDIA_TYPES[Format.JSON]
    root = _ROOT.search(body[:_HEAD])
    return MEDIA_TYPES[_ROOTS[root[1]]] if root else "application/octet-stream"


def _ascii(url: str) -> str:
    """As it may stand in a header field."""
    return quote(url, safe=":/?#[]@!$&'()*+,;=%~")
