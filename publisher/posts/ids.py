"""A post that was never seen -> the id it keeps for ever."""

from collections.abc import Container
from enum import StrEnum
from urllib.parse import quote, unquote, urlsplit

import idna

from publisher.model.entry import EntryId, Post
from publisher.posts.addresswords import Facts

# RFC 4151 2.1: specific = *( pchar / "/" / "?" ); the percent sign itself is encoded, so two paths never meet.
_SPECIFIC = "/?:@!$&'()*+,;=-._~"


class IdScheme(StrEnum):
    """How ids are made. A blog that moves in keeps its generator's way, or readers would show old posts as new."""

    TAG = "tag"  # ours: domain, day and file
    PERMALINK = "permalink"  # Hugo, Zola, Eleventy: the address
    JEKYLL = "jekyll"  # the address's folder and the slug
    PELICAN = "pelican"  # a tag of its own: host, day and the address's path


def mint_id(post: Post, *, domain: str, taken: Container[str]) -> EntryId:
    """The id by the site's scheme; numbered where that is taken."""
    base = post.former_id or _tag(post, domain)
    # A number behind a fragment is still an address of the same page, and of no other.
    mark = "#" if base.startswith("http") else "-"
    number = 1
    minted = base
    while minted in taken:
        number += 1
        minted = f"{base}{mark}{number}"
    return EntryId(minted)


def former_id(scheme: IdScheme, url: str, facts: Facts) -> str | None:
    """The id that the blog's old feed gave a post; None where ids are ours."""
    match scheme:
        case IdScheme.TAG:
            return None
        case IdScheme.PERMALINK:
            return url
        case IdScheme.JEKYLL:
            return _jekyll(url, facts)
        case IdScheme.PELICAN:
            return _pelican(url, facts)


def _jekyll(url: str, facts: Facts) -> str:
    """jekyll-feed 0.17: `{{ post.id | absolute_url }}`, where the id is File.dirname(url)/slug (Document#id)."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    folder = path.rpartition("/")[0]
    slug = facts.slug or facts.file.name.rstrip(".")
    return f"{parts.scheme}://{parts.netloc}{folder}/{quote(slug, safe=_SPECIFIC + '%')}"


def _pelican(url: str, facts: Facts) -> str:
    """Pelican 4: get_tag_uri() of feedgenerator; the day is that of the author's offset, the path not encoded."""
    parts = urlsplit(url)
    return f"tag:{parts.hostname},{facts.when.date().isoformat()}:{unquote(parts.path).replace(' ', '%20')}"


def _tag(post: Post, domain: str) -> str:
    """A tag URI (RFC 4151) of the domain, the day it was published and its path."""
    folder, slash, name = post.path.rpartition("/")
    stem = name.rpartition(".")[0] or name
    words = quote(f"{folder}{slash}{stem}".encode("utf-8", "surrogateescape"), safe=_SPECIFIC)
    return f"tag:{_authority(domain)},{post.metadata.published.date().isoformat()}:{words}"


def _authority(domain: str) -> str:
    """RFC 4151 takes a DNS name of ASCII letters, no port."""
    name = domain.partition(":")[0].strip(".").lower()
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            name = quote(name, safe="")
    return name or "localhost"
