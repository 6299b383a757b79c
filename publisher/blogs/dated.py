"""A folder of a blog -> which folders in it hold posts: those whose files have dates."""

import re
from collections.abc import Sequence

from publisher.blogs.tree import Tree

_SUFFIXES = (".md", ".markdown", ".mkd", ".mdown", ".mdx", ".html")
_DATE = re.compile(
    r"^[ \t]*\"?(?:date|published|pub_?date|publish_?date|published_?at|pub_?datetime|created(?:_?at)?)\"?[ \t]*[:=]",
    re.IGNORECASE | re.MULTILINE,
)
_DATED_NAME = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_USUAL = (
    "posts",
    "post",
    "blog",
    "news",
    "articles",
    "article",
    "writing",
    "notes",
    "journal",
    "entries",
    "essays",
    "log",
)
NO_POSTS = frozenset({
    "node_modules", "vendor", "venv", "public", "site", "dist", "output", "templates", "template", "archetypes",
})  # fmt: skip
"""Folders, in small letters, of what is no post, whatever its ending."""
_LOOKED_AT = 40  # files of a folder: enough to know what it holds
_DEPTH = 5


def dated(tree: Tree, folder: str, depth: int = _DEPTH) -> tuple[int, int]:
    """How many of the first files in a folder, and below, have a date; and how many there are."""
    with_date = seen = 0
    for name in tree.files(folder):
        lower = name.lower()
        if seen >= _LOOKED_AT or not lower.endswith(_SUFFIXES) or lower.startswith(("_index.", "readme.")):
            continue
        seen += 1
        text = tree.text(f"{folder}/{name}".lstrip("/")) or ""
        with_date += bool(_DATED_NAME.match(name) or _DATE.search(text[:3000]))
    for name in tree.folders(folder) if depth else ():
        if seen < _LOOKED_AT:
            inner = dated(tree, f"{folder}/{name}".lstrip("/"), depth - 1)
            with_date, seen = with_date + inner[0], seen + inner[1]
    return with_date, seen


def markdown_below(tree: Tree) -> dict[str, int]:
    """The folders of a folder that have Markdown in them, dated or not, and how much; at most what is looked at."""
    counts = {name: _written(tree, name, _DEPTH) for name in tree.folders("") if name.lower() not in NO_POSTS}
    return {name: count for name, count in counts.items() if count}


def _written(tree: Tree, folder: str, depth: int) -> int:
    names = [name.lower() for name in tree.files(folder)]
    count = sum(name.endswith((".md", ".markdown")) and not name.startswith("readme.") for name in names)
    for name in tree.folders(folder) if depth else ():
        if count < _LOOKED_AT:
            count += _written(tree, f"{folder}/{name}", depth - 1)
    return min(count, _LOOKED_AT)


def sections(tree: Tree, folder: str, *, wanted: Sequence[str] = ()) -> list[str]:
    """The folders in *folder* that hold posts: those that are wanted by name, else those usual, else the fullest."""
    found = {name: dated(tree, f"{folder}/{name}".lstrip("/")) for name in tree.folders(folder)}
    holding = {name: count for name, (count, seen) in found.items() if count and count * 2 >= seen}
    for names in (wanted, _USUAL):
        chosen = [name for name in holding if name.lower() in {one.lower() for one in names}]
        if chosen:
            return chosen
    return [max(holding, key=lambda name: (holding[name], name))] if holding else []
