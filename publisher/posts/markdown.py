"""A post's text -> its Content: safe HTML, excerpt, minutes; links are as written until `links.resolve`."""

import hashlib
from html import escape
from types import MappingProxyType

from publisher.model.blog import Generator
from publisher.model.entry import Body, Content
from publisher.model.finding import Finding
from publisher.posts.asides import with_asides_as_quotes
from publisher.posts.comments import without_comments
from publisher.posts.engines import to_html
from publisher.posts.findings import found
from publisher.posts.finish import finish
from publisher.posts.formulas import keep_formulas
from publisher.posts.frontmatter import read_front_matter
from publisher.posts.ghost import public_part, without_ghosts
from publisher.posts.html import sanitise
from publisher.posts.labels import Labels
from publisher.posts.media import with_links
from publisher.posts.rendering import Manuscript, Rendering
from publisher.posts.source import decode
from publisher.posts.stash import Stash, without_marks
from publisher.posts.tags import expand
from publisher.posts.teaser import parted, with_mark
from publisher.posts.text import excerpt, minutes
from publisher.posts.values import line
from publisher.posts.wiki import as_markdown, without_contents

_OWN_EXCERPT = 1000  # characters: an author's is cut only where it is no excerpt any more


def render_source(source: Manuscript, rendering: Rendering) -> tuple[Content, tuple[Finding, ...]]:
    """The Content of a file, and what in its text could not be understood. Raises PostError as `parse_post` does."""
    front = read_front_matter(decode(source.data, source.path).text, source.path)
    body = Body(text=front.body, line=front.line, metadata=front.metadata)
    return render_content(body, rendering, path=source.path, title=source.title, labels=source.labels)


def render_content(
    body: Body, rendering: Rendering, *, path: str, title: str, labels: Labels = MappingProxyType({})
) -> tuple[Content, tuple[Finding, ...]]:
    """The Content of the post at *path*, and what in it could not be understood. Never fails, whatever the text."""
    stash = Stash()
    page = {"title": title, **{key: words for key, value in body.metadata.items() if (words := line(value))}}
    obsidian = rendering.generator is Generator.NONE  # no generator is its usual company
    text = without_comments(body.text) if obsidian else body.text
    text, kept_back = public_part(text, path, body.line)
    text = without_ghosts(text)
    text = with_mark(without_marks(text), page.get("excerpt_separator", ""))
    text = keep_formulas(without_contents(text), stash)
    text, findings = expand(text, rendering, stash, path=path, first_line=body.line, page=page, labels=labels)
    is_html = path.lower().endswith((".html", ".htm"))
    if not is_html:
        text = with_asides_as_quotes(as_markdown(text, obsidian=obsidian), labels)
    unique = hashlib.sha256(body.text.encode("utf-8", "surrogatepass")).hexdigest()[:6]
    deep = False
    try:
        raw = text if is_html else to_html(text, rendering.engine, stash, unique=unique)
    except RecursionError:  # Python-Markdown descends into quotes and brackets by calling itself
        raw, deep = _as_paragraphs(text), True
    above, html = parted(with_links(sanitise(stash.put_back(raw)), labels))
    html, flattened = finish(html, title=title)
    if deep or flattened:
        msg = "the text is nested too deeply, so it is shown flat; simplify its lists, quotes or brackets"
        findings = (*findings, found("too-complex", path, msg, body.line))
    findings = (*kept_back, *findings)
    return Content(html=html, excerpt=_excerpt(above, html, title), minutes=minutes(html)), findings


def _excerpt(above: str, html: str, title: str) -> str:
    """What the author set apart as one; else the beginning."""
    return (excerpt(finish(above, title=title)[0], limit=_OWN_EXCERPT) if above else "") or excerpt(html)


def _as_paragraphs(body: str) -> str:
    return "\n".join(f"<p>{escape(part)}</p>" for part in body.split("\n\n"))
