"""A ping: a hub to be told that a feed changed (WebSub), and how far that is."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    """One hub to be told of one feed document; a newer build of the document begins it anew."""

    feed: str  # the document's public address: WebSub's topic
    hub: str
    digest: str  # SHA-256 of what the document says now, hex
    since: datetime
    due: datetime
    shown_at: datetime | None = None  # when the public address was first seen to say it; None: not yet
    attempts: int = 0  # since `shown_at`, or since `since` before that
    answer: str = ""  # to the last attempt
