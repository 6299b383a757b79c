"""An issue -> its readers, chunk by chunk, grouped by all that decides what they get."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, Row, Select, Text, cast, select

from publisher.model.entry import EntryId
from publisher.model.issue import HAS, Chunk, Group, ReaderFacts
from publisher.model.subscriber import Consent, SubscriberId
from publisher.store.numbers import among
from publisher.store.schema import (
    announcement,
    card,
    delivery,
    entry,
    issue,
    subscriber,
    subscription,
    suppression,
    variant_card,
)

Has = frozenset[tuple[EntryId, int]]
"""Entries and revisions."""


def read_chunk(connection: Connection, row: Row[Any], after: int, size: int) -> Chunk | None:
    """The next readers of an issue; what they have is read for the entries it may carry to them."""
    found = _rows(connection, row.newsletter, row.frequencies, after, size)
    if not found:
        return None
    if row.entry_id is not None:
        entries = entry.c.id == row.entry_id
    else:
        least = min(covered for _, _, covered, _ in found)
        announced = select(announcement.c.entry_id).where(announcement.c.no > least, announcement.c.no <= row.cut)
        entries = entry.c.id.in_(announced)
    return _chunk(connection, row.newsletter, entries, after, found)


def foresee_chunk(
    connection: Connection,
    newsletter: str,
    frequencies: Sequence[str],
    entries: Sequence[EntryId],
    after: int,
    size: int,
) -> Chunk | None:
    """The next readers of an issue that is not there, and would be of these entries."""
    found = _rows(connection, newsletter, frequencies, after, size)
    return _chunk(connection, newsletter, entry.c.iri.in_(entries), after, found) if found else None


def readers(newsletter: str | BindParameter[str], frequencies: Sequence[str]) -> Select[Any]:
    """Subscriptions that may be mailed now: active, not suppressed; of these frequencies, [] is all."""
    statement = (
        select(subscription, subscriber.c.language)
        .join(subscriber, subscriber.c.id == subscription.c.subscriber_id)
        .outerjoin(suppression, suppression.c.key == subscriber.c.key)
        .where(
            subscription.c.newsletter == newsletter,
            subscription.c.state == Consent.ACTIVE,
            suppression.c.key.is_(None),
        )
    )
    return statement.where(subscription.c.frequency.in_(frequencies)) if frequencies else statement


Found = Sequence[tuple[int, str, int, str | None]]
"""Reader, topics as JSON, covered, language. Of a million rows nothing is made that is not needed of each."""


def _rows(connection: Connection, newsletter: str, frequencies: Sequence[str], after: int, size: int) -> Found:
    columns = (
        subscription.c.subscriber_id,
        cast(subscription.c.topics, Text),
        subscription.c.covered,
        subscriber.c.language,
    )
    rows: Sequence[Any] = connection.execute(
        readers(newsletter, frequencies)
        .with_only_columns(*columns)
        # Said of both: PostgreSQL merges them, and would begin at the first subscriber each time.
        .where(subscription.c.subscriber_id > after, subscriber.c.id > after)
        .order_by(subscription.c.subscriber_id)
        .limit(size)
    ).all()
    return rows


def _chunk(connection: Connection, newsletter: str, entries: ColumnElement[bool], after: int, found: Found) -> Chunk:
    last = found[-1][0]
    has = _has(connection, newsletter, after, last, entries)
    nothing: Has = frozenset()
    groups: dict[tuple[str, int, str | None, Has], list[SubscriberId]] = defaultdict(list)
    for reader, topics, covered, language in found:
        groups[topics, covered, language, has.get(reader, nothing)].append(SubscriberId(reader))
    return Chunk(
        after=SubscriberId(after),
        last=SubscriberId(last),
        groups=tuple(
            Group(
                facts=ReaderFacts(topics=_topics(topics), covered=covered, language=language, has=its),
                readers=tuple(alike),
            )
            for (topics, covered, language, its), alike in groups.items()
        ),
    )


@lru_cache(maxsize=4096)
def _topics(said: str) -> frozenset[str]:
    """Topics from their column; many readers have the same."""
    return frozenset(json.loads(said))


def _has(
    connection: Connection, newsletter: str, after: int, last: int, entries: ColumnElement[bool]
) -> Mapping[int, Has]:
    """Which of these entries readers have. First by variant, and then what is in each: most share a few."""
    issues = connection.execute(
        select(card.c.issue_id, issue.c.dropped)
        .distinct()
        .join(entry, entry.c.id == card.c.entry_id)
        .join(issue, issue.c.id == card.c.issue_id)
        .where(issue.c.newsletter == newsletter, entries)
    ).all()
    if not issues:
        return {}
    has: ColumnElement[bool] = delivery.c.state.in_(HAS)
    if unwanted := [row.issue_id for row in issues if row.dropped]:
        has |= among(connection, delivery.c.issue_id, unwanted)
    rows = connection.execute(
        select(delivery.c.subscriber_id, delivery.c.variant_id)
        .where(
            among(connection, delivery.c.issue_id, [row.issue_id for row in issues]),
            delivery.c.subscriber_id > after,
            delivery.c.subscriber_id <= last,
            has,
        )
        .order_by(delivery.c.subscriber_id, delivery.c.issue_id)
    )
    got: dict[int, tuple[int, ...]] = {}
    for reader, its_variant in rows:
        got[reader] = (*got.get(reader, ()), its_variant)
    return _unfolded(connection, got, entries)


def _unfolded(
    connection: Connection, got: Mapping[int, tuple[int, ...]], entries: ColumnElement[bool]
) -> Mapping[int, Has]:
    """Readers' variants -> which of these entries are in them."""
    alike = set(got.values())
    inside = _inside(connection, {one for variants in alike for one in variants}, entries)
    unfolded = {
        variants: frozenset[tuple[EntryId, int]]().union(*map(inside.__getitem__, variants)) for variants in alike
    }
    return {reader: unfolded[variants] for reader, variants in got.items()}


def _inside(
    connection: Connection, variants: Iterable[int], entries: ColumnElement[bool]
) -> Mapping[int, set[tuple[EntryId, int]]]:
    found: dict[int, set[tuple[EntryId, int]]] = {one: set() for one in variants}
    if found:
        rows = connection.execute(
            select(variant_card.c.variant_id, entry.c.iri, card.c.revision)
            .join(card, card.c.id == variant_card.c.card_id)
            .join(entry, entry.c.id == card.c.entry_id)
            .where(among(connection, variant_card.c.variant_id, sorted(found)), entries)
        )
        for its_variant, iri, revision in rows:
            found[its_variant].add((EntryId(iri), revision))
    return found
