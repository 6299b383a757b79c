"""Categories and tags in every form that blogs give them -> slugs and labels, none twice."""

from collections.abc import Iterator
from typing import Literal

from publisher.model.entry import Category
from publisher.posts.filename import FileName
from publisher.posts.frontmatter import Dialect
from publisher.posts.slugs import slug_of
from publisher.posts.values import Header, items, line, mapping

MAX_LABEL = 200  # characters; a longer one is a sentence under the wrong key

Kind = Literal["category", "tag"]

# A string under a plural key is several words to Jekyll; under a singular key it is one category of several words.
_KEYS: tuple[tuple[Kind, str, bool], ...] = (
    ("category", "categories", True),
    ("category", "category", False),
    ("category", "topics", True),
    ("category", "topic", False),
    ("tag", "tags", True),
    ("tag", "tag", False),
)


def categories_of(header: Header, file: FileName) -> tuple[Category, ...]:
    """Categories first, then tags, in the author's order."""
    found: dict[tuple[Kind, str], Category] = {}
    for kind, label in _labels(header, file):
        words = label.lstrip("#").strip()
        if words and len(words) <= MAX_LABEL:
            term = slug_of(words)
            found.setdefault((kind, term), Category(kind=kind, term=term, label=words))
    return tuple(found.values())


def _labels(header: Header, file: FileName) -> Iterator[tuple[Kind, str]]:
    if "_posts" in file.folders:  # Jekyll: the folders above _posts are categories
        for folder in file.folders[: file.folders.index("_posts")]:
            yield "category", folder
    for kind, key, plural in _KEYS:
        value = header.values.get(key)
        if isinstance(value, str):
            yield from ((kind, word) for word in _words(value, header.dialect, plural=plural))
            continue
        for item in items(value):
            inner = mapping(item)
            label = line(_name_in(inner)) if inner is not None else line(item)
            if label:
                yield kind, label


def _name_in(inner: object) -> object:
    assert isinstance(inner, dict)
    return next((inner[key] for key in ("label", "name", "title", "term", "slug") if inner.get(key)), None)


def _words(value: str, dialect: Dialect, *, plural: bool) -> list[str]:
    value = value.strip()
    if value.startswith("[") and value.endswith("]"):
        value = value[1:-1]
    for sign in (";", ","):
        if sign in value:
            return [word.strip().strip("\"'") for word in value.split(sign)]
    if plural and dialect in {Dialect.YAML, Dialect.NONE}:
        return value.split()
    return [" ".join(value.split())]
