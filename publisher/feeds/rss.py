"""A feed -> RSS 2.0, by the RSS Advisory Board's Best Practices Profile."""

from dataclasses import asdict
from html import escape

from feedgen.feed import FeedGenerator

from publisher.feeds.clean import clean_line, clean_url
from publisher.feeds.feed import GENERATOR, MEDIA_TYPES, Feed, Format
from publisher.feeds.gaps import RssEntryGaps, RssFeedGaps, with_stylesheet
from publisher.feeds.item import Item, to_terms
from publisher.model.entry import Author

_DOCS = "https://www.rssboard.org/rss-specification"


def to_rss(feed: Feed) -> bytes:
    """The document, UTF-8, an element a line."""
    generator = FeedGenerator()
    # feedgen would write the date through locale.setlocale(), which belongs to the whole process;
    # it has no public way to leave lastBuildDate out. RssFeedGaps writes it.
    vars(generator)["_FeedGenerator__rss_lastBuildDate"] = None
    generator.register_extension("gaps", RssFeedGaps, RssEntryGaps, atom=False)
    generator.gaps.feed = feed
    _describe(generator, feed)
    # RSS has no author of a feed that items inherit, as Atom has.
    fallback = (feed.author,) if feed.site.author else ()
    for item in feed.items:
        _add(generator, item, item.authors or fallback)
    return with_stylesheet(generator.rss_str(pretty=True), feed.stylesheet)


def _describe(generator: FeedGenerator, feed: Feed) -> None:
    site = feed.site
    title, page = feed.heading, clean_url(feed.url)
    generator.title(title)
    generator.description(clean_line(site.description) or title)
    generator.link(href=feed.addresses[Format.RSS], rel="self", type=MEDIA_TYPES[Format.RSS])
    generator.link(href=page, rel="alternate")  # last: feedgen takes the channel's <link> from here
    generator.language(feed.language)
    generator.copyright(clean_line(site.rights or ""))
    generator.docs(_DOCS)
    generator.generator(GENERATOR)
    if feed.plan.category:
        generator.category([asdict(one) for one in to_terms((feed.plan.category,), site)])
    picture = clean_url(site.logo or site.icon or "")
    if picture:
        generator.image(url=picture, title=title, link=page)


def _add(generator: FeedGenerator, item: Item, authors: tuple[Author, ...]) -> None:
    entry = generator.add_entry(order="append")  # newest first, as they come
    entry.gaps.item = item
    entry.gaps.authors = authors
    entry.title(item.heading)
    entry.link(href=item.url)
    entry.guid(item.id, permalink=item.id == item.url)
    if item.summary:
        entry.description(escape(item.summary, quote=False))  # <description> is HTML, the summary is not
    if item.html:
        entry.content(item.html)
    if item.terms:
        # RSS has no word for a label, so feedgen writes it in the term's place, and two terms may have one
        by_label = {(one.scheme, one.label): one for one in item.terms}
        entry.category([asdict(one) for one in by_label.values()])
    if item.enclosures:
        first = item.enclosures[0]
        entry.enclosure(first.url, first.length or 0, first.type)  # profile: 0 where the length is unknown
