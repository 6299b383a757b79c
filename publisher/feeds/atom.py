"""A feed -> Atom (RFC 4287)."""

from dataclasses import asdict

from feedgen.feed import FeedGenerator

from publisher.feeds.clean import clean_line, clean_url
from publisher.feeds.feed import GENERATOR, MEDIA_TYPES, Feed, Format
from publisher.feeds.gaps import AtomEntryGaps, AtomFeedGaps, with_stylesheet
from publisher.feeds.item import Item, is_web_address, to_second, to_terms
from publisher.model.entry import Author


def to_atom(feed: Feed) -> bytes:
    """The document, UTF-8, an element a line."""
    generator = FeedGenerator()
    generator.register_extension("gaps", AtomFeedGaps, AtomEntryGaps, rss=False)
    generator.gaps.feed = feed
    _describe(generator, feed)
    for item in feed.items:
        _add(generator, item)
    return with_stylesheet(generator.atom_str(pretty=True), feed.stylesheet)


def _describe(generator: FeedGenerator, feed: Feed) -> None:
    site = feed.site
    rights = clean_line(site.rights or "")
    language = feed.language
    generator.id(clean_line(feed.plan.id))
    generator.title(feed.heading)
    generator.updated(to_second(feed.updated))
    generator.author(_person(feed.author))
    generator.link(href=feed.addresses[Format.ATOM], rel="self", type=MEDIA_TYPES[Format.ATOM])
    generator.link(href=clean_url(feed.url), rel="alternate", type="text/html", hreflang=language)
    if is_web_address(rights):
        generator.link(href=clean_url(rights), rel="license")  # RFC 4946
    generator.generator(GENERATOR)
    if feed.plan.category:
        generator.category([asdict(one) for one in to_terms((feed.plan.category,), site)])
    generator.subtitle(clean_line(site.description))
    generator.language(language)
    generator.rights(rights)
    generator.icon(clean_url(site.icon or ""))
    generator.logo(clean_url(site.logo or ""))


def _add(generator: FeedGenerator, item: Item) -> None:
    entry = generator.add_entry(order="append")  # newest first, as they come
    entry.gaps.item = item
    entry.id(item.id)
    entry.title(item.heading)
    entry.published(item.published)
    entry.updated(item.updated)
    entry.link(href=item.url)  # feedgen asks for one; AtomEntryGaps writes all
    if item.authors:
        entry.author([_person(author) for author in item.authors])
    if item.html:
        entry.content(item.html, type="html")
    if item.summary:
        entry.summary(item.summary)
    if item.terms:
        entry.category([asdict(one) for one in item.terms])
    if item.rights:
        entry.rights(item.rights)


def _person(author: Author) -> dict[str, str]:
    parts = {"name": author.name, "uri": author.uri, "email": author.email}
    return {key: text for key, text in parts.items() if text}
