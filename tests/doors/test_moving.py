"""A reader's mail goes to another address: it is asked first, the old one is told, and what they have goes along."""

from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from publisher.mail.tokens import Purpose
from publisher.model.issue import State
from publisher.model.subscriber import Consent, SubscriberId
from publisher.wiring import House
from tests.choosing import a_choice, a_fresh_link, a_reader, button, events, held, later, link, mails_to
from tests.doors.browser import Browser, browser
from tests.house import NOW, consents, digest, dump

BOB, NEW = "bob@example.net", "bob@new.example"


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
def page(house: House, client: Browser) -> str:
    return a_fresh_link(house)


def ask(client: Browser, page: str, address: str = NEW) -> str:
    answer = client.post(page, data={"action": "address", "address": address})
    assert answer.status_code == 200
    return answer.text


def address_of(house: House, reader: SubscriberId) -> str:
    return str(house.subscribers.address(reader))


def test_it_changes_when_the_new_address_says_yes(client: Browser, house: House, page: str, bob: SubscriberId) -> None:
    before = held(house, bob)
    ask(client, page)
    assert address_of(house, bob) == BOB
    (mail,) = mails_to(house, NEW)
    assert BOB not in mail.as_string()
    confirm = button(mail)
    assert "Shall your mail come here?" in client.get(confirm).text
    assert address_of(house, bob) == BOB, "looking says nothing"
    assert "Your mail comes here now" in client.post(confirm).text
    assert address_of(house, bob) == NEW
    assert held(house, bob) == before, "with all that they chose, and where they are"
    assert events(house, bob)[-1] == ("main", "address", "mail")
    farewell = mails_to(house, BOB)[-1]
    assert "another address" in farewell["Subject"]
    assert NEW not in farewell.as_string(), "whoever reads the old mailbox learns nothing"


def test_E11_twice_is_once_and_an_old_link_asks_for_another(
    client: Browser, house: House, page: str, bob: SubscriberId
) -> None:
    ask(client, page)
    confirm = button(mails_to(house, NEW)[-1])
    after = later(house, NOW + timedelta(days=7))
    assert "This link is too old" in browser(after).post(confirm).text
    assert address_of(house, bob) == BOB
    after.engine.dispose()
    client.post(confirm)
    done = dump(house.engine)
    assert "Your mail comes here now" in client.post(confirm).text
    assert dump(house.engine) == done


def test_the_old_links_to_leave_still_work(client: Browser, house: House, page: str, bob: SubscriberId) -> None:
    ask(client, page)
    client.post(button(mails_to(house, NEW)[-1]))
    assert client.post(link(house, bob, Purpose.UNSUBSCRIBE)).status_code == 200
    assert held(house, bob).state is Consent.LEFT


def test_a_fresh_link_in_the_old_mailbox_is_dead_then(client: Browser, house: House, page: str) -> None:
    ask(client, page)
    client.post(button(mails_to(house, NEW)[-1]))
    assert "This link is too old" in client.get(page).text


def test_only_the_last_address_that_was_asked_for_counts(
    client: Browser, house: House, page: str, bob: SubscriberId
) -> None:
    ask(client, page, "bob@typo.example")
    first = button(mails_to(house, "bob@typo.example")[-1])
    after = later(house, NOW + timedelta(minutes=11))
    ask(browser(after), page)
    second = button(mails_to(after, NEW)[-1])
    assert "This link is too old" in browser(after).post(first).text
    browser(after).post(second)
    after.engine.dispose()
    assert address_of(house, bob) == NEW


@pytest.mark.parametrize(
    ("address", "words"),
    [("bob", "no address"), ('"b ob"@x.example', "no address"), ("", "no address"), ("BOB@example.net", "already")],
)
def test_what_cannot_be_is_told_beside_its_field(
    client: Browser, house: House, page: str, address: str, words: str
) -> None:
    before = dump(house.engine)
    answer = client.post(page, data={"action": "address", "address": address})
    assert answer.status_code == 422
    assert words in answer.text
    assert 'aria-describedby="address-error"' in answer.text
    assert dump(house.engine) == before


def test_nobody_learns_whether_the_new_address_is_a_readers(client: Browser, house: House, page: str) -> None:
    a_reader(house, "ann@example.net")
    assert ask(client, page, "ann@example.net") == ask(client, page, NEW)
    assert "ann@" not in client.get(page).text


def test_one_question_in_ten_minutes(client: Browser, house: House, page: str) -> None:
    for number in range(5):
        ask(client, page, f"victim{number}@example.com")
    assert sum(len(mails_to(house, f"victim{number}@example.com")) for number in range(5)) == 1


@pytest.mark.parametrize("idn", ["bob@bücher.example", "böb@example.com", "bob+tag@example.com"])
def test_addresses_as_people_have_them(client: Browser, house: House, page: str, bob: SubscriberId, idn: str) -> None:
    ask(client, page, idn)
    deliveries = [one for one in house.subscribers.listed() if one.address.display == idn]
    assert deliveries == [], "nobody is subscribed by a question"
    mails = mails_to(house, idn) or mails_to(house, "bob@xn--bcher-kva.example")
    client.post(button(mails[-1]))
    assert address_of(house, bob) == idn


# --- the new address is a reader's already


@pytest.fixture
def ann(house: House, bob: SubscriberId) -> SubscriberId:
    return a_reader(house, NEW, newsletter="birds")


def united(client: Browser, house: House, page: str) -> None:
    ask(client, page)
    assert "Your mail comes here now" in client.post(button(mails_to(house, NEW)[-1])).text


def test_two_become_one_who_gets_what_either_got(
    client: Browser, house: House, page: str, bob: SubscriberId, ann: SubscriberId
) -> None:
    before = held(house, bob)
    united(client, house, page)
    assert {(one.newsletter, one.state) for one in house.choices.held(ann).values()} == {
        ("main", Consent.ACTIVE),
        ("birds", Consent.ACTIVE),
    }
    assert held(house, ann).covered == before.covered
    assert consents(house) == {NEW: Consent.ACTIVE}
    assert [event for name, event, _ in events(house, ann) if name == "main"] == ["confirm", "address"]
    assert "another address" in mails_to(house, BOB)[-1]["Subject"]


def test_E7_the_links_of_both_lead_to_the_one(
    client: Browser, house: House, page: str, bob: SubscriberId, ann: SubscriberId
) -> None:
    united(client, house, page)
    assert client.post(link(house, bob, Purpose.UNSUBSCRIBE)).status_code == 200
    assert held(house, ann).state is Consent.LEFT
    assert client.post(link(house, ann, newsletter="birds"), data={"action": "leave"}).status_code == 200
    assert held(house, ann, "birds").state is Consent.LEFT


def test_E12_leaving_by_mail_with_an_old_number_leaves_too(
    client: Browser, house: House, page: str, bob: SubscriberId, ann: SubscriberId
) -> None:
    united(client, house, page)
    assert house.subscribers.leave(bob, "main", note="by mail", now=NOW)
    assert held(house, ann).state is Consent.LEFT


def test_who_comes_back_at_the_old_address_has_their_own_links_again(
    client: Browser, house: House, page: str, bob: SubscriberId, ann: SubscriberId
) -> None:
    united(client, house, page)
    a_reader(house, BOB)
    client.post(link(house, bob, Purpose.UNSUBSCRIBE))
    states = {
        (str(one.address), one.subscription.newsletter): one.subscription.state for one in house.subscribers.listed()
    }
    assert states[BOB, "main"] is Consent.LEFT
    assert states[NEW, "main"] is Consent.ACTIVE


def test_what_was_left_at_the_new_address_stays_left(
    client: Browser, house: House, page: str, bob: SubscriberId, ann: SubscriberId
) -> None:
    a_reader(house, NEW)
    house.subscribers.leave(ann, "main", note="", now=NOW)
    united(client, house, page)
    assert held(house, ann).state is Consent.LEFT
    assert Consent.ACTIVE not in {one.state for one in house.choices.held(bob).values() if one.newsletter == "main"}


def test_nobody_gets_a_post_twice_and_nobody_misses_one(
    client: Browser, house: House, page: str, bob: SubscriberId, ann: SubscriberId
) -> None:
    a_reader(house, "eve@example.net")
    assert digest(house) is not None
    assert "birds 0" in words(mails_to(house, BOB)[-1])
    ask(client, page)
    confirm = button(mails_to(house, NEW)[-1])
    file = house.config.posts.folder / "2026-11-22-new.md"
    file.write_text("---\ntitle: News\ncategories: [Birds]\n---\nNews.\n")
    running = digest(house)
    assert running is not None
    client.post(confirm)
    mails_to(house, NEW)
    tally = house.issues.tally(running.id)
    assert (tally[State.SENT], tally[State.SKIPPED]) == (1, 1), "the one to the old address is not sent"
    assert digest(house) is not None
    texts = [words(mail) for mail in mails_to(house, NEW) if mail["List-Unsubscribe"]]
    assert [("News" in text, "birds 0" in text) for text in texts] == [(True, False)]


def words(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())
