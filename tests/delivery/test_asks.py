"""Subjects -> what they ask for: a table, and whatever else people write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.delivery.asks import Asked, read_subject

TOKEN = "k1-" + "gezdgnbv" * 6


@pytest.mark.parametrize(
    ("subject", "asked"),
    [
        (f"unsubscribe {TOKEN}", Asked("unsubscribe", "", TOKEN)),
        (f"  Pause  main\t4 {TOKEN} ", Asked("pause", "main 4", TOKEN)),
        (f"EXPORT {TOKEN.upper()}", Asked("export", "", TOKEN.upper())),
        (f"move zoë@example.net {TOKEN}", Asked("move", "zoë@example.net", TOKEN)),
        ("choices", Asked("choices")),
        ("Preferences", Asked("choices")),
        (f"preferences {TOKEN}", Asked("choices", "", TOKEN)),
        ("", None),
        (TOKEN, None),
        ("pause main 4", None),
        (f"Re: export {TOKEN}", None),
        (f"unsubscribe me please {TOKEN}", None),
        (f"the choices {TOKEN}", None),
        ("choices I made", None),
        (f"pause main {TOKEN[:20]}", None),
        (f"pause main {TOKEN} 4", None),
        (f"ｅxport {TOKEN}", None),
        (f"\u212aonly main {TOKEN}", None),
    ],
)
def test_what_a_subject_asks_for(subject: str, asked: Asked | None) -> None:
    assert read_subject(subject) == asked


@given(st.text(max_size=300))
def test_whatever_is_written_is_read(subject: str) -> None:
    found = read_subject(f"pause {subject} {TOKEN}")
    assert found is None or (found.word, found.token) == ("pause", TOKEN)
    read_subject(subject)
