"""A line of a list: a person, and what the program that wrote it says of their consent."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Standing(StrEnum):
    """How a person stands where the list comes from."""

    ACTIVE = "active"
    PAUSED = "paused"
    LEFT = "left"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    OWNER = "owner"  # put on a do-not-mail list by hand
    UNCONFIRMED = "unconfirmed"  # asked, and never said yes
    UNKNOWN = "unknown"  # the list says something that we do not understand


SUPPRESSING = frozenset({Standing.BOUNCED, Standing.COMPLAINED, Standing.OWNER})
"""Whoever stands so gets nothing more, whatever they subscribed to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What a line says, unchecked: texts as they stood there.

    `consented` is when they agreed, None where the list does not say so in a way that counts; `doubt` says why.
    """

    address: str
    standing: Standing = Standing.ACTIVE
    name: str = ""
    newsletter: str = ""
    frequency: str = ""
    topics: str = ""
    language: str = ""
    note: str = ""  # where the consent came from
    consented: datetime | None = None
    ended: datetime | None = None  # when they left, or stopped being mailed
    paused_until: datetime | None = None
    suppressed: Standing | None = None  # beside the state of the subscription: as our own lists have it
    doubt: str = ""
