"""The page of the link in every mail: it lessens, it gives back, and it tells nothing."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from publisher.mail.schedule import often
from publisher.mail.tokens import Purpose, sign
from publisher.model.issue import IssueId
from publisher.model.subscriber import Consent, SubscriberId, Subscription, parse_address
from publisher.steps.choices import UNDO, joining, leaving
from publisher.wiring import House
from tests.choosing import POSTS, a_choice, a_reader, choose, events, held, later, link, undo_link
from tests.doors.browser import Browser, browser
from tests.house import NOW, dump

BOB = "bob@example.net"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    found = a_choice(tmp_path)
    yield found
    found.engine.dispose()


@pytest.fixture
def bob(house: House) -> SubscriberId:
    reader = a_reader(house)
    a_reader(house, newsletter="birds")
    a_reader(house, "ann@example.net")
    return reader


@pytest.fixture
def client(house: House) -> Browser:
    return browser(house)


@pytest.fixture
def page(house: House, bob: SubscriberId) -> str:
    return link(house, bob)


# --- what it shows


def test_it_offers_what_lessens_and_nothing_else(client: Browser, page: str) -> None:
    said = client.get(page)
    assert said.status_code == 200
    for topic in POSTS:
        assert f'name="topic" value="{topic}" checked' in said.text
    assert 'value="weekly" checked' in said.text
    assert 'value="monthly"' in said.text
    assert 'value="each"' not in said.text, "that would be more often"


def test_R3_it_shows_neither_address_nor_name(client: Browser, house: House, page: str, bob: SubscriberId) -> None:
    house.people.call(bob, name="Robert Unmistakable", language=None)
    for answer in (client.get(page), client.post(page, data={"action": "leave"}), client.get(page)):
        assert "example.net" not in answer.text
        assert "Unmistakable" not in answer.text
        assert "Birds &amp; Bees" in answer.text
        assert "daily" not in answer.text, "of other newsletters it has the title alone"


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"])
def test_E5_only_a_post_changes_anything(client: Browser, house: House, page: str, method: str) -> None:
    before = dump(house.engine)
    assert client.request(method, page).status_code == (200 if method in {"GET", "HEAD"} else 405)
    assert dump(house.engine) == before


# --- what it does


def test_fewer_topics(client: Browser, house: House, page: str, bob: SubscriberId) -> None:
    answer = client.post(page, data=choose(topic=["birds", "bread"], frequency="weekly"))
    assert answer.status_code == 200
    assert "That is done." in answer.text
    assert held(house, bob).topics == {"birds", "bread"}
    assert events(house, bob)[-1] == ("main", "topics", "mail")
    assert 'value="weather"' not in client.get(page).text, "what was taken off is offered no more"


def test_a_topic_that_came_since_the_page_was_loaded_is_not_taken_off(
    client: Browser, house: House, page: str, bob: SubscriberId
) -> None:
    """All that was shown is chosen, so that is no choice."""
    answer = client.post(page, data={"action": "choose", "shown": ["birds"], "topic": ["birds"], "frequency": "weekly"})
    assert "Nothing has changed." in answer.text
    assert held(house, bob).topics == frozenset()


def test_none_of_the_topics_is_no_choice_since_none_means_all(
    client: Browser, house: House, page: str, bob: SubscriberId
) -> None:
    for chosen in ([], ["weather"]):
        client.post(page, data=choose(topic=["birds", "bread"], frequency="weekly"))
        answer = client.post(page, data=choose(topic=chosen, frequency="weekly"))
        assert answer.status_code == 422
        assert 'aria-describedby="topics-error"' in answer.text
        assert held(house, bob).topics == {"birds", "bread"}


def test_a_rarer_rhythm_and_never_one_that_comes_more_often(
    client: Browser, house: House, page: str, bob: SubscriberId
) -> None:
    assert "Nothing has changed." in client.post(page, data=choose(topic=list(POSTS), frequency="each")).text
    assert held(house, bob).frequency == "weekly"
    client.post(page, data=choose(topic=list(POSTS), frequency="monthly"))
    assert held(house, bob).frequency == "monthly"
    assert events(house, bob)[-1] == ("main", "frequency", "mail")
    client.post(page, data=choose(topic=list(POSTS), frequency="weekly"))
    assert held(house, bob).frequency == "monthly"


def test_a_pause_may_become_longer_and_not_shorter(client: Browser, house: House, page: str, bob: SubscriberId) -> None:
    answer = client.post(page, data={"action": "pause", "weeks": "4"})
    assert "Paused until December 21, 2026" in answer.text
    client.post(page, data={"action": "pause", "weeks": "2"})
    assert held(house, bob).paused_until == NOW + timedelta(weeks=4)
    client.post(page, data={"action": "pause", "weeks": "8"})
    assert held(house, bob).paused_until == NOW + timedelta(weeks=8)
    assert held(house, bob).state is Consent.PAUSED
    assert [event for _, event, _ in events(house, bob)][-2:] == ["pause", "pause"]


def test_leaving_one_and_leaving_all(client: Browser, house: House, page: str, bob: SubscriberId) -> None:
    client.post(page, data={"action": "leave"})
    assert (held(house, bob).state, held(house, bob, "birds").state) == (Consent.LEFT, Consent.ACTIVE)
    client.post(page, data={"action": "leave-all"})
    assert held(house, bob, "birds").state is Consent.LEFT
    assert house.subscribers.count("main") == 1, "and nobody else"


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"action": "resume"},
        {"action": "join", "newsletter": "birds"},
        {"action": "address", "address": "eve@example.com"},
        {"action": "person", "name": "Eve"},
        {"action": "pause", "weeks": "-4"},
        {"action": "pause", "weeks": "9999999999999999"},
        {"action": "choose", "topic": ["x" * 1000], "frequency": "x", "shown": []},
    ],
)
def test_what_no_button_of_the_page_sends_changes_nothing(
    client: Browser, house: House, page: str, form: dict[str, str]
) -> None:
    before = dump(house.engine)
    assert client.post(page, data=form).status_code in {200, 400, 415, 422}
    assert dump(house.engine) == before


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ({"files": {"action": (None, "leave")}}, 415),
        ({"json": {"action": "leave"}}, 415),
        ({"content": b"a=%ff%fe\xff", "headers": {"Content-Type": "application/x-www-form-urlencoded"}}, 400),
        ({"content": b"x=1&" * 600, "headers": {"Content-Type": "application/x-www-form-urlencoded"}}, 400),
        ({"content": b"x" * 70_000, "headers": {"Content-Type": "application/x-www-form-urlencoded"}}, 413),
    ],
)
def test_a_body_that_is_no_form_is_refused(
    client: Browser, house: House, page: str, how: dict[str, object], status: int
) -> None:
    before = dump(house.engine)
    assert client.post(page, **how).status_code == status
    assert dump(house.engine) == before


def test_a_newsletter_that_is_no_more_can_be_left_here_too(house: House, page: str, bob: SubscriberId) -> None:
    file = house.config.secrets.file.parent / "config.toml"
    file.write_text(file.read_text().replace("[newsletters.main]", "[newsletters.other]"))
    after = later(house, NOW)
    assert browser(after).get(page).status_code == 200
    assert browser(after).post(page, data={"action": "leave"}).status_code == 200
    assert held(after, bob).state is Consent.LEFT
    after.engine.dispose()


# --- links that are none


@pytest.mark.parametrize("path", ["p", "undo", "m", "a"])
@pytest.mark.parametrize("purpose", [Purpose.UNSUBSCRIBE, Purpose.BOUNCE, Purpose.VIEW, Purpose.APPROVE])
def test_E8_a_token_of_another_purpose_is_none(
    client: Browser, house: House, bob: SubscriberId, path: str, purpose: Purpose
) -> None:

    before = dump(house.engine)
    token = sign(house.keyring, purpose, newsletter="main", subscriber=bob)
    nobody = client.get("/no/such/page").text
    for asked in (token, token[:-1], token.replace("k1", "k9"), "k1-" + "a" * 40):
        for answer in (client.get(f"/{path}/{asked}"), client.post(f"/{path}/{asked}", data={"action": "leave-all"})):
            assert (answer.status_code, answer.text) == (404, nobody)
    assert dump(house.engine) == before


def test_E8_the_link_of_an_erased_reader_is_a_link_of_nobody(client: Browser, house: House, page: str) -> None:
    house.forget(parse_address(BOB))
    assert client.get(page).text == client.get("/p/k1-" + "a" * 40).text
    assert client.post(page, data={"action": "leave"}).status_code == 404


# --- undo


def test_the_answer_has_a_button_that_gives_back_what_was_taken(
    client: Browser, house: House, page: str, bob: SubscriberId
) -> None:
    before = held(house, bob)
    undo = undo_link(client.post(page, data=choose(topic=["birds"], frequency="monthly")))
    assert undo not in client.get(page).text
    assert "One press" in client.get(undo).text
    assert held(house, bob) != before, "looking gives nothing back"
    assert "It is as it was" in client.post(undo).text
    assert held(house, bob) == before
    assert events(house, bob)[-1] == ("main", "undo", "mail")
    after = dump(house.engine)
    assert client.post(undo).status_code == 200, "twice is once"
    assert dump(house.engine) == after


def test_leaving_all_is_undone_as_a_whole(client: Browser, house: House, page: str, bob: SubscriberId) -> None:
    client.post(page, data={"action": "pause", "weeks": "4"})
    before = house.choices.held(bob)
    undo = undo_link(client.post(page, data={"action": "leave-all"}))
    client.post(undo)
    assert house.choices.held(bob) == before
    assert [event for _, event, _ in events(house, bob)][-3:] == ["undo", "pause", "undo"]


def test_E6_a_reload_has_the_button_still_and_a_later_visit_has_not(client: Browser, house: House, page: str) -> None:
    """Or whoever was sent the mail could bring back a reader who has left."""
    first = client.post(page, data={"action": "leave"})
    assert undo_link(client.post(page, data={"action": "leave"})) == undo_link(first)
    after = later(house, NOW + timedelta(minutes=11))
    assert "/undo/" not in browser(after).post(page, data={"action": "leave"}).text
    assert "/undo/" not in browser(after).post(page.replace("/p/", "/u/")).text
    after.engine.dispose()


@pytest.mark.parametrize(("days", "state"), [(30, Consent.LEFT), (29, Consent.ACTIVE)])
def test_an_undo_works_for_thirty_days(
    client: Browser, house: House, page: str, bob: SubscriberId, days: int, state: Consent
) -> None:
    undo = undo_link(client.post(page, data={"action": "leave"}))
    after = later(house, NOW + timedelta(days=days))
    assert timedelta(days=30) == UNDO
    assert browser(after).get(undo).status_code == 200
    assert browser(after).post(undo).status_code == 200
    assert held(after, bob).state is state
    after.engine.dispose()


def test_what_was_changed_since_stays(client: Browser, house: House, page: str, bob: SubscriberId) -> None:
    first = undo_link(client.post(page, data={"action": "leave-all"}))
    second = undo_link(client.post(page, data={"action": "leave"}))
    assert second == first, "nothing was left to change, so it is the same page"
    client.post(first)
    third = undo_link(client.post(page, data={"action": "leave"}))
    client.post(third)
    client.post(page, data={"action": "pause", "weeks": "1"})
    kept = house.choices.held(bob)
    fourth = undo_link(client.post(page, data={"action": "leave-all"}))
    house.subscribers.leave(bob, "birds", note="once more", now=NOW)
    for used in (first, third):
        client.post(used)
        assert held(house, bob).state is Consent.LEFT, "it was used, or is of a time before"
    client.post(fourth)
    assert house.choices.held(bob) == kept


def test_who_left_came_back_and_left_again_is_not_brought_back_by_the_first_undo(
    client: Browser, house: House, page: str, bob: SubscriberId
) -> None:
    first = undo_link(client.post(page, data={"action": "leave"}))

    for rule in (joining(bob, house.newsletters["main"], now=NOW), leaving("main")):
        house.choices.change(bob, rule, source="preferences", note="", now=NOW)
    assert "There is nothing to undo" in client.get(first).text
    assert "There is nothing to undo" in client.post(first).text
    assert held(house, bob).state is Consent.LEFT


def test_an_undo_is_its_readers_alone(client: Browser, house: House, page: str, bob: SubscriberId) -> None:

    client.post(page, data={"action": "leave"})
    ann = a_reader(house, "ann@example.net")
    forged = sign(house.keyring, Purpose.UNDO, newsletter="main", subscriber=ann, issue=IssueId(1))
    assert client.post(f"/undo/{forged}").status_code == 404
    assert held(house, bob).state is Consent.LEFT


# --- whatever is pressed, it never adds


BUTTONS = st.one_of(
    st.builds(
        lambda topics, shown, frequency: {
            "action": "choose",
            "topic": topics,
            "shown": shown,
            "frequency": frequency,
        },
        st.lists(st.sampled_from([*POSTS, "other"])),
        st.lists(st.sampled_from([*POSTS, "other"])),
        st.sampled_from(["each", "weekly", "monthly", ""]),
    ),
    st.builds(lambda weeks: {"action": "pause", "weeks": weeks}, st.sampled_from(["1", "2", "4", "8", "12"])),
    st.sampled_from([{"action": "leave"}, {"action": "leave-all"}]),
)
ORDER = [Consent.LEFT, Consent.PAUSED, Consent.ACTIVE]


def is_less(house: House, after: Subscription, before: Subscription) -> bool:
    schedules = house.config.schedules()
    rates = [often(schedules[one.newsletter, one.frequency]) for one in (after, before)]
    topics = not before.topics or (bool(after.topics) and after.topics <= before.topics)
    states = ORDER.index(after.state) <= ORDER.index(before.state)
    until = after.state is not Consent.PAUSED or (after.paused_until or NOW) >= (before.paused_until or NOW)
    return rates[0] <= rates[1] and topics and states and until and after.covered == before.covered


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(pressed=st.lists(st.tuples(BUTTONS, st.booleans()), min_size=1, max_size=5))
def test_no_sequence_of_presses_ever_adds_and_an_undo_restores_exactly(
    house: House, pressed: list[tuple[dict[str, object], bool]]
) -> None:
    client = browser(house)
    address = f"r{len(list(house.subscribers.listed()))}@example.net"
    reader = a_reader(house, address)
    a_reader(house, address, newsletter="birds")
    page, before = link(house, reader), house.choices.held(reader)
    for form, regretted in pressed:
        answer = client.post(page, data=form)
        after = house.choices.held(reader)
        assert after.keys() == before.keys()
        assert all(is_less(house, after[name], before[name]) for name in after)
        if regretted and after != before:
            assert client.post(undo_link(answer)).status_code == 200
            assert house.choices.held(reader) == before
        else:
            before = after
