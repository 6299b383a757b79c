"""Policies where receivers look for them (RFC 9989)."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.delivery.dmarc import read_dmarc


def test_V5_the_walk_goes_up_to_the_nearest_policy() -> None:
    asked = []

    def txt(name: str) -> Sequence[str]:
        asked.append(name)
        return ["v=DMARC1; p=reject; sp=none"] if name == "_dmarc.example.org" else ["v=spf1 -all"]

    found = read_dmarc("news.blog.example.org", txt)
    assert (found.at, found.policy, found.wrong) == ("example.org", "reject", ())
    assert asked == ["_dmarc.news.blog.example.org", "_dmarc.blog.example.org", "_dmarc.example.org"]


def test_V5_a_very_long_name_costs_eight_questions() -> None:
    asked: list[str] = []

    def txt(name: str) -> Sequence[str]:
        asked.append(name)
        return ()

    found = read_dmarc(".".join("abcdefghijklm"), txt)
    assert found.at == ""
    assert len(asked) == 8
    assert asked[1].count(".") == 7


@pytest.mark.parametrize(
    ("record", "wrong", "obsolete"),
    [
        ("v=DMARC1;p=none", (), ()),
        ("v=DMARC1; p=quarantine; pct=50; rf=afrf; ri=86400", (), ("pct", "rf", "ri")),
        ("p=none; v=DMARC1", ("v=DMARC1 must come first",), ()),
        ("v=DMARC1; p=maybe", ("p=maybe is none of none, quarantine, reject",), ()),
    ],
)
def test_V5_what_is_wrong_or_was_removed(record: str, wrong: tuple[str, ...], obsolete: tuple[str, ...]) -> None:
    found = read_dmarc("example.org", lambda name: [record])
    assert (found.wrong, found.obsolete) == (wrong, obsolete)


def test_V5_two_policies_are_none() -> None:
    found = read_dmarc("example.org", lambda name: ["v=DMARC1; p=none", "v=DMARC1; p=reject"])
    assert "2 DMARC records" in found.wrong[0]


@given(st.text(max_size=200), st.text(max_size=60))
def test_V5_no_record_and_no_name_breaks_the_reader(record: str, name: str) -> None:
    found = read_dmarc(name, lambda one: [record, f"v=DMARC1;{record}"])
    assert found.policy == found.tags.get("p", "none").lower()
