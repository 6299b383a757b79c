"""Authors in every form that blogs give them -> authors."""

import re
from collections.abc import Iterator

from publisher.model.entry import Author
from publisher.posts.frontmatter import Dialect
from publisher.posts.prose import readable
from publisher.posts.urls import absolute
from publisher.posts.values import Header, items, keys, line, mapping, one_of

_MAILBOX = re.compile(r"([^<>]*)<\s*([^<>\s]+)\s*>\s*\Z")
_AUTHORS = keys("authors", "author")
_NAMES = keys("name", "display_name", "nickname", "email")
_URIS = keys("uri", "url", "link", "website", "homepage")
_EMAILS = keys("email", "mail")
_ADDRESS = re.compile(r"[^@\s<>\"]+@[^@\s<>\"]+\.[^@\s<>\"]+\Z")


def authors_of(header: Header, site_url: str) -> tuple[Author, ...]:
    """The authors that the post names, none twice."""
    authors = (_author(value, site_url) for value in _named(header))
    return tuple({author.name: author for author in authors if author is not None}.values())


def _named(header: Header) -> Iterator[object]:
    value = header.first(_AUTHORS)
    if isinstance(value, str) and header.dialect is Dialect.HEADERS:
        yield from value.split(";" if ";" in value else ",")  # as Pelican does
        return
    one = mapping(value)
    if one is not None and one_of(one, _NAMES) is None:
        yield from one.values()  # authors: {jane: {name: ...}}
        return
    yield from items(value)


def _author(value: object, site_url: str) -> Author | None:
    inner = mapping(value)
    if inner is not None:
        name = line(one_of(inner, _NAMES))
        uri = line(one_of(inner, _URIS))
        email = line(one_of(inner, _EMAILS))
        return _made(name, uri, email, site_url)
    text = line(value)
    if text is None:
        return None
    text = readable(text).removeprefix("[[").removesuffix("]]")  # [[John Doe]]: Obsidian
    if (match := _MAILBOX.match(text)) is not None and _ADDRESS.match(match[2]):
        return _made(match[1].strip() or match[2], None, match[2], site_url)
    return _made(text, None, None, site_url)


def _made(name: str | None, uri: str | None, email: str | None, site_url: str) -> Author | None:
    if not name:
        return None
    return Author(
        name=name[:200],
        uri=absolute(uri, site_url) if uri else None,
        email=email if email and _ADDRESS.match(email) else None,
    )
