"""Front matter as written -> Metadata: every generator's keys and forms, with what could not be understood."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime

from publisher.model.entry import EntryId, Metadata, NewsletterWish, Status
from publisher.model.finding import Finding
from publisher.posts.categories import categories_of
from publisher.posts.dates import DateError, DateRules, moment_of_path, read_moment
from publisher.posts.filename import FileName, read_name
from publisher.posts.findings import found, unreadable
from publisher.posts.frontmatter import FrontMatter
from publisher.posts.people import authors_of
from publisher.posts.permalink import Facts, address, own_slug
from publisher.posts.pictures import enclosures_of, image_of
from publisher.posts.prose import first_heading, first_words, readable, words_of
from publisher.posts.rules import PostRules
from publisher.posts.urls import absolute, below, scheme_of
from publisher.posts.values import Header, header_of, items, line, truth

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,30}:[^\s<>\"{}|\\^`\x00-\x1f]+\Z")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*\Z")
_HIDDEN = frozenset({"draft", "hidden", "private", "unlisted", "pending", "trash", "skip"})


@dataclass(slots=True, kw_only=True)
class _Reading:
    """One post while it is read."""

    header: Header
    file: FileName
    front: FrontMatter
    path: str
    rules: PostRules
    findings: list[Finding] = field(default_factory=list)

    def note(self, finding: str, message: str) -> None:
        self.findings.append(found(finding, self.path, message, 1))

    def moment(self, *keys: str) -> datetime | None:
        """The first of these keys as a moment; one that is no date is noted and passed over."""
        dates = DateRules(zone=self.rules.zone, date_time=self.rules.date_time)
        for key in keys:
            value = self.header.values.get(key)
            if value is None or value == "" or truth(value) is not None:
                continue
            try:
                moment = read_moment(value, dates)
            except DateError as error:
                self.note("date-impossible", f"`{key}:` {error}; write it as 2020-12-31 or 2020-12-31 18:00:00 +0100")
                continue
            if moment.guessed:
                self.note("date-ambiguous", f"`{key}: {value}` was read with the month first; write it as 2020-03-04")
            return moment.at
        return None


def metadata_of(front: FrontMatter, path: str, rules: PostRules) -> tuple[Metadata, EntryId | None, list[Finding]]:
    """What a post says of itself, and its own id. Raises PostError where it has no date."""
    header = header_of(front.metadata, front.dialect)
    reading = _Reading(header=header, file=read_name(path), front=front, path=path, rules=rules)
    published = _published(reading)
    title = _title(reading)
    authors = authors_of(header, rules.site_url) or rules.default_authors
    categories = categories_of(header, reading.file)
    facts = Facts(
        file=reading.file,
        title=title,
        slug=header.text("slug"),
        published=published.astimezone(rules.zone),
        categories=tuple(one.label for one in categories if one.kind == "category"),
        language=_language(reading) or "",
        author=authors[0].name if authors else "",
    )
    url = _url(reading, facts)
    base = url if reading.file.stem != path.rpartition("/")[2].partition(".")[0] else rules.site_url
    metadata = Metadata(
        title=title,
        url=url,
        slug=own_slug(facts),
        published=published,
        updated=reading.moment("updated", "modified", "lastmod", "last_modified_at", "last_modified", "date_updated"),
        status=(status := _status(reading)),
        expires=(expires := reading.moment("expires", "expiry", "expirydate", "expiry_date", "expire")),
        authors=authors,
        categories=categories,
        summary=_summary(header),
        language=facts.language or None,
        image=image_of(header, base),
        enclosures=enclosures_of(header, base),
        aliases=_aliases(reading),
        rights=header.text("rights", "copyright", "license"),
        newsletter=_wish(reading),
    )
    if status is Status.PUBLISHED and expires is not None and expires <= rules.now:
        metadata = replace(metadata, status=Status.EXPIRED)
    return metadata, _id(reading), reading.findings


def _published(reading: _Reading) -> datetime:
    """PublishDate is when Hugo shows it; then the date; then what the path says."""
    at = reading.moment("publishdate", "publish_date", "date", "published", "pubdate", "date_published", "created")
    if at is not None:
        return at
    impossible = bool(reading.findings)
    if reading.file.date is not None:
        try:
            moment = moment_of_path(
                reading.file.date, DateRules(zone=reading.rules.zone, date_time=reading.rules.date_time)
            )
            return moment.at
        except DateError as error:
            msg = f"{error}; write `date: 2020-12-31` into the front matter"
            raise unreadable("date-impossible", reading.path, msg) from None
    if impossible:
        raise unreadable("date-impossible", reading.path, reading.findings[-1].message, 1)
    if not reading.header.values:
        msg = "no front matter and no date: a page, not a post; if it is one, put `---` with title and date at its head"
        raise unreadable("not-a-post", reading.path, msg, 1)
    msg = "the post has no date; add `date: 2020-12-31` to its front matter, or name the file 2020-12-31-title.md"
    raise unreadable("no-date", reading.path, msg, 1)


def _title(reading: _Reading) -> str:
    if title := readable(reading.header.text("title") or "").strip():
        return " ".join(title.split())
    body = reading.front.body
    title = first_heading(body) or first_words(body) or reading.file.name.replace("-", " ")
    reading.note("no-title", f"the post has no title; it is shown as “{title}”; add `title:` to the front matter")
    return title


def _url(reading: _Reading, facts: Facts) -> str:
    own = reading.header.first("permalink", "url", "path")
    if (text := line(own)) is not None and truth(own) is None:
        url = _own_url(reading, text, facts)
        if url is not None:
            return url
    path, unknown = address(reading.rules.permalink, facts)
    if unknown:
        reading.note("permalink-unknown", f"the site's permalink has {', '.join(unknown)}, which means nothing here")
    return below(reading.rules.site_url, path) or reading.rules.site_url


def _own_url(reading: _Reading, own: str, facts: Facts) -> str | None:
    if scheme_of(own) in {"http", "https"}:
        url = absolute(own, reading.rules.site_url)
    elif scheme_of(own):
        url = None
    else:
        path, unknown = address(own, facts)
        if unknown:
            reading.note("permalink-unknown", f"the permalink has {', '.join(unknown)}, which means nothing here")
        path = path.removesuffix("index.html") if path.endswith("/index.html") else path
        url = below(reading.rules.site_url, path)
    if url is None:
        reading.note("url-unusable", f"`{own}` is no address of a page; the site's permalink was used instead")
    return url


def _status(reading: _Reading) -> Status:
    header = reading.header
    out = (
        truth(header.first("draft")) is True
        or any(truth(header.values.get(key)) is False for key in ("published", "publish", "permalink"))
        or (header.text("status", "post_status", "visibility") or "").lower() in _HIDDEN
        or truth(header.first("eleventyexcludefromcollections")) is True
        or "_drafts" in reading.file.folders
    )
    return Status.DRAFT if out else Status.PUBLISHED


def _summary(header: Header) -> str | None:
    value = header.text("summary", "description", "excerpt", "abstract")
    return (words_of(value) or None) if value is not None and value not in {"true", "false"} else None


def _language(reading: _Reading) -> str | None:
    code = reading.header.text("lang", "language", "locale") or reading.file.language
    if code is None:
        return None
    code = code.partition(".")[0].replace("_", "-")
    if _LANGUAGE.match(code):
        return code
    reading.note("language-unknown", f"`{code}` is no language code; write one such as `de` or `pt-BR`")
    return None


def _aliases(reading: _Reading) -> tuple[str, ...]:
    urls: dict[str, None] = {}
    for key in ("aliases", "alias", "redirect_from", "old_url"):
        for item in items(reading.header.values.get(key)):
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
    value = header.values.get("newsletter", header.values.get("newsletters"))
    names = tuple(name for item in items(value) if (name := line(item)) is not None)
    choice = truth(value) if not isinstance(value, list) else None
    mail_only = len(names) == 1 and names[0].lower() == "only"
    only = () if choice is False else names if names and choice is None and not mail_only else None
    return NewsletterWish(
        only=only,
        mail_only=mail_only,
        subject=header.text("subject"),
        preheader=header.text("preheader"),
        send_at=reading.moment("send_at"),
    )


def _id(reading: _Reading) -> EntryId | None:
    """The author's own, if it is one that a feed can carry: a number from an old database is none."""
    for key in ("id", "guid", "uuid"):
        text = reading.header.text(key)
        if text is None:
            continue
        if _UUID.match(text):
            return EntryId(f"urn:uuid:{text.lower()}")
        if _IRI.match(text):
            return EntryId(text)
        if key == "guid":
            reading.note("value-unusable", f"`guid: {text[:80]}` is no IRI, so the post gets an id of its own")
    return None
