"""Topics in a subject: short, ASCII, each its own, and found again."""

import re

from hypothesis import given
from hypothesis import strategies as st

from publisher.delivery.asks import read_subject
from publisher.steps.topicwords import term_called, term_of, word_of


def test_a_plain_topic_is_its_own_word() -> None:
    assert word_of("tea-bread") == "tea-bread"


@given(st.lists(st.text(min_size=1, max_size=60), unique=True, max_size=30))
def test_each_topic_is_found_again_among_all_others(terms: list[str]) -> None:
    for term in terms:
        word = word_of(term)
        assert re.fullmatch(r"[a-z0-9-]{1,25}", word)
        assert read_subject(f"x {word}") is None, "it is never taken for a token"
        assert term_of(word, terms) == term
        assert term_of(word.upper(), terms) == term


def test_a_word_of_nothing_is_nothing() -> None:
    assert term_of("birds", ["bread"]) is None
    assert term_of("", ["bread"]) is None


def test_what_people_write_is_the_topic_that_is_called_so() -> None:
    labels = {"cafe-the": "Café,  Thé", "bread": "Bread & Butter"}
    for said in ("café, thé", "CAFÉ, THÉ", "Cafe\u0301, the\u0301", "cafe-the"):
        assert term_called(said, labels) == "cafe-the"
    assert term_called("bread & butter", labels) == "bread"
    assert term_called("Bread", labels) == "bread"
    assert term_called("", labels) is None
    assert term_called("Birds", labels) is None
