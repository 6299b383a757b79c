"""Readers: their addresses, what they agreed to, and the life of that consent."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from publisher.model.entry import check_aware

SubscriberId = NewType("SubscriberId", int)

# RFC 5321 4.1.2 allows more (quoted local parts); no mailbox in use has one, and each is a door for injection.
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f\"<>\\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A mailbox that may be written to, spelled as its owner does.

    `ascii` goes on the wire (RFC 5321), its domain in punycode; None only where the local part
    needs SMTPUTF8 (RFC 6531). `key` is what two spellings of one mailbox share.
    """

    display: str
    ascii: str | None
    key: str

    @property
    def domain(self) -> str:
        """The part after the @, in punycode, lower case."""
        return self.key.rpartition("@")[2]

    def __str__(self) -> str:
        return self.display


def parse_address(text: str) -> Address:
    """An address from what somebody typed. Raises ValueError with a sentence that says what is wrong."""
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415  # slow to load, and not always asked

    text = text.strip()
    if _UNSAFE.search(text):
        msg = f"{text!r} is not an address: it has a blank, a quote or a control character in it"
        raise ValueError(msg)
    try:
        valid = validate_email(text, check_deliverability=False)
    except EmailNotValidError as error:
        msg = f"{text!r} is not an address: {str(error).rstrip('.')}"
        raise ValueError(msg) from None
    domain = valid.ascii_domain.lower()
    ascii_form = f"{valid.local_part}@{domain}" if valid.local_part.isascii() else None
    return Address(display=valid.normalized, ascii=ascii_form, key=f"{valid.local_part.casefold()}@{domain}")


class Consent(StrEnum):
    """The state of a subscription. Only `active` is ever mailed."""

    PENDING = "pending"  # asked for, not yet confirmed
    ACTIVE = "active"
    PAUSED = "paused"
    LEFT = "left"


CONSENT: dict[tuple[Consent | None, str], Consent] = {
    (None, "ask"): Consent.PENDING,
    (None, "confirm"): Consent.ACTIVE,  # consent given elsewhere, with a note of where
    (Consent.PENDING, "confirm"): Consent.ACTIVE,
    (Consent.PENDING, "leave"): Consent.LEFT,
    (Consent.ACTIVE, "pause"): Consent.PAUSED,
    (Consent.ACTIVE, "leave"): Consent.LEFT,
    (Consent.PAUSED, "resume"): Consent.ACTIVE,
    (Consent.PAUSED, "leave"): Consent.LEFT,
    (Consent.LEFT, "ask"): Consent.PENDING,
    (Consent.LEFT, "confirm"): Consent.ACTIVE,  # only by the reader's own new opt-in
}
"""The whole life of a consent: (state, event) -> state. What is not here does not happen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """A person with an address."""

    id: SubscriberId
    address: Address
    name: str = ""
    language: str | None = None  # None: the newsletter's


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A subscriber's consent to one newsletter, and the choices that came with it.

    `topics` empty means everything. `covered` is the number of the last announcement that
    the reader's issues have dealt with.
    """

    subscriber: SubscriberId
    newsletter: str
    state: Consent
    frequency: str
    topics: frozenset[str] = frozenset()  # category terms
    covered: int = 0
    language: str | None = None
    consented_at: datetime | None = None
    note: str = ""  # where the consent came from

    def __post_init__(self) -> None:
        check_aware("consented_at", self.consented_at)


class SuppressionReason(StrEnum):
    """Why an address gets nothing more, whatever it subscribed to."""

    BOUNCED = "bounced"
    COMPLAINED = "complained"
    OWNER = "owner"  # put on the do-not-mail list by hand
    ERASED = "erased"  # asked to be forgotten: no import brings them back, only they themselves


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """An address that gets nothing more."""

    key: str  # Address.key
    reason: SuppressionReason
    at: datetime
    note: str = ""
