"""The folder -> what is new, updated, renamed, removed and held, written to the database."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from publisher.errors import PostError
from publisher.model.entry import ChangeKind, Changes, Entry, Post, Status
from publisher.model.finding import Finding, Severity
from publisher.ports import AnnouncePolicy, Entries, Known, Posts, Progress, Seen, SourceFile, silent
from publisher.posts.changes import Guard, compare
from publisher.posts.findings import FINDINGS
from publisher.posts.parse import Parsed

Parse = Callable[[bytes, str], Parsed]
"""posts.parse.parse_post under the site's rules."""

_TRIES = 5  # another collect that comes first changes the facts; each try decides anew


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectRules:
    """What a collect goes by. `settings` names everything that reading a post depends on."""

    domain: str
    settings: str
    guard: Guard = field(default_factory=Guard)
    max_age: timedelta = timedelta(days=14)
    announce_since: datetime | None = None
    accepted: frozenset[ChangeKind] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What a collect did, or would do."""

    changes: Changes
    findings: tuple[Finding, ...] = ()
    drafts: int = 0
    future: int = 0
    expired: int = 0
    first: bool = False
    next_change: datetime | None = None  # when a future post's time comes

    @property
    def failed(self) -> int:
        """Posts that were left out."""
        return len({finding.path for finding in self.findings if finding.severity is Severity.ERROR})

    @property
    def held(self) -> int:
        """Changes that wait for the owner's word."""
        return sum(len(changes) for changes in self.changes.held.values())


@dataclass(slots=True)
class _Reading:
    """What reading the folder gave, while it is read."""

    found: list[Post] = field(default_factory=list)
    untouched: set[str] = field(default_factory=set)  # there, and as it was, or not readable now
    files: dict[str, Seen] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    drafts: int = 0
    future: list[datetime] = field(default_factory=list)
    expired: int = 0


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
        known = entries.known()
        reading = _read(posts, parse, rules, known, entries.seen(), now=now, progress=progress)
        changes, findings = compare(
            known.entries,
            reading.found,
            unread=frozenset(reading.untouched),
            now=now,
            site_domain=rules.domain,
            guard=rules.guard,
            accepted=rules.accepted,
            first=known.first or known.restored,
        )
        collected = _collected(changes, reading, findings, known)
        if dry_run or entries.apply(changes, known, _remembered(reading, changes, findings), _policy(rules, now)):
            if not dry_run and rules.accepted:
                entries.accept(rules.accepted)
            return collected
    msg = "collects keep getting in each other's way"
    raise RuntimeError(msg)


def _read(
    posts: Posts,
    parse: Parse,
    rules: CollectRules,
    known: Known,
    seen: Mapping[str, Seen],
    *,
    now: datetime,
    progress: Progress,
) -> _Reading:
    reading = _Reading()
    due = _due_again(known.entries, now)
    files = posts.scan()
    for done, file in enumerate(files):
        progress("reading posts", done, len(files))
        before = seen.get(file.path)
        signature = f"{file.signature} {rules.settings}"
        if before is not None and before.signature == signature and file.path not in due:
            reading.untouched.add(file.path)
            reading.files[file.path] = before
        else:
            _read_one(posts, parse, file, signature, reading, now)
    progress("reading posts", len(files), len(files))
    return reading


def _due_again(entries: Sequence[Entry], now: datetime) -> frozenset[str]:
    """Paths whose post changes by the clock alone: its time is over."""
    return frozenset(
        entry.path
        for entry in entries
        if entry.removed_at is None and entry.metadata.expires is not None and entry.metadata.expires <= now
    )


def _read_one(posts: Posts, parse: Parse, file: SourceFile, signature: str, reading: _Reading, now: datetime) -> None:
    try:
        parsed = parse(posts.read(file.path), file.path)
    except PostError as error:
        # Its entry, if it has one, stays as it is: a post with a typo is not a removed one.
        reading.untouched.add(file.path)
        reading.findings.append(refusal(error))
        return
    reading.findings += parsed.findings
    post = parsed.post
    if post.metadata.status is Status.DRAFT:
        reading.drafts += 1
    elif post.metadata.status is Status.EXPIRED:
        reading.expired += 1
    elif post.metadata.published > now:
        reading.future.append(post.metadata.published)
    else:
        reading.found.append(post)
        reading.files[file.path] = Seen(signature=signature, digest=post.digest)


def refusal(error: PostError) -> Finding:
    """What is told of a file that gave no post: an error, but of a page that is none."""
    page = error.finding in FINDINGS and FINDINGS[error.finding].severity is Severity.NOTE
    severity = Severity.NOTE if page else Severity.ERROR
    return Finding(id=error.finding, path=error.path, line=error.line, message=error.message, severity=severity)


def _remembered(reading: _Reading, changes: Changes, findings: Sequence[Finding]) -> Mapping[str, Seen]:
    """The files that need not be read again while they stay as they are.

    Not those that were left out as duplicates, nor those whose change is held: they must be seen again.
    """
    again = {finding.path for finding in findings}
    again |= {change.path for kind in changes.held for change in changes.held[kind] if kind is ChangeKind.REMOVED}
    return {path: seen for path, seen in reading.files.items() if path not in again}


def _collected(changes: Changes, reading: _Reading, findings: Sequence[Finding], known: Known) -> Collected:
    return Collected(
        changes=changes,
        findings=(*reading.findings, *findings),
        drafts=reading.drafts,
        future=len(reading.future),
        expired=reading.expired,
        first=known.first,
        next_change=min(reading.future, default=None),
    )


def _policy(rules: CollectRules, now: datetime) -> AnnouncePolicy:
    return AnnouncePolicy(now=now, since=rules.announce_since, held_before=now - rules.max_age)
