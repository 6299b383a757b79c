"""A claim about a reader -> a link nobody can forge, and back.

    k1-gezdg . . . q     key id, then base32 of claim and signature

A token names a subscriber by number, never by address. It carries no time: links in old mails keep
working as long as the key is kept (RFC 8058 asks that leaving works; E7). Every purpose signs with a key
of its own, so that a link to leave cannot be turned into one that shows or changes data.
Base32 in lower case survives mail servers that fold the case of a local part (`unsub+TOKEN@`).
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from itsdangerous import Signer

from publisher.model.issue import IssueId
from publisher.model.subscriber import SubscriberId

SIGNATURE = 16  # bytes; 128 bits of HMAC-SHA256, and an envelope sender stays within 64 octets (V2)
KEY = 32  # bytes a key must have at least: as many as the hash gives
_KEY_ID = re.compile(r"[a-z0-9]{1,8}")
_TOKEN = re.compile(r"([a-z0-9]{1,8})-([a-z2-7]{26,2000})")


class Purpose(StrEnum):
    """What a token allows. A token made for one purpose is no token for another."""

    UNSUBSCRIBE = "unsubscribe"
    MANAGE = "manage"  # see nothing but one's choices, and lessen them
    FRESH = "fresh"  # mailed because it was asked for: shows and changes everything, for a while
    CONFIRM = "confirm"
    UNDO = "undo"  # `issue` is the number of what is undone
    REMOVE = "remove"  # of a reader who asked a person for it, by the owner
    VIEW = "view"
    BOUNCE = "bounce"
    APPROVE = "approve"  # of an issue, by the owner's answer to its preview


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyring:
    """The keys by their ids. `current` signs; the others still read what they once signed."""

    current: str
    keys: Mapping[str, bytes] = field(repr=False)

    def __post_init__(self) -> None:
        if self.current not in self.keys:
            msg = f"there is no key {self.current!r} to sign with"
            raise ValueError(msg)
        for name, key in self.keys.items():
            if not _KEY_ID.fullmatch(name):
                msg = f"{name!r} is not a key id: 1 to 8 small letters and digits"
                raise ValueError(msg)
            if len(key) < KEY:
                msg = f"key {name!r} is too short: {KEY} bytes or more"
                raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a valid token says."""

    newsletter: str
    subscriber: SubscriberId
    issue: IssueId | None = None


def _signature(key: bytes, purpose: Purpose, payload: bytes) -> bytes:
    return hmac.digest(_derived(key, purpose), payload, "sha256")[:SIGNATURE]


@lru_cache(maxsize=64)
def _derived(key: bytes, purpose: Purpose) -> bytes:
    return Signer(key, salt=f"publisher {purpose}", key_derivation="hmac", digest_method=hashlib.sha256).derive_key()


def _encode(data: bytes) -> str:
    return base64.b32encode(data).decode("ascii").rstrip("=").lower()


def sign(
    keyring: Keyring, purpose: Purpose, *, newsletter: str, subscriber: SubscriberId, issue: IssueId | None = None
) -> str:
    """An opaque token of letters, digits and one hyphen; for VERP leave *newsletter* empty (V2)."""
    payload = f"{subscriber}.{'' if issue is None else issue}.{newsletter}".encode()
    key = keyring.keys[keyring.current]
    return f"{keyring.current}-{_encode(payload + _signature(key, purpose, payload))}"


def read(keyring: Keyring, purpose: Purpose, token: str) -> Claim | None:
    """The claim, or None for whatever is not a token of ours for *purpose*. Never raises."""
    # `[a-z]` and IGNORECASE would let U+212A through, so ASCII first
    match = _TOKEN.fullmatch(token.lower()) if token.isascii() else None
    if match is None:
        return None
    name, text = match.groups()
    try:
        data = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    except binascii.Error:
        return None
    payload, signature = data[:-SIGNATURE], data[-SIGNATURE:]
    key = keyring.keys.get(name)
    # an unknown key id takes as long as a known one (E8)
    genuine = _signature(bytes(KEY) if key is None else key, purpose, payload)
    same = hmac.compare_digest(genuine, signature)
    # base32 has spare bits at its end: one token has one spelling
    if key is None or not same or _encode(data) != text:
        return None
    subscriber, issue, newsletter = payload.decode().split(".", 2)
    return Claim(
        newsletter=newsletter,
        subscriber=SubscriberId(int(subscriber)),
        issue=IssueId(int(issue)) if issue else None,
    )
