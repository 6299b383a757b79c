"""Entries -> what they say: rendered once, kept by key, links resolved anew each time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from publisher.errors import PostError
from publisher.model.entry import Content, Entry, EntryId, Post
from publisher.model.finding import Finding
from publisher.ports import Contents, Posts, Progress, silent
from publisher.posts.links import Links, resolve
from publisher.posts.markdown import Rendering, content_key, render_content
from publisher.steps.collect import Parse, refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Bodies:
    """What making content needs: where posts are, how they are read and rendered, where the result is kept."""

    posts: Posts
    parse: Parse
    contents: Contents
    rendering: Rendering
    links: Callable[[], Links]  # of all live entries: made when first needed


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The content of some entries, links absolute, and what was found on the way."""

    contents: Mapping[EntryId, Content]
    findings: tuple[Finding, ...] = ()


def say(bodies: Bodies, entries: Sequence[Entry], *, keep: bool = True, progress: Progress = silent) -> Said:
    """The content of entries. One that cannot be rendered is left out and reported.

    `keep` False renders without writing anything down.
    """
    keys = {entry.id: content_key(entry.digest, bodies.rendering) for entry in entries}
    there = dict(bodies.contents.find(keys.values()))
    findings: list[Finding] = []
    fresh: dict[str, Content] = {}
    for done, entry in enumerate(entries):
        progress("rendering posts", done, len(entries))
        if keys[entry.id] not in there:
            made, found = _render(bodies, entry)
            findings += found
            if made is not None:
                fresh[keys[entry.id]] = there[keys[entry.id]] = made
    if fresh and keep:
        bodies.contents.keep(fresh)
    resolved = {}
    links = bodies.links() if there else None
    for entry in entries:
        if links is not None and keys[entry.id] in there:
            resolved[entry.id], found = _resolve(links, entry, there[keys[entry.id]])
            findings += found
    return Said(contents=resolved, findings=tuple(findings))


def _render(bodies: Bodies, entry: Entry) -> tuple[Content | None, Sequence[Finding]]:
    try:
        return render_content(_read(bodies, entry), bodies.rendering)
    except PostError as error:
        return None, (refusal(error),)


def _read(bodies: Bodies, entry: Entry) -> Post:
    post = bodies.parse(bodies.posts.read(entry.path), entry.path).post
    if post.digest != entry.digest:
        message = "it changed since it was collected; the next run takes the new text"
        raise PostError(entry.path, None, message, finding="changed-meanwhile")
    return post


def _resolve(links: Links, entry: Entry, content: Content) -> tuple[Content, Sequence[Finding]]:
    html, findings = resolve(content.html, base_url=entry.metadata.url, links=links, path=entry.path)
    return Content(html=html, excerpt=content.excerpt, minutes=content.minutes), findings
