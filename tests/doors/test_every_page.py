"""Every page that a person can meet, before axe: on a phone and a computer, by day and night, in both directions."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser as Chromium

from publisher.mail.tokens import Purpose, sign
from publisher.wiring import House
from tests.choosing import a_choice, a_fresh_link, a_reader, button, choose, later, link, mails_to, undo_link
from tests.doors.browser import Browser
from tests.doors.browser import browser as plain
from tests.house import NOW
from tests.joining import ZOE, Clock, an_open_house, fields, sent, sign_up
from tests.joining import link as confirming
from tests.judging import axe_script
from tests.mail.test_browser import CONTRASTS, show

pytestmark = pytest.mark.peer

BOB = "bob@example.net"
TEMPLATES = {
    *("address", "asked", "confirm", "forget", "manage", "mine", "preferences", "remove", "subscribe", "sure"),
    *("undo", "unsubscribe"),
}
AXE = "axe.run(document).then(said => said.violations.map(one => `${one.id}: ${one.nodes[0].html}`))"


@dataclass(frozen=True)
class Speaking(Browser):
    """One whose owner reads a language."""

    language: str = "en"

    def request(self, method: str, url: str, **more: Any) -> httpx.Response:
        return super().request(method, url, headers={"Accept-Language": self.language}, **more)


def speaking(house: House, language: str) -> Speaking:
    return Speaking(plain(house).app, language=language)


def of_readers(folder: Path, language: str) -> Iterator[tuple[str, str]]:
    """Name and HTML of the pages behind links."""
    house = a_choice(folder)
    bob = a_reader(house)
    a_reader(house, newsletter="birds")
    house.people.call(bob, name="Bob", language=language)
    client, late = speaking(house, language), speaking(later(house, NOW + timedelta(days=8)), language)
    leave, less, fresh = link(house, bob, Purpose.UNSUBSCRIBE), link(house, bob), a_fresh_link(house)
    yield "unsubscribe, asked", client.get(leave).text
    done = client.post(leave)
    yield "unsubscribe, done", done.text
    yield "unsubscribe, long ago", late.post(leave).text
    yield "unsubscribe, unknown", client.get("/u/none").text
    undo = undo_link(done)
    yield "undo, asked", client.get(undo).text
    yield "undo, done", client.post(undo).text
    yield "undo, over", client.post(undo).text
    yield "preferences, asked", client.get(less).text
    yield "preferences, none chosen", client.post(less, data=choose()).text
    yield "preferences, changed", client.post(less, data=choose(topic=["bread"])).text
    yield "preferences, link", client.post(less, data={"action": "link"}).text
    yield "mine, asked", client.get(fresh).text
    yield "mine, saved", client.post(fresh, data={"action": "pause", "newsletter": "main", "weeks": "2"}).text
    yield "mine, left", client.post(fresh, data={"action": "leave", "newsletter": "birds"}).text
    yield "mine, other words", client.post(fresh, data={"action": "join", "newsletter": "birds"}).text
    yield "mine, no name", client.post(fresh, data={"action": "person", "name": "a\0"}).text
    yield "mine, no address", client.post(fresh, data={"action": "address", "address": "bob"}).text
    yield "mine, too late", late.get(fresh).text
    yield "mine, another link", late.post(fresh, data={"action": "link"}).text
    yield "mine, address asked", client.post(fresh, data={"action": "address", "address": "new@example.net"}).text
    moving = button(mails_to(house, "new@example.net")[-1])
    yield "address, asked", client.get(moving).text
    yield "address, too late", late.get(moving).text
    yield "address, done", client.post(moving).text
    off = f"/r/{sign(house.keyring, Purpose.REMOVE, newsletter='main', subscriber=bob)}"
    yield "remove, asked", client.get(off).text
    yield "remove, done", client.post(off, data={"press": "1"}).text
    yield "forget, asked", client.get(f"{fresh}/forget").text
    yield "forget, done", client.post(f"{fresh}/forget", data={"press": "1"}).text
    yield "manage, asked", client.get("/manage").text
    yield "manage, no address", client.post("/manage", data={"address": "bob"}).text
    yield "manage, done", client.post("/manage", data={"address": BOB}).text
    house.close()


def of_strangers(folder: Path, language: str) -> Iterator[tuple[str, str]]:
    """Those on which people sign up."""
    house, clock = an_open_house(folder)
    client = speaking(house, language)
    yield "subscribe, to all", client.get("/subscribe").text
    yield "subscribe, to one", client.get("/subscribe/birds").text
    yield "subscribe, closed", client.get("/subscribe/secret").text
    yield "subscribe, no address", client.post("/subscribe", data={"address": "zoe"}).text
    yield (
        "subscribe, throw-away",
        client.post("/subscribe", data={"address": "zoe@spam.example", "newsletter": "main"}).text,
    )
    yield (
        "sure",
        client.post("/subscribe/main", data={**fields(client.get("/subscribe/main").text), "address": ZOE}).text,
    )
    yield "asked", sign_up(client, clock)
    yes = confirming(sent(house)[-1])
    yield "confirm, asked", client.get(yes).text
    yield "confirm, done", client.post(yes).text
    yield from of_a_crowd(client, clock)
    clock.later(days=9)
    yield "confirm, over", client.get(yes).text
    house.close()


def of_a_crowd(client: Browser, clock: Clock) -> Iterator[tuple[str, str]]:
    for number in range(20):
        answer = sign_up_from_one_place(client, clock, f"zoe{number}@example.net")
        if answer.status_code == 429:
            yield "asked, crowded", answer.text
            return


def sign_up_from_one_place(client: Browser, clock: Clock, address: str) -> httpx.Response:
    clock.later(seconds=5)
    data = {**fields(client.get("/subscribe/main").text), "address": address}
    clock.later(seconds=5)
    answer = client.post("/subscribe/main", data=data)
    if 'name="pressed"' in answer.text:
        clock.later(seconds=5)
        return client.post("/subscribe/main", data=fields(answer.text))
    return answer


@pytest.fixture(scope="module", params=["en", "ar"])
def pages(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    language = str(request.param)
    readers, strangers = (tmp_path_factory.mktemp(name) for name in ("readers", "strangers"))
    found = dict(of_readers(readers, language)) | dict(of_strangers(strangers, language))
    assert {name.partition(",")[0] for name in found} == TEMPLATES
    return found


def test_these_are_all_the_pages_that_there_are(pages: dict[str, str]) -> None:
    there = {file.stem for file in (Path(__file__).parents[2] / "templates" / "web").glob("*.html")}
    parts = {"layout", "choices", "consent", "form", "formbymail", "undobutton", "wishes", "issue-footer"}
    of_the_archive = {"feeds", "issues"}  # tests/acceptance/test_archive.py, tests/mail/test_judges.py
    assert there - parts - of_the_archive == TEMPLATES


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_A8_axe_finds_nothing_in_any_page(chromium: Chromium, pages: dict[str, str], scheme: str, width: int) -> None:
    axe = axe_script()
    page = show(chromium, "", width=width, scheme=scheme)
    said: dict[str, list[str]] = {}
    for name, text in pages.items():
        page.set_content(text)
        page.evaluate(axe)
        found = page.evaluate(AXE)
        found += ["scrolls sideways"] if page.evaluate("document.documentElement.scrollWidth") > width else []
        found += ["hardly legible"] if min(page.evaluate(CONTRASTS))[0] < 4.5 else []
        said |= {name: found} if found else {}
    page.set_content("<!DOCTYPE html><html><body><img src='x'><p>Hardly.</p></body></html>")
    page.evaluate(axe)
    assert len(page.evaluate(AXE)) >= 3, "it finds what is there to find"
    page.context.close()
    assert said == {}
