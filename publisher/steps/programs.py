"""A token -> the program that holds it, and what it may do for the owner.

What is kept is a hash: whoever reads the database can act for nobody. A token has 256 bits of chance, so a plain hash
of it is as good as a slow one.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

PREFIX = "pub_"  # so that scanners of code know one that was put there by mistake


class Scope(StrEnum):
    """What a program may do."""

    ADD = "subscriptions:add"


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One that was given a token."""

    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None


class Programs(Protocol):
    """Those that there are."""

    def find(self, digest: str, *, now: datetime) -> Program | None:
        """The program of a token that still counts; that it was used is remembered."""

    def add(self, name: str, digest: str, scopes: Sequence[str], *, now: datetime) -> None:
        """A new one. Raises Refused where the name is taken."""

    def revoke(self, name: str, *, now: datetime) -> None:
        """Its token counts no more. Raises Refused where there is none of that name."""

    def all(self) -> Sequence[Program]:
        """By name."""


def digest_of(token: str) -> str:
    """What is kept of it."""
    return hashlib.sha256(token.encode()).hexdigest()


def bearer(programs: Programs, authorization: str, *, now: datetime) -> Program | None:
    """The program that sends this header field (RFC 6750 2.1); None for whatever is no token that counts."""
    scheme, _, token = authorization.strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip().startswith(PREFIX):
        return None
    return programs.find(digest_of(token.strip()), now=now)
