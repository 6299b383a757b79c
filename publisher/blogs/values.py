"""What a generator's settings say of the posts in a folder -> `posts.defaults`."""

import math
from collections.abc import Mapping

ALL = "**"
"""The pattern of all posts."""

# What is there for the blog's own templates, and says nothing of a post in a feed or a mail.
_OF_TEMPLATES = frozenset({
    "layout", "type", "comments", "comment", "share", "related", "toc", "toc_label", "toc_icon", "toc_sticky", "pin",
    "read_time", "author_profile", "classes", "sidebar", "show_date", "sitemap", "search", "output", "mathjax", "math",
})  # fmt: skip


def kept(values: Mapping[str, object]) -> dict[str, object]:
    """Those that can be written in TOML, and that we ask for."""
    found = {key: _plain(value) for key, value in values.items() if key.lower() not in _OF_TEMPLATES}
    return {key: value for key, value in found.items() if value not in (None, "", [], {})}


def _plain(value: object) -> object:
    """None for what TOML cannot say."""
    if isinstance(value, Mapping):
        return {str(key): inner for key, one in value.items() if (inner := _plain(one)) is not None}
    if isinstance(value, list | tuple):
        return [inner for one in value if (inner := _plain(one)) is not None]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, bool | int | float | str) else None
