from datetime import UTC, datetime, timedelta

import pytest
from lxml.etree import _Element

from publisher.feeds.feed import FeedRules, Format
from publisher.feeds.item import FeedEntry
from publisher.model.entry import Author, Category, EntryId
from publisher.model.site import Site
from tests.builders import a_feed_entry, a_site
from tests.feeds.cases import CASES, build
from tests.feeds.judges import ATOM, MEDIA, XML, attributes, parse_atom, texts


def atom(*entries: FeedEntry, site: Site | None = None, rules: FeedRules | None = None) -> _Element:
    return parse_atom(build(site or a_site(), entries, rules)[Format.ATOM])


def one(root: _Element, name: str) -> _Element:
    (found,) = root.findall(f"{ATOM}{name}")
    return found


def links(element: _Element, rel: str) -> list[dict[str, str]]:
    return [attributes(link) for link in element.findall(f"{ATOM}link") if link.get("rel") == rel]


@pytest.fixture
def everything() -> _Element:
    site, entries, rules = CASES["weblog"]
    return atom(*entries, site=site, rules=rules)


def test_A1_a_feed_has_one_id_title_updated_and_an_author(everything: _Element) -> None:
    assert one(everything, "id").text == "tag:blog.example,2005:feeds/feed"
    assert one(everything, "title").text == "A Weblog"
    assert one(everything, "updated").text == "2024-05-04T18:30:00+00:00"
    assert texts(everything, f"{ATOM}author/{ATOM}name") == ["Ada Example"]


def test_A1_without_an_author_the_site_speaks() -> None:
    assert texts(atom(site=a_site(author=None)), f"{ATOM}author/{ATOM}name") == ["A Weblog"]


def test_A1_an_author_of_control_characters_is_nobody() -> None:
    root = atom(a_feed_entry(authors=(Author(name="\x01"),)), site=a_site(author=Author(name="\x01"), title=" "))
    assert texts(root, f".//{ATOM}author/{ATOM}name") == ["blog.example"]


def test_A2_an_entry_has_id_title_dates_alternate_and_content(everything: _Element) -> None:
    entry = everything.findall(f"{ATOM}entry")[0]
    assert one(entry, "id").text == "tag:blog.example,2024:everything"
    assert one(entry, "title").text == "A < B & C, “quoted”"
    assert one(entry, "published").text == "2024-05-03T09:00:00+00:00"
    assert one(entry, "updated").text == "2024-05-04T18:30:00+00:00"
    assert one(entry, "content").text


def test_A3_one_alternate_for_a_type(everything: _Element) -> None:
    entry = everything.findall(f"{ATOM}entry")[0]
    assert links(entry, "alternate") == [
        {"rel": "alternate", "type": "text/html", "href": "https://blog.example/2024/everything/"}
    ]
    assert [link["href"] for link in links(everything, "alternate")] == ["https://blog.example/"]


def test_A4_the_self_link_is_the_served_address(everything: _Element) -> None:
    assert links(everything, "self") == [
        {"rel": "self", "type": "application/atom+xml", "href": "https://blog.example/feeds/feed.atom"}
    ]


def test_A6_the_feed_is_as_new_as_its_newest_change_not_as_its_newest_post() -> None:
    old = a_feed_entry(id=EntryId("urn:old"), updated=datetime(2025, 1, 1, tzinfo=UTC))
    new = a_feed_entry(id=EntryId("urn:new"), published=datetime(2024, 12, 1, tzinfo=UTC))
    root = atom(old, new)
    assert texts(root, f"{ATOM}entry/{ATOM}id") == ["urn:new", "urn:old"]
    assert one(root, "updated").text == "2025-01-01T00:00:00+00:00"


def test_A6_an_empty_feed_is_from_the_epoch_not_from_now() -> None:
    assert one(atom(), "updated").text == "1970-01-01T00:00:00+00:00"


def test_A7_updated_is_never_before_published() -> None:
    published = datetime(2024, 5, 1, 9, 0, 0, 999_999, tzinfo=UTC)
    root = atom(a_feed_entry(published=published, updated=published - timedelta(days=1)))
    entry = one(root, "entry")
    assert one(entry, "updated").text == one(entry, "published").text == "2024-05-01T09:00:00+00:00"


def test_A9_content_is_html_escaped_once_with_the_entry_as_base(everything: _Element) -> None:
    content = one(everything.findall(f"{ATOM}entry")[0], "content")
    assert content.get("type") == "html"
    assert content.get(f"{XML}base") == "https://blog.example/2024/everything/"
    assert content.text == CASES["weblog"][1][1].html


def test_A10_a_summary_alone_where_full_is_off() -> None:
    entry = one(atom(a_feed_entry(html="<p>Long.</p>", summary="Short."), rules=FeedRules(full=False)), "entry")
    assert texts(entry, f"{ATOM}summary") == ["Short."]
    assert entry.find(f"{ATOM}content") is None


@pytest.mark.parametrize("html", ["<p>All of  it.</p>", "All of it.", "<p>All <b>of</b></p><p>it.</p>"])
def test_A10_a_summary_that_says_what_the_content_says_is_left_out(html: str) -> None:
    entry = one(atom(a_feed_entry(html=html, summary="All of it.")), "entry")
    assert entry.find(f"{ATOM}summary") is None


def test_A11_categories_and_tags_have_schemes_of_their_own(everything: _Element) -> None:
    found = [attributes(category) for category in everything.findall(f"{ATOM}entry/{ATOM}category")]
    assert found == [
        {"term": "privacy", "label": "Privacy & You", "scheme": "https://blog.example/categories/"},
        {"term": "python", "label": "Python", "scheme": "https://blog.example/tags/"},
        {"term": "privacy", "label": "privacy & you", "scheme": "https://blog.example/categories/"},
    ]


def test_A11_the_feed_of_a_category_names_it() -> None:
    entry = a_feed_entry(categories=(Category(term="art", label="Art"),))
    (found,) = parse_atom(build(a_site(), [entry], name="art")[Format.ATOM]).findall(f"{ATOM}category")
    assert attributes(found) == {"term": "art", "label": "Art", "scheme": "https://blog.example/categories/"}


def test_A11_no_category_twice_but_a_tag_may_be_named_as_one() -> None:
    twice = (Category(term="a", label="A"), Category(term="A", label="a"), Category(kind="tag", term="a", label="A"))
    root = atom(a_feed_entry(categories=twice))
    assert [c.get("scheme") for c in root.iter(f"{ATOM}category")] == [
        "https://blog.example/categories/",
        "https://blog.example/tags/",
    ]


def test_A12_every_enclosure_with_its_type_and_length_where_known(everything: _Element) -> None:
    assert links(everything.findall(f"{ATOM}entry")[0], "enclosure") == [
        {
            "rel": "enclosure",
            "type": "audio/mpeg",
            "length": "1234567",
            "href": "https://blog.example/2024/everything/talk.mp3",
        },
        {"rel": "enclosure", "type": "application/pdf", "href": "https://blog.example/2024/everything/slides.pdf"},
    ]


def test_A13_an_address_is_published_only_when_asked_for() -> None:
    ada = Author(name="Ada", uri="https://ada.example/", email="ada@ada.example")
    entry = a_feed_entry(authors=(ada,))
    quiet = atom(entry, site=a_site(author=ada))
    loud = atom(entry, site=a_site(author=ada), rules=FeedRules(emails=True))
    assert texts(quiet, f".//{ATOM}uri") == ["https://ada.example/"] * 2
    assert texts(quiet, f".//{ATOM}email") == []
    assert texts(loud, f".//{ATOM}email") == ["ada@ada.example"] * 2


def test_A14_rights_are_text_and_a_licence_is_a_link_too(everything: _Element) -> None:
    assert one(everything, "rights").text == "© 2024 Ada Example"
    assert links(everything, "license") == []
    entry = everything.findall(f"{ATOM}entry")[0]
    assert links(entry, "license") == [{"rel": "license", "href": "https://creativecommons.org/licenses/by/4.0/"}]
    licensed = a_site(rights="https://creativecommons.org/licenses/by/4.0/")
    assert len(links(atom(site=licensed), "license")) == 1


def test_A15_language_on_the_feed_and_on_entries_that_differ(everything: _Element) -> None:
    entries = everything.findall(f"{ATOM}entry")
    assert everything.get(f"{XML}lang") == "en"
    assert [entry.get(f"{XML}lang") for entry in entries] == [None, None, "fr"]
    assert links(everything, "alternate")[0]["hreflang"] == "en"


@pytest.mark.parametrize("language", ["", "not a language", "en-", "\x00"])
def test_A15_what_is_no_language_tag_is_not_written(language: str) -> None:
    root = atom(a_feed_entry(language=language), site=a_site(language=language))
    assert [element.tag for element in root.iter() if f"{XML}lang" in element.attrib] == []


def test_A16_the_generator_has_no_version_that_changes_every_feed(everything: _Element) -> None:
    generator = one(everything, "generator")
    assert (generator.text, attributes(generator)) == ("publisher", {})


def test_A17_icon_and_logo(everything: _Element) -> None:
    assert one(everything, "icon").text == "https://blog.example/icon.png"
    assert one(everything, "logo").text == "https://blog.example/logo.png"


def test_A18_newest_first_and_of_one_time_by_id() -> None:
    dates = {"urn:b": 2, "urn:a": 2, "urn:z": 3, "urn:c": 1}
    entries = [
        a_feed_entry(id=EntryId(key), published=datetime(2024, 1, day, tzinfo=UTC)) for key, day in dates.items()
    ]
    assert texts(atom(*entries), f"{ATOM}entry/{ATOM}id") == ["urn:z", "urn:a", "urn:b", "urn:c"]


def test_L11_what_runs_from_right_to_left_says_so_where_readers_look() -> None:
    wrapped = '<div dir="rtl"><p>x</p></div>'
    for language, html in (("he", wrapped), ("az-Arab", wrapped), ("ar-Latn", "<p>x</p>"), ("en", "<p>x</p>")):
        assert texts(atom(a_feed_entry(html="<p>x</p>", language=language)), f".//{ATOM}content") == [html]


def test_L11_a_post_that_does_not_say_its_language_runs_as_its_letters_do() -> None:
    hebrew, quoting = "<p>טקסט <b>בעברית</b> עם English.</p>", "<p>He said שלום, and left.</p>"
    for html, expected in ((hebrew, f'<div dir="rtl">{hebrew}</div>'), (quoting, quoting)):
        assert texts(atom(a_feed_entry(html=html)), f".//{ATOM}content") == [expected]


def test_C3_the_picture_is_where_readers_look_for_cards(everything: _Element) -> None:
    entry = everything.findall(f"{ATOM}entry")[0]
    url = "https://blog.example/2024/everything/cover.jpg"
    assert [attributes(found) for found in entry.findall(f"{MEDIA}content")] == [{"url": url, "medium": "image"}]
    assert [attributes(found) for found in entry.findall(f"{MEDIA}thumbnail")] == [{"url": url}]
    assert texts(entry, f"{MEDIA}content/{MEDIA}description") == ["A cover"]


@pytest.mark.parametrize(
    ("title", "summary", "slug", "shown"),
    [
        (" A\n title ", "Words.", "a", "A title"),
        ("", "One two three four five six seven eight", "a", "One two three four five six seven eight"),
        ("\x01", "One two three four five six seven eight nine", "a", "One two three four five six seven eight…"),
        ("", "", "the-slug", "the-slug"),
        ("", "", "", "https://blog.example/a-title/"),
    ],
)
def test_C4_a_title_is_never_empty(title: str, summary: str, slug: str, shown: str) -> None:
    root = atom(a_feed_entry(title=title, summary=summary, slug=slug))
    assert texts(root, f"{ATOM}entry/{ATOM}title") == [shown]
