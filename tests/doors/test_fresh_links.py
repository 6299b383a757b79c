"""The link that is mailed to whoever asks, and the page behind it, which shows and changes everything."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from sqlalchemy import func, select

from publisher.mail.tokens import Purpose, read
from publisher.model.subscriber import Consent, SubscriberId, parse_address
from publisher.store.schema import request
from publisher.wiring import House
from tests.choosing import (
    POSTS,
    a_choice,
    a_fresh_link,
    a_reader,
    button,
    choose,
    events,
    form_of,
    held,
    join,
    later,
    link,
    mails_to,
)
from tests.doors.browser import Browser, browser
from tests.house import NOW, dump
from tests.sites import Site

BOB = "bob@example.net"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    found = a_choice(tmp_path)
    yield found
    found.engine.dispose()


@pytest.fixture
def bob(house: House) -> SubscriberId:
    return a_reader(house)


@pytest.fixture
def client(house: House, bob: SubscriberId) -> Browser:
    return browser(house)


@pytest.fixture
def page(house: House, bob: SubscriberId) -> str:
    return a_fresh_link(house)


def requests(house: House) -> int:
    with house.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(request)) or 0


# --- asking for it


def test_who_asks_with_the_address_of_a_reader_makes_a_mail_to_that_reader(
    client: Browser, house: House, bob: SubscriberId
) -> None:
    client.post("/manage", data={"address": " BOB@Example.net "})
    (mail,) = mails_to(house, BOB)
    assert "Your link: Field Notes" in mail["Subject"]
    assert mail["List-Unsubscribe"] is None
    claim = read(house.keyring, Purpose.FRESH, button(mail).removeprefix("/m/"))
    assert claim is not None
    assert claim.subscriber == bob


def test_E8_the_answer_is_the_same_whoever_asks(client: Browser, house: House) -> None:
    house.subscribers.add(
        parse_address("gone@example.net"), "main", frequency="weekly", at_once=False, name="", topics=frozenset(),
        note="", now=NOW,
    )  # fmt: skip
    house.subscribers.remove(parse_address("gone@example.net"), None, now=NOW)
    said = {
        client.post("/manage", data={"address": address}).text
        for address in (BOB, BOB, "nobody@example.com", "gone@example.net")
    }
    assert len(said) == 1
    assert "@" not in said.pop().partition("</style>")[2]
    assert requests(house) == 2
    assert not mails_to(house, "nobody@example.com")


def test_a_stranger_leaves_no_trace_of_an_address(client: Browser, house: House) -> None:
    client.post("/manage", data={"address": "nobody@example.com"})
    assert "nobody@" not in "\n".join(dump(house.engine))


@pytest.mark.parametrize(
    "address", ["", "bob", "bob@", 'a"b@example.net', "a@b@c", "a@example.net\r\nBcc: x@y.example"]
)
def test_what_is_no_address_is_told_beside_its_field(client: Browser, house: House, address: str) -> None:
    before = dump(house.engine)
    answer = client.post("/manage", data={"address": address})
    assert answer.status_code == 422
    assert 'aria-describedby="address-error"' in answer.text
    assert dump(house.engine) == before


def test_one_mail_in_ten_minutes_and_eight_in_a_day(client: Browser, house: House, bob: SubscriberId) -> None:
    for _ in range(3):
        client.post("/manage", data={"address": BOB})
        client.post(link(house, bob), data={"action": "link"})
    assert len(mails_to(house, BOB)) == 1
    for number in range(1, 20):
        after = later(house, NOW + timedelta(minutes=11 * number))
        browser(after).post(link(house, bob), data={"action": "link"})
        after.engine.dispose()
    assert len(mails_to(house, BOB)) == 8


def test_strangers_cannot_use_up_what_all_readers_have(client: Browser, house: House, bob: SubscriberId) -> None:
    for number in range(20):
        client.post("/manage", data={"address": f"stranger{number}@example.com"})
    assert requests(house) == 0
    client.post("/manage", data={"address": BOB})
    assert len(mails_to(house, BOB)) == 1


def test_the_page_in_every_mail_sends_it_to_the_reader_and_not_to_who_asks(
    client: Browser, house: House, bob: SubscriberId
) -> None:
    answer = client.post(link(house, bob), data={"action": "link", "address": "eve@example.com"})
    assert "A link is on its way to your address" in answer.text
    assert BOB not in answer.text
    assert len(mails_to(house, BOB)) == 1
    assert not mails_to(house, "eve@example.com")


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("path", ["/manage", "page"])
def test_E5_only_a_post_changes_anything(client: Browser, house: House, page: str, method: str, path: str) -> None:
    before = dump(house.engine)
    client.request(method, page if path == "page" else path)
    assert dump(house.engine) == before


# --- the page


def test_it_shows_everything_to_its_reader(client: Browser, house: House, page: str, bob: SubscriberId) -> None:
    house.people.call(bob, name='Bob "the <b>Bird</b>"', language=None)
    said = client.get(page).text
    assert BOB in said
    assert "Bob &#34;the &lt;b&gt;Bird&lt;/b&gt;&#34;" in said
    assert "Birds &amp; Bees" in said, "what they could have too"
    assert f'href="{page.removeprefix("/m/")}/export"' in said
    assert f'href="{page.removeprefix("/m/")}/forget"' in said


def test_it_works_for_a_day_as_often_as_they_like_and_offers_a_new_one_then(
    client: Browser, house: House, page: str
) -> None:
    for _ in range(3):
        assert client.post(page, data={"action": "person", "name": "Bob"}).status_code == 200
    after = later(house, NOW + timedelta(days=1))
    late = browser(after)
    before = dump(house.engine)
    for answer in (late.get(page), late.post(page, data={"action": "leave", "newsletter": "main"})):
        assert "This link is too old" in answer.text
        assert "example.net" not in answer.text, "it shows nothing any more"
    assert dump(house.engine) == before
    assert "Look into your inbox" in late.post(page, data={"action": "link"}).text
    new = button(mails_to(after, BOB)[-1])
    assert new != page
    assert BOB in late.get(new).text
    after.engine.dispose()


def test_E8_the_link_of_an_erased_reader_is_a_link_of_nobody(client: Browser, house: House, page: str) -> None:
    house.forget(parse_address(BOB))
    nobody = client.get("/m/k1-" + "a" * 40)
    for answer in (client.get(page), client.post(page, data={"action": "link"})):
        assert (answer.status_code, answer.text) == (404, nobody.text)


@pytest.mark.parametrize("purpose", [Purpose.MANAGE, Purpose.UNSUBSCRIBE, Purpose.CONFIRM])
def test_a_link_in_a_mail_of_another_kind_is_no_fresh_link(
    client: Browser, house: House, bob: SubscriberId, page: str, purpose: Purpose
) -> None:
    token = link(house, bob, purpose, issue=1).rpartition("/")[2]
    assert client.get(f"/m/{token}").status_code == 404
    assert client.get(page.replace("/m/", "/p/")).status_code == 404
    assert client.get(link(house, bob, Purpose.FRESH, issue=999)).status_code == 404, "nobody asked for that"


def test_more_topics_and_a_quicker_rhythm(client: Browser, house: House, page: str, bob: SubscriberId) -> None:
    client.post(link(house, bob), data=choose(topic=["birds"], frequency="monthly"))
    client.post(page, data=choose(newsletter="main", topic=["birds", "bread"], frequency="each"))
    assert (held(house, bob).topics, held(house, bob).frequency) == (frozenset({"birds", "bread"}), "each")
    client.post(page, data=choose(newsletter="main", topic=list(POSTS), frequency="each"))
    assert held(house, bob).topics == frozenset(), "all that is shown is all that ever comes"
    assert [source for _, _, source in events(house, bob)][-3:] == ["preferences"] * 3
    answer = client.post(page, data=choose(newsletter="main", frequency="each"))
    assert answer.status_code == 422
    assert 'aria-describedby="topics-main-error"' in answer.text


def test_a_pause_is_ended_by_hand(client: Browser, house: House, page: str, bob: SubscriberId) -> None:
    client.post(page, data={"action": "pause", "newsletter": "main", "weeks": "4"})
    assert held(house, bob).state is Consent.PAUSED
    client.post(page, data={"action": "resume", "newsletter": "main"})
    assert (held(house, bob).state, held(house, bob).paused_until) == (Consent.ACTIVE, None)


def test_another_newsletter_is_added_and_one_that_was_left_taken_up_again(
    client: Browser, house: House, page: str, bob: SubscriberId
) -> None:
    join(client, page, "birds")
    assert (held(house, bob, "birds").state, held(house, bob, "birds").frequency) == (Consent.ACTIVE, "daily")
    client.post(page, data={"action": "leave", "newsletter": "main"})
    assert held(house, bob).state is Consent.LEFT
    again = join(client, page, "main")
    assert held(house, bob).state is Consent.ACTIVE
    assert events(house, bob)[1:] == [
        ("birds", "confirm", "preferences"),
        ("main", "leave", "preferences"),
        ("main", "confirm", "preferences"),
    ]
    after = dump(house.engine)
    sent = dict(parse_qsl(again.request.content.decode()))
    assert client.post(page, data=sent).status_code == 200
    assert dump(house.engine) == after, "twice is once"


def test_a_consent_that_is_given_here_can_be_proved(
    client: Browser, house: House, page: str, bob: SubscriberId
) -> None:
    join(client, page, "birds")
    ran = Site(house.config.secrets.file.parent).run("subscribers", "show", BOB)
    assert ran.line(" birds: confirm, asked 2026-11-23 09:00", "preferences")
    for said in ("Birds & Bees (Daily / Monthly).", "Ada Field, 1 Field Lane", "https://example.org/privacy/"):
        assert ran.line("    | ", said)
    assert "First you get one mail" not in ran.out, "none is sent here"


def test_who_was_shown_other_words_is_shown_these_first(
    client: Browser, house: House, page: str, bob: SubscriberId, tmp_path: Path
) -> None:
    there = dict(form_of(client, page, "birds"))
    file = tmp_path / "config.toml"
    file.write_text(file.read_text("utf-8").replace("1 Field Lane", "2 Meadow Lane"), "utf-8")
    moved = browser(later(house, NOW))
    before = dump(house.engine)
    answer = moved.post(page, data={**there, "action": "join"})
    assert answer.status_code == 422
    assert "One more press" in answer.text
    assert "2 Meadow Lane" in answer.text
    assert dump(house.engine) == before
    assert join(moved, page, "birds").status_code == 200
    assert held(house, bob, "birds").state is Consent.ACTIVE


def test_L2296_nobody_takes_up_a_newsletter_that_is_not_public(
    client: Browser, house: House, page: str, bob: SubscriberId, tmp_path: Path
) -> None:
    there = dict(form_of(client, page, "birds"))
    file = tmp_path / "config.toml"
    closed = file.read_text("utf-8").replace('title = "Birds', 'public = false\ntitle = "Birds')
    file.write_text(closed, "utf-8")
    private = browser(later(house, NOW))
    assert "Birds &amp; Bees" not in private.get(page).text
    before = dump(house.engine)
    assert private.post(page, data={**there, "action": "join"}).status_code == 400
    assert dump(house.engine) == before
    a_reader(house, BOB, "birds")
    assert "Birds &amp; Bees" in private.get(page).text, "whom the owner added sees it, and can leave"
    private.post(page, data={"action": "leave", "newsletter": "birds"})
    assert held(house, bob, "birds").state is Consent.LEFT
    assert private.post(page, data={**there, "action": "join"}).status_code == 400
    assert held(house, bob, "birds").state is Consent.LEFT


def test_name_and_language(client: Browser, house: House, page: str, bob: SubscriberId) -> None:
    assert client.post(page, data={"action": "person", "name": " Bob  Ross ", "language": "de"}).status_code == 200
    person = house.people.person(bob)
    assert person is not None
    assert (person.name, person.language) == ("Bob Ross", "de")
    assert '<html lang="de"' in client.get(page).text
    client.post(page, data={"action": "person", "name": "Bob", "language": "tlh"})
    person = house.people.person(bob)
    assert person is not None
    assert person.language is None, "there is no such language"


@pytest.mark.parametrize("name", ["x" * 101, "a\x00b", "a\u202eb", "a\x7fb"])
def test_a_name_that_can_be_none_is_told(client: Browser, house: House, page: str, name: str) -> None:
    before = dump(house.engine)
    answer = client.post(page, data={"action": "person", "name": name})
    assert answer.status_code == 422
    assert 'aria-describedby="name-error"' in answer.text
    assert dump(house.engine) == before


def test_a_name_with_a_line_break_is_one_line(client: Browser, house: House, page: str, bob: SubscriberId) -> None:
    client.post(page, data={"action": "person", "name": "Bob\r\nBcc: eve@example.com"})
    person = house.people.person(bob)
    assert person is not None
    assert person.name == "Bob Bcc: eve@example.com"


@pytest.mark.parametrize(
    "form",
    [
        {"action": "leave"},
        {"action": "join", "newsletter": "nothing"},
        {"action": "pause", "newsletter": "main", "weeks": "1000"},
        {"action": "choose", "newsletter": "nothing"},
        {"action": "", "newsletter": "main"},
        {},
    ],
)
def test_what_no_button_of_the_page_sends_changes_nothing(
    client: Browser, house: House, page: str, form: dict[str, str]
) -> None:
    before = dump(house.engine)
    assert client.post(page, data=form).status_code in {400, 415}
    assert dump(house.engine) == before


def test_a_returning_reader_starts_at_the_last_issue(
    client: Browser, house: House, page: str, bob: SubscriberId
) -> None:
    """DESIGN: not at what came long before."""
    covered = held(house, bob).covered
    client.post(page, data={"action": "leave", "newsletter": "main"})
    join(client, page, "main")
    assert held(house, bob).covered >= covered
