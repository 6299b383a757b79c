"""Posts, entries and what changed between them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, NamedTuple, NewType

EntryId = NewType("EntryId", str)
"""An absolute IRI; never changes once published (RFC 4287 4.2.6)."""


def check_aware(name: str, moment: datetime | None) -> None:
    """Raise ValueError for a date without a zone: such a date means another moment to everybody."""
    if moment is not None and moment.utcoffset() is None:
        msg = f"{name}: {moment} has no time zone"
        raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """A person (RFC 4287 3.2). The name is never blank."""

    name: str
    uri: str | None = None
    email: str | None = None

    def __post_init__(self) -> None:
        if not self.name.strip():
            msg = "an author needs a name"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Category:
    """A category or a tag: `term` is its stable slug, `label` the words people see."""

    kind: Literal["category", "tag"] = "category"
    term: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file that comes with an entry (RFC 4287 4.2.7.2). `length` in bytes, None where unknown."""

    url: str
    type: str
    length: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """The picture that stands for an entry. `alt` is empty where the author gave none."""

    url: str
    alt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsletterWish:
    """The author's word on newsletters, from the front matter.

    `only` None: every newsletter may carry it; (): none may; names: just these.
    `mail_only`: in the newsletter, and in no feed (`newsletter: only`).
    """

    only: tuple[str, ...] | None = None
    mail_only: bool = False
    subject: str | None = None
    preheader: str | None = None
    send_at: datetime | None = None

    def allows(self, newsletter: str) -> bool:
        """Whether *newsletter* may carry the entry."""
        return self.only is None or newsletter in self.only


class Status(StrEnum):
    """What the author says of a post: only `published` ones are entries, once their time has come."""

    PUBLISHED = "published"
    DRAFT = "draft"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """All that a post says of itself, whatever dialect it was written in. Datetimes are aware, UTC."""

    title: str  # one line, blanks collapsed; empty where the post has none
    url: str  # the permalink, absolute
    slug: str
    published: datetime
    updated: datetime | None = None  # the author's own word only
    status: Status = Status.PUBLISHED
    expires: datetime | None = None
    authors: tuple[Author, ...] = ()
    categories: tuple[Category, ...] = ()
    summary: str | None = None  # plain text
    language: str | None = None  # None: the site's
    image: Image | None = None
    enclosures: tuple[Enclosure, ...] = ()
    aliases: tuple[str, ...] = ()  # old addresses of the post, absolute
    rights: str | None = None
    newsletter: NewsletterWish = NewsletterWish()
    media_base: str | None = None  # where the pictures of its text are, absolute; None: beside the post

    def __post_init__(self) -> None:
        check_aware("published", self.published)
        check_aware("updated", self.updated)
        check_aware("expires", self.expires)
        if "://" not in self.url:
            msg = f"url: {self.url!r} is not absolute"
            raise ValueError(msg)

    @property
    def labels(self) -> tuple[str, ...]:
        """The words of all categories and tags, as people see them."""
        return tuple(category.label for category in self.categories)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A source file, read. Its text is apart, in Body: a folder may hold more than fits into memory.

    `digest` names the bytes of the file, `body_digest` what it says (see posts.words).
    """

    path: str  # relative to the posts folder, with slashes
    digest: str  # sha256 of the file's bytes, hex
    body_digest: str
    length: int  # of the text, characters
    metadata: Metadata
    id: EntryId | None = None  # the author's own, if the front matter has one
    former_id: str | None = None  # what the blog's old feed called it, as far as a rule tells


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The text of a post: Markdown, or HTML where the file's name says so. `line`: where it starts in the file.

    `metadata`: the front matter as written, which some texts name (`{{ page.title }}`).
    """

    text: str
    line: int = 1
    metadata: Mapping[str, object] = field(default_factory=dict)


class Standing(NamedTuple):
    """What is asked of an entry whose post was not looked at: what it has and nobody else may claim, and its days.

    It is all that a collect holds in memory of most of a blog.
    """

    id: EntryId
    path: str
    url: str
    published: datetime
    updated: datetime


class Listed(NamedTuple):
    """What is asked of every entry to know which feeds carry it, or say that it is gone, before any is made.

    `version` names all that the entry is made of: its source, and what was decided about it.
    """

    id: EntryId
    published: datetime
    first_seen: datetime
    removed_at: datetime | None
    categories: tuple[Category, ...]
    authors: tuple[str, ...]
    language: str | None
    mail_only: bool
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A post as published, with its id. `revision` counts the updates that the author announced.

    `digest` and the settings of rendering find its Content: see posts.markdown.content_key.
    """

    id: EntryId
    path: str
    digest: str
    body_digest: str
    metadata: Metadata
    revision: int = 1
    first_seen: datetime
    changed_at: datetime | None = None  # when its text was last seen changed, where that counts as an update
    removed_at: datetime | None = None

    @property
    def updated(self) -> datetime:
        """When it last changed in a way that counts; never before it was published."""
        meta = self.metadata
        return last_of(meta.published, meta.updated, self.changed_at)

    @property
    def standing(self) -> Standing:
        """The least of it that a collect needs."""
        meta = self.metadata
        return Standing(self.id, self.path, meta.url, meta.published, self.updated)

    @property
    def listed(self) -> Listed:
        """The least of it that a plan of feeds needs."""
        meta = self.metadata
        return Listed(
            id=self.id,
            published=meta.published,
            first_seen=self.first_seen,
            removed_at=self.removed_at,
            categories=meta.categories,
            authors=tuple(author.name for author in meta.authors),
            language=meta.language,
            mail_only=meta.newsletter.mail_only,
            version=f"{self.id} {self.path} {self.digest} {self.revision} {self.changed_at}",
        )


def last_of(*moments: datetime | None) -> datetime:
    """The latest of those that there are."""
    return max(filter(None, moments))


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A rendered body, kept apart from its entry because it is large and made only when needed.

    `html` is sanitised; its links are as the author wrote them until `posts.links.resolve`.
    """

    html: str
    excerpt: str
    minutes: int  # to read, at least 1


class ChangeKind(StrEnum):
    """What happened to one post since the last collect."""

    NEW = "new"
    UPDATED = "updated"  # the author's word: `updated:` is later than before
    EDITED = "edited"  # other bytes, same revision: a typo, a category
    RENAMED = "renamed"  # another path, the same post
    RESTORED = "restored"  # was removed, is back
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One post that is not as it was. `post` is None when it is gone, `entry` None when it is new.

    `by_text`: an update because its text changed, without a word of the author's. `may_be`: the entry that a new post
    may be under another date, where nobody can tell.
    """

    kind: ChangeKind
    path: str
    post: Post | None = None
    entry: Entry | None = None
    id: EntryId  # the one it has, or the one it gets
    by_text: bool = False
    may_be: Entry | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a collect found, decided and not yet done.

    `held` maps a guarded kind (new, updated, removed) to how many changes wait for the owner's word;
    held changes are not in `changes`.
    """

    changes: tuple[Change, ...] = ()
    held: Mapping[ChangeKind, tuple[Change, ...]] = field(default_factory=dict)
    unchanged: int = 0

    def of(self, kind: ChangeKind) -> tuple[Change, ...]:
        """The changes of one kind."""
        return tuple(change for change in self.changes if change.kind is kind)
