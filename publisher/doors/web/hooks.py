"""What relays post of bounces and complaints: Amazon SES, Postmark."""

from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from publisher.doors.web.forms import BadForm, read_body
from publisher.steps.hooks import from_postmark, from_ses
from publisher.wiring import House

_MOST = 1 << 20  # bytes: SNS sends 256 KB at most, Postmark a mail's beginning


def routes(house: House) -> list[Route]:
    """`/hooks/ses` and `/hooks/postmark`: POST only. What is not set up is not there."""

    async def ses(request: Request) -> Response:
        try:
            body = await read_body(request, _MOST)
        except BadForm as error:
            return Response(status_code=error.status)
        return _answer(await run_in_threadpool(lambda: from_ses(house.hooks, body, now=house.clock())))

    async def postmark(request: Request) -> Response:
        try:
            body = await read_body(request, _MOST)
        except BadForm as error:
            return Response(status_code=error.status)
        key = request.headers.get("authorization", "")
        return _answer(await run_in_threadpool(lambda: from_postmark(house.hooks, body, key, now=house.clock())))

    return [Route("/hooks/ses", ses, methods=["POST"]), Route("/hooks/postmark", postmark, methods=["POST"])]


def _answer(status: HTTPStatus) -> Response:
    return Response(status_code=status, headers={"Cache-Control": "no-store"})
