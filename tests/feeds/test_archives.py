"""P1: the whole of a blog, page by page, and no page ever changes because another post comes."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.feeds.build import documents, fill
from publisher.feeds.feed import PATHS, FeedPlan, FeedRules, Format, Kind
from publisher.feeds.plan import paths, plan_feeds
from publisher.model.entry import Category, EntryId, Listed
from tests.builders import a_feed_entry, a_site, an_entry
from tests.feeds.judges import ATOM, parse_atom, texts

START = datetime(2024, 1, 1, tzinfo=UTC)
HISTORY = "{http://purl.org/syndication/history/1.0}"
ART = Category(term="art", label="Art")


def listed(number: int, *, published: int | None = None, removed: int | None = None) -> Listed:
    """The entry that came on a day."""
    day = START + timedelta(days=number)
    return an_entry(
        id=EntryId(f"urn:{number}"),
        published=START + timedelta(days=number if published is None else published),
        first_seen=day,
        removed_at=None if removed is None else START + timedelta(days=removed),
        categories=(ART,),
    ).listed


def pages(entries: Sequence[Listed], rules: FeedRules) -> Mapping[tuple[str, int | None], FeedPlan]:
    return {(plan.name, plan.page): plan for plan in plan_feeds(a_site(), entries, rules)}


def walked(found: Mapping[tuple[str, int | None], FeedPlan], name: str = "feed") -> list[EntryId]:
    """From the feed to the first page, as readers walk `prev-archive`."""
    plan = found[name, None]
    ids = list(plan.entry_ids)
    while plan.older is not None:
        plan = found[name, plan.older]
        ids += plan.entry_ids
    return ids


@given(st.integers(0, 60), st.integers(1, 12))
def test_P1_a_walk_gives_each_entry_once_newest_first(count: int, limit: int) -> None:
    rules = FeedRules(limit=limit)
    found = pages([listed(number) for number in range(count)], rules)
    newest_first = [f"urn:{number}" for number in reversed(range(count))]
    assert walked(found) == newest_first
    assert len(found["feed", None].entry_ids) <= limit
    if count:
        assert found["feed", None].entry_ids
        assert walked(found, "art") == newest_first


@given(st.data(), st.integers(1, 12))
def test_P1_no_page_changes_when_any_post_comes(data: st.DataObject, limit: int) -> None:
    rules = FeedRules(limit=limit)
    days = data.draw(st.lists(st.integers(-400, 400), max_size=40))
    entries = [listed(number, published=day) for number, day in enumerate(days)]
    before = pages(entries, rules)
    after = pages([*entries, listed(len(days), published=data.draw(st.integers(-400, 400)))], rules)
    assert {where: after[where] for where in before if where[1]} == {
        where: plan for where, plan in before.items() if where[1]
    }


@given(st.data())
def test_P1_whatever_was_posted_late_and_taken_back_a_walk_gives_all_that_is_left(data: st.DataObject) -> None:
    rules = FeedRules(limit=data.draw(st.integers(1, 12)))
    days = data.draw(st.lists(st.integers(-400, 400), max_size=40))
    gone = data.draw(st.sets(st.integers(0, 40)))
    entries = [listed(at, published=day, removed=500 if at in gone else None) for at, day in enumerate(days)]
    found = pages(entries, rules)
    live = [one for one in entries if one.removed_at is None]
    assert set(walked(found)) == {one.id for one in live}
    if live:
        assert max(live, key=lambda one: (one.published, one.id)).id in found["feed", None].entry_ids


def test_P1_a_page_is_an_archive_and_names_those_beside_it() -> None:
    site, rules = a_site(), FeedRules(limit=2)
    contents = {
        one.entry.id: one
        for one in (a_feed_entry(id=EntryId(f"urn:{day}"), first_seen=START + timedelta(days=day)) for day in range(4))
    }
    plans = plan_feeds(site, [one.entry.listed for one in contents.values()], rules)
    made = {path: data for plan in plans for path, data in documents(fill(plan, site, contents, rules), rules)}
    base = site.public_url

    def relations(path: str) -> dict[str, str]:
        return {link.get("rel", ""): link.get("href", "") for link in parse_atom(made[path]).findall(f"{ATOM}link")}

    assert sorted(path for path in made if path.endswith("atom")) == [
        *(f"archives/feed-{page}.atom" for page in (1, 2, 3, 4)),
        "feed.atom",
    ]
    feed = relations("feed.atom")
    assert (feed["prev-archive"], "next-archive" in feed) == (f"{base}archives/feed-3.atom", False)
    page = relations("archives/feed-2.atom")
    assert page["self"] == f"{base}archives/feed-2.atom"
    assert page["current"] == f"{base}feed.atom"
    assert page["prev-archive"] == f"{base}archives/feed-1.atom"
    assert page["next-archive"] == f"{base}archives/feed-3.atom"
    assert parse_atom(made["archives/feed-2.atom"]).find(f"{HISTORY}archive") is not None
    assert parse_atom(made["feed.atom"]).find(f"{HISTORY}archive") is None
    assert "prev-archive" not in relations("archives/feed-1.atom")


def test_P3_a_feed_that_is_cut_goes_on_at_a_page_that_has_what_it_lacks() -> None:
    site, rules = a_site(), FeedRules(limit=6, max_bytes=9_000, formats=(Format.ATOM,))
    contents = {
        one.entry.id: one
        for one in (
            a_feed_entry(
                id=EntryId(f"urn:{day}"),
                published=START + timedelta(days=day),
                first_seen=START + timedelta(days=day),
                html=f"<p>{'x' * 2_000}</p>",
            )
            for day in range(8)
        )
    }
    plans = plan_feeds(site, [one.entry.listed for one in contents.values()], rules)
    made = {path: data for plan in plans for path, data in documents(fill(plan, site, contents, rules), rules)}
    ids: list[str] = []
    path = "feed.atom"
    while path:
        root = parse_atom(made[path])
        ids += texts(root, f"{ATOM}entry/{ATOM}id")
        older = [one.get("href", "") for one in root.findall(f"{ATOM}link") if one.get("rel") == "prev-archive"]
        path = older[0].removeprefix(site.public_url) if older else ""
    assert len(made["feed.atom"]) <= 9_000
    assert set(ids) == set(contents)


@pytest.mark.parametrize(("path", "page"), [("{name}.{ext}", "archives/feed-1.atom"), ("f/{ext}", "f/archives/atom-1")])
def test_a_page_lies_beside_its_feed(path: str, page: str) -> None:
    assert paths(Kind.SITE, "feed", FeedRules(paths={**PATHS, Kind.SITE: path}), page=1)[Format.ATOM] == page
