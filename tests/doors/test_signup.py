"""Signing up: the form, the one more button, the mail, and the yes."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select

from publisher.mail.tokens import Purpose, sign
from publisher.model.issue import IssueId
from publisher.model.subscriber import Consent, SubscriberId, parse_address
from publisher.steps.signup import Application, Choice
from publisher.store.schema import consent_event, delivery, request, subscriber, subscription, wording
from publisher.store.subscribers import suppress
from publisher.wiring import House
from tests.doors.browser import Browser
from tests.house import add_readers, consents, digest, dump, reopened
from tests.joining import MORE, ZOE, Clock, a_client, an_open_house, fields, link, press, requests, sent, sign_up


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[tuple[House, Clock]]:
    house, clock = an_open_house(tmp_path)
    yield house, clock
    house.engine.dispose()


@pytest.fixture
def house(opened: tuple[House, Clock]) -> House:
    return opened[0]


@pytest.fixture
def clock(opened: tuple[House, Clock]) -> Clock:
    return opened[1]


@pytest.fixture
def client(house: House) -> Browser:
    return a_client(house)


# --- from the form to the yes


def test_the_whole_way(house: House, clock: Clock, client: Browser) -> None:
    page = client.get("/subscribe/birds").text
    for said in ("Ada Field", "1 Field Lane", "privacy/", "With each post / Daily", "leave at any time", "nothing but"):
        assert said in page, said
    data = {"frequency.birds": "daily", "topic.birds": "weather"}
    assert "Look into your mailbox" in sign_up(client, clock, path="/subscribe/birds", **data)
    assert consents(house) == {}, "nothing changes before the yes"

    (mail,) = sent(house)
    assert mail["Subject"] == "Please confirm: Birds & Bread"
    assert mail["From"] == "Birds <birds@example.org>"
    assert "List-Unsubscribe" not in mail
    assert "Only these topics" not in str(mail), "there is one category, so it is all of them"
    path = link(mail)
    before = dump(house.engine)
    for method in ("GET", "HEAD", "OPTIONS"):
        client.request(method, path)
    assert dump(house.engine) == before
    asked = client.get(path).text
    assert asked.count("<button") == 1
    assert "Birds &amp; Bread" in asked
    assert ZOE not in asked

    assert "You are in" in client.post(path).text
    found = house.subscribers.subscription(SubscriberId(1), "birds")
    assert found is not None
    assert (found.state, found.frequency, found.consented_at) == (Consent.ACTIVE, "daily", clock.now)


def test_consent_can_be_proved(house: House, clock: Clock, client: Browser) -> None:
    sign_up(client, clock)
    asked = clock.now
    (mail,) = sent(house)
    clock.later(hours=3)
    client.post(link(mail))
    with house.engine.connect() as connection:
        row = connection.execute(select(consent_event)).one()
        words = connection.execute(select(wording)).one()
    assert (row.event, row.at, row.asked_at, row.source) == ("confirm", clock.now, asked, "form")
    assert row.wording == words.digest
    assert row.origin is None, "nobody asked us to keep it"
    for said in ("Ada Field", "1 Field Lane", "https://example.org/privacy/", "Field Notes", "Weekly"):
        assert said in words.text


def test_where_a_consent_came_from_is_kept_where_the_owner_says_so(tmp_path: Path) -> None:
    house, clock = an_open_house(tmp_path, more=f"{MORE}keep_origin = true\n")
    client = a_client(house)
    sign_up(client, clock)
    (mail,) = sent(house)
    client.post(link(mail))
    with house.engine.connect() as connection:
        origin = connection.scalars(select(consent_event.c.origin)).one()
    assert len(origin or "") == 64
    assert "127.0.0.1" not in "".join(dump(house.engine)), "a hash, and no address"
    house.engine.dispose()


def test_twice_is_once(house: House, clock: Clock, client: Browser) -> None:
    sign_up(client, clock)
    (mail,) = sent(house)
    first = client.post(link(mail))
    after = dump(house.engine)
    second = client.post(link(mail))
    assert (second.status_code, second.text) == (200, first.text)
    assert client.get(link(mail)).text == first.text
    assert dump(house.engine) == after


def test_E11_a_link_works_for_seven_days_and_then_offers_another(house: House, clock: Clock, client: Browser) -> None:
    sign_up(client, clock)
    (mail,) = sent(house)
    clock.later(days=7, seconds=1)
    page = client.get(link(mail)).text
    assert "too old" in page
    assert "Send me a new link" in page
    assert "Look into your mailbox" in client.post(link(mail)).text
    assert consents(house) == {}
    new = [one for one in sent(house) if link(one) != link(mail)]
    assert len(new) == 1
    client.post(link(new[0]))
    assert consents(house) == {ZOE: Consent.ACTIVE}


def test_several_newsletters_in_one_mail(house: House, clock: Clock, client: Browser) -> None:
    page = sign_up(client, clock, path="/subscribe", newsletter=["main", "birds"])
    assert "Look into your mailbox" in page
    (mail,) = sent(house)
    text = mail.get_body(("plain",))
    assert text is not None
    assert "Birds & Bread: " in text.get_content()
    client.post(link(mail))
    assert {one.subscription.newsletter for one in house.subscribers.listed()} == {"main", "birds"}


def test_a_welcome_comes_once(house: House, clock: Clock, client: Browser) -> None:
    sign_up(client, clock, path="/subscribe/birds")
    (mail,) = sent(house)
    client.post(link(mail))
    client.post(link(mail))
    welcomes = [one for one in sent(house) if "Welcome" in one["Subject"]]
    assert len(welcomes) == 1
    body = welcomes[0].get_body(("plain",))
    assert body is not None
    assert "Frost ferns" in body.get_content()
    assert "List-Unsubscribe" in welcomes[0]
    clock.later(days=1)
    sign_up(client, clock, path="/subscribe/birds", **{"frequency.birds": "daily"})
    again = next(one for one in sent(house) if one["Subject"].startswith("Please") and link(one) != link(mail))
    client.post(link(again))
    assert len([one for one in sent(house) if "Welcome" in one["Subject"]]) == 1
    found = house.subscribers.subscription(SubscriberId(1), "birds")
    assert found is not None
    assert found.frequency == "daily", "the last word counts"


def test_a_welcome_brings_the_last_issue_as_far_as_it_is_of_the_readers_topics(tmp_path: Path) -> None:
    made, clock = an_open_house(tmp_path)
    made.engine.dispose()
    file = tmp_path / "config.toml"
    welcome = 'title = "Field Notes"\nwelcome = true\nwelcome_latest = "issue"\nfrom'
    file.write_text(file.read_text().replace('title = "Field Notes"\nfrom', welcome))
    for number, topic in enumerate(("Birds", "Bread")):
        post = f"---\ntitle: About {topic}\ncategories: [{topic}]\n---\nWords of {topic}.\n"
        (tmp_path / "posts" / f"2026-11-2{number}-{topic}.md").write_text(post)
    house = replace(reopened(tmp_path), clock=clock)
    house.collect()
    assert "TO READ UNTIL THEN" in welcome_of(house, clock, "ann@example.net"), "there is no issue yet"
    assert digest(house) is not None
    sent(house)
    (tmp_path / "posts" / "2026-11-22-later.md").write_text("---\ntitle: Later\n---\nOf the next issue.\n")
    house.collect()
    text = welcome_of(house, clock, "eve@example.net")
    assert "THE LAST ISSUE" in text
    assert [words in text for words in ("Words of Birds", "Words of Bread", "Of the next issue")] == [True, True, False]
    text = welcome_of(house, clock, "bob@example.net", **{"topic.main": "bread"})
    assert [words in text for words in ("Words of Birds", "Words of Bread")] == [False, True]
    house.engine.dispose()


def welcome_of(house: House, clock: Clock, address: str, **wishes: str) -> str:
    """The text of what comes after somebody said yes."""
    client = a_client(house)
    sign_up(client, clock, address, **wishes)
    client.post(link(sent(house)[-1]))
    mail = sent(house)[-1]
    assert (mail["To"], "Welcome" in mail["Subject"]) == (address, True)
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_who_left_comes_back_by_their_own_yes_alone(house: House, clock: Clock, client: Browser) -> None:
    (zoe,) = add_readers_to_main(house)
    house.subscribers.leave(zoe, "main", note="", now=clock.now)
    sign_up(client, clock)
    assert consents(house) == {ZOE: Consent.LEFT}
    (mail,) = sent(house)
    client.post(link(mail))
    assert consents(house) == {ZOE: Consent.ACTIVE}


def add_readers_to_main(house: House) -> list[SubscriberId]:
    main = House(house.config, house.engine, clock=house.clock)
    main.__dict__["newsletters"] = {"main": house.newsletters["main"]}
    return add_readers(main, ZOE)


@pytest.mark.parametrize(
    ("reason", "days", "mailed"),
    [("bounced", 0, True), ("complained", 29, False), ("complained", 31, True), ("owner", 99, False)],
)
def test_a_suppressed_address_comes_back_by_its_own_yes(
    house: House,
    clock: Clock,
    client: Browser,
    reason: str,
    days: int,
    mailed: bool,  # noqa: FBT001
) -> None:
    with house.engine.begin() as connection:
        suppress(connection, [ZOE], reason, "", clock.now)
    clock.later(days=days)
    assert "Look into your mailbox" in sign_up(client, clock)
    mails = sent(house)
    assert len(mails) == mailed
    if mailed:
        client.post(link(mails[0]))
        assert [(one.subscription.state, one.suppressed) for one in house.subscribers.listed()] == [("active", None)]


def test_who_was_blocked_by_the_owner_and_then_erased_is_asked_nothing(
    house: House, clock: Clock, client: Browser
) -> None:
    add_readers_to_main(house)
    with house.engine.begin() as connection:
        suppress(connection, [ZOE], "owner", "", clock.now)
    assert house.forget(parse_address(ZOE)).known
    assert "Look into your mailbox" in sign_up(client, clock)
    assert sent(house) == []


# --- nobody learns who subscribes


def test_the_same_answer_and_the_same_work_whoever_asks(tmp_path: Path) -> None:
    seen = set()
    for kind in ("nobody", "active", "left", "bounced", "complained", "owner"):
        folder = tmp_path / kind
        folder.mkdir()
        house, clock = an_open_house(folder)
        client = a_client(house)
        if kind in {"active", "left"}:
            (zoe,) = add_readers_to_main(house)
            if kind == "left":
                house.subscribers.leave(zoe, "main", note="", now=clock.now)
        elif kind != "nobody":
            with house.engine.begin() as connection:
                suppress(connection, [ZOE], kind, "", clock.now)
        sign_up(client, clock, "other@example.net")  # what comes first is kept, and takes longer
        said: list[str] = []
        event.listen(house.engine, "before_cursor_execute", lambda *a, said=said: said.append(a[2]))
        page = sign_up(client, clock)
        seen.add((page, tuple(said)))
        house.engine.dispose()
    assert len(seen) == 1


BROKEN = {
    "made up": lambda house: "k1-" + "a" * 40,
    "another purpose": lambda house: sign(
        house.keyring, Purpose.FRESH, newsletter="main", subscriber=SubscriberId(1), issue=IssueId(1)
    ),
    "no mail": lambda house: sign(house.keyring, Purpose.CONFIRM, newsletter="main", subscriber=SubscriberId(1)),
    "another's mail": lambda house: sign(
        house.keyring, Purpose.CONFIRM, newsletter="main", subscriber=SubscriberId(2), issue=IssueId(1)
    ),
}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("kind", BROKEN)
def test_E8_what_is_no_link_says_nothing(house: House, clock: Clock, client: Browser, kind: str, method: str) -> None:
    sign_up(client, clock)
    before = dump(house.engine)
    answer = client.request(method, f"/c/{BROKEN[kind](house)}")
    assert answer.status_code == 404
    assert answer.text == client.get("/no/such/page").text
    assert dump(house.engine) == before


def test_the_link_of_an_erased_person_is_nobodys(house: House, clock: Clock, client: Browser) -> None:
    sign_up(client, clock)
    (mail,) = sent(house)
    assert house.forget(parse_address(ZOE)).known
    assert client.post(link(mail)).status_code == 404
    assert consents(house) == {}


# --- what is typed


@pytest.mark.parametrize(
    "address", ["", "zoe", "zoe@", "a b@example.net", "zoe@example.net\r\nBcc: x@y.example", '"z"@x.org']
)
def test_a_mistake_is_told_beside_its_field(house: House, clock: Clock, client: Browser, address: str) -> None:
    before = dump(house.engine)
    answer = client.post("/subscribe/main", data={**fields(client.get("/subscribe/main").text), "address": address})
    assert answer.status_code == 400
    assert 'aria-describedby="address-error"' in answer.text
    assert "That is no address that mail can go to" in answer.text
    assert dump(house.engine) == before


@pytest.mark.parametrize("address", ["a@mailinator.com", "a@x.mailinator.com", "a@spam.example", "a@YOPMAIL.com"])
def test_throw_away_mailboxes_are_refused(house: House, client: Browser, address: str) -> None:
    answer = client.post("/subscribe/main", data={**fields(client.get("/subscribe/main").text), "address": address})
    assert answer.status_code == 400
    assert "soon read by nobody" in answer.text


def test_none_chosen_is_told(house: House, clock: Clock, client: Browser) -> None:
    answer = client.post("/subscribe", data={"address": ZOE})
    assert answer.status_code == 400
    assert "Choose one at least" in answer.text
    assert f'value="{ZOE}"' in answer.text, "what was typed stays"


def test_L2296_nobody_asks_for_a_newsletter_that_is_not_public(house: House, clock: Clock, client: Browser) -> None:
    for path in ("/subscribe", "/subscribe/main", "/subscribe/secret"):
        page = client.get(path)
        assert "For friends" not in page.text
        answer = client.post(path, data={"address": ZOE, "newsletter": "secret"})
        assert answer.status_code in {400, 404}
    assert client.get("/subscribe/secret").text == client.get("/subscribe/none").text
    assert requests(house) == 0


def test_L11_the_mail_has_no_word_of_the_form(house: House, clock: Clock, client: Browser) -> None:
    spam = "BUY NOW https://spam.example/"
    more = {"name": spam, "topic.main": spam, "frequency.main": spam, "lang": spam}
    sign_up(client, clock, **more)
    (mail,) = sent(house)
    assert "spam.example" not in str(mail)
    assert "BUY" not in str(mail)


@pytest.mark.parametrize("missing", ["postal_address", "privacy_url"])
def test_without_who_asks_there_is_no_form(tmp_path: Path, missing: str) -> None:
    house, _ = an_open_house(tmp_path)
    file = tmp_path / "config.toml"
    file.write_text("\n".join(line for line in file.read_text().splitlines() if not line.startswith(missing)))
    closed = reopened(tmp_path)
    client = a_client(closed)
    answer = client.get("/subscribe")
    assert answer.status_code == 404
    assert "<form" not in answer.text
    assert client.post("/subscribe/main", data={"address": ZOE}).status_code == 404
    assert requests(closed) == 0
    closed.engine.dispose()
    house.engine.dispose()


# --- suspicion asks once more


def test_a_form_of_another_page_is_asked_once_more(house: House, clock: Clock, client: Browser) -> None:
    answer = client.post("/subscribe/main", data={"address": ZOE, "newsletter": "main"})
    assert "One more press" in answer.text
    assert requests(house) == 0
    assert "Look into your mailbox" in press(client, clock, answer.text)
    assert len(sent(house)) == 1


@pytest.mark.parametrize(
    "suspect",
    [{"comment": "hello"}, {"stamp": "form.abc.def"}, {"stamp": ""}, {"wording": "0" * 64}],
    ids=["the trap", "a made-up stamp", "no stamp", "other words"],
)
def test_what_a_machine_would_send_is_asked_once_more(
    house: House, clock: Clock, client: Browser, suspect: Mapping[str, Any]
) -> None:
    page = sign_up(client, clock, **suspect)
    assert requests(house) == 0
    assert "Look into your mailbox" in press(client, clock, page)
    assert requests(house) == 1


@pytest.mark.parametrize(("seconds", "asked"), [(0, True), (2, True), (3, False), (86_400, False), (86_402, True)])
def test_too_fast_and_too_late(house: House, clock: Clock, client: Browser, seconds: int, asked: bool) -> None:  # noqa: FBT001
    data = {**fields(client.get("/subscribe/main").text), "address": ZOE}
    clock.later(seconds=seconds)
    assert ("One more press" in client.post("/subscribe/main", data=data).text) is asked


def test_a_button_is_for_one_address_and_takes_its_time(house: House, clock: Clock, client: Browser) -> None:
    page = client.post("/subscribe/main", data={"address": ZOE, "newsletter": "main"}).text
    pressed = fields(page)
    assert "One more press" in client.post("/subscribe/main", data=pressed).text, "at once"
    clock.later(seconds=2)
    other = {**pressed, "address": "other@example.net"}
    assert "One more press" in client.post("/subscribe/main", data=other).text
    assert requests(house) == 0


def test_many_from_one_place_are_asked_and_then_told_to_wait(tmp_path: Path) -> None:
    house, clock = an_open_house(tmp_path, more=MORE.replace("per_hour = 9", "per_hour = 900"))
    client = a_client(house)
    pages = [sign_up(client, clock, f"r{number}@example.net") for number in range(4)]
    assert ["One more press" in page for page in pages] == [False, False, False, True]
    for number in range(4, 13):
        press(client, clock, sign_up(client, clock, f"r{number}@example.net"))
    data = {**fields(client.get("/subscribe/main").text), "address": ZOE}
    answer = client.post("/subscribe/main", data=data)
    assert answer.status_code == 429
    assert "try again in an hour" in answer.text
    clock.later(hours=1, seconds=1)
    assert "Look into your mailbox" in sign_up(client, clock)
    house.engine.dispose()


# --- budgets


def asked(house: House, address: str, lane: str = "form") -> str:
    what = Application(address=parse_address(address), choices=(Choice("main", "weekly"),), source="form")
    return house.signup.ask(what, lane, now=house.clock())  # type: ignore[arg-type]  # a lane


def test_a_thousand_strangers_in_a_minute_and_a_real_reader(house: House, clock: Clock, client: Browser) -> None:
    answers = [asked(house, f"stranger{number}@example.net") for number in range(1000)]
    assert (answers.count("mailed"), answers.count("busy")) == (6, 994)
    assert len(sent(house)) == 6
    page = sign_up(client, clock)
    assert "Look into your mailbox" in press(client, clock, page)
    assert [mail["Delivered-To"] for mail in sent(house)].count(ZOE) == 1


def test_strangers_who_press_too_are_at_most_the_budget_and_a_reader_is_next(house: House, clock: Clock) -> None:
    for number in range(1000):
        asked(house, f"stranger{number}@example.net", "pressed")
    assert len(sent(house)) == 9
    assert asked(house, ZOE, "pressed") == "waits"
    assert house.signup.release(now=clock.now) == 0
    clock.later(hours=1, seconds=1)
    assert house.signup.release(now=clock.now) == 6, "the rest is for who comes now"
    assert ZOE in [mail["Delivered-To"] for mail in sent(house)]
    assert len(sent(house)) == 15
    assert asked(house, "late@example.net", "pressed") == "mailed"


def test_one_address_gets_one_mail_in_a_while_and_three_a_day(house: House, clock: Clock) -> None:
    for _ in range(5):
        asked(house, ZOE)
    assert len(sent(house)) == 1
    assert requests(house) == 1, "the same again is the same"
    for _ in range(10):
        clock.later(minutes=16)
        asked(house, ZOE)
        house.signup.release(now=clock.now)
    assert len(sent(house)) == 3


def test_another_wish_within_the_cool_down_waits_and_comes(house: House, clock: Clock) -> None:
    asked(house, ZOE)
    what = Application(address=parse_address(ZOE), choices=(Choice("birds", "daily"),), source="form")
    assert house.signup.ask(what, "form", now=clock.now) == "waits"
    assert house.signup.release(now=clock.now) == 0
    clock.later(minutes=16)
    assert house.signup.release(now=clock.now) == 1
    assert [mail["Subject"] for mail in sent(house)].count("Please confirm: Birds & Bread") == 1
    assert requests(house) == 2


def test_what_waits_has_an_end(house: House, clock: Clock) -> None:
    for number in range(20):
        asked(house, f"r{number}@example.net", "pressed")
    clock.later(days=8)
    assert house.signup.release(now=clock.now) == 0


# --- whatever is sent


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
NAMES = st.sampled_from(
    ["address", "newsletter", "frequency.main", "topic.main", "topic.birds", "stamp", "pressed", "wording", "comment"]
)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
VALUES = TEXT | st.sampled_from([ZOE, "main", "birds", "secret", "weekly", "weather", "\0", "a@b.c\r\nBcc: x@y.z"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(data=st.dictionaries(NAMES | TEXT, st.lists(VALUES, max_size=3), max_size=8))
def test_whatever_a_form_sends_it_is_no_fault_of_ours(
    house: House, client: Browser, data: dict[str, list[str]]
) -> None:
    for path in ("/subscribe", "/subscribe/birds", "/subscribe/secret"):
        answer = client.post(path, content=urlencode(data, doseq=True), headers=FORM)
        assert answer.status_code in {200, 400, 404}
    with house.engine.connect() as connection:
        for table in (subscriber, request, subscription, delivery):
            assert connection.execute(select(table)).all() == [], "an unstamped form changes nothing"


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        ({"Content-Type": "application/json"}, b"{}", 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"x" * 70_000, 413),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"address=%ff%fe", 400),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"a=1&" * 600, 400),
    ],
)
def test_a_body_that_is_no_form(client: Browser, headers: dict[str, str], content: bytes, status: int) -> None:
    answer = client.request("POST", "/subscribe/main", headers=headers, content=content)
    assert answer.status_code == status
    assert "<form" in answer.text


def test_nothing_runs_loads_or_is_kept(client: Browser) -> None:
    answer = client.get("/subscribe")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "set-cookie" not in answer.headers
    assert "<script" not in answer.text
