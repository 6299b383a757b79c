"""A post's text -> its Content: safe HTML, excerpt, minutes; links are as written until `links.resolve`."""

import hashlib
from html import escape

from publisher.model.entry import Body, Content
from publisher.model.finding import Finding
from publisher.posts.engines import to_html
from publisher.posts.findings import found
from publisher.posts.finish import finish
from publisher.posts.formulas import keep_formulas
from publisher.posts.frontmatter import read_front_matter
from publisher.posts.html import sanitise
from publisher.posts.rendering import Manuscript, Rendering
from publisher.posts.shortcodes import expand
from publisher.posts.source import decode
from publisher.posts.stash import Stash, without_marks
from publisher.posts.text import excerpt, minutes


def render_source(source: Manuscript, rendering: Rendering) -> tuple[Content, tuple[Finding, ...]]:
    """The Content of a file, and what in its text could not be understood. Raises PostError as `parse_post` does."""
    front = read_front_matter(decode(source.data, source.path).text, source.path)
    return render_content(Body(text=front.body, line=front.line), rendering, path=source.path, title=source.title)


def render_content(body: Body, rendering: Rendering, *, path: str, title: str) -> tuple[Content, tuple[Finding, ...]]:
    """The Content of the post at *path*, and what in it could not be understood. Never fails, whatever the text."""
    stash = Stash()
    policy = rendering.unknown_shortcodes
    text = keep_formulas(without_marks(body.text), stash)
    text, findings = expand(text, path=path, first_line=body.line, policy=policy, stash=stash)
    unique = hashlib.sha256(body.text.encode("utf-8", "surrogatepass")).hexdigest()[:6]
    is_html = path.lower().endswith((".html", ".htm"))
    deep = False
    try:
        raw = text if is_html else to_html(text, rendering.engine, stash, unique=unique)
    except RecursionError:  # Python-Markdown descends into quotes and brackets by calling itself
        raw, deep = _as_paragraphs(text), True
    html, flattened = finish(sanitise(stash.put_back(raw)), title=title)
    if deep or flattened:
        msg = "the text is nested too deeply, so it is shown flat; simplify its lists, quotes or brackets"
        findings = (*findings, found("too-complex", path, msg, body.line))
    return Content(html=html, excerpt=excerpt(html), minutes=minutes(html)), findings


def _as_paragraphs(body: str) -> str:
    return "\n".join(f"<p>{escape(part)}</p>" for part in body.split("\n\n"))
