"""The snippets of docs/OPERATIONS.md do in a real nginx and a real Caddy what `publisher serve` does."""

import gzip
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import brotli
import httpx
import pytest

from publisher.adapters.folder import RECORD
from tests.doors.test_feed_files import TYPES, built, raw
from tests.webservers import running_caddy, running_nginx

pytestmark = pytest.mark.peer

FEEDS = ["feed.atom", "feed.rss", "feed.json", "categories/weather.rss", "feeds.opml"]
UNPACK: dict[str, Callable[[bytes], bytes]] = {"br": brotli.decompress, "gzip": gzip.decompress, "identity": bytes}


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Path:
    house = built(tmp_path_factory.mktemp("site"), '[feeds]\naliases = { "index.xml" = "feed.rss" }\n')
    house.close()
    return house.config.output.folder


def _nginx(public: Path, home: Path) -> AbstractContextManager[str]:
    return running_nginx(public, home)


def _nginx_with_brotli(public: Path, home: Path) -> AbstractContextManager[str]:
    return running_nginx(public, home, brotli=True)


@pytest.fixture(scope="module", params=[_nginx, _nginx_with_brotli, running_caddy], ids=["nginx", "nginx+br", "caddy"])
def server(
    request: pytest.FixtureRequest, public: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """An address, and the codings that are to be had there."""
    codings = ("gzip", "identity") if request.param is _nginx else ("br", "gzip", "identity")
    with request.param(public, tmp_path_factory.mktemp("server")) as address:
        yield address, codings


@pytest.mark.parametrize("path", FEEDS)
def test_H1_to_H7_a_feed_as_it_should_be(server: tuple[str, tuple[str, ...]], public: Path, path: str) -> None:
    address, codings = server
    for coding in codings:
        status, headers, body = raw(address, path, Accept_Encoding=coding)
        assert (status, UNPACK[coding](body)) == (200, (public / path).read_bytes())
        assert headers.get("Content-Encoding", "identity") == coding
        assert headers["Content-Type"] == TYPES[path]
        assert headers["Cache-Control"] == "public, max-age=900"
        assert headers["Vary"] == "Accept-Encoding"
        assert headers["Access-Control-Allow-Origin"] == "*"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert not headers["ETag"].startswith("W/")
        head = raw(address, path, method="HEAD", Accept_Encoding=coding)
        assert (head[0], head[1]["Content-Type"], head[1]["ETag"], head[2]) == (200, TYPES[path], headers["ETag"], b"")


def test_H2_H3_what_the_client_has_is_a_304(server: tuple[str, tuple[str, ...]]) -> None:
    address, codings = server
    for coding in codings:
        _, headers, _ = raw(address, "feed.atom", Accept_Encoding=coding)
        tag, time = headers["ETag"], headers["Last-Modified"]
        for asked in ({"If_None_Match": tag}, {"If_None_Match": f"W/{tag}"}, {"If_Modified_Since": time}):
            status, headers, body = raw(address, "feed.atom", Accept_Encoding=coding, **asked)
            assert (status, body) == (304, b"")
            assert headers["ETag"] == tag
            assert headers["Cache-Control"] == "public, max-age=900"
        asked = {"If_None_Match": '"x"', "If_Modified_Since": time}
        assert raw(address, "feed.atom", Accept_Encoding=coding, **asked)[0] == 200


def test_H8_old_addresses_lead_on_and_what_ended_is_gone(server: tuple[str, tuple[str, ...]]) -> None:
    address, _ = server
    answer = httpx.get(f"{address}/index.xml?page=1")
    assert (answer.status_code, answer.headers["Location"]) == (301, "https://blog.example.org/feed.rss")
    assert httpx.get(f"{address}/podcast.rss").status_code == 410


def test_what_is_hidden_stays_so(server: tuple[str, tuple[str, ...]], public: Path) -> None:
    address, _ = server
    (public / ".env").write_text("password")
    for path in (RECORD, ".env", "nothing.atom"):
        assert httpx.get(f"{address}/{path}").status_code == 404
