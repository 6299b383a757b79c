"""The posts folder -> everything that reading, rendering and linking its posts would say; nothing is remembered."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime

from publisher.errors import PostError
from publisher.model.entry import Post, Status
from publisher.model.finding import Finding
from publisher.ports import Posts, Progress, Renderer, silent
from publisher.posts.filename import POST_SUFFIXES, is_nearly_markdown
from publisher.posts.findings import found
from publisher.posts.links import Links, resolve
from publisher.posts.rendering import Manuscript, Rendering
from publisher.steps.collect import Parse, refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was looked at, and what was found: of each post in the order of its lines, posts by path."""

    files: int
    findings: tuple[Finding, ...] = ()


def check_posts(
    posts: Posts,
    parse: Parse,
    renderer: Renderer,
    rendering: Rendering,
    *,
    links: Links,
    now: datetime,
    progress: Progress = silent,
) -> Checked:
    """Read, render and link every post, drafts too; of `links` all but the posts. Raises ConfigError as `scan` does."""
    files = posts.scan()
    findings: list[Finding] = []
    read: list[Post] = []
    for done, file in enumerate(files):
        progress("reading posts", done, len(files))
        try:
            parsed = parse(posts.read(file.path), file.path)
        except PostError as error:
            findings.append(refusal(error))
            continue
        read.append(parsed.post)
        findings += parsed.findings
    findings += _claimed_twice(read)
    everywhere = _links(read, links)
    public = _links([post for post in read if _is_public(post, now)], links)
    by_path = {post.path: post for post in read}
    with closing(renderer.render(_manuscripts(posts, read, findings), rendering)) as results:
        for done, (path, content, rendered) in enumerate(results):
            progress("rendering posts", done, len(read))
            findings += rendered
            if content is not None:
                post = by_path[path]
                its_links = public if _is_public(post, now) else everywhere
                meta = post.metadata
                findings += resolve(
                    content.html, base_url=meta.url, media_url=meta.media_base, links=its_links, path=path
                )[1]
    findings += _others(posts)
    return Checked(files=len(files), findings=tuple(sorted(findings, key=lambda one: (one.path, one.line or 0))))


def _is_public(post: Post, now: datetime) -> bool:
    return post.metadata.status is Status.PUBLISHED and post.metadata.published <= now


def _links(posts: Sequence[Post], links: Links) -> Links:
    """A public post may link to public ones only; one that is not yet, to all: they may come out together."""
    return replace(links, by_source={post.path: post.metadata.url for post in posts})


def _manuscripts(posts: Posts, read: Sequence[Post], findings: list[Finding]) -> Iterator[Manuscript]:
    for post in read:
        try:
            yield Manuscript(path=post.path, title=post.metadata.title, data=posts.read(post.path))
        except PostError as error:
            findings.append(refusal(error))


def _others(posts: Posts) -> Iterator[Finding]:
    """Files that are not read, and look like posts."""
    for path in posts.others():
        mend = "give it one of these endings" if is_nearly_markdown(path) else "write it in Markdown"
        yield found(
            "ending-unknown", path, f"it looks like a post, but only {' '.join(POST_SUFFIXES)} are read; {mend}"
        )
    for path in posts.parts():
        message = "belongs to the post in whose folder it lies, as Hugo and Zola have it; move it out to make it a post"
        yield found("part-of-a-post", path, message)


def _claimed_twice(posts: Sequence[Post]) -> list[Finding]:
    """Which of two a collect keeps depends on what it knows; here both are to blame, so the later one is named."""
    urls: dict[str, Post] = {}
    ids: dict[str, Post] = {}
    findings = []
    published = [post for post in posts if post.metadata.status is Status.PUBLISHED]
    for post in sorted(published, key=lambda one: (one.metadata.published, one.path)):
        claims: tuple[tuple[str, str | None, dict[str, Post]], ...] = (
            ("duplicate-id", post.id, ids),
            ("duplicate-url", post.metadata.url, urls),
        )
        findings += [_twice(kind, post, claim, taken) for kind, claim, taken in claims if claim in taken]
        for _, claim, taken in claims:
            if claim is not None:
                taken.setdefault(claim, post)
    return findings


def _twice(kind: str, post: Post, claim: str | None, taken: Mapping[str, Post]) -> Finding:
    assert claim is not None
    what, mend = {
        "duplicate-id": ("id", "delete `id:` from the copy"),
        "duplicate-url": ("address", "give one of them another slug or date"),
    }[kind]
    message = f"has the same {what} as {taken[claim].path} ({claim}), and only one of them is published; {mend}"
    return found(kind, post.path, message)
