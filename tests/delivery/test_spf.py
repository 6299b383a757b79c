"""Records as owners write them, and what receivers make of them (RFC 7208)."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.delivery.spf import read_spf

US = "203.0.113.7"


class Zone:
    """Names as a mapping has them; what is not there is nothing."""

    def __init__(self, txt: Mapping[str, Sequence[str]], hosts: Mapping[str, Sequence[str]] | None = None) -> None:
        self._txt = txt
        self._hosts = hosts or {}

    def txt(self, name: str) -> Sequence[str]:
        return self._txt.get(name, ())

    def addresses(self, name: str) -> Sequence[str]:
        return self._hosts.get(name, ())

    def mx(self, name: str) -> Sequence[str]:
        return self._hosts.get(f"mx {name}", ())


@pytest.mark.parametrize(
    ("record", "passes"),
    [
        (f"v=spf1 ip4:{US} -all", True),
        ("v=spf1 ip4:203.0.113.0/24 ~all", True),
        ("v=spf1 ip4:198.51.100.0/24 -all", False),
        ("v=spf1 ip6:2001:db8::/32 -all", False),
        ("v=spf1 a -all", True),
        ("v=spf1 a:other.example/28 -all", True),
        ("v=spf1 mx -all", True),
        ("v=spf1 include:relay.example -all", True),
        ("v=spf1 redirect=relay.example", True),
        ("V=SPF1 -ip4:203.0.113.7 ?all", False),
        ("v=spf1 exists:%{i}.x.example -all", False),
    ],
)
def test_V4_who_may_send(record: str, passes: bool) -> None:  # noqa: FBT001  # of the table
    zone = Zone(
        {"a.example": [record], "relay.example": [f"v=spf1 ip4:{US} -all"]},
        {"a.example": [US], "other.example": ["203.0.113.1"], "mx a.example": ["m.example"], "m.example": [US]},
    )
    found = read_spf("a.example", zone, US)
    assert found.wrong == []
    assert found.passes is passes


def test_V4_look_ups_of_includes_are_counted_and_the_end_is_that_of_the_record_itself() -> None:
    zone = Zone(
        {
            "a.example": ["v=spf1 include:b.example mx a ~all"],
            "b.example": ["v=spf1 include:c.example include:c.example ip4:1.2.3.4 +all"],
            "c.example": ["v=spf1 a:x.example -all"],
        }
    )
    found = read_spf("a.example", zone)
    assert (found.look_ups, found.void, found.ending) == (7, 4, "~")
    assert found.includes == ["b.example", "c.example", "c.example"]


@pytest.mark.parametrize(
    ("records", "wrong"),
    [
        (["v=spf1 -all", "v=spf1 ~all"], "has 2 SPF records"),
        (["v=spf1 ipv4:1.2.3.4 -all"], "'ipv4:1.2.3.4' is no mechanism"),
        (["v=spf1 ip4:1.2.3.400 -all"], "'1.2.3.400' is no network address"),
        (["v=spf1 include:nowhere.example -all"], "nowhere.example, which the record refers to, has no SPF record"),
    ],
)
def test_V4_what_makes_receivers_give_up(records: list[str], wrong: str) -> None:
    found = read_spf("a.example", Zone({"a.example": records}))
    assert any(wrong in one for one in found.wrong)


def test_V4_a_record_that_includes_itself_ends() -> None:
    found = read_spf("a.example", Zone({"a.example": ["v=spf1 include:a.example include:a.example -all"]}))
    assert found.open
    assert found.look_ups > 10


def test_V4_records_of_others_are_none() -> None:
    assert read_spf("a.example", Zone({"a.example": ["v=spf10 -all", "google-site-verification=x"]})).records == ()


@given(st.lists(st.text(max_size=60), max_size=3), st.text(max_size=40))
def test_V4_no_record_breaks_the_reader(records: list[str], name: str) -> None:
    zone = Zone({"a.example": [f"v=spf1 {one}" for one in records], name: records})
    found = read_spf("a.example", zone, US)
    assert found.look_ups >= 0
    assert len(found.records) == len(records)
