"""Which form of a file a request wants, and whether it has that already."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.doors.web.conditions import choose_coding, is_current

ALL = ("br", "gzip", "identity")

CODINGS = [
    (None, "identity"),
    ("", "identity"),
    ("gzip", "gzip"),
    ("br", "br"),
    ("gzip, deflate, br, zstd", "br"),
    ("GZIP", "gzip"),
    ("x-gzip", "gzip"),
    ("*", "br"),
    ("br;q=0.5, gzip;q=0.8", "gzip"),
    ("br;q=0, gzip", "gzip"),
    ("br;q=0, *", "gzip"),
    ("gzip;q=0", "identity"),
    ("deflate, zstd", "identity"),
    ("identity", "identity"),
    ("identity;q=0.5, gzip;q=0.2", "identity"),
    ("gzip ; q=0.001", "gzip"),
    ("gzip;q=x", "identity"),
    ("gzip;q=0.5;x=1", "gzip"),
    (" , ,gzip,", "gzip"),
    ("identity;q=0, br", "br"),
    ("identity;q=0", None),
    ("*;q=0", None),
    ("identity;q=0, deflate", None),
    ("*;q=0, identity", "identity"),
    ("*;q=0, gzip", "gzip"),
]


@pytest.mark.parametrize(("accepted", "coding"), CODINGS)
def test_H4_the_coding_that_is_asked_for(accepted: str | None, coding: str | None) -> None:
    assert choose_coding(accepted, ALL) == coding


def test_H4_only_what_is_there() -> None:
    assert choose_coding("br, gzip", ["gzip", "identity"]) == "gzip"
    assert choose_coding("br, gzip", ["identity"]) == "identity"


@given(st.text())
def test_any_text_at_all_is_answered(accepted: str) -> None:
    assert choose_coding(accepted, ALL) in {*ALL, None}


ETAG = '"aa"'
THEN, BEFORE, AFTER = "Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:36 GMT", "Mon, 07 Nov 1994 00:00:00 GMT"

CONDITIONS = [
    (None, None, False),
    ('"aa"', None, True),
    ('W/"aa"', None, True),
    ('"bb", W/"aa"', None, True),
    ('"bb","aa"', None, True),
    ('"bb"', None, False),
    ("aa", None, False),
    ("*", None, True),
    (" * ", None, True),
    ("", None, False),
    (None, THEN, True),
    (None, AFTER, True),
    (None, BEFORE, False),
    (None, "Sunday, 06-Nov-94 08:49:37 GMT", True),
    (None, "Sun Nov  6 08:49:37 1994", True),
    (None, "yesterday", False),
    (None, "", False),
    (None, "Mon, 99 Nov 99999 08:49:37 GMT", False),
    ('"bb"', AFTER, False),
    ('"aa"', BEFORE, True),
    ("*", BEFORE, True),
]


@pytest.mark.parametrize(("none_match", "since", "current"), CONDITIONS)
def test_H2_the_tag_decides_where_there_is_one(none_match: str | None, since: str | None, current: bool) -> None:  # noqa: FBT001
    assert is_current(none_match, since, etag=ETAG, modified=784111777) is current


@given(none_match=st.none() | st.text(), since=st.none() | st.text())
def test_any_condition_at_all_is_answered(none_match: str | None, since: str | None) -> None:
    assert is_current(none_match, since, etag=ETAG, modified=784111777) in {True, False}
