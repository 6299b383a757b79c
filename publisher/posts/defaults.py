"""What the settings say of posts in a folder -> what a post says, where it says nothing itself."""

from collections.abc import Callable, Mapping
from functools import lru_cache

from publisher.posts.generators import Generator
from publisher.posts.globs import path_test
from publisher.posts.rules import PostRules
from publisher.posts.values import items, key_of

_CATEGORIES = "categories"


def with_defaults(own: Mapping[str, object], path: str, rules: PostRules) -> Mapping[str, object]:
    """The keys of a post, with those of its folders; of two patterns that fit the longer counts."""
    patterns = [pattern for pattern in sorted(rules.defaults, key=_length) if _test(pattern)(path)]
    if not patterns:
        return own
    said: Mapping[str, object] = {}
    for pattern in patterns:
        said = _over(rules.defaults[pattern], said)
    if rules.generator is Generator.JEKYLL:
        own = _with_categories(own, said)
    return _over(own, said)


def _length(pattern: str) -> int:
    return len(pattern.strip("*/"))


@lru_cache(maxsize=1024)  # the same few for all posts
def _test(pattern: str) -> Callable[[str], bool]:
    return path_test((pattern,))


def _over(upper: Mapping[str, object], lower: Mapping[str, object]) -> Mapping[str, object]:
    """Both, of which the upper counts where it says something; a table in it is filled up."""
    names = {key_of(str(key)): key for key in upper}
    found = dict(upper)
    for key, value in lower.items():
        name = names.get(key_of(str(key)), key)
        there = found.get(name)
        if there is None or there == "":
            found[name] = value
        elif isinstance(there, Mapping) and isinstance(value, Mapping):
            found[name] = _over(there, value)
    return found


def _with_categories(own: Mapping[str, object], said: Mapping[str, object]) -> Mapping[str, object]:
    """Jekyll's: those of its folder come to those that the post names."""
    if not own.get(_CATEGORIES) or not said.get(_CATEGORIES):
        return own
    above = _several(said[_CATEGORIES])
    return {**own, _CATEGORIES: [*above, *(one for one in _several(own[_CATEGORIES]) if one not in above)]}


def _several(value: object) -> list[object]:
    return list(value.split()) if isinstance(value, str) else list(items(value))
