"""Categories and tags in every form that blogs give them -> slugs and labels, none twice."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Literal

from publisher.model.entry import Category
from publisher.posts.filename import FileName
from publisher.posts.frontmatter import Dialect
from publisher.posts.generators import MANNERS, Generator
from publisher.posts.prose import readable
from publisher.posts.slugs import slug_of
from publisher.posts.values import Header, items, keys, line, mapping, one_of

MAX_LABEL = 200  # characters; a longer one is a sentence under the wrong key

Kind = Literal["category", "tag"]

# A string under a plural key is several words to Jekyll; under a singular key it is one category of several words.
# To the others a string is one name. Commas part it nevertheless: nobody means a name that has them.
_KEYS: Mapping[str, tuple[Kind, bool]] = {
    "categories": ("category", True),
    "category": ("category", False),
    "topics": ("category", True),
    "topic": ("category", False),
    "tags": ("tag", True),
    "tag": ("tag", False),
}
_NAMED = keys(*_KEYS)
_LABELS = keys("label", "name", "title", "term", "slug")
_COLLECTIONS = frozenset({"post", "posts", "all", "nav"})  # what Eleventy's templates ask for; no tags of a reader's
_POSTS = "_posts"
_BY_BLANKS = frozenset({Generator.NONE, Generator.JEKYLL})


def categories_of(header: Header, file: FileName, generator: Generator = Generator.NONE) -> tuple[Category, ...]:
    """Categories first, then tags, in the author's order."""
    found: dict[tuple[Kind, str], Category] = {}
    for kind, label in _labels(header, file, generator):
        category = _category(kind, label)
        if category is not None:
            found.setdefault((kind, category.term), category)
    return tuple(found.values())


@lru_cache(maxsize=4096)  # the same few in all posts of a blog, which share them
def _category(kind: Kind, label: str) -> Category | None:
    words = readable(label).removeprefix("[[").removesuffix("]]").lstrip("#").strip()  # [[topic]]: Obsidian
    if not words or len(words) > MAX_LABEL or (kind == "tag" and words.lower() in _COLLECTIONS):
        return None
    return Category(kind=kind, term=slug_of(words), label=words)


def address_categories(header: Header, file: FileName, generator: Generator) -> tuple[str, ...]:
    """The categories that an address is made of, as the generator reckons them; labels."""
    if generator is Generator.JEKYLL:
        return (*_above_posts(file), *_jekyll(header))
    if generator is Generator.HEXO:
        return tuple(_hexo(header))
    labels = tuple(label for kind, label in _labels(header, file, generator) if kind == "category")
    return labels[:1] if generator is Generator.PELICAN else labels


def _jekyll(header: Header) -> Iterator[str]:
    """Jekyll's own reading: of the plural key first, a string parted by blanks only; the singular one is one word."""
    value = header.get("categories")
    several = value.split() if isinstance(value, str) else items(value)
    yield from (label for item in (*several, header.get("category")) if (label := line(item)))


def _hexo(header: Header) -> Iterator[str]:
    """Hexo's own reading: a list is one way down, of lists of them the last counts; a string is one name."""
    value = header.get("categories") or header.get("category")
    if isinstance(value, list) and any(isinstance(way, list) for way in value):
        value = value[-1]
    yield from (label for item in items(value) if (label := line(item)))


def _above_posts(file: FileName) -> tuple[str, ...]:
    """Jekyll: the folders above _posts are categories."""
    return file.folders[: file.folders.index(_POSTS)] if _POSTS in file.folders else ()


def _labels(header: Header, file: FileName, generator: Generator) -> Iterator[tuple[Kind, str]]:
    if generator in {Generator.NONE, Generator.JEKYLL}:
        yield from (("category", folder) for folder in _above_posts(file))
    if MANNERS[generator].folder_categories and file.folders and header.get("category") is None:
        yield "category", file.folders[-1]
    for key, value in header.those(_NAMED):
        kind, plural = _KEYS[key]
        if isinstance(value, str):
            one_word = generator is Generator.PELICAN and key == "category"
            by_blanks = plural and generator in _BY_BLANKS and header.dialect in {Dialect.YAML, Dialect.NONE}
            words = [value] if one_word else _words(value, by_blanks=by_blanks)
            yield from ((kind, word) for word in words)
            continue
        for item in items(value):
            inner = mapping(item)
            label = line(one_of(inner, _LABELS)) if inner is not None else line(item)
            if label:
                yield kind, label


def _words(value: str, *, by_blanks: bool) -> list[str]:
    value = value.strip()
    if value.startswith("[") and value.endswith("]") and not value.startswith("[["):
        value = value[1:-1]
    for sign in (";", ","):
        if sign in value:
            return [word.strip().strip("\"'") for word in value.split(sign)]
    if by_blanks:
        return value.split()
    return [" ".join(value.split())]
