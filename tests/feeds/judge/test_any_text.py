"""Whatever our writers are given, the judge finds no error; whatever the judge is given, it says so and goes on."""

from dataclasses import replace
from itertools import islice

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from publisher.feeds.clean import clean_url
from publisher.feeds.feed import FeedRules, Kind
from publisher.feeds.item import FeedEntry
from publisher.feeds.judge.fault import Document
from publisher.feeds.judge.fault import Kind as Fault
from publisher.feeds.judge.judge import is_feed, judge
from publisher.model.site import Site
from tests.feeds.judge.made import GONE, PUBLIC, WEBLOG, judged, made
from tests.feeds.test_any_text import SITES, URLS, cleaned_id, feed_entries, unique

_SITES = st.builds(replace, SITES, icon=URLS | st.none())  # as the settings see to it
_RULES = st.builds(
    FeedRules,
    kinds=st.sets(st.sampled_from(Kind)).map(lambda kinds: frozenset({Kind.SITE, *kinds})),
    full=st.booleans(),
    emails=st.booleans(),
    archives=st.booleans(),
    limit=st.sampled_from([1, 2, 50]),
    max_bytes=st.sampled_from([1, 2_000, 2_000_000]),
    hubs=st.sampled_from([(), ("https://hub.example/",)]),
)


@given(site=_SITES, entries=st.lists(feed_entries(), max_size=4), rules=_RULES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_we_write_has_no_error(site: Site, entries: list[FeedEntry], rules: FeedRules) -> None:
    # As collecting sees to it: no two of one address, or of one id
    by_url = {clean_url(one.entry.metadata.url): one for one in entries}
    by_id = {cleaned_id(one.entry): one for one in by_url.values()}
    found = judged(made(site, unique([*by_id.values()]), rules))
    # The content is as the sanitiser leaves it, and here there is none; an id is its author's, whatever is in it.
    assert [one for one in found if one.fault.kind not in {Fault.DOUBTFUL, Fault.CONTENT}] == []


@given(data=st.binary(max_size=200), path=st.sampled_from(["feed.atom", "feed.json", "feeds.opml", "x"]))
@example(data=b"[" * 100_000, path="feed.json")
@example(data=b"<a>" * 100_000, path="feed.atom")
def test_any_bytes_are_judged(data: bytes, path: str) -> None:
    assert judge([Document(path, data, PUBLIC + path)]).faults or not is_feed(path, data)


@given(
    original=st.sampled_from([*WEBLOG.items(), *GONE.items()]),
    place=st.integers(0, 4_000),
    gone=st.integers(0, 30),
    new=st.binary(max_size=10),
)
@settings(max_examples=200, deadline=None)
def test_a_document_that_was_damaged_is_judged(original: tuple[str, bytes], place: int, gone: int, new: bytes) -> None:
    path, data = original
    damaged = data[:place] + new + data[place + gone :]
    assert all(one.fault.message for one in islice(judged({path: damaged}), 100))
