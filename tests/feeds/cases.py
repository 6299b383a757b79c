"""The feeds of the golden pairs: what goes in. Beside them, in tests/data/feeds, is what comes out.

python -m tests.feeds.cases    writes tests/data/feeds anew; look at the difference before you keep it
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from publisher.feeds.build import documents, fill
from publisher.feeds.feed import FeedRules, Format
from publisher.feeds.item import FeedEntry
from publisher.feeds.plan import plan_feeds
from publisher.model.entry import Author, Category, Enclosure, EntryId, Image
from publisher.model.site import Site
from tests.builders import a_feed_entry, a_site
from tests.feeds.judges import DATA

ADA = Author(name="Ada Example", uri="https://ada.example/", email="ada@ada.example")
PRIVACY = Category(term="privacy", label="Privacy & You")
PYTHON = Category(kind="tag", term="python", label="Python")

WITH_EVERYTHING = a_feed_entry(
    id=EntryId("tag:blog.example,2024:everything"),
    title="A < B & C, “quoted”",
    url="https://blog.example/2024/everything/",
    slug="everything",
    published=datetime(2024, 5, 3, 9, 0, tzinfo=UTC),
    updated=datetime(2024, 5, 4, 18, 30, tzinfo=UTC),
    authors=(ADA, Author(name="Bob Beispiel")),
    categories=(PRIVACY, PYTHON),
    image=Image(url="https://blog.example/2024/everything/cover.jpg", alt="A cover"),
    enclosures=(
        Enclosure(url="https://blog.example/2024/everything/talk.mp3", type="audio/mpeg", length=1_234_567),
        Enclosure(url="https://blog.example/2024/everything/slides.pdf", type="application/pdf"),
    ),
    rights="https://creativecommons.org/licenses/by/4.0/",
    html='<p>It ends a CDATA section: <code>]]&gt;</code> and ]]>.</p>\n<p><a href="https://ada.example/">Ada</a></p>',
    summary="All that an entry can say, with 1 < 2.",
)
UNTITLED = a_feed_entry(
    id=EntryId("https://blog.example/notes/7/"),
    title="",
    url="https://blog.example/notes/7/",
    slug="7",
    published=datetime(2024, 5, 2, 12, 0, tzinfo=UTC),
    html="<p>A note needs no title, and it is longer than eight words.</p>",
    summary="A note needs no title, and it is longer than eight words.",
)
FRENCH = a_feed_entry(
    id=EntryId("tag:blog.example,2024:bonjour"),
    title="Bonjour",
    url="https://blog.example/2024/été/",
    slug="ete",
    published=datetime(2024, 5, 1, 7, 0, tzinfo=UTC),
    language="fr",
    categories=(replace(PRIVACY, label="privacy & you"),),
    html="<p>Un mot.</p><p>Et deux.</p>",
    summary="Un mot.",
)
HEBREW = a_feed_entry(
    id=EntryId("tag:blog.example,2024:shalom"),
    title="שלום",
    url="https://blog.example/shalom/",
    slug="shalom",
    html="<p>שלום, עולם.</p>",
    summary="ברכה",
)

PLAIN = a_feed_entry(id=EntryId("tag:blog.example,2024:plain"), summary="Some words.")
GONE = a_feed_entry(
    id=EntryId("tag:blog.example,2024:gone"), removed_at=datetime(2024, 5, 20, 10, 30, tzinfo=UTC), summary="It was."
)

_COMPLETE = a_site(
    author=ADA,
    rights="© 2024 Ada Example",
    icon="https://blog.example/icon.png",
    logo="https://blog.example/logo.png",
)
_BARE = a_site(author=None, description="", language="en_GB")

CASES: dict[str, tuple[Site, Sequence[FeedEntry], FeedRules]] = {
    "weblog": (_COMPLETE, (FRENCH, WITH_EVERYTHING, UNTITLED), FeedRules(limit=3)),
    "summaries": (_BARE, (UNTITLED, FRENCH), FeedRules(full=False, emails=True)),
    "right-to-left": (a_site(language="he", title="בלוג"), (HEBREW,), FeedRules()),
    "empty": (_BARE, (), FeedRules()),
    "hubs-and-gone": (_BARE, (FRENCH, GONE), FeedRules(hubs=("https://hub.example/",), stylesheet=None)),
}
ARCHIVED = (_BARE, (FRENCH, UNTITLED, HEBREW, PLAIN), FeedRules(limit=2, full=False))
"""A page holds one of them, the feed one; so the second page has pages on both sides."""


def build(
    site: Site,
    entries: Sequence[FeedEntry],
    rules: FeedRules | None = None,
    name: str = "feed",
    page: int | None = None,
) -> dict[Format, bytes]:
    """The documents of one feed, or of a page of its archive."""
    rules = rules or FeedRules()
    plans = plan_feeds(site, [one.entry.listed for one in entries], rules)
    (plan,) = (plan for plan in plans if plan.name == name and plan.page == page)
    feed = fill(plan, site, {one.entry.id: one for one in entries}, rules)
    made = dict(documents(feed, rules))
    return {format_: made[path] for format_, path in feed.paths.items()}


def golden() -> Iterator[tuple[str, bytes]]:
    """File name and bytes of all cases."""
    for case, (site, entries, rules) in CASES.items():
        for format_, document in build(site, entries, rules).items():
            yield f"{case}.{format_}", document
    for format_, document in build(*ARCHIVED, page=2).items():
        yield f"archive.{format_}", document


if __name__ == "__main__":
    for file, document in golden():
        (DATA / file).write_bytes(document)
