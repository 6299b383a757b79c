"""Addresses with consent -> readers; and readers who leave."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from publisher.mail.tokens import Claim
from publisher.model.issue import Newsletter
from publisher.model.subscriber import Address, SubscriberId, parse_address
from publisher.posts.slugs import slug_of
from publisher.steps.announce import at_once_frequencies

Added = Literal["added", "unchanged", "left", "suppressed"]


class Readers(Protocol):
    """Readers and their consents."""

    def add(
        self,
        address: Address,
        newsletter: str,
        *,
        frequency: str,
        at_once: bool,
        name: str,
        topics: frozenset[str],
        language: str | None,
        note: str,
        source: str = "",
        consented_at: datetime | None = None,
        now: datetime,
    ) -> Added:
        """A reader whose consent was given elsewhere; never brings back who left or is suppressed."""

    def leave(self, reader: SubscriberId, newsletter: str, *, note: str, now: datetime) -> bool:
        """End a subscription; False where there is none. Twice is once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A reader to be added, checked."""

    address: Address
    newsletter: str
    frequency: str
    at_once: bool
    name: str = ""
    topics: frozenset[str] = frozenset()
    language: str | None = None
    note: str = ""
    source: str = ""
    consented_at: datetime | None = None


def parse_wish(
    newsletters: Mapping[str, Newsletter],
    *,
    address: str,
    name: str = "",
    newsletter: str = "",
    frequency: str = "",
    topics: str = "",
    language: str = "",
    note: str = "",
) -> Wish:
    """What somebody typed, or a line of a file. Raises ValueError with a sentence."""
    found = newsletter_of(newsletters, newsletter)
    frequency = frequency or found.default_frequency
    if frequency not in found.frequencies:
        known = ", ".join(found.frequencies)
        raise ValueError(f"newsletter {found.name!r} has no frequency {frequency!r}; it has: {known}")
    if language and found.spoken(language) != language:
        known = ", ".join(found.offered)
        raise ValueError(f"newsletter {found.name!r} is not offered in {language!r}; it is in: {known}")
    return Wish(
        address=parse_address(address),
        newsletter=found.name,
        frequency=frequency,
        at_once=frequency in at_once_frequencies(found),
        name=parse_name(name),
        topics=frozenset(slug_of(topic) for topic in topics.replace(";", ",").split(",") if topic.strip()),
        language=language or None,
        note=note.strip(),
    )


def parse_name(text: str) -> str:
    """What somebody is called. Raises ValueError with a sentence."""
    if not text.isprintable() and any(ord(letter) < 32 or ord(letter) == 127 for letter in text):
        raise ValueError(f"the name {text!r} has a control character in it")
    return text.strip()


def subscribe(readers: Readers, wish: Wish, *, now: datetime) -> Added:
    """Add one reader, active from now on."""
    return readers.add(
        wish.address,
        wish.newsletter,
        frequency=wish.frequency,
        at_once=wish.at_once,
        name=wish.name,
        topics=wish.topics,
        language=wish.language,
        note=wish.note,
        source=wish.source,
        consented_at=wish.consented_at,
        now=now,
    )


def leave(readers: Readers, claim: Claim, *, now: datetime, note: str) -> bool:
    """What a link to leave does: nothing but end that one subscription."""
    return readers.leave(claim.subscriber, claim.newsletter, note=note, now=now)


def newsletter_of(newsletters: Mapping[str, Newsletter], name: str) -> Newsletter:
    """The one of that name; where there is one only, it needs none. Raises ValueError with a sentence."""
    if not newsletters:
        raise ValueError("no newsletter is configured; add a table [newsletters.main] to config.toml")
    if not name and len(newsletters) == 1:
        return next(iter(newsletters.values()))
    if name not in newsletters:
        known = ", ".join(newsletters)
        raise ValueError(f"there is no newsletter {name!r}; there is: {known}" if name else f"name one of: {known}")
    return newsletters[name]
