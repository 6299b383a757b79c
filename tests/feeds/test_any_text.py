"""Any entries at all give documents that are well-formed, and say what went in."""

import json
import re
from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from publisher.feeds.clean import clean, clean_line
from publisher.feeds.feed import FeedRules, Format
from publisher.feeds.item import FeedEntry
from publisher.model.entry import Author, Category, Enclosure, Entry, EntryId, Image
from tests.builders import a_feed_entry, a_site
from tests.feeds.cases import build
from tests.feeds.judges import ATOM, parse_atom, parse_channel, read_by_feedparser, texts

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)
# feedparser guesses at what looks like text in the wrong encoding, in its titles and even in ids.
NOTHING_TO_GUESS = ANY_TEXT.map(lambda text: re.sub("[\x80-\xff]", "", text))
DATES = st.datetimes(datetime(1900, 1, 1), datetime(2999, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001  the zone follows
NAMES = ANY_TEXT.filter(str.strip)
URLS = ANY_TEXT.map("https://blog.example/{}".format)
AUTHORS = st.builds(Author, name=NAMES, uri=URLS | st.none(), email=ANY_TEXT | st.none())
CATEGORIES = st.builds(Category, kind=st.sampled_from(["category", "tag"]), term=ANY_TEXT, label=ANY_TEXT)
ENCLOSURES = st.builds(Enclosure, url=URLS, type=ANY_TEXT, length=st.none() | st.integers(0, 2**40))


@st.composite
def feed_entries(draw: st.DrawFn, words: st.SearchStrategy[str] = ANY_TEXT) -> FeedEntry:
    return a_feed_entry(
        id=EntryId("urn:x:" + draw(words)),
        title=draw(words),
        url="https://blog.example/" + draw(words),
        slug=draw(words),
        published=draw(DATES),
        updated=draw(DATES | st.none()),
        authors=tuple(draw(st.lists(AUTHORS, max_size=2))),
        categories=tuple(draw(st.lists(CATEGORIES, max_size=3))),
        language=draw(ANY_TEXT | st.sampled_from(["he", "fr"]) | st.none()),
        image=draw(st.builds(Image, url=ANY_TEXT, alt=ANY_TEXT) | st.none()),
        enclosures=tuple(draw(st.lists(ENCLOSURES, max_size=2))),
        rights=draw(ANY_TEXT | st.none()),
        html=draw(ANY_TEXT),
        summary=draw(words),
    )


SITES = st.builds(
    a_site,
    title=ANY_TEXT,
    description=ANY_TEXT,
    language=ANY_TEXT | st.just("en"),
    author=AUTHORS | st.none(),
    rights=ANY_TEXT | st.none(),
    icon=ANY_TEXT | st.none(),
    logo=URLS | st.none(),
)
RULES = st.builds(FeedRules, full=st.booleans(), emails=st.booleans())


def unique(entries: list[FeedEntry]) -> list[FeedEntry]:
    """As they stand in the feed."""
    found: dict[str, FeedEntry] = {one.entry.id: one for one in entries}
    return sorted(found.values(), key=lambda one: (-one.entry.metadata.published.timestamp(), one.entry.id))


def cleaned_id(entry: Entry) -> str:
    return clean(entry.id).strip()


@given(site=SITES, entries=st.lists(feed_entries(), max_size=3), rules=RULES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_X1_X2_any_entries_at_all(site: object, entries: list[FeedEntry], rules: FeedRules) -> None:
    made = build(site, entries, rules)  # type: ignore[arg-type]  # st.builds() does not know a_site's type
    expected = [cleaned_id(one.entry) for one in unique(entries)]
    titles = [clean_line(one.entry.metadata.title) for one in unique(entries)]
    atom, channel = parse_atom(made[Format.ATOM]), parse_channel(made[Format.RSS])
    read = json.loads(made[Format.JSON])
    assert texts(atom, f"{ATOM}entry/{ATOM}id") == expected
    assert texts(channel, "item/guid") == expected
    assert [item["id"] for item in read["items"]] == expected
    assert [item.get("title", "") for item in read["items"]] == titles
    shown = texts(atom, f"{ATOM}entry/{ATOM}title")
    assert all(shown)
    assert shown == texts(channel, "item/title")
    assert [new for new, old in zip(shown, titles, strict=True) if old] == [old for old in titles if old]


@given(entries=st.lists(feed_entries(NOTHING_TO_GUESS), max_size=3))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_C9_feedparser_reads_titles_and_ids_as_they_went_in(entries: list[FeedEntry]) -> None:
    made = build(a_site(), entries)
    for format_ in (Format.ATOM, Format.RSS):
        read = read_by_feedparser(made[format_])
        assert [one.id.strip() for one in read.entries] == [cleaned_id(one.entry) for one in unique(entries)]
        if format_ is Format.ATOM:
            shown = texts(parse_atom(made[format_]), f"{ATOM}entry/{ATOM}title")
            assert [one.title for one in read.entries] == shown


@given(entries=st.lists(feed_entries(), min_size=1, max_size=3))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_L3_every_address_that_leaves_is_absolute(entries: list[FeedEntry]) -> None:
    made = build(a_site(), entries)
    atom, channel = parse_atom(made[Format.ATOM]), parse_channel(made[Format.RSS])
    found = [element.get(name, "") for element in atom.iter() for name in ("href", "url") if name in element.attrib]
    found += [element.get("url", "") for element in channel.iter() if "url" in element.attrib]
    found += texts(channel, "item/link") + texts(atom, f".//{ATOM}uri")
    assert all(re.match("[a-z]+:", address) for address in found)
