"""Requests -> pages: the list of all mails and feeds, one of them, what is in its frame, its file, the news, a test."""

import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route

from publisher.adapters.templates import environment
from publisher.doors.preview import words
from publisher.doors.preview.choice import Choice, address
from publisher.doors.preview.guard import is_ours
from publisher.doors.preview.headers import file_headers, frame_headers, page_headers, picture_headers
from publisher.doors.preview.making import CLIP, Made, Unmade
from publisher.doors.preview.session import Session
from publisher.doors.preview.showing import CHANGED, in_scheme, mark_change, with_pictures
from publisher.doors.preview.stock import Stock
from publisher.errors import PublisherError
from publisher.model.subscriber import Address
from publisher.steps.preview import PreviewMail
from publisher.steps.trial import send_once, trial_message

PICTURES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".svg": "image/svg+xml",
}
"""Files that are shown in a mail, by their names."""

_FORM = 1_000  # bytes; ours has a token in it, and nothing else
_NOTICES = 20  # results of tests that are remembered


class Pages:
    """The pages of a session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._templates = environment(Path(__file__).parent / "pages")
        self._templates.globals.update(address=address, counted=words.counted, size=words.size)
        self._templates.filters["coded"] = words.coded

    def routes(self) -> list[Route]:
        """All of them; only one takes a POST."""
        return [
            Route("/", self.overview),
            Route("/mail/{key:path}", self.mail),
            Route("/frame/{key:path}", self.frame),
            Route("/eml/{key:path}", self.eml),
            Route("/feed/{key:path}", self.feed),
            Route("/entry/{number:int}/{key:path}", self.entry),
            Route("/picture", self.picture),
            Route("/news", self.news),
            Route("/send/{key:path}", self.send, methods=["POST"]),
        ]

    # --- pages

    async def overview(self, request: Request) -> Response:
        """Everything that there is, and what would go out."""
        del request
        stock = self._session.stock
        if stock is None:
            return self._waiting("")
        self._session.warm_up(stock)
        mails = {mail.key: stock.made.get(("mail", mail.key, 1)) for mail in stock.issues}
        feeds = {key: stock.made.get(("feed", key)) for key in stock.feeds}
        return self._page("overview.html", stock, known=mails, feeds=feeds, current="")

    async def mail(self, request: Request) -> Response:
        """One mail."""
        stock, key = self._session.stock, request.path_params["key"]
        if stock is None:
            return self._waiting(key)
        choice = Choice.read(key, request.query_params)
        mail = stock.mails.get(key)
        if mail is None:
            return self._gone(stock, key)
        if stock.problems:
            return self._page("mail.html", stock, choice=choice, mail=mail, current=key, made=Unmade(stock.problems))
        if self._session.doing and ("mail", key, choice.variant) not in stock.made:
            return self._waiting(key)
        made = await self._session.do(lambda: self._session.make(stock, mail, choice.variant))
        if any(one.path == mail.path for one in stock.errors):  # what it said before would not go out
            made = Unmade(tuple(str(one) for one in stock.findings_of([mail.path])))
        first: list[Address] = []
        if choice.readers and isinstance(made, Made):
            first = list(await self._session.do(made.variant.first))
        return self._page(
            "mail.html",
            stock,
            choice=choice,
            mail=mail,
            made=made,
            current=key,
            readers=first,
            notice=self._session.notices.get(choice.notice),
            owner=stock.config.owner.email if stock.config else None,
            clip=CLIP,
            told=stock.findings_of(made.variant.paths) if isinstance(made, Made) else (),
            changed=f"#{CHANGED}" if isinstance(made, Made) and made.before else "",
        )

    async def feed(self, request: Request) -> Response:
        """One feed: its entries, and the source of each of its documents."""
        stock, key = self._session.stock, request.path_params["key"]
        if stock is None:
            return self._waiting(key)
        plan = stock.feeds.get(key)
        if plan is None:
            return self._gone(stock, key)
        shown = request.query_params.get("format", "")
        if stock.problems:
            return self._page("feed.html", stock, plan=plan, made=Unmade(stock.problems), shown=shown, current=key)
        if self._session.doing and ("feed", key) not in stock.made:
            return self._waiting(key)
        made = await self._session.do(lambda: self._session.feed(stock, plan))
        return self._page("feed.html", stock, plan=plan, made=made, shown=shown, current=key)

    # --- what is in them

    async def frame(self, request: Request) -> Response:
        """The HTML of a mail as one colour scheme shows it; sandboxed."""
        stock, made, choice = await self._made(request)
        html = mark_change(made.before, made.html) if made.before else made.html
        return self._framed(request, stock, in_scheme(html, choice.scheme))

    async def entry(self, request: Request) -> Response:
        """The content of an entry of a feed; sandboxed likewise."""
        stock = self._ready()
        plan = stock.feeds.get(request.path_params["key"])
        if plan is None:
            raise HTTPException(404)
        made = await self._session.do(lambda: self._session.feed(stock, plan))
        items = made.feed.items
        number = request.path_params["number"]
        if number >= len(items):
            raise HTTPException(404)
        html = self._templates.get_template("entry.html").render(item=items[number], language=made.feed.language)
        return self._framed(request, stock, html)

    async def picture(self, request: Request) -> Response:
        """A picture of the site's own, from this disk."""
        stock = self._ready()
        assert stock.house is not None
        found = stock.house.site_files.find(request.query_params.get("url", ""))
        if found is None or found.suffix.lower() not in PICTURES:
            raise HTTPException(404)
        return FileResponse(found, media_type=PICTURES[found.suffix.lower()], headers=picture_headers())

    async def eml(self, request: Request) -> Response:
        """The message as a file."""
        _, made, _ = await self._made(request)
        return Response(made.data, media_type="message/rfc822", headers=file_headers("preview.eml"))

    async def news(self, request: Request) -> Response:
        """Server-sent events."""
        del request

        async def events() -> AsyncIterator[str]:
            async for said in self._session.listen():
                yield said

        return StreamingResponse(events(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    # --- the only thing that acts

    async def send(self, request: Request) -> Response:
        """A test to the owner, and to nobody else."""
        if not is_ours(request.headers) or not await self._has_token(request):
            return PlainTextResponse("This did not come from the page; nothing was sent.\n", 403)
        stock, made, choice = await self._made(request)
        notice = await self._test(stock, made)
        name = secrets.token_urlsafe(6)
        self._session.notices[name] = notice
        for old in list(self._session.notices)[:-_NOTICES]:
            del self._session.notices[old]
        back = f"{request.scope['root_path']}/{choice.but()}"
        return RedirectResponse(f"{back}{'&' if '?' in back else '?'}notice={name}", 303)

    async def _has_token(self, request: Request) -> bool:
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > _FORM:
                return False
        (said,) = parse_qs(body.decode("utf-8", "replace")).get("token", [""])[:1]
        return secrets.compare_digest(said.encode(), self._session.form_token.encode())

    async def _test(self, stock: Stock, made: Made) -> tuple[bool, str]:
        house = stock.house
        assert house is not None
        to = house.config.owner.email
        if to is None:
            return False, "[owner] email is not set in config.toml: a test goes there, and nowhere else"
        try:
            envelope, message = await self._session.do(
                lambda: trial_message(
                    made.mail.sender,
                    made.mail.newsletter,
                    made.rendered,
                    to,
                    now=house.clock(),
                    alone=made.mail.alone,
                )
            )
            # not in the thread that works: a server may take its time
            reply = await run_in_threadpool(send_once, house.transport, envelope, message)
        except (PublisherError, ValueError) as error:
            return False, str(error)
        return True, f"A test went to {to} ({reply})."

    # --- the parts of all that

    def _ready(self) -> Stock:
        stock = self._session.stock
        if stock is None or stock.house is None:
            raise HTTPException(404)
        return stock

    async def _made(self, request: Request) -> tuple[Stock, Made, Choice]:
        stock = self._ready()
        choice = Choice.read(request.path_params["key"], request.query_params)
        mail = stock.mails.get(choice.key)
        if mail is None:
            raise HTTPException(404)
        made = await self._session.do(lambda: self._session.make(stock, mail, choice.variant))
        if isinstance(made, Unmade):
            raise HTTPException(404)
        return stock, made, choice

    def _framed(self, request: Request, stock: Stock, html: str) -> Response:
        house = stock.house
        assert house is not None
        here = f"http://{request.headers['host']}{request.scope['root_path']}/picture"

        def there(url: str) -> str | None:
            found = house.site_files.find(url)
            known = found is not None and found.suffix.lower() in PICTURES
            return f"{here}?{urlencode({'url': url})}" if known else None

        return HTMLResponse(with_pictures(html, there), headers=frame_headers((here, *house.own_origins())))

    def _waiting(self, current: str) -> Response:
        return self._page("waiting.html", self._session.stock or Stock(), current=current, status=202)

    def _gone(self, stock: Stock, key: str) -> Response:
        """Its post may be one that cannot be read: then that is what there is to say."""
        problems = [str(one) for one in stock.errors if key.endswith(f"/{one.path}")] or stock.problems
        return self._page("gone.html", stock, current=key, problems=problems, status=404)

    def _page(self, template: str, stock: Stock, *, status: int = 200, **values: object) -> Response:
        if self._session.blind:
            self._session.changed()
        html = self._templates.get_template(template).render(
            {
                "stock": stock,
                "session": self._session,
                "root": f"/{self._session.token}/",
                "title": stock.config.site.title if stock.config else "publisher",
                "groups": _grouped(stock),
                "is_made": lambda found: isinstance(found, Made),
                "is_unmade": lambda found: isinstance(found, Unmade),
                "due": _due,
                "notice": None,
            }
            | values
        )
        return HTMLResponse(html, status_code=status, headers=page_headers(html))


def _grouped(stock: Stock) -> dict[str, list[PreviewMail]]:
    groups: dict[str, list[PreviewMail]] = {}
    for mail in stock.mails.values():
        groups.setdefault(mail.group, []).append(mail)
    return groups


def _due(stock: Stock, made: Made) -> str:
    if made.look.due is None or stock.house is None:
        return ""
    return (
        f"{words.moment(made.look.due.at, made.mail.newsletter.zone)}, "
        f"{words.away(made.look.due.at, stock.house.clock())}"
    )
