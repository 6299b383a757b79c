"""Entries -> what they say: rendered once, kept by key, links resolved anew each time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from publisher.errors import PostError
from publisher.model.entry import Content, Entry, EntryId
from publisher.model.finding import Finding
from publisher.ports import Contents, Posts, Progress, Renderer, silent
from publisher.posts.labels import Labels
from publisher.posts.links import Links, resolve
from publisher.posts.rendering import Manuscript, Rendering, content_key
from publisher.posts.source import file_digest
from publisher.steps.collect import refusal

_KEPT_AT_ONCE = 100  # so that little is lost when the program is killed in a cold build


@dataclass(frozen=True, slots=True, kw_only=True)
class Bodies:
    """What making content needs: where posts are, who renders them and how, where the result is kept."""

    posts: Posts
    contents: Contents
    renderer: Renderer
    rendering: Rendering
    labels: Callable[[str | None], Labels]  # of a language; None: the site's
    links: Callable[[], Links]  # of all live entries: made when first needed


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The content of some entries, links absolute, and what was found on the way."""

    contents: Mapping[EntryId, Content]
    findings: tuple[Finding, ...] = ()
    linked: frozenset[EntryId] = frozenset()  # those that asked where other posts are


def say(bodies: Bodies, entries: Sequence[Entry]) -> Said:
    """The content of entries. One that cannot be rendered is left out and reported."""
    findings = render_missing(bodies, entries)
    said = recall(bodies, entries, bodies.links())
    return Said(contents=said.contents, findings=(*findings, *said.findings))


def render_missing(bodies: Bodies, entries: Sequence[Entry], *, progress: Progress = silent) -> tuple[Finding, ...]:
    """Render what was not rendered before, and keep it. What was found, in the order of the entries."""
    keys = {entry.path: _key(bodies, entry) for entry in entries}
    there = bodies.contents.there(keys.values())
    missing = [entry for entry in entries if keys[entry.path] not in there]
    findings: dict[str, Sequence[Finding]] = {}
    fresh: dict[str, Content] = {}
    with closing(bodies.renderer.render(_manuscripts(bodies, missing, findings), bodies.rendering)) as results:
        for done, (path, made, found) in enumerate(results):
            progress("rendering posts", done, len(missing))
            findings[path] = found
            if made is not None:
                fresh[keys[path]] = made
            if len(fresh) >= _KEPT_AT_ONCE:
                bodies.contents.keep(fresh)
                fresh.clear()
    if fresh:
        bodies.contents.keep(fresh)
    return tuple(one for entry in missing for one in findings.get(entry.path, ()))


def recall(bodies: Bodies, entries: Sequence[Entry], links: Links) -> Said:
    """What was rendered before, its links resolved."""
    keys = {entry.id: _key(bodies, entry) for entry in entries}
    there = bodies.contents.find(keys.values())
    contents: dict[EntryId, Content] = {}
    findings: list[Finding] = []
    linked: set[EntryId] = set()
    for entry in entries:
        content = there.get(keys[entry.id])
        if content is not None:
            html, found, sought = resolve(
                content.html,
                base_url=entry.metadata.url,
                media_url=entry.metadata.media_base,
                links=links,
                path=entry.path,
            )
            contents[entry.id] = replace(content, html=html)
            findings += found
            if sought:
                linked.add(entry.id)
    return Said(contents=contents, findings=tuple(findings), linked=frozenset(linked))


def _key(bodies: Bodies, entry: Entry) -> str:
    return content_key(entry.digest, entry.metadata.title, bodies.rendering, bodies.labels(entry.metadata.language))


def _manuscripts(
    bodies: Bodies, entries: Sequence[Entry], findings: dict[str, Sequence[Finding]]
) -> Iterator[Manuscript]:
    """Their files, as they were collected; what is not so any more goes into *findings*."""
    for entry in entries:
        try:
            data = bodies.posts.read(entry.path)
        except PostError as error:
            findings[entry.path] = (refusal(error),)
            continue
        if file_digest(data) != entry.digest:
            message = "it changed since it was collected; the next run takes the new text"
            findings[entry.path] = (refusal(PostError(entry.path, None, message, finding="changed-meanwhile")),)
        else:
            labels = bodies.labels(entry.metadata.language)
            yield Manuscript(path=entry.path, title=entry.metadata.title, data=data, labels=labels)
