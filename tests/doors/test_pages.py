"""The pages as Chromium shows them, from a real server."""

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from publisher.model.subscriber import Consent
from publisher.wiring import House
from tests.doors.browser import serving
from tests.house import a_house, add_readers, consents, unsubscribe_token
from tests.mail.test_browser import CONTRASTS

BOB = "bob@example.net"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    found = a_house(tmp_path)
    yield found
    found.engine.dispose()


@pytest.fixture
def link(house: House) -> Iterator[str]:
    (bob,) = add_readers(house, BOB)
    with serving(house) as address:
        yield f"{address}/u/{unsubscribe_token(house, bob)}"


def opened(
    chromium: Browser, *, scheme: str = "light", width: int = 600, script: bool = True
) -> tuple[Page, list[str]]:
    """A page, and what it complains of."""
    context = chromium.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
        java_script_enabled=script,
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    return page, complaints


@pytest.mark.peer
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1200])
@pytest.mark.parametrize("state", ["ask", "done", "unknown"])
def test_a_page_is_styled_quiet_and_legible(
    chromium: Browser, link: str, scheme: str, width: int, state: str, request: pytest.FixtureRequest
) -> None:
    page, complaints = opened(chromium, scheme=scheme, width=width)
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(urlsplit(sent.url).path))
    page.goto(link if state != "unknown" else f"{link}x")
    if state == "done":
        page.get_by_role("button").click()
        page.get_by_role("heading", name="You are unsubscribed").wait_for()
    paper = page.locator("main").evaluate("e => getComputedStyle(e).backgroundColor")
    assert paper == {"light": "rgb(255, 254, 251)", "dark": "rgb(28, 31, 34)"}[scheme], "the CSP lets our style in"
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "no sideways scroll"
    assert min(page.evaluate(CONTRASTS))[0] >= 4.5
    if state == "ask":
        box = page.get_by_role("button").bounding_box()
        assert box is not None
        assert box["height"] >= 44
    if state == "unknown":  # Chromium itself tells of the 404
        complaints = [one for one in complaints if "404" not in one]
    assert complaints == []
    assert set(asked) <= {urlsplit(page.url).path}, "nothing from elsewhere"
    page.context.close()


@pytest.mark.peer
def test_E5_the_button_leaves_without_javascript(chromium: Browser, house: House, link: str) -> None:
    page, _ = opened(chromium, script=False)
    page.goto(link)
    assert consents(house) == {BOB: Consent.ACTIVE}
    page.get_by_role("button", name="Unsubscribe").press("Enter")
    page.get_by_role("heading", name="You are unsubscribed").wait_for()
    assert page.url == link
    assert consents(house) == {BOB: Consent.LEFT}
    page.reload()
    assert page.get_by_role("heading", name="You are unsubscribed").is_visible(), "a reload posts again, harmlessly"
    page.context.close()


@pytest.mark.peer
def test_no_other_site_can_frame_the_page(chromium: Browser, link: str) -> None:
    page, _ = opened(chromium)
    page.set_content(f'<iframe src="{link}"></iframe>', wait_until="load")
    assert all("Unsubscribe" not in frame.content() for frame in page.frames[1:])
    page.context.close()


def test_E1_a_real_server_answers_a_large_slow_post_before_it_is_read(house: House, link: str) -> None:
    parts = urlsplit(link)
    assert parts.port is not None
    with socket.create_connection(("127.0.0.1", parts.port), timeout=10) as connection:
        head = f"POST {parts.path} HTTP/1.1\r\nHost: x\r\nContent-Length: 104857600\r\n\r\nList-"
        connection.sendall(head.encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")
    assert consents(house) == {BOB: Consent.LEFT}
