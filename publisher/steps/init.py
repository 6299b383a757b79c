"""An existing blog -> the settings that take it over, with the ids that its readers know."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import unquote

from publisher.errors import PostError
from publisher.feeds.oldfeed import OldFeed
from publisher.model.blog import Blog, Guess
from publisher.model.entry import Post, Status
from publisher.model.finding import Finding, Severity
from publisher.ports import Posts, Progress, SourceKind, silent
from publisher.posts.duplicates import without_duplicates
from publisher.posts.ids import IdScheme
from publisher.steps.adopt import Adoption, adopt
from publisher.steps.collect import Parse, kind_of, refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What the posts of a blog are under its new settings."""

    posts: tuple[Post, ...]
    findings: tuple[Finding, ...] = ()
    kinds: Mapping[SourceKind, int] = field(default_factory=dict)

    @property
    def published(self) -> int:
        """Posts that would be in the feeds."""
        return self.kinds.get(SourceKind.ENTRY, 0)

    @property
    def failed(self) -> int:
        """Files that could not be read as posts."""
        return len({one.path for one in self.findings if one.severity is Severity.ERROR})


def survey(posts: Posts, parse: Parse, *, now: datetime, progress: Progress = silent) -> Survey:
    """Read every post once, and count as a first collect would. Raises ConfigError where the folder is missing."""
    files = posts.scan()
    read: list[Post] = []
    findings: list[Finding] = []
    for done, file in enumerate(files):
        progress("reading posts", done, len(files))
        try:
            parsed = parse(posts.read(file.path), file.path)
        except PostError as error:
            findings.append(refusal(error))
        else:
            read.append(parsed.post)
            findings += parsed.findings
    of_kind = [(post, kind_of(post, now)[0]) for post in read]
    entries = [post for post, kind in of_kind if kind is SourceKind.ENTRY]
    kept, doubles = without_duplicates(entries, [], frozenset(), [])
    kinds = {**Counter(kind for _, kind in of_kind), SourceKind.ENTRY: len(kept)}
    return Survey(posts=tuple(read), findings=(*findings, *doubles), kinds=kinds)


def with_options(blog: Blog, options: Mapping[str, str | None]) -> Blog:
    """The owner's own word on settings goes before what was found."""
    said = {key: Guess(value=value, source="said") for key, value in options.items() if value is not None}
    return replace(blog, settings={**blog.settings, **said})


def with_defaults(blog: Blog) -> Blog:
    """What no blog can do without; each a guess."""
    missing = {"site.title": "My Blog", "site.url": "https://example.org/", "output.folder": "public"}
    settings = dict(blog.settings)
    for key, value in missing.items():
        settings.setdefault(key, Guess(value=value, source="nothing was found", sure=key == "output.folder"))
    folder = str(settings["output.folder"].value)
    if folder != "public":
        url = str(settings["site.url"].value)
        settings.setdefault(
            "output.url", Guess(value=f"{url}{folder.rpartition('/')[2]}/", source="where it is served")
        )
    return replace(blog, settings=settings)


def take_over(
    feed: OldFeed, posts: Posts, found: Survey, parse: Callable[[IdScheme], Parse], *, likely: IdScheme
) -> Adoption:
    """The ids of an old feed; `parse` reads under another scheme of ids."""
    paths = {post.path for post in found.posts}

    def former(path: str, scheme: IdScheme) -> str | None:
        assert path in paths
        return parse(scheme)(posts.read(path), path).post.former_id

    return adopt(feed, found.posts, former, likely=likely)


def built(found: Survey, exists: Callable[[str], bool], site_url: str) -> tuple[int, Sequence[str]]:
    """How many published posts are where the generator built them, and the addresses of some that are not.

    `exists` tells of a path in the generator's output.
    """
    right, wrong = 0, []
    for post in found.posts:
        if post.metadata.status is not Status.PUBLISHED or not post.metadata.url.startswith(site_url):
            continue
        path = unquote(post.metadata.url.removeprefix(site_url))
        page = f"{path}index.html" if path.endswith("/") or not path else path
        if any(exists(one) for one in (page, f"{path}.html", f"{path}/index.html")):
            right += 1
        else:
            wrong.append(post.metadata.url)
    return right, wrong
