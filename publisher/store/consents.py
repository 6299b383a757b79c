"""What somebody agreed to, written down: the proof of it."""

from datetime import datetime

from sqlalchemy import Connection

from publisher.model.subscriber import SubscriberId
from publisher.steps.signup import Wording
from publisher.store.schema import consent_event
from publisher.store.schema import wording as wordings
from publisher.store.upsert import insert


def keep_words(connection: Connection, words: Wording | None, now: datetime) -> str | None:
    """What a page said, kept once however many agree to it; its digest."""
    if words is None:
        return None
    row = {"digest": words.digest, "language": words.language, "text": words.text, "since": now}
    connection.execute(insert(wordings).values(row).on_conflict_do_nothing())
    return words.digest


def record(
    connection: Connection,
    reader: SubscriberId,
    newsletter: str,
    event: str,
    *,
    now: datetime,
    note: str = "",
    wording: str | None = None,
    source: str = "",
    origin: str | None = None,
    asked_at: datetime | None = None,
) -> int:
    """One event; its number.

    `wording` is a digest of what the page said, `asked_at` when the form was sent or the paper signed.
    """
    row = {"subscriber_id": reader, "newsletter": newsletter, "event": event, "at": now, "note": note}
    row |= {"wording": wording, "source": source, "origin": origin, "asked_at": asked_at}
    number = connection.scalar(insert(consent_event).values(row).returning(consent_event.c.id))
    assert number is not None
    return int(number)
