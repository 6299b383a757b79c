"""The pages where readers choose, as Chromium shows them, from a real server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from publisher.model.subscriber import Consent, SubscriberId
from publisher.wiring import House
from tests.choosing import a_choice, a_fresh_link, a_reader, held, link
from tests.doors.browser import serving
from tests.doors.test_pages import opened
from tests.mail.test_browser import CONTRASTS

pytestmark = pytest.mark.peer


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    found = a_choice(tmp_path)
    yield found
    found.engine.dispose()


@pytest.fixture
def bob(house: House) -> SubscriberId:
    a_reader(house, newsletter="birds")
    return a_reader(house)


@pytest.fixture
def address(house: House, bob: SubscriberId) -> Iterator[str]:
    with serving(house) as found:
        yield found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1200])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_pages_are_quiet_and_legible_in_both_directions(  # what a page is looked at in
    chromium: Browser, house: House, bob: SubscriberId, address: str, scheme: str, width: int, language: str
) -> None:
    house.people.call(bob, name="Bob", language=language)
    paths = (link(house, bob), a_fresh_link(house), "/manage")
    page, complaints = opened(chromium, scheme=scheme, width=width)
    page.set_extra_http_headers({"Accept-Language": language})
    for path in paths:
        page.goto(address + path)
        assert page.evaluate("document.documentElement.dir") == ("rtl" if language == "ar" else "ltr")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert min(page.evaluate(CONTRASTS))[0] >= 4.5, path
        small = [box for box in (one.bounding_box() for one in page.get_by_role("button").all()) if box]
        assert small
        assert min(box["height"] for box in small) >= 44
    assert complaints == []
    page.context.close()


def test_a_reader_chooses_and_takes_it_back_without_javascript_by_the_keyboard(
    chromium: Browser, house: House, bob: SubscriberId, address: str
) -> None:
    before = held(house, bob)
    page, complaints = opened(chromium, script=False)
    page.goto(address + link(house, bob))
    page.get_by_role("checkbox", name="Weather").press("Space")
    page.get_by_role("radio", name="Monthly").press("Space")
    page.get_by_role("button", name="Get less").press("Enter")
    page.get_by_role("status").wait_for()
    assert (held(house, bob).topics, held(house, bob).frequency) == (frozenset({"birds", "bread"}), "monthly")
    page.get_by_role("button", name="Undo").press("Enter")
    page.get_by_role("heading", name="It is as it was").wait_for()
    assert held(house, bob) == before
    assert complaints == [], "the CSP lets our own forms be sent"
    page.context.close()


def test_all_can_be_left_from_the_page_that_says_goodbye(
    chromium: Browser, house: House, bob: SubscriberId, address: str
) -> None:
    page, _ = opened(chromium, script=False)
    page.goto(address + link(house, bob))
    page.get_by_role("button", name="Unsubscribe").click()
    page.get_by_role("heading", name="You are unsubscribed").wait_for()
    assert page.get_by_text("Birds & Bees").is_visible()
    page.get_by_role("button", name="Leave all of them").click()
    page.get_by_role("heading", name="You are unsubscribed").wait_for()
    assert {one.state for one in house.choices.held(bob).values()} == {Consent.LEFT}
    page.context.close()


def test_the_fresh_page_changes_name_and_newsletter(
    chromium: Browser, house: House, bob: SubscriberId, address: str
) -> None:
    page, complaints = opened(chromium, script=False)
    page.goto(address + a_fresh_link(house))
    page.get_by_label("Your name").fill("Bob Ross")
    page.get_by_label("The language of your mails").select_option("de")
    page.get_by_role("button", name="Save").last.click()
    page.get_by_role("status").wait_for()
    person = house.people.person(bob)
    assert person is not None
    assert (person.name, person.language) == ("Bob Ross", "de")
    assert page.get_by_label("Ihr Name").input_value() == "Bob Ross"
    assert complaints == []
    page.context.close()
