"""A post that was never seen -> the id it keeps for ever."""

from collections.abc import Container
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote, urlsplit

import idna

from publisher.model.entry import EntryId, Post

# RFC 4151 2.1: specific = *( pchar / "/" / "?" ); the percent sign itself is encoded, so two paths never meet.
_SPECIFIC = "/?:@!$&'()*+,;=-._~"


class IdScheme(StrEnum):
    """How ids are made. A blog that moves in keeps its generator's way, or readers would show old posts as new."""

    TAG = "tag"  # ours: domain, day and file
    PERMALINK = "permalink"  # Hugo, Zola, Eleventy: the address
    JEKYLL = "jekyll"  # the address without `.html` or the slash at its end
    PELICAN = "pelican"  # a tag of its own: host, day and the address's path


@dataclass(frozen=True, slots=True, kw_only=True)
class Minting:
    """What ids are made with: `domain` is the site's host."""

    domain: str
    scheme: IdScheme = IdScheme.TAG


def mint_id(post: Post, minting: Minting, *, taken: Container[str]) -> EntryId:
    """The id of the site's scheme; numbered where that is taken."""
    base = _SCHEMES[minting.scheme](post, minting.domain)
    # A number behind a fragment is still an address of the same page, and no address of another.
    mark = "-" if minting.scheme is IdScheme.TAG else "#"
    number = 1
    minted = base
    while minted in taken:
        number += 1
        minted = f"{base}{mark}{number}"
    return EntryId(minted)


def _tag(post: Post, domain: str) -> str:
    """A tag URI (RFC 4151) of the domain, the day it was published and its path."""
    folder, slash, name = post.path.rpartition("/")
    stem = name.rpartition(".")[0] or name
    words = quote(f"{folder}{slash}{stem}".encode("utf-8", "surrogateescape"), safe=_SPECIFIC)
    return f"tag:{_authority(domain)},{post.metadata.published.date().isoformat()}:{words}"


def _permalink(post: Post, domain: str) -> str:
    del domain
    return post.metadata.url


def _jekyll(post: Post, domain: str) -> str:
    """jekyll-feed 0.17: `{{ post.id | absolute_url }}`, where an id is the address without its ending."""
    del domain
    url = post.metadata.url
    return url.removesuffix(".html").rstrip("/") if urlsplit(url).path.strip("/") else url


def _pelican(post: Post, domain: str) -> str:
    """Pelican 4: get_tag_uri() of feedgenerator."""
    parts = urlsplit(post.metadata.url)
    host = parts.hostname or domain
    return f"tag:{host},{post.metadata.published.date().isoformat()}:{parts.path}"


_SCHEMES = {
    IdScheme.TAG: _tag,
    IdScheme.PERMALINK: _permalink,
    IdScheme.JEKYLL: _jekyll,
    IdScheme.PELICAN: _pelican,
}


def _authority(domain: str) -> str:
    """RFC 4151 takes a DNS name of ASCII letters, no port."""
    name = domain.partition(":")[0].strip(".").lower()
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            name = quote(name, safe="")
    return name or "localhost"
