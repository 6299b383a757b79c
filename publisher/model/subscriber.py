"""Readers: their addresses, what they agreed to, and the life of that consent."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
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
    domain: str = field(init=False, repr=False, compare=False)  # after the @, in punycode, lower case

    def __post_init__(self) -> None:
        object.__setattr__(self, "domain", self.key.rpartition("@")[2])

    def __str__(self) -> str:
        return self.display


# What email-validator takes for a local part as it is (RFC 5322's dot-atom); all else is asked of it.
_PLAIN = re.compile(r"[A-Za-z0-9_!#$%&'*+\-/=?^`{|}~]+(?:\.[A-Za-z0-9_!#$%&'*+\-/=?^`{|}~]+)*")
LOCAL, WHOLE = 64, 254  # octets before the @, and of all (RFC 5321 4.5.3.1.1; 4.5.3.1.3 less its brackets)
_DOMAINS = 16_384  # that are remembered: a list of a million readers has some ten thousand


def parse_address(text: str) -> Address:
    """An address from what somebody typed. Raises ValueError with a sentence that says what is wrong.

    email-validator decides. It takes a tenth of a millisecond, nearly all of it for the domain: so what it said of a
    domain is remembered, and a plain local part is put before it.
    """
    text = text.strip()
    if _UNSAFE.search(text):
        msg = f"{text!r} is not an address: it has a blank, a quote or a control character in it"
        raise ValueError(msg)
    local, _, domain = text.rpartition("@")
    if not _PLAIN.fullmatch(local) or len(local) > LOCAL or len(domain) > WHOLE or local.lower() in _roles():
        return _asked(text)
    known = _known(domain)
    if known is None:  # it says why
        return _asked(text)
    display, of_key = known
    if len(local) + 1 + max(len(display.encode()), len(of_key)) > WHOLE:
        return _asked(text)
    return Address(display=f"{local}@{display}", ascii=f"{local}@{of_key}", key=f"{local.casefold()}@{of_key}")


def _asked(text: str) -> Address:
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415  # slow to load, and not always asked

    try:
        valid = validate_email(text, check_deliverability=False)
    except EmailNotValidError as error:
        msg = f"{text!r} is not an address: {str(error).rstrip('.')}"
        raise ValueError(msg) from None
    domain = valid.ascii_domain.lower()
    ascii_form = f"{valid.local_part}@{domain}" if valid.local_part.isascii() else None
    return Address(display=valid.normalized, ascii=ascii_form, key=f"{valid.local_part.casefold()}@{domain}")


@lru_cache(maxsize=_DOMAINS)
def _known(domain: str) -> tuple[str, str] | None:
    """A domain as it is shown, and as it goes on the wire; None where it is none."""
    try:
        found = _asked(f"a@{domain}")
    except ValueError:
        return None
    return found.display.rpartition("@")[2], found.domain


@lru_cache(maxsize=1)
def _roles() -> frozenset[str]:
    """Local parts that are the same in any case (RFC 2142), as email-validator has them."""
    from email_validator.rfc_constants import CASE_INSENSITIVE_MAILBOX_NAMES  # noqa: PLC0415  # see above

    return frozenset(CASE_INSENSITIVE_MAILBOX_NAMES)


class Consent(StrEnum):
    """The state of a subscription. Only `active` is ever mailed.

    What was only asked for is no subscription: it is a request, and nothing follows from it but one mail.
    """

    ACTIVE = "active"
    PAUSED = "paused"
    LEFT = "left"


CONSENT: dict[tuple[Consent | None, str], Consent] = {
    (None, "confirm"): Consent.ACTIVE,  # by the link in a mail; or given elsewhere, with a note of where
    (Consent.ACTIVE, "confirm"): Consent.ACTIVE,  # with other choices
    (Consent.ACTIVE, "pause"): Consent.PAUSED,
    (Consent.ACTIVE, "leave"): Consent.LEFT,
    (Consent.PAUSED, "pause"): Consent.PAUSED,  # for longer
    (Consent.PAUSED, "resume"): Consent.ACTIVE,
    (Consent.PAUSED, "undo"): Consent.ACTIVE,
    (Consent.PAUSED, "leave"): Consent.LEFT,
    (Consent.PAUSED, "confirm"): Consent.ACTIVE,
    (Consent.LEFT, "confirm"): Consent.ACTIVE,  # only by the reader's own new opt-in
    (Consent.LEFT, "undo"): Consent.ACTIVE,  # by whoever saw the page that said they had left, and not for long
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
    paused_until: datetime | None = None  # of a pause; None: until the reader says so

    def __post_init__(self) -> None:
        check_aware("consented_at", self.consented_at)
        check_aware("paused_until", self.paused_until)


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
