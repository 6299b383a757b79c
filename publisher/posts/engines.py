"""Markdown -> raw HTML, by the engine that speaks the blog's dialect."""

from publisher.posts import commonmark, extra
from publisher.posts.rendering import MarkdownEngine
from publisher.posts.stash import Stash


def to_html(text: str, engine: MarkdownEngine, stash: Stash, *, unique: str) -> str:
    """Raw HTML, not yet safe. `unique` goes into the ids of footnotes, so that two posts can share a page."""
    if engine is MarkdownEngine.COMMONMARK:
        return commonmark.convert(text, unique)
    return extra.convert(text, stash, unique)
