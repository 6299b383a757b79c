"""WebSub: each hub is told once of each feed that changed, when the site shows it; no hub holds anything up."""

import hashlib
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from sqlalchemy import Engine

from publisher.adapters.web import UrlWeb
from publisher.model.ping import Ping
from publisher.steps.ping import Patience, Pinged, Pinging, tell_hubs
from publisher.store.feeddigests import FeedDigests
from publisher.store.pings import Pings
from tests.hubs import (
    Hub,
    PublicSite,
    a_closed_port,
    a_dripping_server,
    a_hub,
    a_silent_server,
    answer,
)

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
PROMPT = Patience(total=20, answer=5)
SHORT = Patience(total=2, answer=0.4)


class Publishing:
    """Builds and rounds over one database, at a time of our own."""

    def __init__(self, engine: Engine, site: PublicSite, hubs: list[str]) -> None:
        self.engine = engine
        self.site = site
        self.hubs = hubs
        self.now = datetime(2026, 11, 23, 9, tzinfo=UTC)
        self.made: dict[str, bytes] = {}

    def build(self, *, deployed: bool = True, **feeds: str) -> None:
        """Feeds by name; those that are not named stay as they are."""
        new = {f"/{name}.atom": text.encode() for name, text in feeds.items()}
        self.made |= new
        digests = {self.address(path): hashlib.sha256(data).hexdigest() for path, data in new.items()}
        FeedDigests(self.engine, hubs=self.hubs, now=self.now).note(digests, {*map(self.address, self.made)})
        if deployed:
            self.site.pages = dict(self.made)

    def round(self, patience: Patience = PROMPT) -> Pinged:
        needs = Pinging(
            pings=Pings(self.engine),
            web=UrlWeb(),
            clock=lambda: self.now,
            timer=time.monotonic,
            chance=lambda: 0.5,
        )
        return tell_hubs(needs, patience)

    def address(self, path: str) -> str:
        return self.site.url.rstrip("/") + path

    def waiting(self) -> list[Ping]:
        return list(Pings(self.engine).waiting())

    def rounds_until_given_up(self) -> list[timedelta]:
        """A round whenever one is due, with a database that is opened anew each time; the waits between them."""
        waits = []
        while not (done := self.round()).given_up:
            assert not done.told
            (one,) = self.waiting()
            waits.append(one.due - self.now)
            self.now = one.due
            self.engine.dispose()
        assert self.waiting() == []
        return waits


@pytest.fixture
def publishing(engine: Engine, public: PublicSite, hub: Hub) -> Publishing:
    """Two feeds were built once."""
    made = Publishing(engine, public, [hub.url])
    made.build(feed="one", birds="one")
    return made


# --- whom, of what, when ----------------------------------------------------------------------------------------------


def test_W2_a_first_build_tells_nobody(publishing: Publishing, hub: Hub) -> None:
    assert publishing.waiting() == []
    assert publishing.round() == Pinged()
    assert hub.told == []


def test_W2_a_change_is_told_once_for_each_feed_and_hub(publishing: Publishing, hub: Hub) -> None:
    with a_hub() as second:
        publishing.hubs = [hub.url, second.url, hub.url]
        publishing.build(feed="two", birds="one")
        done = publishing.round()
        assert (len(done.told), done.waiting) == (2, 0)
        publishing.now += HOUR
        publishing.round()
        feed = publishing.address("/feed.atom")
        assert (hub.told, second.told) == ([feed], [feed])
    assert hub.forms == [{"hub.mode": ["publish"], "hub.url": [feed], "hub.topic": [feed]}]
    assert hub.headers[0]["content-type"] == "application/x-www-form-urlencoded"
    assert not {"authorization", "cookie"} & hub.headers[0].keys()


def test_W2_a_build_that_changed_nothing_tells_nobody(publishing: Publishing, hub: Hub) -> None:
    publishing.build(feed="one", birds="one")
    publishing.build()
    assert publishing.round() == Pinged()
    assert hub.told == []


def test_W2_without_hubs_nothing_waits_and_hubs_set_later_are_told(publishing: Publishing, hub: Hub) -> None:
    publishing.hubs = []
    publishing.build(feed="two")
    assert publishing.waiting() == []
    publishing.hubs = [hub.url]
    publishing.build(feed="three")
    publishing.round()
    assert hub.told == [publishing.address("/feed.atom")]


def test_W2_a_hub_that_is_no_longer_set_and_a_feed_that_is_gone_are_forgotten(publishing: Publishing, hub: Hub) -> None:
    publishing.build(feed="two", birds="two", deployed=False)
    del publishing.made["/birds.atom"]
    publishing.build()
    assert [one.feed for one in publishing.waiting()] == [publishing.address("/feed.atom")]
    publishing.hubs = ["https://another.example/"]
    publishing.build()
    assert publishing.waiting() == []


def test_W2_nobody_is_told_before_the_site_shows_the_new_feed(publishing: Publishing, hub: Hub) -> None:
    publishing.build(feed="two", deployed=False)
    done = publishing.round()
    assert (len(done.put_off), done.waiting, hub.told) == (1, 1, [])
    assert "does not show the new feed yet" in publishing.waiting()[0].answer
    assert publishing.site.headers[-1]["cache-control"] == "no-cache"
    publishing.site.pages = {}
    publishing.now += 2 * MINUTE
    publishing.round()
    assert publishing.waiting()[0].answer == "404 Not Found nothing"
    publishing.build()  # deployed now
    assert publishing.round() == Pinged(waiting=1), "its time has not come"
    publishing.now = publishing.waiting()[0].due
    assert len(publishing.round().told) == 1
    assert hub.told == [publishing.address("/feed.atom")]


def test_W2_a_newer_build_begins_anew(publishing: Publishing, hub: Hub) -> None:
    publishing.build(feed="two", deployed=False)
    publishing.round()
    publishing.build(feed="three", deployed=False)
    (one,) = publishing.waiting()
    assert (one.attempts, one.due, one.digest) == (0, publishing.now, hashlib.sha256(b"three").hexdigest())
    publishing.site.pages["/feed.atom"] = b"two"
    publishing.round()
    assert hub.told == []


def test_W2_two_processes_tell_a_hub_once_and_a_crash_loses_nothing(publishing: Publishing, hub: Hub) -> None:
    publishing.build(feed="two")
    (one,) = Pings(publishing.engine).due(publishing.now)
    until = publishing.now + 2 * MINUTE
    assert Pings(publishing.engine).claim(one, until=until) is not None
    assert Pings(publishing.engine).claim(one, until=until) is None
    assert publishing.round() == Pinged(waiting=1)
    publishing.now = until  # and whoever claimed it is dead
    assert len(publishing.round().told) == 1
    assert len(hub.told) == 1


def test_W2_a_build_while_a_hub_is_told_is_told_too(publishing: Publishing) -> None:
    publishing.build(feed="two")
    pings = Pings(publishing.engine)
    claimed = pings.claim(pings.due(publishing.now)[0], until=publishing.now + MINUTE)
    assert claimed is not None
    publishing.build(feed="three")
    pings.end(claimed)
    pings.put_off(claimed, claimed)
    (one,) = publishing.waiting()
    assert one.digest == hashlib.sha256(b"three").hexdigest()


# --- hubs and sites that do not answer as they should: a round that ends has waited for none of them -----------------


def test_W2_a_hub_that_hangs_holds_nothing_up_and_is_asked_once_a_round(publishing: Publishing, hub: Hub) -> None:
    with a_silent_server() as port:
        publishing.hubs = [f"http://127.0.0.1:{port}/", hub.url]
        publishing.build(feed="two", birds="two")
        done = publishing.round(SHORT)
    assert sorted(one.feed for one in done.told) == sorted(map(publishing.address, publishing.made))
    assert [one.answer for one in done.put_off] == ["no answer within 0.4 seconds"] * 2
    assert [one.attempts for one in publishing.waiting()] == [1, 1]


HEADS = [b"HTTP/1.1 202 Accepted\r\nX: ", b"H"]


@pytest.mark.parametrize("prologue", HEADS, ids=["headers", "status"])
def test_W2_a_hub_that_drips_holds_nothing_up(publishing: Publishing, prologue: bytes) -> None:
    with a_dripping_server(prologue) as port:
        publishing.hubs = [f"http://127.0.0.1:{port}/"]
        publishing.build(feed="two")
        done = publishing.round(SHORT)
    assert (len(done.put_off), done.told) == (1, [])


def test_W2_a_hub_s_yes_is_one_whatever_it_goes_on_to_say(publishing: Publishing) -> None:
    with a_dripping_server(b"HTTP/1.1 202 Accepted\r\n\r\n") as port:
        publishing.hubs = [f"http://127.0.0.1:{port}/"]
        publishing.build(feed="two")
        assert len(publishing.round(SHORT).told) == 1


def test_W2_a_site_that_drips_holds_nothing_up(publishing: Publishing, hub: Hub) -> None:
    with a_dripping_server(b"HTTP/1.1 200 OK\r\n\r\n") as port:
        publishing.site.port, publishing.made = port, {}
        publishing.build(feed="two", birds="two")
        assert len(publishing.round(SHORT).put_off) == 2
    assert hub.told == []


def test_W2_a_site_that_hangs_is_asked_once_a_round(publishing: Publishing, hub: Hub) -> None:
    with a_silent_server() as port:
        publishing.site.port, publishing.made = port, {}
        publishing.build(feed="two", birds="two")
        assert len(publishing.round(SHORT).put_off) == 2
    assert hub.told == []


REFUSALS = {
    "an error": (answer("500 Internal Server Error", b"<p>oops"), "500 Internal Server Error <p>oops"),
    "a no": (answer("400 Bad Request", b"unknown topic"), "400 Bad Request unknown topic"),
    "moved": (
        answer("301 Moved", b"", "Location: https://new.example/"),
        "301 Moved (moved to https://new.example/)",
    ),
    "no HTTP": (b"\x1b[31mred\x00\r\n\r\n", "no answer: "),
    "nothing": (b"", "no answer: "),
    "cut short": (b"HTTP/1.1 500 No\r\nContent-Length: 9\r\n\r\nx", "500 No x"),
    "colours": (answer("500 No", "\x1b[31m\u202ered\n\nx".encode()), "500 No [31m red x"),
    "a flood": (answer("500 No", b"y" * 3_000_000), "500 No yyy"),
}


@pytest.mark.parametrize("kind", REFUSALS)
def test_W2_what_a_hub_says_instead_of_yes_is_kept_and_it_is_asked_again(
    publishing: Publishing, hub: Hub, kind: str
) -> None:
    hub.answers, said = REFUSALS[kind]
    publishing.build(feed="two")
    publishing.round()
    (one,) = publishing.waiting()
    assert one.answer.startswith(said)
    assert len(one.answer) <= 210
    assert one.answer.isprintable()
    hub.answers = answer("204 No Content")
    publishing.now = one.due
    assert len(publishing.round().told) == 1
    assert publishing.waiting() == []
    assert len(hub.told) == 2


def test_W2_a_hub_that_is_not_there(publishing: Publishing) -> None:
    publishing.hubs = [f"http://127.0.0.1:{a_closed_port()}/"]
    publishing.build(feed="two")
    publishing.round()
    assert "refused" in publishing.waiting()[0].answer


@pytest.mark.parametrize("kind", ["seconds", "date"])
def test_W2_a_hub_that_says_when_is_not_asked_before(publishing: Publishing, hub: Hub, kind: str) -> None:
    when = publishing.now + 3 * HOUR
    said = format_datetime(when, usegmt=True) if kind == "date" else str(3 * 3600)
    hub.answers = answer("429 Too Many Requests", b"", f"Retry-After: {said}")
    publishing.build(feed="two", birds="two")
    publishing.round()
    assert [one.due for one in publishing.waiting()] == [when, when]
    assert len(hub.told) == 1, "the second feed does not ask again what was just refused"


def test_W2_a_hub_that_never_says_yes_is_given_up_after_a_day(publishing: Publishing, hub: Hub) -> None:
    hub.answers = answer("500 No", b"not today")
    publishing.build(feed="two")
    began = publishing.now
    waits = publishing.rounds_until_given_up()
    assert waits == sorted(waits)
    assert waits[:3] == [1.1 * MINUTE, 2.2 * MINUTE, 4.4 * MINUTE]
    assert 50 * MINUTE < waits[-1] <= HOUR
    assert 24 * HOUR <= publishing.now - began < 25.1 * HOUR


def test_W2_a_site_that_never_shows_it_is_given_up_after_two_days(publishing: Publishing, hub: Hub) -> None:
    publishing.build(feed="two", deployed=False)
    began = publishing.now
    waits = publishing.rounds_until_given_up()
    assert waits == sorted(waits)
    assert 48 * HOUR <= publishing.now - began < 49.1 * HOUR
    assert hub.told == []


def test_W2_a_hub_has_its_day_however_late_the_site_showed_it(publishing: Publishing, hub: Hub) -> None:
    hub.answers = answer("500 No")
    publishing.build(feed="two", deployed=False)
    publishing.now += 47 * HOUR
    publishing.round()
    publishing.build()
    publishing.now = publishing.waiting()[0].due
    began = publishing.now
    publishing.round()
    (one,) = publishing.waiting()
    assert (one.shown_at, one.attempts, one.due - began) == (began, 1, 1.1 * MINUTE)
    publishing.rounds_until_given_up()
    assert publishing.now - began >= 24 * HOUR


# --- redirects of the site --------------------------------------------------------------------------------------------


def test_W2_a_site_that_moved_is_followed_on_the_web_and_nowhere_else(publishing: Publishing, hub: Hub) -> None:
    site = publishing.site
    publishing.build(feed="two", birds="two")
    site.pages["/elsewhere"] = b"two"
    site.moved = {"/feed.atom": "/elsewhere", "/birds.atom": "file:///etc/hostname"}
    done = publishing.round()
    assert hub.told == [publishing.address("/feed.atom")]
    assert [one.answer for one in done.put_off] == ["302 Found (moved to file:///etc/hostname)"]


@pytest.mark.parametrize(
    "to", ["http://ann:secret@127.0.0.1:{port}/feed", "ftp://127.0.0.1:{port}/feed", "/birds.atom"]
)
def test_W2_redirects_that_are_not_followed(publishing: Publishing, hub: Hub, to: str) -> None:
    publishing.build(birds="two")
    publishing.site.moved = {"/birds.atom": to.format(port=publishing.site.port)}
    publishing.round()
    assert hub.told == []
    assert publishing.waiting()[0].answer.startswith("302 ")
