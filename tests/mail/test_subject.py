import re

from hypothesis import example, given
from hypothesis import strategies as st

from publisher.mail.lengths import LINE, clean, cut_html, cut_text, ellipsis, one_line, size, wrap
from publisher.mail.subject import digest_subject, post_subject, preheader

TEXT = st.text(max_size=300)


def and_more(lead: str, more: int) -> str:
    return f"{lead} and {more} more"


@given(TEXT, st.integers(1, 500))
@example("0" * 50, 1)
def test_H11_a_digest_subject_has_at_most_100_characters_and_always_its_count(lead: str, more: int) -> None:
    subject = digest_subject(lead, more, and_more)
    assert len(subject) <= 60
    assert subject.endswith(f"and {more} more")


@given(TEXT)
def test_H11_a_title_is_a_subject_of_at_most_100_characters(title: str) -> None:
    subject = post_subject(title)
    assert len(subject) <= 100
    assert subject == one_line(title) or subject.endswith("…")


def test_a_long_lead_is_cut_at_a_word() -> None:
    lead = "Why the longest title of the year is seldom the best one, and what to do about it"
    assert digest_subject(lead, 7, and_more) == "Why the longest title of the year is seldom the… and 7 more"


@given(TEXT, TEXT, st.lists(TEXT, max_size=4))
def test_B1_B2_a_preheader_is_not_the_subject_and_has_at_most_110_characters(
    subject: str, first: str, others: list[str]
) -> None:
    subject = one_line(subject)
    words = preheader(subject, [first, *others, "Findings & Notes, a newsletter about nothing at all"])
    assert 35 <= len(words) <= 110
    assert words != subject


@given(TEXT)
def test_T1_what_is_mailed_has_no_controls(text: str) -> None:
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", clean(text))
    assert clean(clean(text)) == clean(text)


def test_M3_windows_punctuation_is_repaired() -> None:
    assert clean("it\x92s") == "it’s"


@given(TEXT)
def test_X4_lines_are_wrapped_and_words_kept(text: str) -> None:
    wrapped = wrap(text)
    assert wrapped.split() == text.replace("\xa0", " ").replace("\xad", "").split()
    for line in wrapped.split("\n"):
        assert len(line) <= 78 or " " not in line[LINE:].strip()


def test_X4_lists_and_quotes_keep_their_mark() -> None:
    assert wrap("> " + "word " * 20).split("\n")[1].startswith("> word")
    assert wrap("- " + "word " * 20).split("\n")[1].startswith("  word")


@given(TEXT, st.integers(2, 100))
def test_an_ellipsis_keeps_the_limit(text: str, limit: int) -> None:
    cut = ellipsis(text, limit)
    assert len(cut) <= limit
    assert cut == text or cut.endswith("…")


def test_S1_an_article_is_cut_between_paragraphs() -> None:
    article = '<div class="article">' + "".join(f"<p>{number} {'word ' * 100}</p>" for number in range(300)) + "</div>"
    cut, was_cut = cut_html(article, 50_000)
    assert was_cut
    assert 48_000 < size(cut) <= 50_000
    assert cut.startswith('<div class="article"><p>0 ')
    assert cut.endswith("</p></div>")
    assert article.startswith(cut.removesuffix("</div>"))


def test_S1_what_grows_in_transport_counts_as_it_grows() -> None:
    assert size("א" * 1000) > 2 * len("א" * 1000)
    assert size("a" * 1000) < 1100


def test_S1_a_single_paragraph_that_is_too_long_is_left_out() -> None:
    assert cut_html("<p>" + "word " * 1000 + "</p>", 500) == ("", True)
    assert cut_text("word\n\n" + "word " * 1000, 500) == ("word", True)
