"""Front matter as written -> Metadata: every generator's keys and forms, with what could not be understood."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from publisher.model.entry import EntryId, Metadata, NewsletterWish, Status
from publisher.model.finding import Finding
from publisher.posts.categories import address_categories, categories_of
from publisher.posts.comments import without_comments
from publisher.posts.dates import DateError, DateRules, Moment, moment_of_path, read_moment
from publisher.posts.filename import FileName, Naming, read_name
from publisher.posts.findings import found, unreadable
from publisher.posts.frontmatter import FrontMatter
from publisher.posts.generators import MANNERS, Generator, Manners
from publisher.posts.ids import former_id
from publisher.posts.ownaddress import address_of
from publisher.posts.people import authors_of
from publisher.posts.permalink import Facts
from publisher.posts.pictures import enclosures_of, image_of, media_base
from publisher.posts.prose import first_heading, first_words, readable, words_of
from publisher.posts.rules import PostRules
from publisher.posts.slugs import slug_of
from publisher.posts.status import status_of
from publisher.posts.urls import absolute, scheme_of
from publisher.posts.values import Header, Keys, header_of, items, keys, line, truth

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,30}:[^\s<>\"{}|\\^`\x00-\x1f]+\Z")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*\Z")
_WORDPRESS = re.compile(r"/?\?p(?:age_id)?=\d+\Z")

_DATED = keys(  # when it came out, in any generator's words
    "date", "published", "pubDate", "pubDatetime", "publishedAt", "datePublished", "published_date", "published_on",
    "publication_date", "post_date", "created", "created_at", "date_created", "creation_date",
)  # fmt: skip
_SHOWN = keys("publishDate", "publish_date_time")  # Hugo: not before
_CHANGED = keys(
    "updated", "modified", "lastmod", "last_modified_at", "last_modified", "date_updated", "updated_at", "updated_on",
    "updated_date", "update_date", "modified_at", "modified_time", "modified_date", "date_modified", "mod_datetime",
    "last_updated", "last_update", "last_modified_date", "last_modified_time", "revised",
)  # fmt: skip
_EXPIRES = keys("expires", "expiry", "expiry_date", "expire", "expires_at", "unpublish_date", "expire_date")
_SUMMARIES = keys(
    "summary", "description", "excerpt", "abstract", "desc", "spoiler", "dek", "lead", "lede", "intro", "preview",
    "teaser_text", "tagline", "meta_description", "og_description", "standfirst",
)  # fmt: skip
_DATE = keys("date")
_SLUGS = keys("slug", "post_slug", "basename", "wordpress_slug")
_RIGHTS = keys("rights", "copyright", "license")
_LANGUAGES = keys("lang", "language", "locale")
_ALIASES = keys("aliases", "alias", "redirect_from", "old_url", "blogger_orig_url", "tumblr_url", "wordpress_url")
_NEWSLETTERS = keys("newsletter", "newsletters")
_IDS = keys("id", "guid", "uuid")
_KINDS = keys("layout", "type", "template")
_TITLE, _SUBJECT, _PREHEADER, _SEND_AT = (keys(key) for key in ("title", "subject", "preheader", "send_at"))
_PAGES = frozenset({
    "page", "pages", "home", "index", "archive", "archives", "category", "categories", "tag", "tags", "search", "404",
    "about", "gallery", "links", "friends", "list", "landing", "default-page",
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What front matter says: all that is kept of a post, its own id, and what could not be understood."""

    metadata: Metadata
    id: EntryId | None
    former_id: str | None
    findings: tuple[Finding, ...]


@dataclass(slots=True, kw_only=True)
class _Reading:
    """One post while it is read."""

    header: Header
    file: FileName
    front: FrontMatter
    path: str
    rules: PostRules
    findings: list[Finding] = field(default_factory=list)

    @property
    def manners(self) -> Manners:
        return MANNERS[self.rules.generator]

    @property
    def dates(self) -> DateRules:
        return DateRules(
            zone=self.rules.zone,
            date_time=self.rules.date_time,
            naive_is_utc=self.manners.naive_is_utc,
            timestamp_is_utc=self.rules.generator is Generator.JEKYLL,
            day_first=self.manners.day_first,
        )

    def note(self, finding: str, message: str) -> None:
        self.findings.append(found(finding, self.path, message, 1))

    def moment(self, wanted: Keys) -> Moment | None:
        """The first of these keys as a moment; one that is no date is noted and passed over."""
        for key, value in self.header.those(wanted):
            if truth(value) is not None:
                continue
            try:
                moment = read_moment(value, self.dates)
            except DateError as error:
                self.note("date-impossible", f"`{key}:` {error}; write it as 2020-12-31 or 2020-12-31 18:00:00 +0100")
                continue
            if moment.doubt == "order":
                self.note("date-ambiguous", f"`{key}: {value}` was read with the month first; write it as 2020-03-04")
            elif moment.doubt == "rough":
                self.note("date-rough", f"`{key}: {value}` says no day, so it is the first; write it as 2020-03-04")
            return moment
        return None

    def at(self, wanted: Keys) -> datetime | None:
        """The same in UTC."""
        moment = self.moment(wanted)
        return moment.at if moment is not None else None


def metadata_of(front: FrontMatter, said: Mapping[str, object], path: str, rules: PostRules) -> Said:
    """What a post says of itself. `said` are its keys, with those of its folder. Raises PostError without a date."""
    header = header_of(said, front.dialect)
    file = read_name(path, _naming(rules))
    reading = _Reading(header=header, file=file, front=front, path=path, rules=rules)
    shown = reading.moment(_SHOWN)
    dated = _dated(reading, shown)
    published = (shown or dated).at
    title = _title(reading)
    authors = authors_of(header, rules.site_url) or rules.default_authors
    language = _language(reading)
    facts = Facts(
        file=file,
        title=title,
        slug=header.text(_SLUGS),
        when=dated.local if reading.manners.own_offset else dated.at.astimezone(rules.zone),
        categories=partial(address_categories, header, file, rules.generator),
        language=language or (rules.language if rules.generator is Generator.PELICAN else ""),
        author=authors[0].name if authors else "",
        keys=header.values,
        generator=rules.generator,
    )
    url = address_of(header, facts, path, rules, reading.note)
    base = url if file.stem != path.rpartition("/")[2].partition(".")[0] else rules.site_url
    status = status_of(header, file)
    metadata = Metadata(
        title=title,
        url=url,
        slug=slug_of(facts.slug or file.name),
        published=published,
        updated=reading.at(_CHANGED),
        status=status,
        expires=(expires := reading.at(_EXPIRES)),
        authors=authors,
        categories=categories_of(header, file, rules.generator),
        summary=_summary(header),
        language=language,
        image=image_of(header, base, rules.site_url),
        enclosures=enclosures_of(header, base),
        aliases=_aliases(reading),
        rights=header.text(_RIGHTS),
        newsletter=_wish(reading),
        media_base=media_base(header, rules.site_url),
    )
    if status is Status.PUBLISHED and expires is not None and expires <= rules.now:
        metadata = replace(metadata, status=Status.EXPIRED)
    if status is Status.PUBLISHED and header.get("password") is not None:
        reading.note("protected", "it has a password, so it is kept out of feeds and mails, where all could read it")
        metadata = replace(metadata, status=Status.DRAFT)
    return Said(
        metadata=metadata,
        id=_id(reading),
        former_id=former_id(rules.ids, url, facts),
        findings=tuple(reading.findings),
    )


def _naming(rules: PostRules) -> Naming:
    manners = MANNERS[rules.generator]
    if not manners.suffix_languages:
        languages: frozenset[str] | None = frozenset()
    elif rules.languages or rules.generator is not Generator.NONE:
        languages = frozenset(code.lower() for code in (*rules.languages, rules.language))
    else:
        languages = None
    return Naming(languages=languages, folder_posts=manners.folder_posts)


def _dated(reading: _Reading, shown: Moment | None) -> Moment:
    """The post's date; for addresses it counts even where it is shown later."""
    by_name = reading.manners.name_dates and reading.file.date is not None
    moment = reading.moment(_DATE if by_name else _DATED)
    if moment is not None:
        return moment
    impossible = [one for one in reading.findings if one.id == "date-impossible"]
    if reading.file.date is not None:
        try:
            return moment_of_path(reading.file.date, reading.dates)
        except DateError as error:
            if shown is None:
                msg = f"{error}; write `date: 2020-12-31` into the front matter"
                raise unreadable("date-impossible", reading.path, msg) from None
    if shown is not None:
        return shown
    if not impossible and (changed := reading.moment(_CHANGED)) is not None:
        return changed  # Hugo's last resort, too
    if impossible:
        raise unreadable("date-impossible", reading.path, impossible[-1].message, 1)
    if all(value is None or value == "" for value in reading.front.metadata.values()) or _is_page(reading.header):
        msg = "no date, and nothing says that it is a post; if it is one, put `---` with title and date at its head"
        raise unreadable("not-a-post", reading.path, msg, 1)
    msg = "the post has no date; add `date: 2020-12-31` to its front matter, or name the file 2020-12-31-title.md"
    raise unreadable("no-date", reading.path, msg, 1)


def _is_page(header: Header) -> bool:
    return any((line(value) or "").lower() in _PAGES for _, value in header.those(_KINDS))


def _title(reading: _Reading) -> str:
    if title := readable(reading.header.text(_TITLE) or "").strip():
        return " ".join(title.split())
    body = reading.front.body
    body = without_comments(body) if reading.rules.generator is Generator.NONE else body
    title = first_heading(body) or _words_of_name(reading.file) or first_words(body) or reading.file.name
    reading.note("no-title", f"the post has no title; it is shown as “{title}”; add `title:` to the front matter")
    return title


def _words_of_name(file: FileName) -> str | None:
    """Jekyll's: `a-day-out` is A Day Out; a name that is one word, or a number, says less than the text does."""
    words = [word for word in re.split(r"[-_ ]+", file.name) if word]
    return " ".join(word[:1].upper() + word[1:] for word in words) if len(words) > 1 else None


def _summary(header: Header) -> str | None:
    value = header.text(_SUMMARIES)
    return (words_of(value) or None) if value is not None and value not in {"true", "false"} else None


def _language(reading: _Reading) -> str | None:
    code = reading.header.text(_LANGUAGES) or reading.file.language
    if code is None:
        return None
    code = code.partition(".")[0].replace("_", "-")
    if _LANGUAGE.match(code):
        return code
    reading.note("language-unknown", f"`{code}` is no language code; write one such as `de` or `pt-BR`")
    return None


def _aliases(reading: _Reading) -> tuple[str, ...]:
    urls: dict[str, None] = {}
    for key, value in reading.header.those(_ALIASES):
        for item in items(value):
            text = line(item)
            if text is not None:
                url = absolute(text if scheme_of(text) else text.lstrip("/"), reading.rules.site_url)
                if url is None:
                    reading.note("url-unusable", f"`{key}: {text}` is no address")
                else:
                    urls[url] = None
    return tuple(urls)


def _wish(reading: _Reading) -> NewsletterWish:
    header = reading.header
    value = header.first(_NEWSLETTERS)
    names = tuple(name for item in items(value) if (name := line(item)) is not None)
    choice = truth(value) if not isinstance(value, list) else None
    mail_only = len(names) == 1 and names[0].lower() == "only"
    only = () if choice is False else names if names and choice is None and not mail_only else None
    return NewsletterWish(
        only=only,
        mail_only=mail_only,
        subject=header.text(_SUBJECT),
        preheader=header.text(_PREHEADER),
        send_at=reading.at(_SEND_AT),
    )


def _id(reading: _Reading) -> EntryId | None:
    """The author's own, if it is one that a feed can carry: a number from an old database is none."""
    for key, value in reading.header.those(_IDS):
        text = line(value)
        if text is None:
            continue
        if _UUID.match(text):
            return EntryId(f"urn:uuid:{text.lower()}")
        if _IRI.match(text):
            return EntryId(text)
        if key == "guid" and _WORDPRESS.match(text):  # as its old feed had it
            return EntryId(reading.rules.site_url + text.lstrip("/"))
        if key == "guid":
            reading.note("value-unusable", f"`guid: {text[:80]}` is no IRI, so the post gets an id of its own")
    return None
