import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from publisher.feeds.clean import clean, clean_host, clean_language, clean_line, clean_url

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))
URI = re.compile(r"(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*")  # RFC 3986 2


@pytest.mark.parametrize("code", [*range(9), 0x0E, 0x1F, 0xFFFE, 0xFFFF, 0xD800, 0xDFFF])
def test_X2_what_xml_cannot_hold_is_dropped(code: int) -> None:
    assert clean(f"a{chr(code)}b") == "ab"


def test_X2_trailing_nuls_go_without_damage() -> None:
    assert clean("The end.\n" + "\0" * 900) == "The end.\n"


@pytest.mark.parametrize("text", ["\t\n é 😀 \x7f\x85\x9f \u2028 \ufffd \ufdd0 \U0001fffe", "]]>", "<&>"])
def test_X2_what_xml_can_hold_stays(text: str) -> None:
    assert clean(text) == text


def test_X2_two_halves_make_a_character_and_a_form_feed_parts_words() -> None:
    assert clean("\ud83d\ude00") == "😀"
    assert clean("a\x0cb\x0bc") == "a b c"


def test_lines_end_as_a_parser_reads_them() -> None:
    assert clean("a\r\nb\rc\n") == "a\nb\nc\n"


@given(ANY_TEXT)
def test_X2_any_text_at_all_goes_through_xml_as_it_was_cleaned(text: str) -> None:
    element = etree.Element("a")
    element.text = clean(text)
    assert (etree.fromstring(etree.tostring(element, encoding="utf-8")).text or "") == clean(text)
    assert clean(clean(text)) == clean(text)
    assert clean_line(text) == clean_line(clean_line(text))


@pytest.mark.parametrize(
    ("url", "cleaned"),
    [
        ("https://blog.example/a%20b?c=d%26e&f#g", "https://blog.example/a%20b?c=d%26e&f#g"),
        ("https://blog.example/a b", "https://blog.example/a%20b"),
        ("https://blog.example/été/\uf8ff😀", "https://blog.example/%C3%A9t%C3%A9/%EF%A3%BF%F0%9F%98%80"),
        ("https://blog.example/100%", "https://blog.example/100%25"),
        ("https://bücher.example:8080/^", "https://xn--bcher-kva.example:8080/%5E"),
        ("https://[::1]:8080/a[b]", "https://[::1]:8080/a%5Bb%5D"),
        ("https://blog.example/#a#b", "https://blog.example/#a%23b"),
        ("mailto:ada@blog.example", "mailto:ada@blog.example"),
        (" https://blog.example/\n ", "https://blog.example/"),
        ("http://[", "http://%5B"),
        ("", ""),
    ],
)
def test_L3_an_address_is_encoded_once(url: str, cleaned: str) -> None:
    assert clean_url(url) == cleaned
    assert clean_url(cleaned) == cleaned


@given(ANY_TEXT)
def test_L3_any_address_at_all_is_a_uri_after_cleaning(rest: str) -> None:
    assert URI.fullmatch(clean_url("https://blog.example/" + rest))
    assert URI.fullmatch(clean_url("https://" + rest))


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://User@Blog.EXAMPLE:8080/a", "blog.example"),
        ("https://Bücher.example/", "xn--bcher-kva.example"),
        ("https://-ü-.example/", "-%C3%BC-.example"),
        ("http://[", "localhost"),
        ("file:///a", "localhost"),
    ],
)
def test_the_host_is_what_a_tag_can_be_minted_from(url: str, host: str) -> None:
    assert clean_host(url) == host


@pytest.mark.parametrize(
    ("tag", "cleaned"),
    [
        ("en", "en"),
        ("de_AT", "de-AT"),
        ("zh-Hans-CN", "zh-Hans-CN"),
        (None, ""),
        ("", ""),
        ("English!", ""),
        ("en-", ""),
    ],
)
def test_A15_a_language_tag_is_well_formed_or_nothing(tag: str | None, cleaned: str) -> None:
    assert clean_language(tag) == cleaned
