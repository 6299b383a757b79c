"""Metadata as written -> text, truth and lists, whatever form a dialect gives them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache

from publisher.posts.frontmatter import Dialect
from publisher.posts.source import NOT_XML

MAX_ITEMS = 500  # of one list: more are an accident, or an alias bomb unrolled
MAX_TEXT = 20_000  # characters of one value

_NO = frozenset({"false", "no", "off", "0", "n", "none", "null", "never"})
_YES = frozenset({"true", "yes", "on", "1", "y", "always"})


Keys = Mapping[str, str]
"""Names of keys, made alike -> as they are shown; in the order in which they count."""


@lru_cache(maxsize=4096)
def key_of(name: str) -> str:
    """`publishDate`, `publish-date`, `Publish Date` and `publish_date` are one key."""
    return name.strip().lower().replace("_", "").replace("-", "").replace(" ", "").replace(".", "")


def keys(*names: str) -> Keys:
    """Names to look for: made alike once, not for every post."""
    return {key_of(name): name for name in names}


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """All keys of a post on one level, made alike; Zola's and Hugo's inner tables opened. None of them says nothing."""

    values: Mapping[str, object]
    dialect: Dialect

    def get(self, name: str) -> object:
        """The value of one key, None where it says nothing."""
        return self.values.get(key_of(name))

    def those(self, wanted: Keys) -> list[tuple[str, object]]:
        """Those of these keys that say anything, as they are shown, with their values."""
        values = self.values
        if values.keys().isdisjoint(wanted.keys()):  # nearly always, and this is asked thirty times of a post
            return []
        there = values.keys() & wanted.keys()
        if len(there) < 2:
            return [(wanted[key], values[key]) for key in there]
        return [(shown, values[key]) for key, shown in wanted.items() if key in there]

    def first(self, wanted: Keys) -> object:
        """The first of these keys that says anything, None where none does."""
        return next((value for _, value in self.those(wanted)), None)

    def text(self, wanted: Keys) -> str | None:
        """The first of these keys that is a line of text."""
        return next((text for _, value in self.those(wanted) if (text := line(value)) is not None), None)


_INNER = ("extra", "params", "taxonomies", "seo")  # in these, other themes keep what others have on top


def header_of(metadata: Mapping[str, object], dialect: Dialect) -> Header:
    """The keys of front matter, made alike. A key on top wins over one in a table."""
    top = {key_of(str(key)): value for key, value in reversed(list(metadata.items()))}
    for name in _INNER:
        inner = top.get(name)
        if isinstance(inner, Mapping):
            for key, value in inner.items():
                top.setdefault(key_of(str(key)), value)
    values = {key: value for key, value in top.items() if value is not None and value != ""}
    return Header(values=values, dialect=dialect)


def line(value: object) -> str | None:
    """A scalar as one line of text, blanks collapsed; None for nothing and for what is no scalar."""
    if isinstance(value, str):
        text = value[:MAX_TEXT]
        return " ".join((text if text.isprintable() else NOT_XML.sub("", text)).split()) or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    return str(value) if isinstance(value, (int, float)) else None


def truth(value: object) -> bool | None:
    """A yes or a no, None where the value is neither (such as a date under `published:`)."""
    if isinstance(value, bool):
        return value
    word = (line(value) or "").lower()
    if word in _YES:
        return True
    return False if word in _NO else None


def items(value: object) -> Iterator[object]:
    """The scalars and mappings of a value, lists within lists opened once, no more than anybody means."""
    if value is None:
        return
    if not isinstance(value, (list, tuple)):
        yield value
        return
    count = 0
    for item in value[:MAX_ITEMS]:
        inner = item[:MAX_ITEMS] if isinstance(item, (list, tuple)) else (item,)
        for one in inner:
            if one is not None and not isinstance(one, (list, tuple)) and count < MAX_ITEMS:
                count += 1
                yield one


def mapping(value: object) -> Mapping[str, object] | None:
    """A mapping with its keys made alike, None for anything else."""
    if isinstance(value, Mapping):
        return {key_of(str(key)): inner for key, inner in value.items()}
    return None


def one_of(inner: Mapping[str, object] | None, wanted: Keys) -> object:
    """The first of these keys of a mapping that says anything, None where none does."""
    return next((value for key in wanted if inner and (value := inner.get(key))), None)
