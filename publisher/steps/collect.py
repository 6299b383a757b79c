"""The folder -> what is new, updated, renamed, removed and held, written to the database."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from publisher.errors import PostError
from publisher.model.entry import ChangeKind, Changes, Entry, Post, Status
from publisher.model.finding import Finding, Severity
from publisher.ports import (
    AnnouncePolicy,
    Entries,
    Posts,
    Progress,
    Seen,
    SourceFile,
    SourceKind,
    Sources,
    silent,
)
from publisher.posts.changes import Guard, Updates, compare
from publisher.posts.findings import FINDINGS
from publisher.posts.guard import busiest_day
from publisher.posts.likeness import likeness
from publisher.posts.source import file_digest

if TYPE_CHECKING:
    from publisher.posts.parse import Parsed  # with all that reads front matter: not where no file changed

Parse = Callable[[bytes, str], "Parsed"]
"""posts.parse.parse_post under the site's rules."""

_TRIES = 5  # another collect that comes first changes the facts; each try decides anew


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectRules:
    """What a collect goes by. `settings` names everything that reading a post depends on."""

    domain: str
    settings: str
    zone: ZoneInfo
    guard: Guard = field(default_factory=Guard)
    updates: Updates = "author"
    max_age: timedelta = timedelta(days=14)
    announce_since: datetime | None = None
    accepted: frozenset[ChangeKind] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What a collect did, or would do."""

    changes: Changes
    findings: tuple[Finding, ...] = ()
    kinds: Mapping[SourceKind, int] = field(default_factory=dict)  # of the files that could be read
    first: bool = False
    next_change: datetime | None = None  # when a post's time comes, or is over

    @property
    def failed(self) -> int:
        """Posts that were left out."""
        return len({finding.path for finding in self.findings if finding.severity is Severity.ERROR})

    @property
    def held(self) -> int:
        """Changes that wait for the owner's word."""
        return sum(len(changes) for changes in self.changes.held.values())


@dataclass(slots=True, kw_only=True)
class _Reading:
    """The folder while it is read, and what that gave."""

    posts: Posts
    parse: Parse
    settings: str
    now: datetime
    found: list[Post] = field(default_factory=list)
    untouched: set[str] = field(default_factory=set)  # there, and as it was, or not readable now
    files: dict[str, Seen] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def keep(self, path: str, seen: Seen) -> None:
        """A file that says what it said."""
        self.untouched.add(path)
        self.files[path] = seen

    def take(self, file: SourceFile, seen: Seen | None, digest: str | None) -> None:
        """A file that looks different. `digest` is that of its entry, where it was read under these very settings."""
        signature = f"{file.signature} {self.settings}"
        try:
            data = self.posts.read(file.path)
            if seen is not None and digest == file_digest(data):
                self.keep(file.path, seen._replace(signature=signature))
                return
            parsed = self.parse(data, file.path)
        except PostError as error:
            # Its entry, if it has one, stays as it is: a post with a typo is not a removed one.
            self.untouched.add(file.path)
            finding = refusal(error)
            self.findings.append(finding)
            if finding.severity is Severity.NOTE:
                self.files[file.path] = Seen(signature, SourceKind.PAGE)
            return
        self.findings += parsed.findings
        kind, due = kind_of(parsed.post, self.now)
        self.files[file.path] = Seen(signature, kind, due)
        if kind is SourceKind.ENTRY:
            self.found.append(parsed.post)


def collect(
    posts: Posts,
    entries: Entries,
    parse: Parse,
    rules: CollectRules,
    *,
    now: datetime,
    dry_run: bool = False,
    progress: Progress = silent,
) -> Collected:
    """One look at the folder. A post that cannot be read is a finding; the others go on.

    Raises ConfigError where the folder is missing.
    """
    for _ in range(_TRIES):
        files = posts.scan()
        version, seen = entries.seen()
        if _as_it_was(files, seen, rules, now) and not rules.accepted and entries.settled():
            return _collected(Changes(unchanged=_kinds(seen)[SourceKind.ENTRY]), seen)
        digests = entries.digests(_doubtful(files, seen, rules, now))
        reading = _Reading(posts=posts, parse=parse, settings=rules.settings, now=now)
        _read(files, seen, digests, reading, progress)
        known = entries.known(reading.untouched)
        if known.version != version:
            continue
        everybody = chain((entry.standing for entry in known.entries), known.settled)
        changes, findings = compare(
            known.entries,
            reading.found,
            settled=known.settled,
            now=now,
            domain=rules.domain,
            guard=rules.guard,
            busiest=busiest_day(everybody, now=now, zone=rules.zone, without=known.held),
            accepted=rules.accepted,
            first=known.first or known.restored,
            updates=rules.updates,
            alike=partial(_alike, posts, parse, entries),
        )
        collected = _collected(changes, reading.files, (*reading.findings, *findings), first=known.first)
        sources = _differing(seen, _remembered(reading, changes, findings))
        if dry_run or entries.apply(changes, known, sources, _policy(rules, now)):
            if not dry_run and rules.accepted:
                entries.accept(rules.accepted)
            return collected
    msg = "collects keep getting in each other's way"
    raise RuntimeError(msg)


def _alike(posts: Posts, parse: Parse, entries: Entries, entry: Entry, post: Post) -> float | None:
    """How much of what was mailed of an entry a post says."""
    mailed = entries.mailed(entry.id)
    if not mailed:
        return None
    try:
        return likeness(mailed, parse(posts.read(post.path), post.path).body.text)
    except PostError:  # it changed since it was read
        return None


def _is_as_it_was(file: SourceFile, before: Seen | None, settings: str, now: datetime) -> bool:
    """By its signature; and no clock has made another kind of it since."""
    if before is None or _is_over(before, now):
        return False
    return before.signature == f"{file.signature} {settings}"


def _may_say_the_same(file: SourceFile, before: Seen | None, settings: str, now: datetime) -> bool:
    """An entry's file with another time or inode, as all have in a fresh clone: its bytes will tell."""
    if before is None or before.kind is not SourceKind.ENTRY or _is_over(before, now):
        return False
    signature, _, read_under = before.signature.rpartition(" ")
    return read_under == settings and signature != file.signature


def _is_over(seen: Seen, now: datetime) -> bool:
    return seen.due is not None and seen.due <= now


def _doubtful(
    files: Sequence[SourceFile], seen: Mapping[str, Seen], rules: CollectRules, now: datetime
) -> Sequence[str]:
    return [file.path for file in files if _may_say_the_same(file, seen.get(file.path), rules.settings, now)]


def _as_it_was(files: Sequence[SourceFile], seen: Mapping[str, Seen], rules: CollectRules, now: datetime) -> bool:
    """The whole folder: nothing is new, other or gone. Then nothing else need be asked."""
    return len(files) == len(seen) and all(
        _is_as_it_was(file, seen.get(file.path), rules.settings, now) for file in files
    )


def _read(
    files: Sequence[SourceFile],
    seen: Mapping[str, Seen],
    digests: Mapping[str, str],
    reading: _Reading,
    progress: Progress,
) -> None:
    for done, file in enumerate(files):
        progress("reading posts", done, len(files))
        before = seen.get(file.path)
        if before is not None and _is_as_it_was(file, before, reading.settings, reading.now):
            reading.keep(file.path, before)
        else:
            reading.take(file, before, digests.get(file.path))
    progress("reading posts", len(files), len(files))


def kind_of(post: Post, now: datetime) -> tuple[SourceKind, datetime | None]:
    """What a post is at this moment, and when the clock alone changes that."""
    meta = post.metadata
    if meta.status is Status.DRAFT:
        return SourceKind.DRAFT, None
    if meta.status is Status.EXPIRED:
        return SourceKind.EXPIRED, None
    if meta.published > now:
        return SourceKind.FUTURE, meta.published
    return SourceKind.ENTRY, meta.expires


def refusal(error: PostError) -> Finding:
    """What is told of a file that gave no post: an error, but of a page that is none."""
    page = error.finding in FINDINGS and FINDINGS[error.finding].severity is Severity.NOTE
    severity = Severity.NOTE if page else Severity.ERROR
    return Finding(id=error.finding, path=error.path, line=error.line, message=error.message, severity=severity)


def _remembered(reading: _Reading, changes: Changes, findings: Sequence[Finding]) -> Mapping[str, Seen]:
    """The files that need not be read again while they stay as they are.

    Not those that were left out as duplicates, nor those whose change is held: they must be seen again. A held
    removal of a file that is gone keeps its row, so that the folder is not taken for one that did not change.
    """
    held = {change.path for kind in changes.held for change in changes.held[kind] if kind is ChangeKind.REMOVED}
    again = {finding.path for finding in findings} | held
    files = {path: seen for path, seen in reading.files.items() if path not in again}
    return files | {path: Seen("gone", SourceKind.ENTRY) for path in held - reading.files.keys()}


def _differing(before: Mapping[str, Seen], now: Mapping[str, Seen]) -> Sources:
    """All that has to be written, which is little, however large the blog."""
    other = {path: seen for path, seen in now.items() if before.get(path) != seen}
    return Sources(other=other, gone=before.keys() - now.keys())


def _kinds(files: Mapping[str, Seen]) -> Counter[SourceKind]:
    return Counter(seen.kind for seen in files.values())


def _collected(
    changes: Changes, files: Mapping[str, Seen], findings: Sequence[Finding] = (), *, first: bool = False
) -> Collected:
    return Collected(
        changes=changes,
        findings=tuple(findings),
        kinds=_kinds(files),
        first=first,
        next_change=min((seen.due for seen in files.values() if seen.due is not None), default=None),
    )


def _policy(rules: CollectRules, now: datetime) -> AnnouncePolicy:
    return AnnouncePolicy(now=now, since=rules.announce_since, held_before=now - rules.max_age)
