"""A post's body -> its Content: safe HTML, excerpt, minutes; links are as written until `links.resolve`."""

import hashlib
from dataclasses import dataclass
from html import escape

from publisher.model.entry import Content, Post
from publisher.model.finding import Finding
from publisher.posts.engines import VERSIONS, MarkdownEngine, to_html
from publisher.posts.findings import found
from publisher.posts.finish import finish
from publisher.posts.formulas import keep_formulas
from publisher.posts.html import SANITISER, sanitise
from publisher.posts.shortcodes import Policy, expand
from publisher.posts.stash import Stash, without_marks
from publisher.posts.text import excerpt, minutes

__all__ = ["MarkdownEngine", "Policy", "Rendering", "content_key", "render_content"]

RENDERING = "1"  # counts up with every change here that makes other HTML of the same post


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """The settings that rendering depends on."""

    engine: MarkdownEngine = MarkdownEngine.EXTRA
    unknown_shortcodes: Policy = "drop"


def content_key(digest: str, rendering: Rendering) -> str:
    """The name of the Content of a file with that digest: settings and versions are in it."""
    parts = (
        RENDERING,
        VERSIONS[rendering.engine],
        SANITISER,
        rendering.engine.value,
        rendering.unknown_shortcodes,
        digest,
    )
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _is_html(post: Post) -> bool:
    return post.path.lower().endswith((".html", ".htm"))


def render_content(post: Post, rendering: Rendering) -> tuple[Content, tuple[Finding, ...]]:
    """The Content of a post, and what in it could not be understood. Never fails, whatever the text."""
    stash = Stash()
    policy = rendering.unknown_shortcodes
    text = keep_formulas(without_marks(post.body), stash)
    body, findings = expand(text, path=post.path, first_line=post.body_line, policy=policy, stash=stash)
    unique = hashlib.sha256(post.body.encode("utf-8", "surrogatepass")).hexdigest()[:6]
    deep = False
    try:
        raw = body if _is_html(post) else to_html(body, rendering.engine, stash, unique=unique)
    except RecursionError:  # Python-Markdown descends into quotes and brackets by calling itself
        raw, deep = _as_paragraphs(body), True
    html, flattened = finish(sanitise(stash.put_back(raw)), title=post.metadata.title)
    if deep or flattened:
        msg = "the text is nested too deeply, so it is shown flat; simplify its lists, quotes or brackets"
        findings = (*findings, found("too-complex", post.path, msg, post.body_line))
    return Content(html=html, excerpt=excerpt(html), minutes=minutes(html)), findings


def _as_paragraphs(body: str) -> str:
    return "\n".join(f"<p>{escape(part)}</p>" for part in body.split("\n\n"))
