"""Requests a second of `publisher serve` beside nginx with the snippet of docs/OPERATIONS.md, in one run, as ratios.

    python -m bench.serve

Only the ratios mean something: they are medians of interleaved runs. One client asks over connections that it keeps,
and takes its share of the machine: both would do more alone. It does nothing but count bytes, so that it is the slower
one as seldom as can be.
"""

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter

from tests.postfix import free_port, wait_for
from tests.webservers import running_nginx

RUNS = 7
REQUESTS = 1_000
CONNECTIONS = 8
POSTS = 50
CONFIG = """
[site]
title = "Field Notes"
url = "https://blog.example.org/"
"""
WORDS = "Some words with *stress*, a [link](https://example.org/) and an é, of frost ferns on glass and of rye bread. "


def make_blog(folder: Path) -> None:
    (folder / "config.toml").write_text(CONFIG, "utf-8")
    (folder / "posts").mkdir()
    for number in range(POSTS):
        text = f"---\ntitle: Post {number}\ndate: 2024-01-{number % 28 + 1:02}\n---\n{WORDS * 20}\n"
        (folder / "posts" / f"post-{number}.md").write_text(text, "utf-8")
    subprocess.run([*program(folder), "build"], check=True, capture_output=True)


def program(folder: Path) -> list[str]:
    return [sys.executable, "-m", "publisher", "--config", str(folder / "config.toml")]


@contextmanager
def running_publisher(folder: Path) -> Iterator[int]:
    port = free_port()
    process = subprocess.Popen([*program(folder), "serve", "--port", str(port)], stdout=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def request(*fields: str) -> bytes:
    lines = ["GET /feed.atom HTTP/1.1", "Host: blog.example.org", "Accept-Encoding: gzip", *fields]
    return "\r\n".join([*lines, "", ""]).encode()


async def answer(reader: asyncio.StreamReader) -> tuple[int, dict[bytes, bytes]]:
    """Status and header fields of the next answer; its body is read and forgotten."""
    head = await reader.readuntil(b"\r\n\r\n")
    status, *lines = head.split(b"\r\n")
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
    await reader.readexactly(int(fields.get(b"content-length", b"0")))
    return int(status.split()[1]), fields


async def tag_of(port: int) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request())
    _, fields = await answer(reader)
    writer.close()
    await writer.wait_closed()
    return fields[b"etag"].decode()


async def load(port: int, asked: bytes, expected: int) -> float:
    """Requests a second."""

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
        for _ in range(REQUESTS // CONNECTIONS):
            writer.write(asked)
            status, _ = await answer(reader)
            if status != expected:
                raise RuntimeError(f"{status} instead of {expected}")
        writer.close()
        await writer.wait_closed()

    start = perf_counter()
    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
    return REQUESTS / (perf_counter() - start)


def main() -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "nginx").mkdir()
        make_blog(folder)
        address = stack.enter_context(running_nginx(folder / "public", folder / "nginx"))
        ports = {"nginx": int(address.rpartition(":")[2]), "ours": stack.enter_context(running_publisher(folder))}
        tags = {name: asyncio.run(tag_of(port)) for name, port in ports.items()}
        size = (folder / "public" / "feed.atom.gz").stat().st_size
        print(f"a feed of {size / 1000:.1f} kB, compressed; {CONNECTIONS} connections, median of {RUNS} runs")
        for status in (200, 304):
            rates: dict[str, list[float]] = {name: [] for name in ports}
            for _ in range(RUNS):
                for name, port in ports.items():
                    asked = request(f"If-None-Match: {tags[name]}") if status == 304 else request()
                    rates[name].append(asyncio.run(load(port, asked, status)))
            medians = {name: median(found) for name, found in rates.items()}
            for name, rate in medians.items():
                print(f"{status}  {name:6} {rate:8.0f} a second   {rate / medians['nginx']:6.2f} x nginx")


if __name__ == "__main__":
    main()
