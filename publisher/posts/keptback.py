"""The path of a file -> why its generator makes no post of it, whatever the file says."""

import re
from collections.abc import Sequence

from publisher.posts.generators import Generator

_POSTS, _DRAFTS = "_posts", "_drafts"
_DATED = re.compile(r"\d{2,4}-\d{1,2}-\d{1,2}-[^/]*\.[^./]+\Z")  # Jekyll's DATE_FILENAME_MATCHER
_SPECIAL = ("_", "#", "~")  # Jekyll's EntryFilter; what begins with a dot nobody reads


def kept_back(path: str, folder: str, generator: Generator) -> str | None:
    """A sentence, None for what may be a post. `folder` is the name of the folder that posts are in."""
    if generator is Generator.JEKYLL:
        return _by_jekyll([folder, *path.split("/")])
    if generator is Generator.HEXO and any(part.startswith("_") for part in _below_posts([folder, *path.split("/")])):
        return "Hexo makes no post of a file whose name, or folder, begins with `_`; rename it, if it is one"
    return None


def _by_jekyll(parts: Sequence[str]) -> str | None:
    """Of folders Jekyll looks at the first one only. A draft needs no date, and is none of ours in any case."""
    if _DRAFTS in parts:
        return None
    below = _below_posts(parts)
    if below[0].startswith(_SPECIAL) or below[-1].startswith(_SPECIAL):
        return "Jekyll makes no post of a file whose name, or folder, begins with `_`; rename it, if it is one"
    if _POSTS in parts and not _DATED.match(below[-1]):
        return "Jekyll makes no post of a file without a date in its name; call it 2020-12-31-title.md, if it is one"
    return None


def _below_posts(parts: Sequence[str]) -> Sequence[str]:
    """Without the folder that posts are in."""
    return parts[parts.index(_POSTS) + 1 :] if _POSTS in parts[:-1] else parts[1:]
