"""An issue while it is composed: cards, variants, and its readers chunk by chunk."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, Engine, Row, Select, func, select, update

from publisher.model.entry import EntryId
from publisher.model.issue import (
    HAS,
    AnnouncedNo,
    Assignment,
    Chunk,
    FrozenCard,
    FrozenVariant,
    IssueId,
    IssueState,
    ReaderFacts,
    Rendered,
    State,
)
from publisher.model.subscriber import Consent, SubscriberId
from publisher.store import watermarks
from publisher.store.engine import reading
from publisher.store.issues import lock_newsletter
from publisher.store.records import subscription_value
from publisher.store.schema import (
    announcement,
    batch,
    card,
    delivery,
    entry,
    issue,
    subscriber,
    subscription,
    suppression,
    variant,
    variant_card,
)
from publisher.store.upsert import insert

ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)  # what was never tried is due, whatever the clock is set back to
BATCH = 500  # readers in a batch: 20 to 60 seconds of work, so that a take-over repeats little


class Planning:
    """`ports.Planning` on a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def cards(self, issue_id: IssueId) -> Sequence[FrozenCard]:
        """The cards that are frozen so far."""
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(card, entry.c.iri).join(entry, entry.c.id == card.c.entry_id).where(card.c.issue_id == issue_id)
            ).all()
        return tuple(
            FrozenCard(
                no=AnnouncedNo(row.no),
                entry=EntryId(row.iri),
                revision=row.revision,
                rendered=row.rendered,
            )
            for row in rows
        )

    def freeze_cards(self, issue_id: IssueId, cards: Sequence[FrozenCard]) -> None:
        """Add cards; one that is there stays as it is."""
        with self._engine.begin() as connection:
            for new in cards:
                connection.execute(
                    insert(card)
                    .values(
                        issue_id=issue_id,
                        entry_id=select(entry.c.id).where(entry.c.iri == new.entry).scalar_subquery(),
                        revision=new.revision,
                        no=new.no,
                        rendered=new.rendered,
                    )
                    .on_conflict_do_nothing()
                )

    def variants(self, issue_id: IssueId) -> frozenset[str]:
        """The keys of the variants that are frozen so far."""
        with reading(self._engine) as connection:
            return frozenset(connection.scalars(select(variant.c.key).where(variant.c.issue_id == issue_id)))

    def rendered(self, issue_id: IssueId) -> Iterator[Rendered]:
        """The variants that are frozen so far, one at a time: all of them may be more than memory holds."""
        for key in sorted(self.variants(issue_id)):
            with reading(self._engine) as connection:
                where = (variant.c.issue_id == issue_id) & (variant.c.key == key)
                row = connection.execute(select(variant).where(where)).one()
            yield Rendered(subject=row.subject, preheader=row.preheader, html=row.html, text=row.text)

    def freeze_variant(self, issue_id: IssueId, new: FrozenVariant) -> None:
        """Add one; one of that key that is there stays as it is."""
        with self._engine.begin() as connection:
            made = connection.scalar(
                insert(variant)
                .values(
                    issue_id=issue_id,
                    key=new.key,
                    first_no=min(pick.no for pick in new.picks),
                    subject=new.rendered.subject,
                    preheader=new.rendered.preheader,
                    html=new.rendered.html,
                    text=new.rendered.text,
                )
                .on_conflict_do_nothing()
                .returning(variant.c.id)
            )
            if made is None:
                return
            for position, pick in enumerate(new.picks):
                its_card = (
                    select(card.c.id)
                    .join(entry, entry.c.id == card.c.entry_id)
                    .where(card.c.issue_id == issue_id, entry.c.iri == pick.entry, card.c.revision == pick.revision)
                )
                connection.execute(
                    insert(variant_card).values(
                        variant_id=made, position=position, card_id=its_card.scalar_subquery(), section=pick.section
                    )
                )

    def chunk(self, issue_id: IssueId, size: int) -> Chunk | None:
        """The next readers of the issue; None when all are planned."""
        with reading(self._engine) as connection:
            row = connection.execute(select(issue).where(issue.c.id == issue_id)).one()
            return read_chunk(connection, row, row.cursor, size) if row.state == IssueState.COMPOSING else None

    def preview(
        self, newsletter: str, frequencies: Sequence[str], entries: Sequence[EntryId], size: int
    ) -> Iterator[Chunk]:
        """The chunks that an issue of these entries would have now, without making one."""
        after = 0
        with reading(self._engine) as connection:
            while True:
                found = _read_chunk(connection, newsletter, frequencies, entry.c.iri.in_(entries), after, size)
                if found is None:
                    return
                yield found
                after = found.last

    def write_chunk(
        self,
        issue_id: IssueId,
        planned: Chunk,
        assignments: Sequence[tuple[Assignment, str | None]],
        *,
        covered: AnnouncedNo,
    ) -> bool:
        """Deliveries, batches, watermarks and cursor. False: something changed since `chunk`; ask again.

        Each assignment comes with its variant's key, None where there is nothing for the reader.
        `covered`: how far the issue deals with what was announced.
        """
        with self._engine.begin() as connection:
            name = connection.scalar(select(issue.c.newsletter).where(issue.c.id == issue_id))
            lock_newsletter(connection, str(name))
            row = connection.execute(select(issue).where(issue.c.id == issue_id).with_for_update()).one()
            if row.state != IssueState.COMPOSING or row.cursor != planned.after:
                return False
            if read_chunk(connection, row, row.cursor, len(planned.readers)) != planned:
                return False
            _write_deliveries(connection, issue_id, assignments)
            if row.kind == "digest":
                ids = [assignment.subscriber for assignment, _ in assignments]
                watermarks.advance(connection, row.newsletter, ids, covered)
            connection.execute(update(issue).where(issue.c.id == issue_id).values(cursor=planned.last))
        return True


def read_chunk(connection: Connection, row: Row[Any], after: int, size: int) -> Chunk | None:
    """The next readers of an issue; what they have is read for the entries it may carry to them."""
    if row.entry_id is not None:
        return _read_chunk(connection, row.newsletter, row.frequencies, entry.c.id == row.entry_id, after, size)
    least = (
        select(func.min(subscription.c.covered))
        .where(subscription.c.newsletter == row.newsletter, subscription.c.state == Consent.ACTIVE)
        .scalar_subquery()
    )
    announced = select(announcement.c.entry_id).where(announcement.c.no > least, announcement.c.no <= row.cut)
    return _read_chunk(connection, row.newsletter, row.frequencies, entry.c.id.in_(announced), after, size)


def _read_chunk(
    connection: Connection,
    newsletter: str,
    frequencies: Sequence[str],
    entries: ColumnElement[bool],
    after: int,
    size: int,
) -> Chunk | None:
    rows = connection.execute(
        readers(newsletter, frequencies)
        .where(subscription.c.subscriber_id > after)
        .order_by(subscription.c.subscriber_id)
        .limit(size)
    ).all()
    if not rows:
        return None
    last = rows[-1].subscriber_id
    has = _has(connection, newsletter, after, last, entries)
    return Chunk(
        after=SubscriberId(after),
        last=SubscriberId(last),
        readers=tuple(
            ReaderFacts(subscription=subscription_value(row), has=frozenset(has[row.subscriber_id])) for row in rows
        ),
    )


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


def _has(
    connection: Connection, newsletter: str, after: int, last: int, entries: ColumnElement[bool]
) -> Mapping[int, set[tuple[EntryId, int]]]:
    rows = connection.execute(
        select(delivery.c.subscriber_id, entry.c.iri, card.c.revision)
        .join(variant_card, variant_card.c.variant_id == delivery.c.variant_id)
        .join(card, card.c.id == variant_card.c.card_id)
        .join(entry, entry.c.id == card.c.entry_id)
        .join(issue, issue.c.id == delivery.c.issue_id)
        .where(
            issue.c.newsletter == newsletter,
            delivery.c.subscriber_id > after,
            delivery.c.subscriber_id <= last,
            delivery.c.state.in_(HAS),
            entries,
        )
    )
    found: dict[int, set[tuple[EntryId, int]]] = defaultdict(set)
    for subscriber_id, iri, revision in rows:
        found[subscriber_id].add((EntryId(iri), revision))
    return found


def _write_deliveries(
    connection: Connection, issue_id: IssueId, assignments: Sequence[tuple[Assignment, str | None]]
) -> None:
    ids = {
        row.key: row.id
        for row in connection.execute(select(variant.c.key, variant.c.id).where(variant.c.issue_id == issue_id))
    }
    planned = [(assignment.subscriber, ids[key]) for assignment, key in assignments if key is not None]
    first = connection.scalar(select(func.max(batch.c.k)).where(batch.c.issue_id == issue_id))
    k = -1 if first is None else first
    for at in range(0, len(planned), BATCH):
        k += 1
        connection.execute(insert(batch).values(issue_id=issue_id, k=k, epoch=0, due=ALWAYS, done=False))
        connection.execute(
            delivery.insert(),
            [
                {
                    "issue_id": issue_id,
                    "subscriber_id": reader,
                    "batch": k,
                    "variant_id": its_variant,
                    "state": State.PENDING,
                    "due": ALWAYS,
                }
                for reader, its_variant in planned[at : at + BATCH]
            ],
        )
