"""What a reader says of themselves -> checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from publisher.model.subscriber import Address, SubscriberId

LONGEST = 100  # characters of a name


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A reader, without what they subscribe to."""

    address: Address
    name: str
    language: str | None


class People(Protocol):
    """Readers as persons."""

    def person(self, reader: SubscriberId) -> Person | None:
        """One of them; None where nobody has that number."""

    def call(self, reader: SubscriberId, *, name: str, language: str | None) -> None:
        """Their name, and the language that they want their mails in."""


def checked(name: str, language: str, offered: Sequence[str]) -> tuple[str, str | None]:
    """A name of one line, and a language that there is. Raises ValueError for a name that can be none."""
    name = " ".join(name.split())
    if len(name) > LONGEST or not name.isprintable():
        raise ValueError(name)
    return name, language if language in offered else None
