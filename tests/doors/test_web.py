"""The pages: leaving by a link, as people, mail programs and scanners do it."""

import base64
from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from publisher.doors.web.server import application
from publisher.errors import DatabaseError
from publisher.mail.tokens import Purpose
from publisher.model.subscriber import Consent, SubscriberId, parse_address
from publisher.wiring import House
from tests.doors.browser import Browser, browser
from tests.house import NOW, a_house, add_readers, consents, dump, reopened, unsubscribe_token

BOB = "bob@example.net"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    found = a_house(tmp_path)
    yield found
    found.engine.dispose()


@pytest.fixture
def bob(house: House) -> SubscriberId:
    return add_readers(house, BOB, "ann@example.net")[0]


@pytest.fixture
def client(house: House) -> Browser:
    return browser(house)


@pytest.fixture
def link(house: House, bob: SubscriberId) -> str:
    return f"/u/{unsubscribe_token(house, bob)}"


# --- leaving


POSTS: dict[str, dict[str, Any]] = {
    "E1 multipart": {"files": {"List-Unsubscribe": (None, "One-Click")}},
    "E2 urlencoded": {"data": ONE_CLICK},
    "empty": {},
    "another body": {"content": b'{"x": 1}', "headers": {"Content-Type": "application/json"}},
    "a broken body": {"content": b"--x\r\n", "headers": {"Content-Type": "multipart/form-data; boundary=y"}},
    "a stranger's origin": {"data": ONE_CLICK, "headers": {"Origin": "https://mail.example", "Referer": "https://x/"}},
}


@pytest.mark.parametrize("how", POSTS.values(), ids=POSTS)
def test_E1_E2_E3_E4_a_post_leaves(client: Browser, house: House, link: str, how: dict[str, Any]) -> None:
    answer = client.post(link, **how)
    assert answer.status_code == 200
    assert "You are unsubscribed" in answer.text
    assert "set-cookie" not in answer.headers
    assert consents(house) == {BOB: Consent.LEFT, "ann@example.net": Consent.ACTIVE}


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"])
def test_E5_nothing_but_a_post_changes_anything(client: Browser, house: House, link: str, method: str) -> None:
    before = dump(house.engine)
    answer = client.request(method, link)
    assert answer.status_code == (200 if method in {"GET", "HEAD"} else 405)
    assert dump(house.engine) == before


def test_E5_a_get_shows_one_button_that_posts_to_the_same_address(client: Browser, link: str) -> None:
    page = client.get(link).text
    assert page.count("<form") == page.count("<button") == 1
    assert '<form method="post">' in page
    assert 'Leave <span dir="auto">Field Notes</span>?' in page


def test_another_method_is_told_which_there_are(client: Browser, link: str) -> None:
    allowed = client.request("OPTIONS", link).headers["Allow"]
    assert set(allowed.split(", ")) == {"GET", "HEAD", "POST"}


def test_E6_twice_is_once(client: Browser, house: House, link: str) -> None:
    first = client.post(link)
    after = dump(house.engine)
    second = client.post(link)
    assert (second.status_code, second.text) == (200, first.text)
    assert dump(house.engine) == after
    assert client.get(link).status_code == 200


def test_E9_a_providers_proxy_presses_for_as_many_as_it_likes(client: Browser, house: House, link: str) -> None:
    # sign-up gives a place 20 an hour: Gmail's readers all leave from a few addresses
    assert {client.post(link).status_code for _ in range(60)} == {200}
    assert consents(house)[BOB] is Consent.LEFT


BACK = 'href="https://news.example.org/subscribe/main"'


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("", "", True),
        ('approve = "never"', 'approve = "never"\npublic = false', False),
        ('privacy_url = "https://example.org/privacy/"\n', "", False),
    ],
    ids=["anybody may sign up", "not public", "the form is closed"],
)
def test_who_comes_too_late_to_undo_is_told_where_to_sign_up(  # cases are told apart by what is shown
    house: House, link: str, before: str, after: str, *, shown: bool
) -> None:
    first = browser(house).post(link).text
    assert ("/undo/" in first, BACK in first) == (True, False), "one way back is enough"
    file = house.config.secrets.file.parent / "config.toml"
    file.write_text(file.read_text("utf-8").replace(before, after), "utf-8")
    later = reopened(file.parent, now=NOW + timedelta(minutes=11))
    again = browser(later).post(link).text
    assert ("/undo/" in again, BACK in again) == (False, shown)
    assert BACK not in browser(later).get(link).text
    later.engine.dispose()


def test_E7_links_outlive_a_new_key(house: House, bob: SubscriberId, link: str) -> None:
    secret = house.config.secrets.file
    assert secret.stat().st_mode & 0o077 == 0
    with secret.open("a") as file:
        file.write(f"k2 {base64.b64encode(bytes(range(32))).decode()}\n")
    later = reopened(secret.parent)
    new = f"/u/{unsubscribe_token(later, bob)}"
    assert new.startswith("/u/k2-")
    client = browser(later)
    assert [client.get(one).status_code for one in (link, new)] == [200, 200]
    assert client.post(link).status_code == 200
    assert consents(later)[BOB] is Consent.LEFT
    later.engine.dispose()


def test_a_newsletter_that_is_no_more_can_still_be_left(house: House, link: str) -> None:
    file = house.config.secrets.file.parent / "config.toml"
    file.write_text(file.read_text().replace("[newsletters.main]", "[newsletters.other]"))
    later = reopened(file.parent)
    client = browser(later)
    assert client.get(link).status_code == 200
    assert client.post(link).status_code == 200
    assert consents(later)[BOB] is Consent.LEFT
    later.engine.dispose()


# --- links that are none


def swapped(token: str) -> str:
    middle = len(token) // 2
    return token[:middle] + ("a" if token[middle] != "a" else "b") + token[middle + 1 :]


BROKEN: dict[str, Callable[[House, SubscriberId], str]] = {
    "made up": lambda house, bob: "k1-" + "a" * 40,
    "empty": lambda house, bob: "",
    "cut": lambda house, bob: unsubscribe_token(house, bob)[:-1],
    "longer": lambda house, bob: unsubscribe_token(house, bob) + "a",
    "swapped": lambda house, bob: swapped(unsubscribe_token(house, bob)),
    "another key": lambda house, bob: unsubscribe_token(house, bob).replace("k1-", "k9-"),
    "another purpose": lambda house, bob: unsubscribe_token(house, bob, purpose=Purpose.MANAGE),
    "a bounce": lambda house, bob: unsubscribe_token(house, bob, purpose=Purpose.BOUNCE),
    "nobody": lambda house, bob: unsubscribe_token(house, SubscriberId(999)),
    "with a slash": lambda house, bob: unsubscribe_token(house, bob) + "/",
    "with a path": lambda house, bob: unsubscribe_token(house, bob) + "/../x",
}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("make", BROKEN.values(), ids=BROKEN)
def test_E8_what_is_no_link_of_ours_says_nothing(
    client: Browser, house: House, bob: SubscriberId, make: Callable[[House, SubscriberId], str], method: str
) -> None:
    before = dump(house.engine)
    answer = client.request(method, f"/u/{make(house, bob)}")
    assert answer.status_code == 404
    assert answer.text == client.get("/no/such/page").text, "the same page for all of them"
    assert "@" not in answer.text.partition("</style>")[2]
    assert dump(house.engine) == before


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_E8_the_link_of_an_erased_reader_is_a_link_of_nobody(
    client: Browser, house: House, link: str, method: str
) -> None:
    assert house.forget(parse_address(BOB)).known
    answer = client.request(method, link)
    assert answer.status_code == 404
    assert answer.text == client.request(method, "/u/k1-" + "a" * 40).text


def test_R3_no_page_shows_an_address(client: Browser, link: str) -> None:
    for answer in (client.get(link), client.post(link), client.get(link)):
        assert BOB not in answer.text
        assert "example.net" not in answer.text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=["Cs"])) | st.from_regex(r"k1-[a-z2-7]{26,80}", fullmatch=True))
def test_any_text_at_all_is_no_token_and_no_error(client: Browser, text: str) -> None:
    for method in ("GET", "POST"):
        assert client.request(method, f"/u/{quote(text, safe='')}").status_code == 404


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.binary(max_size=60))
def test_any_bytes_at_all_are_no_error(house: House, path: bytes) -> None:
    assert ask(house, raw_path=b"/u/" + path)[0] == 404


# --- bodies, headers, faults


def ask(house: House, *, raw_path: bytes, method: str = "GET", headers: tuple[tuple[bytes, bytes], ...] = ()) -> Any:
    """Status and how many bytes of the body were asked for: ASGI itself, no client between."""
    read = 0
    status = 0

    async def receive() -> MutableMapping[str, Any]:
        nonlocal read
        read += 65536
        return {"type": "http.request", "body": b"x" * 65536, "more_body": True}

    async def send(message: MutableMapping[str, Any]) -> None:
        nonlocal status
        status = message.get("status", status)

    scope = {
        "type": "http",
        "method": method,
        "path": raw_path.decode("utf-8", "replace"),
        "raw_path": raw_path,
        "root_path": "",
        "query_string": b"",
        "headers": list(headers),
        "http_version": "1.1",
        "scheme": "https",
        "server": ("news.example.org", 443),
        "client": ("192.0.2.1", 1),
    }

    async def run() -> None:
        await application(house)(scope, receive, send)

    with start_blocking_portal() as portal:
        portal.call(run)
    return status, read


def test_a_body_of_100_MB_is_not_read(house: House, link: str) -> None:
    headers = ((b"content-length", b"104857600"), (b"content-type", b"multipart/form-data; boundary=x"))
    assert ask(house, raw_path=link.encode(), method="POST", headers=headers) == (200, 0)
    assert consents(house)[BOB] is Consent.LEFT


def test_nothing_runs_loads_or_is_framed(client: Browser, link: str) -> None:
    for answer in (client.get(link), client.post(link), client.get("/u/x")):
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["Cache-Control"] == "no-store", "its address is a key"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert "<script" not in answer.text


def test_a_database_that_is_locked_is_a_503_and_a_line_in_the_log(
    house: House, link: str, caplog: pytest.LogCaptureFixture
) -> None:
    def away() -> Any:
        raise DatabaseError("publisher.db: another program holds its lock")

    away_house = replace(house, clock=away)
    answer = browser(away_house).post(link)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert "publisher.db" not in answer.text
    assert "holds its lock" in caplog.text


def test_health(client: Browser) -> None:
    assert client.get("/health").text == "ok"


# --- a path in web.url


@pytest.mark.parametrize("web", ["https://example.org/news/", "https://example.org/u/", "https://example.org/a%20b/c/"])
@pytest.mark.parametrize("strips", [True, False], ids=["the proxy strips the path", "the proxy keeps it"])
def test_pages_below_the_path_of_web_url(tmp_path: Path, web: str, strips: bool) -> None:  # noqa: FBT001
    house = a_house(tmp_path, web=web)
    (bob,) = add_readers(house, BOB)
    path = web.removeprefix("https://example.org").removesuffix("/")
    before = "" if strips else path
    client = browser(house)
    link = f"{before}/u/{unsubscribe_token(house, bob)}"
    assert client.get(link).status_code == 200
    assert client.get(f"{before}/u/x").status_code == 404
    assert client.get("/health").text == "ok"
    assert client.post(link).status_code == 200
    assert consents(house) == {BOB: Consent.LEFT}
    house.engine.dispose()
