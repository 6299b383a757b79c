from datetime import UTC, datetime

import pytest
from lxml.etree import _Element

from publisher.feeds.feed import FeedRules, Format
from publisher.feeds.item import FeedEntry
from publisher.model.entry import Author, Category, Enclosure, EntryId
from publisher.model.site import Site
from tests.builders import a_feed_entry, a_site
from tests.feeds.cases import CASES, build
from tests.feeds.judges import ATOM, CONTENT, DC, MEDIA, attributes, parse_channel, texts

ADA = Author(name="Ada Example", email="ada@ada.example")
BOB = Author(name="Bob")

# RSS 2.0 names these; what is not here needs a namespace.
CHANNEL = {
    "title",
    "link",
    "description",
    "language",
    "copyright",
    "lastBuildDate",
    "docs",
    "generator",
    "image",
    "item",
}
ITEM = {"title", "link", "description", "author", "category", "enclosure", "guid", "pubDate"}


def channel(*entries: FeedEntry, site: Site | None = None, rules: FeedRules | None = None) -> _Element:
    return parse_channel(build(site or a_site(), entries, rules)[Format.RSS])


@pytest.fixture
def everything() -> _Element:
    site, entries, rules = CASES["weblog"]
    return channel(*entries, site=site, rules=rules)


def test_R1_the_channel_links_to_the_site_and_says_where_it_is_itself(everything: _Element) -> None:
    assert texts(everything, "title") == ["A Weblog"]
    assert texts(everything, "link") == ["https://blog.example/"]
    assert texts(everything, "description") == ["Notes on nothing in particular."]
    assert texts(everything, "language") == ["en"]
    assert texts(everything, "lastBuildDate") == ["Sat, 04 May 2024 18:30:00 +0000"]
    assert texts(everything, "docs") == ["https://www.rssboard.org/rss-specification"]
    assert [attributes(link) for link in everything.findall(f"{ATOM}link")] == [
        {"rel": "self", "type": "application/rss+xml", "href": "https://blog.example/feeds/feed.rss"}
    ]


def test_R1_a_site_without_a_description_is_described_by_its_title() -> None:
    assert texts(channel(site=a_site(description=" ")), "description") == ["A Weblog"]


def test_R2_a_guid_is_a_permalink_only_where_it_is_the_address(everything: _Element) -> None:
    found = [(guid.get("isPermaLink"), guid.text) for guid in everything.findall("item/guid")]
    assert found == [
        ("false", "tag:blog.example,2024:everything"),
        ("true", "https://blog.example/notes/7/"),
        ("false", "tag:blog.example,2024:bonjour"),
    ]


@pytest.mark.parametrize(
    ("year", "text"), [(1900, "Mon, 01 Jan 1900 00:00:00 +0000"), (2999, "Tue, 01 Jan 2999 00:00:00 +0000")]
)
def test_R3_dates_have_english_names_four_digits_and_a_numeric_zone(year: int, text: str) -> None:
    assert texts(channel(a_feed_entry(published=datetime(year, 1, 1, tzinfo=UTC))), "item/pubDate") == [text]


def test_R4_author_is_one_mailbox_and_all_else_is_dublin_core() -> None:
    asked = FeedRules(emails=True)
    assert texts(channel(a_feed_entry(authors=(ADA,)), rules=asked), "item/author") == ["ada@ada.example (Ada Example)"]
    for rules, authors in ((FeedRules(), (ADA,)), (asked, (BOB,)), (asked, (ADA, BOB))):
        found = channel(a_feed_entry(authors=authors), rules=rules)
        assert texts(found, "item/author") == []
        assert texts(found, f"item/{DC}creator") == [author.name for author in authors]


def test_R4_an_entry_without_an_author_is_by_the_site_s(everything: _Element) -> None:
    assert texts(everything.findall("item")[1], f"{DC}creator") == ["Ada Example"]
    assert texts(channel(a_feed_entry(), site=a_site(author=None)), f"item/{DC}creator") == []


def test_R5_description_is_the_summary_as_html_and_encoded_is_all(everything: _Element) -> None:
    item = everything.findall("item")[0]
    assert texts(item, "description") == ["All that an entry can say, with 1 &lt; 2."]
    assert texts(item, f"{CONTENT}encoded") == [CASES["weblog"][1][1].html]
    names = [child.tag for child in item]
    assert names.index("description") < names.index(f"{CONTENT}encoded")


def test_R5_without_a_summary_the_description_is_all() -> None:
    item = channel(a_feed_entry(html="<p>x</p>", summary=""))
    assert texts(item, "item/description") == ["<p>x</p>"]
    assert texts(item, f"item/{CONTENT}encoded") == []


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("audio/mpeg", "audio/mpeg"),
        ("audio/ogg; codecs=opus", "audio/ogg; codecs=opus"),
        ("mp3", "application/octet-stream"),
        ("my sound / loud", "application/octet-stream"),
    ],
)
def test_R6_a_type_that_is_none_becomes_the_one_for_any_file(said: str, written: str) -> None:
    sound = Enclosure(url="https://blog.example/a.mp3", type=said)
    (found,) = channel(a_feed_entry(enclosures=(sound,))).findall("item/enclosure")
    assert found.get("type") == written


def test_R7_two_terms_of_one_label_are_one_category() -> None:
    terms = (Category(term="c", label="C"), Category(term="c-2", label="C"), Category(kind="tag", term="c", label="C"))
    found = channel(a_feed_entry(categories=terms)).findall("item/category")
    assert [(one.text, one.get("domain")) for one in found] == [
        ("C", "https://blog.example/categories/"),
        ("C", "https://blog.example/tags/"),
    ]


@pytest.mark.parametrize("email", ["ada at home@ada.example", "ada@", "ada@@ada.example"])
def test_R4_a_mailbox_that_is_none_is_left_out(email: str) -> None:
    found = channel(a_feed_entry(authors=(Author(name="Ada", email=email),)), rules=FeedRules(emails=True))
    assert (texts(found, "item/author"), texts(found, f"item/{DC}creator")) == ([], ["Ada"])


def test_R6_one_enclosure_with_a_length_and_the_rest_as_media(everything: _Element) -> None:
    item = everything.findall("item")[0]
    assert [attributes(found) for found in item.findall("enclosure")] == [
        {"url": "https://blog.example/2024/everything/talk.mp3", "length": "1234567", "type": "audio/mpeg"}
    ]
    assert [found.get("url") for found in item.findall(f"{MEDIA}content")] == [
        "https://blog.example/2024/everything/cover.jpg",
        "https://blog.example/2024/everything/slides.pdf",
    ]


def test_R6_an_unknown_length_is_nought() -> None:
    slides = CASES["weblog"][1][1].entry.metadata.enclosures[1]
    (found,) = channel(a_feed_entry(enclosures=(slides,))).findall("item/enclosure")
    assert found.get("length") == "0"


def test_R7_a_category_names_its_taxonomy(everything: _Element) -> None:
    assert [(found.get("domain"), found.text) for found in everything.findall("item/category")] == [
        ("https://blog.example/categories/", "Privacy & You"),
        ("https://blog.example/tags/", "Python"),
        ("https://blog.example/categories/", "privacy & you"),
    ]


def test_R7_the_feed_of_a_category_names_it() -> None:
    entry = a_feed_entry(categories=(Category(term="art", label="Art"),))
    (found,) = parse_channel(build(a_site(), [entry], name="art")[Format.RSS]).findall("category")
    assert (found.get("domain"), found.text) == ("https://blog.example/categories/", "Art")


def test_R9_the_image_is_titled_and_linked_as_the_channel(everything: _Element) -> None:
    (image,) = everything.findall("image")
    assert [(child.tag, child.text) for child in image] == [
        ("url", "https://blog.example/logo.png"),
        ("title", "A Weblog"),
        ("link", "https://blog.example/"),
    ]


@pytest.mark.parametrize("case", CASES)
def test_R10_nothing_without_a_namespace_that_rss_does_not_name(case: str) -> None:
    site, entries, rules = CASES[case]
    found = channel(*entries, site=site, rules=rules)
    assert {child.tag for child in found if not child.tag.startswith("{")} <= CHANNEL
    assert {child.tag for item in found.findall("item") for child in item if not child.tag.startswith("{")} <= ITEM


def test_R11_every_item_has_a_title_or_a_description() -> None:
    item = channel(a_feed_entry(title="", summary="", html="<p>Only this.</p>"))
    assert texts(item, "item/title") == ["a-title"]
    assert texts(item, "item/description") == ["<p>Only this.</p>"]


def test_R12_a_change_is_told(everything: _Element) -> None:
    assert [texts(item, f"{ATOM}updated") for item in everything.findall("item")] == [
        ["2024-05-04T18:30:00+00:00"],
        [],
        [],
    ]


def test_X4_a_title_is_text_after_one_decode() -> None:
    found = channel(a_feed_entry(title="A < B & C <b>"), site=a_site(title="<i> & Co."))
    assert texts(found, "item/title") == ["A < B & C <b>"]
    assert texts(found, "title") == ["<i> & Co."]


def test_A14_rights_and_language_of_an_item_are_dublin_core() -> None:
    found = channel(a_feed_entry(rights="© Bob", language="fr"))
    assert texts(found, f"item/{DC}rights") == ["© Bob"]
    assert texts(found, f"item/{DC}language") == ["fr"]


def test_A18_items_are_newest_first() -> None:
    ids = [EntryId(f"urn:{day}") for day in (1, 3, 2)]
    entries = [a_feed_entry(id=key, published=datetime(2024, 1, int(key[-1]), tzinfo=UTC)) for key in ids]
    assert texts(channel(*entries), "item/guid") == ["urn:3", "urn:2", "urn:1"]
