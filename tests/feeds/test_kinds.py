"""Feeds by tag, author and language; what each is called, and where."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from lxml.html import fragments_fromstring

from publisher.feeds.build import fill
from publisher.feeds.directory import discovery_links, feed_lines
from publisher.feeds.feed import FeedPlan, FeedRules, Format, Kind
from publisher.feeds.opml import to_opml
from publisher.feeds.plan import plan_feeds
from publisher.model.entry import Author, Category, Entry, EntryId
from tests.builders import a_feed_entry, a_site, an_entry
from tests.feeds.judges import parse_strictly

EVERY = FeedRules(kinds=frozenset(Kind))
ADA, BOB = Author(name="Ada Field"), Author(name="Bob")


def of(day: int, **changes: object) -> Entry:
    return an_entry(id=EntryId(f"urn:{day}"), published=datetime(2024, 1, day, tzinfo=UTC), **changes)


def plans(entries: Sequence[Entry], rules: FeedRules = EVERY) -> dict[str, FeedPlan]:
    found = plan_feeds(a_site(author=Author(name="Cleo")), [one.listed for one in entries], rules)
    return {plan.key: plan for plan in found}


def test_each_tag_author_and_language_has_a_feed_if_asked() -> None:
    entries = [
        of(1, authors=(ADA, BOB), categories=(Category(kind="tag", term="c", label="C"),)),
        of(2, language="fr", categories=(Category(kind="category", term="c", label="C"),)),
    ]
    found = {key: (plan.title, plan.entry_ids) for key, plan in plans(entries).items()}
    assert found == {
        "feed": ("A Weblog", ("urn:2", "urn:1")),
        "category/c": ("A Weblog: C", ("urn:2",)),
        "tag/c": ("A Weblog: C", ("urn:1",)),
        "author/ada-field": ("A Weblog: Ada Field", ("urn:1",)),
        "author/bob": ("A Weblog: Bob", ("urn:1",)),
        "author/cleo": ("A Weblog: Cleo", ("urn:2",)),
        "language/en": ("A Weblog: en", ("urn:1",)),
        "language/fr": ("A Weblog: fr", ("urn:2",)),
    }
    assert len({plan.id for plan in plans(entries).values()}) == len(found)


def test_A15_a_language_s_feed_is_in_that_language_and_its_entries_need_not_say_so() -> None:
    entry = of(1, language="fr")
    plan = plans([entry])["language/fr"]
    feed = fill(plan, a_site(), {entry.id: a_feed_entry(entry=entry)}, EVERY)
    assert (feed.language, feed.items[0].language) == ("fr", "")


@pytest.mark.parametrize(
    ("summaries", "full"),
    [((), {"feed", "category/a", "tag/a"}), (("tag/*",), {"feed", "category/a"}), (("feed", "*/a"), set())],
)
def test_C7_some_feeds_may_carry_summaries_and_others_whole_posts(summaries: tuple[str, ...], full: set[str]) -> None:
    entry = of(1, categories=(Category(term="a", label="A"), Category(kind="tag", term="a", label="A")))
    rules = FeedRules(kinds=frozenset({Kind.SITE, Kind.CATEGORY, Kind.TAG}), summaries=summaries)
    found = plans([entry], rules)
    assert {key for key, plan in found.items() if plan.full} == full
    for plan in found.values():
        (item,) = fill(plan, a_site(), {entry.id: a_feed_entry(entry=entry)}, rules).items
        assert bool(item.html) is plan.full


def test_T1_what_was_taken_back_is_in_no_feed_and_said_to_be_gone_for_a_time() -> None:
    gone = [of(day, removed_at=datetime(2024, month, 1, tzinfo=UTC)) for day, month in ((1, 2), (2, 5), (3, 6))]
    plan = plans([*gone, of(4)])["feed"]
    assert plan.entry_ids == ("urn:4",)
    assert [one.id for one in plan.removed] == ["urn:3", "urn:2"], "90 days before the last of them"
    longer = plans([*gone, of(4)], FeedRules(tombstones=timedelta(days=200)))["feed"]
    assert [one.id for one in longer.removed] == ["urn:3", "urn:2", "urn:1"]


def test_a_category_of_which_nothing_is_left_has_no_feed_and_keeps_its_name() -> None:
    first = of(1, categories=(Category(term="a_b", label="x"),), removed_at=datetime(2024, 2, 1, tzinfo=UTC))
    second = of(2, categories=(Category(term="a b", label="y"),))
    assert [plan.name for plan in plans([first, second]).values() if plan.kind is Kind.CATEGORY] == ["a-b-2"]


def test_C10_opml_has_each_feed_once_in_the_format_that_comes_first() -> None:
    rules = FeedRules(formats=(Format.RSS, Format.ATOM), pages={Kind.CATEGORY: "https://blog.example/c/{name}/"})
    site = a_site(title="A < B", author=ADA)
    found = plan_feeds(site, [of(1, categories=(Category(term="é", label="É & co"),)).listed], rules)
    root = parse_strictly(to_opml(site, feed_lines(found, site, rules)))
    assert (root.tag, root.get("version")) == ("opml", "2.0")
    assert (root.findtext("head/title"), root.findtext("head/ownerName")) == ("A < B", "Ada Field")
    assert [dict(one.attrib) for one in root.iterfind("body/outline")] == [
        {
            "type": "rss",
            "text": "A < B",
            "title": "A < B",
            "xmlUrl": "https://blog.example/feeds/feed.rss",
            "htmlUrl": "https://blog.example/",
            "language": "en",
        },
        {
            "type": "rss",
            "text": "A < B: É & co",
            "title": "A < B: É & co",
            "xmlUrl": "https://blog.example/feeds/categories/e.rss",
            "htmlUrl": "https://blog.example/c/e/",
            "language": "en",
        },
    ]


def test_C5_links_to_paste_name_each_feed_the_main_one_first() -> None:
    site, rules = a_site(title='"Q" & A'), FeedRules(formats=(Format.ATOM, Format.JSON))
    found = plan_feeds(site, [of(1, categories=(Category(term="x", label="X"),)).listed], rules)
    written = "".join(discovery_links(feed_lines(found, site, rules)))
    heads = [dict(one.attrib) for one in fragments_fromstring(written)]
    assert {(one["rel"]) for one in heads} == {"alternate"}
    assert [(one["type"], one["title"], one["href"].removeprefix("https://blog.example/feeds/")) for one in heads] == [
        ("application/atom+xml", '"Q" & A', "feed.atom"),
        ("application/feed+json", '"Q" & A', "feed.json"),
        ("application/atom+xml", '"Q" & A: X', "categories/x.atom"),
        ("application/feed+json", '"Q" & A: X', "categories/x.json"),
    ]
