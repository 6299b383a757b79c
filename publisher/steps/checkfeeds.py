"""What the last build wrote -> every fault in it, and the post that it comes from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urljoin

from publisher.errors import Refused
from publisher.feeds.clean import clean_url
from publisher.feeds.judge.fault import Document
from publisher.feeds.judge.judge import Located, judge
from publisher.model.entry import EntryId
from publisher.model.finding import Finding
from publisher.ports import BuiltFiles, Entries, Progress, silent
from publisher.posts.findings import found


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFinding(Finding):
    """A fault of a feed. `rule`: its name in docs/FEEDS.md; `post`: the file of the entry `entry`, if it is in one."""

    rule: str
    entry: str = ""
    post: str = ""

    def __str__(self) -> str:
        place = ": ".join(filter(None, (self.path, self.post or self.entry)))
        return f"{place}: {self.message} ({self.rule})"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFeeds:
    """How many documents were looked at, and what was found: by file, in the order of the rules."""

    documents: int
    findings: tuple[FeedFinding, ...] = ()


def check_feeds(output: BuiltFiles, entries: Entries, *, public_url: str, progress: Progress = silent) -> CheckedFeeds:
    """Read every file of the last build as a reader would. Raises Refused where nothing was built, and OutputError."""
    paths = output.built()
    if paths is None:
        raise Refused("there are no feeds yet to look at; run `publisher build`")
    verdict = judge(_documents(output, paths, public_url, progress))
    posts = _posts(entries, verdict.faults)
    return CheckedFeeds(documents=verdict.documents, findings=tuple(_finding(one, posts) for one in verdict.faults))


def _documents(output: BuiltFiles, paths: Sequence[str], public_url: str, progress: Progress) -> Iterator[Document]:
    for done, path in enumerate(paths):
        progress("reading feeds", done, len(paths))
        yield Document(path, output.read(path), clean_url(urljoin(public_url, quote(path))))


def _posts(entries: Entries, faults: Sequence[Located]) -> Mapping[str, str]:
    """The file of each entry that something is wrong with."""
    ids = dict.fromkeys(EntryId(fault.entry) for _, fault in faults if fault.entry)
    return {entry.id: entry.path for entry in entries.some(ids)} if ids else {}


def _finding(one: Located, posts: Mapping[str, str]) -> FeedFinding:
    path, fault = one
    known = found(fault.kind.value, path, fault.message)
    return FeedFinding(
        id=known.id,
        path=path,
        message=fault.message,
        severity=known.severity,
        rule=fault.rule,
        entry=fault.entry,
        post=posts.get(fault.entry, ""),
    )
