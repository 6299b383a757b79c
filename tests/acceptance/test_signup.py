"""Somebody signs up: in Chromium, over SMTP, to the page that says they are in; and what the owner types."""

import re
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from publisher.doors.rounds import deliver_now
from publisher.errors import Exit
from publisher.model.subscriber import Consent
from publisher.wiring import House
from tests.catching import Caught, catching
from tests.doors.browser import serving
from tests.doors.test_pages import opened
from tests.house import consents
from tests.joining import ZOE, Clock, an_open_house
from tests.mail.test_browser import CONTRASTS
from tests.sites import OWNER, Site, make_site

FORM = '<!DOCTYPE html><html lang="en"><title>Ours</title><body><main>{form}</main></body></html>'


@pytest.fixture
def caught(tmp_path: Path) -> Iterator[tuple[House, Clock, Caught]]:
    with catching() as (port, found):
        house, clock = an_open_house(tmp_path, smtp=f"smtp://127.0.0.1:{port}")
        yield house, clock, found
        house.engine.dispose()


def confirming(mails: list[Message], base: str) -> str:
    """The link of the one mail, at the server of the test."""
    (mail,) = mails
    assert mail["Subject"] == "Please confirm: Birds & Bread"
    (found,) = set(re.findall(r"https://news\.example\.org/c/[a-z0-9-]+", mail.as_string().replace("=\n", "")))
    return f"{base}{urlsplit(found).path}"


@pytest.mark.peer
@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (375, "dark"), (1280, "light")])
def test_from_the_page_to_the_yes(
    chromium: Browser, caught: tuple[House, Clock, Caught], width: int, scheme: str
) -> None:
    house, clock, server = caught
    with serving(house) as base:
        page, complaints = opened(chromium, scheme=scheme, width=width, script=False)

        def is_well(heading: str) -> None:
            page.get_by_role("heading", name=heading, level=1).wait_for()

        page.goto(f"{base}/subscribe/birds")
        is_well("Get Birds & Bread by mail")
        assert page.locator(".trap").bounding_box()["width"] == 1  # type: ignore[index]  # it is there
        page.get_by_label("Your mail address").fill(ZOE)
        page.get_by_label("How often").select_option(label="Daily")
        page.get_by_role("button", name="Subscribe").click()
        is_well("One more press")  # the clock stands still: faster than anybody types
        clock.later(seconds=2)
        page.get_by_role("button", name="Yes, I want it").click()
        is_well("Look into your mailbox")
        assert consents(house) == {}
        deliver_now(house)
        page.goto(confirming(server.parsed(ZOE), base))
        is_well("One press, and you are in")
        page.get_by_role("button").click()
        is_well("You are in")
        assert consents(house) == {ZOE: Consent.ACTIVE}
        assert complaints == []
        page.context.close()


@pytest.mark.peer
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 375, 1280])
def test_A8_A9_every_page_is_legible_and_fits(
    chromium: Browser, caught: tuple[House, Clock, Caught], width: int, scheme: str
) -> None:
    house, _, _ = caught
    with serving(house) as base:
        page, complaints = opened(chromium, scheme=scheme, width=width)
        for path in ("/subscribe", "/subscribe/main", "/subscribe/birds", "/subscribe/none"):
            page.goto(base + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            assert min(page.evaluate(CONTRASTS))[0] >= 4.5
        assert [one for one in complaints if "404" not in one] == []
        page.goto(f"{base}/subscribe/birds")
        page.keyboard.press("Tab")
        for _ in range(12):
            assert page.evaluate("document.activeElement.id") != "comment", "nobody gets into the trap"
            page.keyboard.press("Tab")
        page.context.close()


@pytest.mark.peer
def test_a_form_on_another_page(chromium: Browser, caught: tuple[House, Clock, Caught], tmp_path: Path) -> None:
    house, clock, server = caught
    said = Site(tmp_path).run("form", "birds")
    assert (said.code, "<script" in said.out, "1 Field Lane" in said.out) == (0, False, True)
    with serving(house) as base:
        page, _ = opened(chromium, script=False)
        (tmp_path / "page.html").write_text(FORM.format(form=said.out.replace("https://news.example.org", base)))
        page.goto((tmp_path / "page.html").as_uri())
        page.get_by_label("Your mail address").fill(ZOE)
        page.get_by_role("button", name="Subscribe").click()
        page.get_by_role("heading", name="One more press").wait_for()
        clock.later(seconds=2)
        page.get_by_role("button", name="Yes, I want it").click()
        page.get_by_role("heading", name="Look into your mailbox").wait_for()
        deliver_now(house)
        assert len(server.parsed(ZOE)) == 1
        page.context.close()


# --- what the owner types


WEB = '[web]\nurl = "https://news.example.org/"\n'
PRIVACY = 'privacy_url = "https://blog.example.org/privacy/"\n'


def a_site(folder: Path, *, web: str = WEB, privacy: str = PRIVACY, owner: str = OWNER) -> Site:
    site = make_site(folder, config=web)
    site.write("config.toml", site.read("config.toml").replace(OWNER, f"{owner}{privacy}"))
    return site


def test_adding_a_reader_asks_by_mail(tmp_path: Path) -> None:
    site = a_site(tmp_path)
    said = site.run("subscribers", "add", ZOE)
    assert (said.code, said.err) == (0, "")
    assert "asked by mail" in said.out
    assert site.run("tick").code == 0
    assert "asked just now" in site.run("subscribers", "add", ZOE, "--topics", "birds").out
    mails = list((tmp_path / "outbox" / "new").iterdir())
    assert len(mails) == 1
    assert b"Please confirm" in mails[0].read_bytes()
    assert ZOE not in site.run("subscribers", "list").out


def test_without_a_page_nobody_is_asked(tmp_path: Path) -> None:
    said = a_site(tmp_path, web="").run("subscribers", "add", ZOE)
    assert said.code == Exit.REFUSED
    assert "set web.url" in said.err


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ({"privacy": ""}, "set owner.privacy_url in the settings"),
        ({"owner": "[owner]\n", "privacy": ""}, "set owner.postal_address and owner.privacy_url in the settings"),
        ({"web": ""}, "set web.url or mailbox.url in the settings"),
    ],
)
def test_a_form_that_is_closed_says_what_opens_it(tmp_path: Path, missing: dict[str, str], sentence: str) -> None:
    site = a_site(tmp_path, **missing)
    said = site.run("form")
    assert said.code == Exit.REFUSED
    assert sentence in said.err
    assert ("signup-closed" in site.run("check", "config", "--json").out) is ("web" not in missing)


def test_a_token_is_shown_once(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    token = site.run("tokens", "new", "shop").out.strip()
    assert re.fullmatch(r"pub_[0-9a-f]{64}", token)
    assert site.run("tokens", "new", "shop").code == Exit.REFUSED
    assert site.run("tokens", "new", "A shop").code == Exit.USAGE
    listed = site.run("tokens", "list").out
    assert "shop" in listed
    assert "subscriptions:add" in listed
    assert token not in listed
    assert token.encode() not in (tmp_path / "publisher.db").read_bytes()
    assert site.run("tokens", "revoke", "shop").code == 0
    assert "revoked" in site.run("tokens", "list").out
    assert site.run("tokens", "revoke", "none").code == Exit.REFUSED
