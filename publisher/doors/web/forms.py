"""The body of a POST -> its fields, within limits: whoever sends it is not trusted.

Only what HTML forms send (application/x-www-form-urlencoded) is read; all pages of ours send that.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

MOST = 64 << 10  # bytes of a body
FIELDS = 500
PATIENCE = 10.0  # seconds for all of it
_FORM = "application/x-www-form-urlencoded"

Form = Mapping[str, Sequence[str]]


class BadForm(Exception):
    """A body that is no form of ours. `status` is what HTTP has for it: 400, 408, 413 or 415."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


async def read_body(request: Request, most: int = MOST) -> bytes:
    """The whole body. Raises BadForm for one that is too large, too slow, or breaks off."""
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or len(declared) > 15 or int(declared) > most:
        raise BadForm(413 if declared.isdecimal() else 400)
    body = bytearray()
    try:
        async with asyncio.timeout(PATIENCE):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most:
                    raise BadForm(413)
    except TimeoutError:
        raise BadForm(408) from None
    except ClientDisconnect:
        raise BadForm(400) from None
    return bytes(body)


async def read_form(request: Request) -> Form:
    """The fields of a form, in any number each. Raises BadForm."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _FORM:
        raise BadForm(415)
    body = await read_body(request)
    try:
        return parse_qs(
            body.decode("utf-8"), keep_blank_values=True, strict_parsing=False, errors="strict", max_num_fields=FIELDS
        )
    except ValueError:  # neither UTF-8 nor few enough
        raise BadForm(400) from None


def one(form: Form, name: str) -> str:
    """The first value of a field, without the blanks around it; "" where there is none."""
    return form.get(name, [""])[0].strip()


def answers(
    show: Callable[[Request], Response],
    act: Callable[[Request, Form], Response],
    refuse: Callable[[Request, BadForm], Response],
) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint: GET shows, POST acts on its form. Each runs in a thread, where it may wait for the database."""

    async def answer(request: Request) -> Response:
        if request.method != "POST":
            return await run_in_threadpool(show, request)
        try:
            form = await read_form(request)
        except BadForm as error:
            return await run_in_threadpool(refuse, request, error)
        return await run_in_threadpool(act, request, form)

    return answer
