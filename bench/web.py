"""Sign-ups and departures a second of `publisher serve` beside a bare Starlette application, in one run, as ratios.

    python -m bench.web [--requests N] [--connections C] [--wrk SECONDS]

Each sign-up and each departure is one transaction in SQLite (WAL, synchronous FULL); what was answered with 200 is
counted in the database at the end, and must all be there. The bare application reads the same body and answers a line:
what HTTP costs in Python with nothing behind it. One client asks both, over connections that it keeps: one in Python,
each request once; with `--wrk` wrk, which asks for so many seconds, and begins anew after the last.
"""

import argparse
import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from urllib.parse import urlencode

import uvicorn
from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bench.serve import answer, program
from publisher.config import load_config
from publisher.doors.web.stamps import Stamps
from publisher.mail.tokens import Purpose, sign
from publisher.model.subscriber import Consent, SubscriberId
from publisher.steps.subscribe import parse_wish, subscribe
from publisher.store.schema import request as requests_table
from publisher.store.schema import subscription
from publisher.wiring import House, open_house
from tests.peers import missing
from tests.postfix import free_port, wait_for

CONFIG = """
[site]
title = "Field Notes"
url = "https://example.org/"
author = "Ada Field"
[web]
url = "https://news.example.org/"
[signup]
per_hour = 100000
per_visitor = 100000
[owner]
postal_address = "1 Field Lane, 12345 Example"
privacy_url = "https://example.org/privacy/"
[newsletters.main]
title = "Field Notes"
from = "Field Notes <news@example.org>"
frequencies = { weekly = "mondays 09:00" }
"""
BARE = "bare"
Ask = Callable[[int], bytes]
"""A number -> one request, as bytes."""


def a_site(folder: Path, readers: int) -> House:
    (folder / "config.toml").write_text(CONFIG, "utf-8")
    (folder / "posts").mkdir()
    house = open_house(load_config(folder / "config.toml", {}))
    for number in range(readers):
        wish = parse_wish(house.newsletters, address=f"r{number}@example.net", note="on paper")
        subscribe(house.subscribers, wish, now=house.clock())
    return house


@contextmanager
def started(*command: str) -> Iterator[int]:
    port = free_port()
    process = subprocess.Popen([*command, str(port)], stdout=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def post(path: str, form: dict[str, str]) -> bytes:
    body = urlencode(form).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: news.example.org\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def asked(port: int, ask: Ask, numbers: Sequence[int], connections: int) -> tuple[float, Counter[int]]:
    """Requests a second, and how many had which status."""
    statuses: Counter[int] = Counter()
    left = iter(numbers)

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
        for number in left:
            writer.write(ask(number))
            status, _ = await answer(reader)
            statuses[status] += 1
        writer.close()
        await writer.wait_closed()

    start = perf_counter()
    await asyncio.gather(*(connection() for _ in range(connections)))
    return len(numbers) / (perf_counter() - start), statuses


# what wrk sends: the requests of a file, in turn; and what it tells at the end
LUA = """
local file = io.open(os.getenv("REQUESTS"), "rb")
local requests, turn = {}, 0
for one in file:read("*a"):gmatch("[^%z]+") do requests[#requests + 1] = one end
request = function() turn = turn % #requests + 1; return requests[turn] end
done = function(summary)
  local failed = summary.errors
  io.write(string.format('{"asked": %d, "microseconds": %d, "not 2xx": %d, "broken": %d}',
    summary.requests, summary.duration, failed.status, failed.connect + failed.read + failed.write + failed.timeout))
end
"""


def asked_by_wrk(port: int, ask: Ask, numbers: Sequence[int], connections: int, seconds: int) -> dict[str, int]:
    """How many requests it made, in which time, and how many had another answer than 2xx, or none."""
    if shutil.which("wrk") is None:
        missing("wrk is not installed")
    with tempfile.TemporaryDirectory() as folder:
        script, requests = Path(folder, "ask.lua"), Path(folder, "requests")
        script.write_text(LUA)
        requests.write_bytes(b"\0".join(map(ask, numbers)))
        url = f"http://127.0.0.1:{port}/"
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", str(script), url]
        environ = os.environ | {"REQUESTS": str(requests)}
        ran = subprocess.run(command, env=environ, stdout=subprocess.PIPE, text=True, check=True)
    told: dict[str, int] = json.loads(ran.stdout.splitlines()[-1])
    return told


async def wording(port: int) -> str:
    """What the page names the words by to which somebody agrees."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    writer.write(b"GET /subscribe HTTP/1.1\r\nHost: news.example.org\r\n\r\n")
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    body = await reader.readexactly(int(length[1])) if length else b""
    writer.close()
    await writer.wait_closed()
    found = re.search(rb'name="wording" value="([^"]+)"', body)
    if found is None:
        raise RuntimeError("the sign-up page is closed")
    return found[1].decode()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=2_000)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--wrk", type=int, metavar="SECONDS", help="let wrk ask, for so long")
    args, _ = parser.parse_known_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        house = a_site(folder, args.requests)
        ours = stack.enter_context(started(*program(folder), "serve", "--port"))
        bare = stack.enter_context(started(sys.executable, "-m", "bench.web", BARE))
        words = asyncio.run(wording(ours))
        stamp = Stamps(house.keyring, lambda: datetime.now(UTC) - timedelta(seconds=30)).make()  # noqa: TID251

        def leaves(number: int) -> bytes:
            reader = SubscriberId(number + 1)
            token = sign(house.keyring, Purpose.UNSUBSCRIBE, newsletter="main", subscriber=reader)
            return post(f"/u/{token}", {"List-Unsubscribe": "One-Click"})

        def comes(number: int) -> bytes:
            wish = {"address": f"new{number}@example.com", "newsletter": "main", "frequency.main": "weekly"}
            return post("/subscribe", wish | {"stamp": stamp, "wording": words})

        print(f"{args.requests} requests each over {args.connections} connections")
        for name, ask in (("departures", leaves), ("sign-ups", comes)):
            race = _by_wrk(args) if args.wrk else _by_python(args)
            floor, _, _ = race(bare, ask)
            rate, said, answered = race(ours, ask)
            print(f"{name:10}  bare {floor:7.0f} a second   ours {rate:6.0f}   {rate / floor:5.3f} of it   {said}")
            kept = _kept(house, name)
            print(f"{name:10}  in the database: {kept} of {answered}")
            if kept < answered:
                raise SystemExit(f"{name}: something was answered and lost")
        house.close()


Race = Callable[[int, Ask], tuple[float, str, int]]
"""A port and what to ask -> requests a second, how they were answered, and how many must be in the database."""


def _by_python(args: argparse.Namespace) -> Race:
    def race(port: int, ask: Ask) -> tuple[float, str, int]:
        rate, statuses = asyncio.run(asked(port, ask, range(args.requests), args.connections))
        return rate, ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items())), statuses[200]

    return race


def _by_wrk(args: argparse.Namespace) -> Race:
    def race(port: int, ask: Ask) -> tuple[float, str, int]:
        told = asked_by_wrk(port, ask, range(args.requests), args.connections, args.wrk)
        said = f"{told['asked']} asked, {told['not 2xx']} not 2xx, {told['broken']} broken off"
        # of those that it broke off at the end nobody knows; all before them were answered
        answered = min(args.requests, told["asked"]) if not told["not 2xx"] else 0
        return told["asked"] / told["microseconds"] * 1e6, said, answered

    return race


def _kept(house: House, name: str) -> int:
    gone = select(func.count()).select_from(subscription).where(subscription.c.state == Consent.LEFT)
    came = select(func.count()).select_from(requests_table)
    with house.engine.connect() as connection:
        return int(connection.scalar(gone if name == "departures" else came) or 0)


def serve_bare(port: int) -> None:
    async def page(request: Request) -> Response:
        await request.body()
        return PlainTextResponse("ok")

    routes = [Route("/u/{token}", page, methods=["POST"]), Route("/subscribe", page, methods=["POST"])]
    uvicorn.run(Starlette(routes=routes), host="127.0.0.1", port=port, access_log=False, log_level="warning")


if __name__ == "__main__":
    if sys.argv[1:2] == [BARE]:
        serve_bare(int(sys.argv[2]))
    else:
        main()
