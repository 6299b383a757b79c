"""Where a visitor is: what is believed of it, and how often they came."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from publisher.doors.web.visitors import Places, Visitors

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
KEY = bytes(32)
PROXIES = ["127.0.0.1/32", "10.0.0.0/8", "fd00::/8"]


def request(client: str | None, *forwarded: str) -> Request:
    headers = [(b"x-forwarded-for", one.encode("latin-1")) for one in forwarded]
    return Request({"type": "http", "headers": headers, "client": (client, 1) if client else None})


def place(client: str | None, *forwarded: str, proxies: list[str] = PROXIES) -> str:
    return Places(proxies, KEY).of(request(client, *forwarded))


@pytest.mark.parametrize(
    ("client", "forwarded", "is_at"),
    [
        ("192.0.2.7", (), "192.0.2.7"),
        ("192.0.2.7", ("198.51.100.1",), "192.0.2.7"),  # whoever comes directly may write what they like
        ("127.0.0.1", ("198.51.100.1",), "198.51.100.1"),
        ("127.0.0.1", ("203.0.113.9, 198.51.100.1",), "198.51.100.1"),  # what stands before is the visitor's word
        ("127.0.0.1", ("203.0.113.9", "198.51.100.1, 10.1.2.3"), "198.51.100.1"),
        ("127.0.0.1", ("198.51.100.1:4711",), "198.51.100.1"),
        ("127.0.0.1", ("[2001:db8::1]:4711",), "2001:db8::2"),  # one network
        ("::ffff:127.0.0.1", ("198.51.100.1",), "198.51.100.1"),
        ("127.0.0.1", ("unknown",), "127.0.0.1"),
        ("127.0.0.1", ("",), "127.0.0.1"),
        ("2001:db8:0:1::5", (), "2001:db8:0:1:ffff::9"),
    ],
)
def test_what_a_visitor_writes_is_believed_of_proxies_alone(
    client: str, forwarded: tuple[str, ...], is_at: str
) -> None:
    assert place(client, *forwarded) == place(is_at)


def test_places_are_told_apart_and_say_nothing() -> None:
    said = place("192.0.2.7")
    assert said != place("192.0.2.8")
    assert place("2001:db8:0:1::5") != place("2001:db8:0:2::5")
    assert "192" not in said
    assert said != Places(PROXIES, b"1" * 32).of(request("192.0.2.7")), "it takes the key to know it again"
    assert place(None) == place(None)


@given(client=st.text(max_size=20), forwarded=st.lists(st.text(st.characters(max_codepoint=255), max_size=30)))
def test_whatever_is_written_is_some_place(client: str, forwarded: list[str]) -> None:
    assert len(place(client, *forwarded)) == 64


def test_an_hour_is_counted() -> None:
    visitors = Visitors()
    for minute in (0, 10, 50):
        visitors.count("a", now=NOW + timedelta(minutes=minute))
    assert visitors.came("a", now=NOW + timedelta(minutes=55)) == 3
    assert visitors.came("a", now=NOW + timedelta(minutes=65)) == 2
    assert visitors.came("b", now=NOW) == 0
