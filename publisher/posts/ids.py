"""A post that was never seen -> the id it keeps for ever."""

from collections.abc import Container
from urllib.parse import quote

import idna

from publisher.model.entry import EntryId, Post

# RFC 4151 2.1: specific = *( pchar / "/" / "?" ); the percent sign itself is encoded, so two paths never meet.
_SPECIFIC = "/?:@!$&'()*+,;=-._~"


def mint_id(post: Post, *, domain: str, taken: Container[str]) -> EntryId:
    """A tag URI (RFC 4151) of the domain, the day it was published and its path; numbered where that is taken."""
    folder, slash, name = post.path.rpartition("/")
    stem = name.rpartition(".")[0] or name
    words = quote(f"{folder}{slash}{stem}".encode("utf-8", "surrogateescape"), safe=_SPECIFIC)
    base = f"tag:{_authority(domain)},{post.metadata.published.date().isoformat()}:{words}"
    number = 1
    minted = base
    while minted in taken:
        number += 1
        minted = f"{base}-{number}"
    return EntryId(minted)


def _authority(domain: str) -> str:
    """RFC 4151 takes a DNS name of ASCII letters, no port."""
    name = domain.partition(":")[0].strip(".").lower()
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            name = quote(name, safe="")
    return name or "localhost"
