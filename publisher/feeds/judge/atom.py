"""An Atom document -> what it says, and where it breaks RFC 4287, 5005, 6721 and the rules of docs/FEEDS.md."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from lxml.etree import _Element

from publisher.feeds.feed import MEDIA_TYPES, Format
from publisher.feeds.judge.content import Contents, text_faults
from publisher.feeds.judge.fault import EntryFacts, Facts, Fault, Kind, Look
from publisher.feeds.judge.grammar import grammar_faults
from publisher.feeds.judge.items import date_fault, feed_date_faults, id_faults, list_faults, repeated_faults
from publisher.feeds.judge.pages import page_facts, page_faults
from publisher.feeds.judge.syntax import find_rfc3339, has_scheme, is_iri, is_language, is_uri, twice
from publisher.feeds.judge.xml import ATOM, TOMBSTONES, XML, text_of

_ONE_FEED = ("id", "title", "updated")
_ALTERNATE = "alternate"


def judge_atom(root: _Element, contents: Contents) -> Look:
    """All that is to be said about the document by itself."""
    entries = root.findall(f"{ATOM}entry")
    facts = Facts(
        format=Format.ATOM,
        address=_link(root, "self"),
        entries=tuple(map(_facts, entries)),
        **page_facts(root),
    )
    faults = [*_feed_faults(root), *page_faults(root, facts), *_tombstone_faults(root)]
    language = root.get(f"{XML}lang", "")
    for entry in entries:
        faults += _entry_faults(entry, contents, language)
    faults += list_faults(facts.entries)
    faults += feed_date_faults("updated", text_of(root, f"{ATOM}updated"), "A6", _moments(root), _deletions(root))
    # What has a sentence of its own needs no other from the grammar.
    if not any(fault.kind is Kind.GRAMMAR for fault in faults):
        faults += grammar_faults(root)
    return Look(facts, faults)


def _facts(entry: _Element) -> EntryFacts:
    return EntryFacts(
        id=text_of(entry, f"{ATOM}id"),
        url=_link(entry, _ALTERNATE),
        title=text_of(entry, f"{ATOM}title"),
        published=find_rfc3339(text_of(entry, f"{ATOM}published")),
    )


def _feed_faults(root: _Element) -> Iterator[Fault]:
    yield from _counted(root, _ONE_FEED, "A1", "the feed")
    yield from id_faults(text_of(root, f"{ATOM}id"), "feed")
    yield from _text_faults(root)
    yield from _link_faults(root)
    yield from _person_faults(root)
    language = root.get(f"{XML}lang")
    if language is not None and not is_language(language):
        yield Fault(Kind.GRAMMAR, "A15", f'xml:lang="{language}" is no language tag; see site.language')
    selves = [link for link in root.findall(f"{ATOM}link") if link.get("rel") == "self"]
    if len(selves) != 1:
        yield Fault(Kind.ADDRESS, "A4", f'the feed has {len(selves)} links rel="self"; readers need the one')
    for link in selves:
        if link.get("type") != MEDIA_TYPES[Format.ATOM]:
            yield Fault(Kind.ADDRESS, "A4", f'the link rel="self" is not of type {MEDIA_TYPES[Format.ATOM]}')
    for name in ("icon", "logo"):
        for found in root.findall(f"{ATOM}{name}"):
            if not is_uri((found.text or "").strip()):
                yield Fault(Kind.ADDRESS, "A17", f'the {name} "{found.text}" is no valid full address; see site.{name}')
    if root.find(f"{ATOM}author") is None and any(
        entry.find(f"{ATOM}author") is None for entry in root.findall(f"{ATOM}entry")
    ):
        yield Fault(Kind.GRAMMAR, "A1", "neither the feed nor each of its entries has an author; set site.author")


def _entry_faults(entry: _Element, contents: Contents, language: str) -> Iterator[Fault]:
    name = text_of(entry, f"{ATOM}id")
    language = entry.get(f"{XML}lang", language)
    found = (
        *_counted(entry, _ONE_FEED, "A2", "the entry"),
        *id_faults(name, "entry"),
        *_text_faults(entry),
        *_link_faults(entry),
        *_person_faults(entry),
        *_category_faults(entry),
        *_entry_date_faults(entry),
        *_content_faults(entry, contents, language),
    )
    for fault in found:
        yield replace(fault, entry=name)


def _counted(element: _Element, names: tuple[str, ...], rule: str, what: str) -> Iterator[Fault]:
    for name in names:
        count = len(element.findall(f"{ATOM}{name}"))
        if count != 1:
            yield Fault(Kind.GRAMMAR, rule, f"{what} has {count or 'no'} <{name}>, and must have one")


def _text_faults(element: _Element) -> Iterator[Fault]:
    for name in ("title", "subtitle", "rights", "summary"):
        for found in element.findall(f"{ATOM}{name}"):
            text = "".join(map(str, found.itertext()))
            yield from text_faults(text, name)
            if name == "title" and not text.strip():
                yield Fault(Kind.GRAMMAR, "C4", "the title is empty; readers show a line with nothing in it")


def _person_faults(element: _Element) -> Iterator[Fault]:
    for person in (*element.findall(f"{ATOM}author"), *element.findall(f"{ATOM}contributor")):
        if not text_of(person, f"{ATOM}name"):
            yield Fault(Kind.GRAMMAR, "A1", "a person has no name; write one, or take the person out")
        uri = person.findtext(f"{ATOM}uri")
        if uri is not None and not is_uri(uri.strip()):
            yield Fault(Kind.ADDRESS, "A13", f'the address of a person, "{uri}", is not absolute; mend it')


def _link_faults(element: _Element) -> Iterator[Fault]:
    links = element.findall(f"{ATOM}link")
    for link in links:
        rel, href = link.get("rel", _ALTERNATE), link.get("href", "")
        if not is_uri(href):
            yield Fault(Kind.ADDRESS, "L3", f'the link rel="{rel}" leads to "{href}", which is no valid full address')
        if rel == "enclosure":
            yield from _enclosure_faults(link)
    alternates = [
        f"{link.get('type', '')} {link.get('hreflang', '')}" for link in links if link.get("rel") in {None, _ALTERNATE}
    ]
    for one in twice(alternates):
        said = f'two links rel="alternate" are of one type and language ({one.strip() or "none"}); keep one'
        yield Fault(Kind.GRAMMAR, "A3", said)


def _enclosure_faults(link: _Element) -> Iterator[Fault]:
    href = link.get("href", "")
    if not link.get("type"):
        yield Fault(Kind.GRAMMAR, "A12", f"the enclosure {href} has no type; podcast players need it")
    length = link.get("length")
    if length is not None and not (length.isascii() and length.isdigit()):
        yield Fault(Kind.GRAMMAR, "A12", f'the length of the enclosure {href} is "{length}", and no number of bytes')


def _category_faults(entry: _Element) -> Iterator[Fault]:
    categories = [(one.get("scheme", ""), one.get("term", "")) for one in entry.findall(f"{ATOM}category")]
    for scheme, term in categories:
        if not term.strip():
            yield Fault(Kind.GRAMMAR, "A11", "a category has no term; write one, or take it out")
        if not is_iri(scheme):
            yield Fault(Kind.ADDRESS, "A11", f'the scheme of the category "{term}" is "{scheme}", and no valid IRI')
    yield from repeated_faults((f"{term} ({scheme})" for scheme, term in categories), "category", "A11")


def _entry_date_faults(entry: _Element) -> Iterator[Fault]:
    moments = {}
    for name in ("published", "updated"):
        for found in entry.findall(f"{ATOM}{name}"):
            said = (found.text or "").strip()
            moments[name] = find_rfc3339(said)
            yield from date_fault(name, said, "A8", moments[name])
    published, updated = moments.get("published"), moments.get("updated")
    if published and updated and updated < published:
        yield Fault(Kind.DATE, "A7", f"it was updated ({updated}) before it was published ({published})")


def _content_faults(entry: _Element, contents: Contents, language: str) -> Iterator[Fault]:
    content = entry.find(f"{ATOM}content")
    summary = text_of(entry, f"{ATOM}summary")
    if content is None:
        if not _link(entry, _ALTERNATE):
            yield Fault(Kind.GRAMMAR, "A2", "the entry has neither content nor a link to its page")
        return
    if content.get("src") is not None and not summary:
        yield Fault(Kind.GRAMMAR, "A10", "the content is elsewhere, and there is no summary of it")
    if content.get("type") != "html":
        return
    html = content.text or ""
    yield from contents.faults(html, language=language)
    base = content.get(f"{XML}base", "")
    if not has_scheme(base):
        yield Fault(Kind.ADDRESS, "A9", f'xml:base of the content is "{base}", and not the address of the post')
    if summary and summary == html.strip():
        yield Fault(Kind.DOUBTFUL, "A10", "the summary is the content over again; leave it out")


def _tombstone_faults(root: _Element) -> Iterator[Fault]:
    """RFC 6721 3."""
    gone = root.findall(f"{TOMBSTONES}deleted-entry")
    alive = {text_of(entry, f"{ATOM}id") for entry in root.findall(f"{ATOM}entry")}
    for one in gone:
        ref, when = one.get("ref", ""), one.get("when", "")
        if not has_scheme(ref):
            yield Fault(Kind.ARCHIVE, "T1", f'a deleted entry names "{ref}", which is no id', ref)
        if find_rfc3339(when) is None:
            yield Fault(Kind.DATE, "T1", f'a deleted entry was deleted "{when}", and not at a date of RFC 3339', ref)
        if ref in alive:
            yield Fault(Kind.ARCHIVE, "T1", "the entry is in the feed that says that it is gone", ref)
    yield from repeated_faults((one.get("ref", "") for one in gone), "deleted entry", "T1")


def _moments(root: _Element) -> list[datetime | None]:
    return [find_rfc3339(text_of(entry, f"{ATOM}updated")) for entry in root.findall(f"{ATOM}entry")]


def _deletions(root: _Element) -> list[datetime | None]:
    return [find_rfc3339(one.get("when", "")) for one in root.findall(f"{TOMBSTONES}deleted-entry")]


def _link(element: _Element, rel: str) -> str:
    found = (link for link in element.findall(f"{ATOM}link") if link.get("rel", _ALTERNATE) == rel)
    return next((link.get("href", "") for link in found), "")
