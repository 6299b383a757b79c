"""Our Atom, RSS and JSON beside feedgen alone, Django's feedgenerator and lxml alone, in one run, as ratios.

    python -m bench.feeds

Only the ratios mean something: they are medians of interleaved runs, so that whatever else the machine does
falls on all alike. Django is there where Python finds it; we do not need it. The rivals write the least that is a
feed: no cleaning, no categories, no pictures.
"""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from statistics import median
from time import perf_counter
from zoneinfo import ZoneInfo

from feedgen.feed import FeedGenerator
from lxml import etree

from publisher.feeds.build import documents, fill
from publisher.feeds.feed import Feed, FeedRules, Kind
from publisher.feeds.item import FeedEntry
from publisher.feeds.plan import plan_feeds
from publisher.model.entry import Author, Category, Entry, EntryId, Metadata
from publisher.model.site import Site

RUNS = 5
SIZES = (20, 1_000)
PARAGRAPH = "<p>Some words with <em>stress</em>, a <a href='https://blog.example/'>link</a> &amp; an é.</p>\n"
HTML = PARAGRAPH * (4_800 // len(PARAGRAPH.encode()))
SITE = Site(
    title="Bench",
    url="https://blog.example/",
    public_url="https://blog.example/",
    language="en",
    zone=ZoneInfo("UTC"),
    author=Author(name="Ada"),
)


def an_entry(number: int) -> FeedEntry:
    published = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=number)
    return FeedEntry(
        html=HTML,
        summary="Some words with stress.",
        entry=Entry(
            id=EntryId(f"tag:blog.example,2020:{number}"),
            path=f"{number}.md",
            digest="0" * 64,
            body_digest="1" * 64,
            first_seen=published,
            metadata=Metadata(
                title=f"Title {number}",
                url=f"https://blog.example/{number}/",
                slug=str(number),
                published=published,
                categories=(Category(term="words", label="Words"),),
            ),
        ),
    )


def ours(entries: Sequence[FeedEntry]) -> int:
    rules = FeedRules(limit=len(entries), max_bytes=1_000_000_000, kinds=frozenset({Kind.SITE}), archives=False)
    (plan,) = plan_feeds(SITE, [one.entry.listed for one in entries], rules)
    feed: Feed = fill(plan, SITE, {one.entry.id: one for one in entries}, rules)
    return sum(len(document) for _, document in documents(feed, rules))


def feedgen_alone(entries: Sequence[FeedEntry]) -> int:
    """Atom and RSS; it has no JSON."""
    generator = FeedGenerator()
    generator.id("https://blog.example/")
    generator.title("Bench")
    generator.description("Bench")
    generator.link(href="https://blog.example/")
    for one in entries:
        entry = generator.add_entry(order="append")
        entry.id(one.entry.id)
        entry.title(one.entry.metadata.title)
        entry.link(href=one.entry.metadata.url)
        entry.published(one.entry.metadata.published)
        entry.updated(one.entry.updated)
        entry.summary(one.summary)
        entry.content(one.html, type="html")
    return len(generator.atom_str()) + len(generator.rss_str())


def django_alone(entries: Sequence[FeedEntry]) -> int:
    """Atom and RSS; it has no JSON, and no content beside the summary."""
    from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed  # noqa: PLC0415  # where there is one

    made = 0
    for kind in (Atom1Feed, Rss201rev2Feed):
        feed = kind(title="Bench", link="https://blog.example/", description="Bench", language="en")
        for one in entries:
            feed.add_item(
                title=one.entry.metadata.title,
                link=one.entry.metadata.url,
                description=one.html,
                unique_id=one.entry.id,
                pubdate=one.entry.metadata.published,
                updateddate=one.entry.updated,
            )
        made += len(feed.writeString("utf-8"))
    return made


def lxml_alone(entries: Sequence[FeedEntry]) -> int:
    """Atom and RSS element by element, and JSON."""
    items = [
        {"id": one.entry.id, "url": one.entry.metadata.url, "title": one.entry.metadata.title, "content_html": one.html}
        for one in entries
    ]
    return len(_atom(entries)) + len(_rss(entries)) + len(json.dumps({"items": items}, ensure_ascii=False).encode())


def _atom(entries: Sequence[FeedEntry]) -> bytes:
    root = etree.Element("feed", xmlns="http://www.w3.org/2005/Atom")
    for one in entries:
        entry = etree.SubElement(root, "entry")
        for name, text in (
            ("id", one.entry.id),
            ("title", one.entry.metadata.title),
            ("published", one.entry.metadata.published.isoformat()),
            ("updated", one.entry.updated.isoformat()),
            ("summary", one.summary),
        ):
            etree.SubElement(entry, name).text = text
        etree.SubElement(entry, "link", href=one.entry.metadata.url)
        etree.SubElement(entry, "content", type="html").text = one.html
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _rss(entries: Sequence[FeedEntry]) -> bytes:
    root = etree.Element("rss", version="2.0")
    channel = etree.SubElement(root, "channel")
    for one in entries:
        item = etree.SubElement(channel, "item")
        for name, text in (
            ("guid", one.entry.id),
            ("title", one.entry.metadata.title),
            ("link", one.entry.metadata.url),
            ("pubDate", format_datetime(one.entry.metadata.published)),
            ("description", one.html),
        ):
            etree.SubElement(item, name).text = text
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


RIVALS: dict[str, Callable[[Sequence[FeedEntry]], int]] = {
    "ours (Atom, RSS, JSON)": ours,
    "feedgen alone (Atom, RSS)": feedgen_alone,
    "lxml alone (Atom, RSS, JSON)": lxml_alone,
}
try:
    from django.conf import settings

    settings.configure()
    RIVALS["Django's feedgenerator (Atom, RSS)"] = django_alone
except ImportError:
    print("Django is not installed; it is left out")


def measure(count: int) -> dict[str, float]:
    """Seconds for each, the median of interleaved runs after one that is not counted."""
    entries = [an_entry(number) for number in range(count)]
    seconds: dict[str, list[float]] = {name: [] for name in RIVALS}
    for run in range(RUNS + 1):
        for name, make in RIVALS.items():
            start = perf_counter()
            make(entries)
            if run:
                seconds[name].append(perf_counter() - start)
    return {name: median(times) for name, times in seconds.items()}


def main() -> None:
    for count in SIZES:
        found = measure(count)
        base = next(iter(found.values()))
        print(f"{count:,} entries of {len(HTML.encode()):,} bytes:")
        for name, seconds in found.items():
            print(f"  {name:<35} {seconds * 1e3:8.2f} ms   ours takes {base / seconds:4.2f} times as long")


if __name__ == "__main__":
    main()
