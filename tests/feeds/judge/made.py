"""Good documents, made by our own writers, and what the judge says when something of them is replaced."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote, urljoin

from publisher.feeds.build import documents, fill
from publisher.feeds.clean import clean_url
from publisher.feeds.feed import FeedRules
from publisher.feeds.item import FeedEntry
from publisher.feeds.judge.fault import Document, Fault
from publisher.feeds.judge.judge import Located, judge
from publisher.feeds.plan import plan_feeds
from publisher.model.site import Site
from tests.feeds.cases import ARCHIVED, CASES

PUBLIC = "https://blog.example/feeds/"


def made(site: Site, entries: Sequence[FeedEntry], rules: FeedRules) -> dict[str, bytes]:
    """Path and bytes of all feeds, with the pages of their archives."""
    contents = {one.entry.id: one for one in entries}
    plans = plan_feeds(site, [one.entry.listed for one in entries], rules)
    return {path: data for plan in plans for path, data in documents(fill(plan, site, contents, rules), rules)}


def judged(files: Mapping[str, bytes | None], public: str = PUBLIC) -> list[Located]:
    """What the judge says of the files of a site."""
    return list(
        judge(Document(path, data, clean_url(urljoin(public, quote(path)))) for path, data in files.items()).faults
    )


WEBLOG = made(*CASES["weblog"])
GONE = made(*CASES["hubs-and-gone"])
ARCHIVE = made(*ARCHIVED)
FILES = WEBLOG | {f"gone/{path}": data.replace(b"/feeds/feed", b"/feeds/gone/feed") for path, data in GONE.items()}


def replaced(path: str, old: str | bytes, new: str | bytes, files: Mapping[str, bytes] = WEBLOG) -> list[Fault]:
    """The faults when *new* stands in the place of every *old* in one file."""
    before, after = (text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text for text in (old, new))
    assert before in files[path], f"{old!r} is not in {path}"
    return [fault for _, fault in judged(dict(files) | {path: files[path].replace(before, after)})]
