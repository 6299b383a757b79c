"""What rendering a post goes by, and the name under which the result is kept."""

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from publisher.model.blog import Generator
from publisher.posts.labels import Labels

Policy = Literal["drop", "code"]
"""What becomes of another generator's tags that nobody knows."""

_RENDERING = "6"  # counts up with every change here that makes other HTML of the same post


class MarkdownEngine(StrEnum):
    """Which Markdown the posts are written in."""

    EXTRA = "extra"  # Python-Markdown with pymdown-extensions: Jekyll's and Pelican's dialects, and most others
    COMMONMARK = "commonmark"  # markdown-it-py: what Hugo, Zola and Eleventy speak


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """The settings that rendering depends on. `made_by` names the libraries that do it, with their versions."""

    engine: MarkdownEngine = MarkdownEngine.EXTRA
    unknown_shortcodes: Policy = "drop"
    generator: Generator = Generator.NONE
    site: str = ""  # the blog's title, for posts that name it
    made_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manuscript:
    """A source file to be rendered. A first heading that repeats `title` goes: feed and mail show it themselves."""

    path: str
    title: str
    data: bytes
    labels: Labels = field(default_factory=dict)  # words of ours in its language


def content_key(digest: str, title: str, rendering: Rendering, labels: Labels = MappingProxyType({})) -> str:
    """The name of the Content of a file with that digest; all that it depends on is in it."""
    settings = (rendering.made_by, rendering.engine, rendering.unknown_shortcodes, rendering.generator, rendering.site)
    words = (word for pair in sorted(labels.items()) for word in pair)
    parts = (_RENDERING, *settings, title, digest, *words)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
