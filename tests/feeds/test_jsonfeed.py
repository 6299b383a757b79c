import json
from typing import Any

import pytest

from publisher.feeds.feed import FeedRules, Format
from publisher.feeds.item import FeedEntry
from publisher.model.site import Site
from tests.builders import a_feed_entry, a_site
from tests.feeds.cases import CASES, build
from tests.feeds.judges import ATOM, parse_atom, texts


def read(*entries: FeedEntry, site: Site | None = None, rules: FeedRules | None = None) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(build(site or a_site(), entries, rules)[Format.JSON])
    return document


@pytest.fixture
def everything() -> dict[str, Any]:
    site, entries, rules = CASES["weblog"]
    return read(*entries, site=site, rules=rules)


def test_J1_the_document_says_what_it_is_and_where(everything: dict[str, Any]) -> None:
    assert everything["version"] == "https://jsonfeed.org/version/1.1"
    assert everything["title"] == "A Weblog"
    assert everything["home_page_url"] == "https://blog.example/"
    assert everything["feed_url"] == "https://blog.example/feeds/feed.json"
    assert read()["items"] == []


@pytest.mark.parametrize("case", CASES)
def test_J2_ids_are_those_of_atom_in_the_same_order(case: str) -> None:
    site, entries, rules = CASES[case]
    made = build(site, entries, rules)
    ids = [item["id"] for item in json.loads(made[Format.JSON])["items"]]
    assert ids == texts(parse_atom(made[Format.ATOM]), f"{ATOM}entry/{ATOM}id")
    assert len(set(ids)) == len(ids)


def test_J3_an_item_in_full(everything: dict[str, Any]) -> None:
    item = everything["items"][0]
    assert item["url"] == "https://blog.example/2024/everything/"
    assert item["title"] == "A < B & C, “quoted”"
    assert item["content_html"] == CASES["weblog"][1][1].html
    assert item["summary"] == "All that an entry can say, with 1 < 2."
    assert item["date_published"] == "2024-05-03T09:00:00+00:00"
    assert item["date_modified"] == "2024-05-04T18:30:00+00:00"


def test_J3_a_note_has_no_title_and_no_change(everything: dict[str, Any]) -> None:
    assert everything["items"][1].keys() == {"id", "url", "content_html", "date_published"}


@pytest.mark.parametrize(("html", "full"), [("<p>x</p>", True), ("<p>x</p>", False), ("", True), ("", False)])
def test_J3_an_item_has_content_whatever_happens(html: str, *, full: bool) -> None:
    (item,) = read(a_feed_entry(html=html, summary="Short."), rules=FeedRules(full=full))["items"]
    assert ("content_html" in item) != ("content_text" in item)
    assert item.get("content_text", "Short.") == "Short."


def test_J4_authors_are_a_list_and_author_is_gone(everything: dict[str, Any]) -> None:
    assert everything["authors"] == [{"name": "Ada Example", "url": "https://ada.example/"}]
    assert everything["items"][0]["authors"] == [
        {"name": "Ada Example", "url": "https://ada.example/"},
        {"name": "Bob Beispiel"},
    ]
    assert "author" not in everything
    assert all("author" not in item for item in everything["items"])


def test_J5_tags_language_image_attachments(everything: dict[str, Any]) -> None:
    item, _, french = everything["items"]
    assert item["tags"] == ["Privacy & You", "Python"]
    assert (everything["language"], item.get("language"), french["language"]) == ("en", None, "fr")
    assert item["image"] == "https://blog.example/2024/everything/cover.jpg"
    assert item["attachments"] == [
        {
            "url": "https://blog.example/2024/everything/talk.mp3",
            "mime_type": "audio/mpeg",
            "size_in_bytes": 1_234_567,
        },
        {"url": "https://blog.example/2024/everything/slides.pdf", "mime_type": "application/pdf"},
    ]


def test_J6_one_page_so_no_next_and_never_expired(everything: dict[str, Any]) -> None:
    assert not everything.keys() & {"next_url", "expired"}


def test_text_is_utf_8_not_escapes_and_the_last_line_ends() -> None:
    document = build(a_site(title="Blóg 😀"), ())[Format.JSON]
    assert "Blóg 😀".encode() in document
    assert document.endswith(b"}\n")
