"""Markdown -> raw HTML, by the engine that speaks the blog's dialect."""

from enum import StrEnum

from publisher.posts import commonmark, extra
from publisher.posts.stash import Stash


class MarkdownEngine(StrEnum):
    """Which Markdown the posts are written in."""

    EXTRA = "extra"  # Python-Markdown with pymdown-extensions: Jekyll's and Pelican's dialects, and most others
    COMMONMARK = "commonmark"  # markdown-it-py: what Hugo, Zola and Eleventy speak


VERSIONS = {MarkdownEngine.EXTRA: extra.VERSION, MarkdownEngine.COMMONMARK: commonmark.VERSION}


def to_html(text: str, engine: MarkdownEngine, stash: Stash, *, unique: str) -> str:
    """Raw HTML, not yet safe. `unique` goes into the ids of footnotes, so that two posts can share a page."""
    if engine is MarkdownEngine.COMMONMARK:
        return commonmark.convert(text, unique)
    return extra.convert(text, stash, unique)
