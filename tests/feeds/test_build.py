from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.feeds.build import documents, fill
from publisher.feeds.feed import PATHS, FeedPlan, FeedRules, Format, Kind
from publisher.feeds.item import FeedEntry
from publisher.feeds.plan import plan_feeds
from publisher.model.entry import Category, Entry, EntryId, NewsletterWish
from tests.builders import a_feed_entry, a_site, an_entry
from tests.feeds.judges import ATOM, parse_atom, texts


def of(day: int, *categories: Category, **changes: object) -> Entry:
    published = datetime(2024, 1, day, tzinfo=UTC)
    return an_entry(id=EntryId(f"urn:{day}"), published=published, categories=categories, **changes)


def category(term: str, label: str | None = None) -> Category:
    return Category(term=term, label=label or term)


def plans(
    entries: Sequence[Entry], rules: FeedRules | None = None, url: str = "https://blog.example/"
) -> list[FeedPlan]:
    return list(plan_feeds(a_site(url=url), [entry.listed for entry in entries], rules or FeedRules()))


def names(entries: Sequence[Entry], rules: FeedRules | None = None) -> list[str]:
    return [plan.name for plan in plans(entries, rules)]


def test_the_site_s_feed_comes_first_then_categories_by_name() -> None:
    found = plans([of(1, category("zoo"), category("art", "Art")), of(2, category("art", "ART"))])
    assert [(plan.name, plan.title, plan.entry_ids) for plan in found] == [
        ("feed", "A Weblog", ("urn:2", "urn:1")),
        ("art", "A Weblog: Art", ("urn:2", "urn:1")),
        ("zoo", "A Weblog: zoo", ("urn:1",)),
    ]


def test_a_site_without_entries_has_its_feed() -> None:
    assert [plan.entry_ids for plan in plans([])] == [()]


def test_a_tag_has_no_feed() -> None:
    assert names([of(1, Category(kind="tag", term="python", label="Python"))]) == ["feed"]


def test_categories_may_be_off() -> None:
    assert names([of(1, category("art"))], FeedRules(kinds=frozenset({Kind.SITE}))) == ["feed"]


def test_what_is_for_newsletters_only_is_in_no_feed() -> None:
    secret = of(1, category("art"), newsletter=NewsletterWish(mail_only=True))
    assert [plan.entry_ids for plan in plans([secret])] == [()]


def test_what_newsletters_may_not_carry_is_in_the_feeds() -> None:
    assert plans([of(1, newsletter=NewsletterWish(only=()))])[0].entry_ids == ("urn:1",)


def test_an_entry_that_comes_twice_is_there_once() -> None:
    assert plans([of(1, category("art"), category("Art")), of(1, category("art"))])[1].entry_ids == ("urn:1",)


def test_case_does_not_make_another_category_and_the_oldest_spelling_is_its_label() -> None:
    entries = [of(3, category("PRIVACY", "PRIVACY")), of(1, category("privacy", "Privacy")), of(2)]
    (_, plan) = plans(entries)
    assert (plan.name, plan.category) == ("privacy", category("privacy", "Privacy"))
    assert plan.entry_ids == ("urn:3", "urn:1")


def test_P3_a_feed_holds_the_newest_in_number() -> None:
    entries = [of(day, category("art") if day < 4 else category("zoo")) for day in range(1, 8)]
    found = plans(entries, FeedRules(limit=2, archives=False))
    assert [plan.entry_ids for plan in found] == [("urn:7", "urn:6"), ("urn:3", "urn:2"), ("urn:7", "urn:6")]


def test_two_categories_of_one_name_are_told_apart_and_the_older_keeps_it() -> None:
    entries = [of(2, category("a b")), of(1, category("a_b")), of(3, category("feed"))]
    assert [(plan.name, plan.category and plan.category.term) for plan in plans(entries)] == [
        ("feed", None),
        ("a-b", "a_b"),
        ("a-b-2", "a b"),
        ("feed-2", "feed"),
    ]


def test_no_category_takes_the_file_of_the_site_s_feed() -> None:
    rules = FeedRules(paths={**PATHS, Kind.SITE: "index.{ext}", Kind.CATEGORY: "{name}.{ext}"})
    assert names([of(1, category("index"))], rules) == ["feed", "index-2"]


@given(st.lists(st.text(min_size=1), max_size=6))
def test_any_terms_at_all_give_paths_below_the_folder_and_none_twice(terms: list[str]) -> None:
    rules = FeedRules()
    entries = [of(1 + day, category(term)) for day, term in enumerate(terms)]
    filled = [fill(plan, a_site(), {}, rules) for plan in plans(entries, rules)]
    paths = [path for feed in filled for path in feed.paths.values()]
    assert len({path.casefold() for path in paths}) == len(paths)
    assert all(path.isascii() and not {"..", ""} & set(path.split("/")) for path in paths)
    assert len({feed.plan.id for feed in filled}) == len(filled)


@given(st.permutations(range(1, 7)))
def test_X7_the_order_of_files_does_not_matter(order: list[int]) -> None:
    entries = {day: of(day, category("art", "Art" * day), category(f"c{day % 2}")) for day in range(1, 7)}
    assert plans([entries[day] for day in order]) == plans(list(entries.values()))


def test_A5_a_feed_s_id_comes_from_host_and_name_and_may_be_kept_over_a_move() -> None:
    entries = [of(1, category("art"))]
    minted = [plan.id for plan in plans(entries, url="http://Blög.example:8080/a/")]
    assert minted == ["tag:xn--blg-tna.example,2005:feeds/feed", "tag:xn--blg-tna.example,2005:feeds/art"]
    kept = [plan.id for plan in plans(entries, FeedRules(ids={"feed": minted[0]}), url="https://new.example/")]
    assert kept == [minted[0], "tag:new.example,2005:feeds/art"]


def test_L3_addresses_are_encoded_as_the_rest_of_the_feed_is() -> None:
    site = a_site(url="https://bücher.example/", public_url="https://bücher.example/bücher liste/")
    (plan,) = plan_feeds(site, [], FeedRules(formats=(Format.RSS,)))
    feed = fill(plan, site, {}, FeedRules(formats=(Format.RSS,)))
    assert feed.addresses == {Format.RSS: "https://xn--bcher-kva.example/b%C3%BCcher%20liste/feed.rss"}
    assert feed.stylesheet == "https://xn--bcher-kva.example/b%C3%BCcher%20liste/feeds.css"


def test_A4_addresses_are_below_the_public_url() -> None:
    plan = plans([of(1, category("art"))])[1]
    feed = fill(plan, a_site(public_url="https://cdn.example/f/"), {}, FeedRules(formats=(Format.RSS,)))
    assert feed.paths == {Format.RSS: "categories/art.rss"}
    assert feed.addresses == {Format.RSS: "https://cdn.example/f/categories/art.rss"}


def test_R1_a_category_s_page_is_the_site_unless_it_has_its_own() -> None:
    plan = plans([of(1, category("art"))])[1]
    rules = FeedRules(pages={Kind.CATEGORY: "https://blog.example/topics/{name}/"})
    assert fill(plan, a_site(), {}, FeedRules()).url == "https://blog.example/"
    assert fill(plan, a_site(), {}, rules).url == "https://blog.example/topics/art/"


def test_an_entry_that_could_not_be_rendered_is_left_out() -> None:
    entries = [of(1), of(2)]
    contents = {entries[0].id: a_feed_entry(entry=entries[0])}
    feed = fill(plans(entries)[0], a_site(), contents, FeedRules())
    assert [one.entry.id for one in feed.entries] == ["urn:1"]


def _documents(count: int, rules: FeedRules) -> dict[str, bytes]:
    contents = [a_feed_entry(entry=of(day), html="<p>" + "é" * 500 * day + "</p>") for day in range(1, count + 1)]
    entries = [one.entry for one in contents]
    feed = fill(plans(entries, rules)[0], a_site(), {one.entry.id: one for one in contents}, rules)
    return dict(documents(feed, rules))


@pytest.mark.parametrize("max_bytes", [1, 6_000, 15_000, 20_000, 30_000])
def test_P3_a_document_above_the_limit_loses_its_oldest_entries(max_bytes: int) -> None:
    document = _documents(6, FeedRules(max_bytes=max_bytes))["feed.atom"]
    kept = texts(parse_atom(document), f"{ATOM}entry/{ATOM}id")
    assert kept == [f"urn:{day}" for day in range(6, 6 - len(kept), -1)]
    assert len(kept) == 1 or len(document) <= max_bytes
    longer = _documents(6, FeedRules(limit=len(kept) + 1, archives=False))["feed.atom"]
    assert len(kept) == 6 or len(longer) > max_bytes


def test_only_the_formats_that_were_asked_for() -> None:
    assert list(_documents(1, FeedRules(formats=(Format.JSON,)))) == ["feed.json"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"paths": {Kind.SITE: "feed.xml"}}, r"path: 'feed.xml' has no \{ext\}"),
        ({"paths": {Kind.CATEGORY: "c/{ext}"}}, r"category_path: 'c/\{ext\}' has no \{name\}"),
        ({"paths": {Kind.SITE: "/feed.{ext}"}}, "leaves the output folder"),
        ({"paths": {Kind.SITE: "../feed.{ext}"}}, "leaves the output folder"),
        ({"formats": ()}, "formats: name at least one"),
        ({"limit": 0}, "limit and max_bytes: a feed holds at least one entry"),
    ],
)
def test_rules_that_cannot_be_kept_are_refused(changes: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        FeedRules(**changes)  # type: ignore[arg-type]  # the case table holds values of several types


def test_the_values_are_frozen() -> None:
    one: FeedEntry = a_feed_entry()
    with pytest.raises(AttributeError):
        one.html = ""  # type: ignore[misc]  # what is tested


def test_A5_an_entry_s_id_is_the_same_in_every_feed_and_outlives_all_else() -> None:
    before = of(1, category("art"), title="A", url="http://old.example/a", slug="a")
    after = of(
        1, category("art"), title="B", url="https://new.example/b", slug="b", updated=datetime(2025, 1, 1, tzinfo=UTC)
    )
    for entry, site in ((before, a_site()), (after, a_site(url="https://new.example/"))):
        contents = {entry.id: a_feed_entry(entry=entry)}
        feeds = [fill(plan, site, contents, FeedRules()) for plan in plan_feeds(site, [entry.listed], FeedRules())]
        made = [document for feed in feeds for _, document in documents(feed, FeedRules())]
        assert len(made) == 6
        assert all(document.count(b"urn:1") == 1 for document in made)


def test_A6_a_feed_that_was_cut_is_as_new_as_what_is_left() -> None:
    late = datetime(2025, 1, 1, tzinfo=UTC)
    contents = [a_feed_entry(entry=of(1, updated=late), html="x" * 9_000), a_feed_entry(entry=of(2), html="y")]
    site, rules = a_site(), FeedRules(max_bytes=9_000, formats=(Format.ATOM,))
    (plan,) = plan_feeds(site, [one.entry.listed for one in contents], rules)
    feed = fill(plan, site, {one.entry.id: one for one in contents}, rules)
    ((_, document),) = documents(feed, rules)
    root = parse_atom(document)
    assert (feed.updated, texts(root, f"{ATOM}updated")) == (late, ["2024-01-02T00:00:00+00:00"])
