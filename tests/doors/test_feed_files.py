"""The feeds as `publisher serve` hands them out."""

import base64
import gzip
import hashlib
import json
import os
import re
import threading
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path

import brotli
import httpx
import pytest

from publisher.adapters.folder import RECORD
from publisher.wiring import House
from tests.doors.browser import Browser, browser, serving
from tests.house import a_house, reopened

FEEDS = """
[output]
url = "https://example.org/blog/"
[feeds]
aliases = { "index.xml" = "feed.rss", "old/feed" = "feed.atom", "lost.xml" = "nothing.rss" }
ended = ["podcast.rss"]
hubs = ["https://hub.example/"]
"""
PLAIN = {"Accept-Encoding": "identity"}
TYPES = {
    "feed.atom": "application/atom+xml; charset=utf-8",
    "feed.rss": "application/rss+xml; charset=utf-8",
    "feed.json": "application/feed+json; charset=utf-8",
    "categories/weather.rss": "application/rss+xml; charset=utf-8",
    "feeds.opml": "text/x-opml; charset=utf-8",
    "feeds.html": "text/html; charset=utf-8",
    "feeds.css": "text/css; charset=utf-8",
}


def built(folder: Path, config: str = FEEDS) -> House:
    a_house(folder).close()
    file = folder / "config.toml"
    file.write_text(file.read_text("utf-8") + config, "utf-8")
    house = reopened(folder)
    house.collect()
    house.publish()
    return house


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """For tests that change nothing."""
    found = built(tmp_path_factory.mktemp("site"))
    yield found
    found.close()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[House]:
    """For tests that do."""
    found = built(tmp_path)
    yield found
    found.close()


@pytest.fixture
def client(house: House) -> Browser:
    return browser(house)


def on_disk(house: House, path: str) -> bytes:
    return (house.config.output.folder / path).read_bytes()


def get(client: Browser, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    """`If_None_Match` is the field of that name."""
    fields = PLAIN | {name.replace("_", "-"): value for name, value in headers.items()}
    return client.request(method, f"/blog/{path}", headers=fields)


@pytest.mark.parametrize("path", TYPES)
def test_H5_each_file_is_served_as_what_it_is(client: Browser, house: House, path: str) -> None:
    answer = get(client, path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, TYPES[path])
    assert answer.content == on_disk(house, path)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_H5_a_feed_whose_name_does_not_tell_what_it_is(tmp_path: Path) -> None:
    house = built(tmp_path, '[feeds]\npath = "{ext}/all.xml"\nopml = false\npage = false\n')
    client = browser(house)
    types = [client.get(f"/{one}/all.xml").headers["Content-Type"] for one in ("atom", "rss", "json")]
    assert types == [TYPES[f"feed.{one}"] for one in ("atom", "rss", "json")]
    house.close()


@pytest.mark.parametrize("path", TYPES)
def test_H1_the_tag_is_of_the_bytes_and_the_time_is_that_of_the_file(client: Browser, house: House, path: str) -> None:
    answer = get(client, path)
    assert answer.headers["ETag"] == f'"{hashlib.sha256(on_disk(house, path)).hexdigest()[:32]}"'
    changed = int((house.config.output.folder / path).stat().st_mtime)
    assert answer.headers["Last-Modified"] == formatdate(changed, usegmt=True)


def test_H1_another_build_without_a_change_leaves_tag_and_time_and_one_with_a_change_does_not(own: House) -> None:
    client = browser(own)
    before = get(client, "feed.atom").headers
    (own.config.output.folder / "feed.rss").unlink()  # so that there is something to do
    assert own.publish().written == ("feed.rss",)
    after = get(client, "feed.atom").headers
    assert [after[name] for name in ("ETag", "Last-Modified")] == [before[name] for name in ("ETag", "Last-Modified")]
    own.config.posts.folder.joinpath("2026-11-20-new.md").write_text("---\ntitle: New\n---\nWords.\n", "utf-8")
    own.collect()
    own.publish()
    later = get(client, "feed.atom", If_None_Match=before["ETag"])
    assert later.status_code == 200
    assert "New" in later.text


def test_H2_H3_what_the_client_has_is_a_304_without_a_body(client: Browser) -> None:
    first = get(client, "feed.atom")
    tag, time = first.headers["ETag"], first.headers["Last-Modified"]
    for asked in (
        {"If_None_Match": tag},
        {"If_None_Match": f'"x", W/{tag}'},
        {"If_None_Match": "*"},
        {"If_Modified_Since": time},
        {"If_None_Match": tag, "If_Modified_Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
    ):
        answer = get(client, "feed.atom", **asked)
        assert (answer.status_code, answer.content) == (304, b""), asked
        assert {name: answer.headers[name] for name in ("ETag", "Cache-Control", "Vary")} == {
            "ETag": tag,
            "Cache-Control": "public, max-age=900",
            "Vary": "Accept-Encoding",
        }
        assert "Content-Length" not in answer.headers
        assert answer.headers["Access-Control-Allow-Origin"] == "*", "browsers look for it on a 304 as well"


@pytest.mark.parametrize(
    "asked",
    [
        {"If_None_Match": '"x"'},
        {"If_Modified_Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
        {"If_Modified_Since": "soon"},
    ],
)
def test_H2_what_the_client_has_not_is_sent(client: Browser, asked: dict[str, str]) -> None:
    assert get(client, "feed.atom", **asked).status_code == 200


def test_H2_the_tag_decides_and_not_the_time(client: Browser) -> None:
    time = get(client, "feed.atom").headers["Last-Modified"]
    assert get(client, "feed.atom", If_None_Match='"x"', If_Modified_Since=time).status_code == 200


def test_H4_caches_may_keep_it_for_as_long_as_the_settings_say(tmp_path: Path) -> None:
    house = built(tmp_path, "")
    file = tmp_path / "config.toml"
    file.write_text(file.read_text("utf-8").replace("[web]", '[web]\nfeed_max_age = "1h"'), "utf-8")
    house.close()
    house = reopened(tmp_path)
    assert browser(house).get("/feed.atom").headers["Cache-Control"] == "public, max-age=3600"
    house.close()


@pytest.mark.parametrize("accepted", ["br, gzip", "gzip", "identity"])
def test_H4_H1_each_coding_has_its_own_bytes_and_its_own_tag(client: Browser, house: House, accepted: str) -> None:
    tags = {get(client, "feed.atom", Accept_Encoding=one).headers["ETag"] for one in ("br", "gzip", "identity")}
    assert len(tags) == 3
    answer = get(client, "feed.atom", Accept_Encoding=accepted)
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Content-Type"] == TYPES["feed.atom"]
    assert answer.headers.get("Content-Encoding", "identity") == accepted.partition(",")[0]
    assert answer.content == on_disk(house, "feed.atom"), "httpx has unpacked it"
    again = get(client, "feed.atom", Accept_Encoding=accepted, If_None_Match=answer.headers["ETag"])
    assert (again.status_code, again.headers["ETag"]) == (304, answer.headers["ETag"])


def test_H4_who_wants_nothing_that_there_is_is_told(client: Browser) -> None:
    answer = get(client, "feed.atom", Accept_Encoding="identity;q=0, zstd")
    assert (answer.status_code, answer.headers["Vary"]) == (406, "Accept-Encoding")


@pytest.mark.parametrize("damage", ["gone", "stale"])
def test_H4_a_compressed_file_that_is_not_as_the_feed_is_is_left_out(own: House, damage: str) -> None:
    side = own.config.output.folder / "feed.atom.br"
    if damage == "gone":
        side.unlink()
    else:
        os.utime(own.config.output.folder / "feed.atom", (1_700_000_000, 1_700_000_000))
    answer = get(browser(own), "feed.atom", Accept_Encoding="br")
    assert "Content-Encoding" not in answer.headers
    assert answer.content == on_disk(own, "feed.atom")


def test_without_compressed_files_it_is_served_plain(tmp_path: Path) -> None:
    house = built(tmp_path, "[output]\ncompress = false\n")
    assert not list(house.config.output.folder.rglob("*.gz"))
    answer = browser(house).get("/feed.atom")
    assert "Content-Encoding" not in answer.headers
    assert answer.headers["Vary"] == "Accept-Encoding"
    house.close()


@pytest.mark.parametrize("accepted", ["br", "gzip", "identity"])
@pytest.mark.parametrize("path", TYPES)
def test_H6_head_says_what_get_says(client: Browser, path: str, accepted: str) -> None:
    head, full = (get(client, path, method, Accept_Encoding=accepted) for method in ("HEAD", "GET"))
    assert (head.status_code, dict(head.headers), head.content) == (200, dict(full.headers), b"")
    assert get(client, path, "HEAD", If_None_Match="*").status_code == 304


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "MADEUP"])
@pytest.mark.parametrize("path", ["feed.atom", "index.xml", "podcast.rss"])
def test_nothing_but_get_and_head(client: Browser, path: str, method: str) -> None:
    answer = get(client, path, method)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")
    assert get(client, "nothing", method).status_code == 404


def test_H7_feeds_may_be_read_by_web_pages(client: Browser) -> None:
    for path in TYPES:
        assert ("Access-Control-Allow-Origin" in get(client, path).headers) is (path != "feeds.html")


@pytest.mark.parametrize(
    ("alias", "path"), [("index.xml", "feed.rss"), ("old/feed", "feed.atom"), ("index.xml?page=1", "feed.rss")]
)
def test_H8_an_old_address_leads_to_the_new_one(client: Browser, alias: str, path: str) -> None:
    for method in ("GET", "HEAD"):
        answer = get(client, alias, method, If_None_Match="*")
        assert (answer.status_code, answer.headers["Location"]) == (301, f"https://example.org/blog/{path}")
        assert answer.headers["Cache-Control"] == "public, max-age=900"


def test_H8_an_old_address_of_a_feed_that_is_not_there_leads_nowhere(client: Browser) -> None:
    assert get(client, "lost.xml").status_code == 404


def test_H8_a_feed_that_ended_is_gone(client: Browser) -> None:
    answer = get(client, "podcast.rss")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (410, "public, max-age=900")
    assert get(client, "podcast.rss", "HEAD").status_code == 410


def test_W1_feeds_name_their_hub_and_themselves(client: Browser) -> None:
    for path, media_type in TYPES.items():
        expected = f'<https://hub.example/>; rel="hub", <https://example.org/blog/{path}>; rel="self"'
        is_feed = media_type.partition(";")[0] in {one.partition(";")[0] for one in list(TYPES.values())[:3]}
        assert get(client, path).headers.get("Link") == (expected if is_feed else None)


def test_the_page_runs_and_loads_nothing_but_shows_its_own_style(client: Browser) -> None:
    answer = get(client, "feeds.html")
    policy = answer.headers["Content-Security-Policy"]
    (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() in policy
    assert answer.headers["Cache-Control"] == "public, max-age=900", "it is for everybody"
    assert "X-Robots-Tag" not in answer.headers


@pytest.mark.parametrize("prefix", ["/", "/blog/"], ids=["the proxy strips the path", "the proxy keeps it"])
def test_a_proxy_may_keep_the_path_or_strip_it(client: Browser, prefix: str) -> None:
    for path in ("feed.atom", "categories/weather.json"):
        assert client.get(prefix + path).status_code == 200


# --- what is not served


STRANGERS = [
    "secret.txt",
    ".env",
    RECORD,
    "sub/.hidden",
    "../config.toml",
    "%2e%2e/config.toml",
    "..%2fconfig.toml",
    "..%5cconfig.toml",
    "categories/../secret.txt",
    "categories",
    "categories/",
    "",
    "feed.atom/",
    "feed.atom/x",
    "feed.atom%00",
    "feed.atom.gz",
    "feed.atom.br",
    "FEED.ATOM",
    "_redirects/",
    "%ff",
    "//etc/passwd",
]


@pytest.mark.parametrize("path", STRANGERS)
def test_what_no_build_wrote_is_not_there(own: House, path: str) -> None:
    folder = own.config.output.folder
    for name in ("secret.txt", ".env", "sub/.hidden"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("password")
    client = browser(own)
    assert get(client, path).status_code == 404
    assert get(client, path).text == client.get("/no/such/page").text


@pytest.mark.parametrize(
    "listed", ["../config.toml", "/etc/passwd", ".env", "sub/.hidden/x", "categories", "feed\0", "x"]
)
def test_a_record_that_somebody_edited_lets_nothing_out(own: House, listed: str) -> None:
    folder = own.config.output.folder
    for name in (".env", "sub/.hidden/x"):
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text("password")
    (folder / RECORD).write_text(json.dumps([listed, "feed.atom"]))
    client = browser(own)
    assert client.get(f"/{listed}".replace("\0", "%00")).status_code == 404
    assert client.get("/feed.atom").status_code == 200


def test_a_feed_that_goes_is_gone_and_one_that_comes_is_there(own: House) -> None:
    client = browser(own)
    assert get(client, "categories/weather.atom").status_code == 200
    post = own.config.posts.folder / "2026-11-12-frost-ferns.md"
    post.write_text(post.read_text("utf-8").replace("[weather]", "[cold]"), "utf-8")
    own.collect()
    own.publish()
    assert get(client, "categories/weather.atom").status_code == 404
    assert get(client, "categories/cold.atom").status_code == 200


def test_without_a_build_there_is_nothing(tmp_path: Path) -> None:
    house = a_house(tmp_path)
    assert browser(house).get("/feed.atom").status_code == 404
    house.close()


def test_a_304_reads_no_file(own: House) -> None:
    client = browser(own)
    tag = get(client, "feed.atom").headers["ETag"]
    file = own.config.output.folder / "feed.atom"
    before = file.stat()
    os.utime(file, ns=(0, before.st_mtime_ns))  # the time of the last reading: long ago
    file.chmod(0)
    assert get(client, "feed.atom", If_None_Match=tag).status_code == 304
    assert file.stat().st_atime_ns == 0


# --- over a socket


def raw(address: str, path: str, *, method: str = "GET", **headers: str) -> tuple[int, httpx.Headers, bytes]:
    """Status, headers, and the body as it came."""
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    with httpx.stream(method, f"{address}/{path}", headers=fields) as answer:
        return answer.status_code, answer.headers, b"".join(answer.iter_raw())


def test_H1_to_H6_through_a_real_server(house: House) -> None:
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, "identity": bytes}
    with serving(house) as address:
        for coding, unpacked in unpack.items():
            status, headers, body = raw(address, "feed.atom", Accept_Encoding=coding)
            assert (status, unpacked(body)) == (200, on_disk(house, "feed.atom"))
            assert headers["Content-Length"] == str(len(body))
            tag = headers["ETag"]
            for method in ("GET", "HEAD"):
                status, headers, body = raw(
                    address, "feed.atom", method=method, Accept_Encoding=coding, If_None_Match=tag
                )
                assert (status, body, headers["ETag"]) == (304, b"", tag)
            status, headers, body = raw(address, "feed.atom", method="HEAD", Accept_Encoding=coding)
            assert (status, body) == (200, b"")
            assert int(headers["Content-Length"]) > 0
        assert raw(address, "index.xml")[0] == 301
        assert raw(address, "podcast.rss")[0] == 410


def test_H9_nobody_ever_sees_half_a_feed(own: House) -> None:
    """One reader asks all the time while builds change the feed: each answer is one whole edition, and fits its tag."""
    post = own.config.posts.folder / "2026-11-12-frost-ferns.md"
    over = threading.Event()
    faults: list[str] = []
    seen: dict[str, bytes] = {}

    def read(address: str) -> None:
        with httpx.Client() as client:
            while not over.is_set():
                answer = client.get(f"{address}/feed.json", headers={"Accept-Encoding": "br"})
                document = answer.content
                if answer.status_code != 200 or not document.endswith(b"}\n"):
                    faults.append(f"{answer.status_code}: {document[-50:]!r}")
                if seen.setdefault(answer.headers["ETag"], document) != document:
                    faults.append("two documents with one tag")

    with serving(own) as address:
        reader = threading.Thread(target=read, args=(address,))
        reader.start()
        try:
            for number in range(5):
                post.write_text(post.read_text("utf-8") + f"\nMore, {number}.\n", "utf-8")
                own.collect()
                own.publish()
        finally:
            over.set()
            reader.join(20)
        assert "More, 4." in httpx.get(f"{address}/feed.json").text
    assert faults == []
