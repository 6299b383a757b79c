"""For programs of the owner's: `POST /api/subscriptions` adds a reader whose consent was given elsewhere.

JSON in and out, `Authorization: Bearer TOKEN`. What a program may do is as its token's scopes say.
"""

import json
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from publisher.doors.web.forms import BadForm, read_body
from publisher.doors.web.pages import Pages
from publisher.steps.programs import Program, Scope, bearer
from publisher.steps.subscribe import Wish, parse_wish, subscribe
from publisher.wiring import House

_BODY = 16 << 10  # bytes: one reader is a few hundred
_A_MINUTE = 120  # requests of one token: a shop's checkout needs fewer; lists have `publisher subscribers import`
_JSON = "application/json"
_ANSWERS: Mapping[str, tuple[int, str]] = {
    "added": (201, "subscribed"),
    "unchanged": (200, "is subscribed already; nothing changed"),
    "left": (409, "has left; only they themselves can come back, by the sign-up page"),
    "suppressed": (409, "is on the do-not-mail list; only they themselves can come back, by the sign-up page"),
}
_BAD = {
    400: "the body broke off, or its length is no number",
    408: "the body came too slowly",
    413: f"the body is longer than {_BODY} bytes",
}

Text = Annotated[str, Field(max_length=1000)]


class _Sent(BaseModel):
    """What a program says of a reader."""

    model_config = ConfigDict(extra="forbid")

    address: Text
    source: Annotated[Text, Field(min_length=1)]  # where they gave their consent: "shop checkout"
    consented_at: datetime
    newsletter: Text = ""
    frequency: Text = ""
    topics: Annotated[list[Text], Field(max_length=100)] = Field(default_factory=list)
    name: Text = ""
    language: Text = ""
    note: Text = ""


class _No(Exception):
    """Why not. `status` is HTTP's."""

    def __init__(self, status: int, sentence: str, **headers: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def routes(house: House, pages: Pages) -> list[Route]:
    """`/api/subscriptions`; nobody looks at it."""
    del pages
    meter = _Meter()

    def add(authorization: str, kind: str, body: bytes | BadForm) -> Response:
        try:
            program = _let_in(house, meter, authorization)
            wish = _wish(house, program, _read(kind, body))
            status, sentence = _ANSWERS[result := subscribe(house.subscribers, wish, now=house.clock())]
        except _No as no:
            return _answer(no.status, {"error": str(no)}, no.headers)
        return _answer(status, {"result": result, "message": f"{wish.address} {sentence}"})

    async def answer(request: Request) -> Response:
        authorization, kind = (request.headers.get(name, "") for name in ("authorization", "content-type"))
        try:
            body: bytes | BadForm = await read_body(request, _BODY)
        except BadForm as error:
            body = error
        return await run_in_threadpool(add, authorization, kind, body)

    return [Route("/api/subscriptions", answer, methods=["POST"])]


def _let_in(house: House, meter: "_Meter", authorization: str) -> Program:
    program = bearer(house.programs, authorization, now=house.clock())
    if program is None:
        raise _No(401, "no valid token; send `Authorization: Bearer TOKEN`", WWW_Authenticate="Bearer")
    if Scope.ADD not in program.scopes:
        raise _No(403, f"the token {program.name!r} may not add readers; make one with the scope {Scope.ADD}")
    if not meter.lets(program.name, now=house.clock()):
        raise _No(429, f"more than {_A_MINUTE} requests in a minute; wait, then send it again", Retry_After="60")
    return program


def _read(kind: str, body: bytes | BadForm) -> _Sent:
    if isinstance(body, BadForm):
        raise _No(body.status, _BAD.get(body.status, "the body cannot be read"))
    if kind.partition(";")[0].strip().lower() != _JSON:
        raise _No(415, f"the body is not said to be JSON; send `Content-Type: {_JSON}`")
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise _No(400, "the body is not JSON") from None
    try:
        return _Sent.model_validate(said)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the body"
        raise _No(400, f"{where}: {first['msg'][:1].lower()}{first['msg'][1:]}") from None


def _wish(house: House, program: Program, sent: _Sent) -> Wish:
    now = house.clock()
    if sent.consented_at.utcoffset() is None:
        raise _No(400, "consented_at: has no time zone; write it as in 2026-11-23T09:00:00Z")
    if sent.consented_at > now + timedelta(minutes=5):  # clocks differ
        raise _No(400, "consented_at: lies in the future")
    # what the program passes on may be anybody's words, so it knows no newsletter that is not public (L#2296)
    public = {name: one for name, one in house.newsletters.items() if one.public}
    note = "; ".join(one.strip() for one in (sent.source, sent.note) if one.strip())
    if not note.isprintable():
        raise _No(400, "source: it and note are of one line, without control characters")
    try:
        wish = parse_wish(
            public,
            address=sent.address,
            name=sent.name,
            newsletter=sent.newsletter,
            frequency=sent.frequency,
            topics=",".join(sent.topics),
            language=sent.language,
            note=note,
        )
    except ValueError as error:
        raise _No(400, str(error)) from None
    return replace(wish, source=f"api:{program.name}", consented_at=sent.consented_at)


def _answer(status: int, said: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Response:
    always = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return JSONResponse(dict(said), status, {**always, **(headers or {})})


class _Meter:
    """Requests of the last minute, by token."""

    def __init__(self) -> None:
        self._times: dict[str, deque[datetime]] = {}
        self._lock = threading.Lock()

    def lets(self, name: str, *, now: datetime) -> bool:
        """Whether one more is let in, which counts then."""
        with self._lock:
            times = self._times.setdefault(name, deque(maxlen=_A_MINUTE))
            if len(times) == _A_MINUTE and times[0] > now - timedelta(minutes=1):
                return False
            times.append(now)
            return True
