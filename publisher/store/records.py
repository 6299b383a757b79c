"""Rows -> words, and back: the one place that knows how a value is spelt in a column."""

import json
from datetime import datetime
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row

from publisher.model.entry import Category, Entry, EntryId, Metadata
from publisher.model.issue import AnnouncedNo, Issue, IssueId, IssueState
from publisher.model.subscriber import Address, Consent, SubscriberId, Subscription

_METADATA = TypeAdapter(Metadata)
_CATEGORIES = TypeAdapter(tuple[Category, ...])


def metadata_column(metadata: Metadata) -> dict[str, Any]:
    """Metadata as JSON; what is empty is left out."""
    written: dict[str, Any] = _METADATA.dump_python(metadata, mode="json", exclude_defaults=True)
    return written


def metadata_value(column: dict[str, Any]) -> Metadata:
    """Metadata from JSON."""
    return _METADATA.validate_python(column)


@lru_cache(maxsize=1024)
def categories_value(said: str | None) -> tuple[Category, ...]:
    """Categories from their part of that JSON, None where it has none. Many posts have the same, and share them."""
    return _CATEGORIES.validate_json(said) if said else ()


@lru_cache(maxsize=1024)
def names_value(said: str | None) -> tuple[str, ...]:
    """The names of authors from their part of that JSON."""
    return tuple(author["name"] for author in json.loads(said)) if said else ()


def instant_value(said: str | None) -> datetime | None:
    """A moment from its part of that JSON."""
    return datetime.fromisoformat(said) if said else None


def entry_value(row: Row[Any]) -> Entry:
    """An Entry from a row of `entry`."""
    return Entry(
        id=EntryId(row.iri),
        path=row.path,
        digest=row.digest,
        body_digest=row.body_digest,
        metadata=metadata_value(row.metadata),
        revision=row.revision,
        first_seen=row.first_seen,
        changed_at=row.changed_at,
        removed_at=row.removed_at,
    )


def issue_value(row: Row[Any]) -> Issue:
    """An Issue from a row of `issue`."""
    return Issue(
        id=IssueId(row.id),
        newsletter=row.newsletter,
        occasion=row.occasion,
        kind=row.kind,
        state=IssueState(row.state),
        cut=AnnouncedNo(row.cut),
        frequencies=tuple(row.frequencies),
        repeat=row.repeat,
        entry=row.entry_iri,
        composed_at=row.composed_at,
        reason=row.reason,
        about=row.about,
        released_at=row.released_at,
    )


def subscription_value(row: Row[Any]) -> Subscription:
    """A Subscription from a row of `subscription` joined with its subscriber's language."""
    return Subscription(
        subscriber=SubscriberId(row.subscriber_id),
        newsletter=row.newsletter,
        state=Consent(row.state),
        frequency=row.frequency,
        topics=frozenset(row.topics),
        covered=row.covered,
        language=row.language,
        consented_at=row.consented_at,
        note=row.note,
        paused_until=row.paused_until,
    )


def address_value(display: str, key: str) -> Address:
    """An Address from its two columns, which were checked when they were written."""
    if display == key and key.isascii():  # nearly all
        return Address(display=display, ascii=display, key=key)
    local, _, domain = display.rpartition("@")
    del domain
    ascii_form = f"{local}@{key.rpartition('@')[2]}" if local.isascii() else None
    return Address(display=display, ascii=ascii_form, key=key)
