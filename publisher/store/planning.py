"""An issue while it is composed: cards, variants, and its readers chunk by chunk."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, func, literal, select, update

from publisher.model.entry import EntryId
from publisher.model.issue import (
    AnnouncedNo,
    Assignment,
    Chunk,
    FrozenCard,
    FrozenVariant,
    IssueId,
    IssueState,
    Rendered,
    State,
)
from publisher.store import watermarks
from publisher.store.chunks import foresee_chunk, read_chunk
from publisher.store.engine import reading
from publisher.store.issues import lock_newsletter
from publisher.store.numbers import pairs
from publisher.store.schema import batch, card, delivery, entry, issue, variant, variant_card
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
                found = foresee_chunk(connection, newsletter, frequencies, entries, after, size)
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

        Each assignment comes with its variant's key, None where there is nothing for its readers.
        `covered`: how far the issue deals with what was announced.
        """
        with self._engine.begin() as connection:
            name = connection.scalar(select(issue.c.newsletter).where(issue.c.id == issue_id))
            lock_newsletter(connection, str(name))
            row = connection.execute(select(issue).where(issue.c.id == issue_id).with_for_update()).one()
            if row.state != IssueState.COMPOSING or row.cursor != planned.after:
                return False
            if read_chunk(connection, row, row.cursor, planned.size) != planned:
                return False
            _write_deliveries(connection, issue_id, assignments)
            if row.kind == "digest":
                ids = [reader for assignment, _ in assignments for reader in assignment.readers]
                watermarks.advance(connection, row.newsletter, ids, covered)
            connection.execute(update(issue).where(issue.c.id == issue_id).values(cursor=planned.last))
        return True


def plan_readers(connection: Connection, issue_id: IssueId, k: int, variants: Mapping[int, int]) -> None:
    """Deliveries of a batch: its readers, each with their variant."""
    reader, its_variant = pairs(connection, variants)
    columns = {
        delivery.c.issue_id: literal(issue_id, delivery.c.issue_id.type),
        delivery.c.subscriber_id: reader,
        delivery.c.batch: literal(k, delivery.c.batch.type),
        delivery.c.variant_id: its_variant,
        delivery.c.state: literal(State.PENDING, delivery.c.state.type),
        delivery.c.due: literal(ALWAYS, delivery.c.due.type),
    }
    connection.execute(delivery.insert().from_select(list(columns), select(*columns.values())))


def _write_deliveries(
    connection: Connection, issue_id: IssueId, assignments: Sequence[tuple[Assignment, str | None]]
) -> None:
    ids = {
        row.key: row.id
        for row in connection.execute(select(variant.c.key, variant.c.id).where(variant.c.issue_id == issue_id))
    }
    planned = sorted(
        (reader, ids[key]) for assignment, key in assignments if key is not None for reader in assignment.readers
    )
    if not planned:
        return
    last = connection.scalar(select(func.max(batch.c.k)).where(batch.c.issue_id == issue_id))
    parts = dict(enumerate(range(0, len(planned), BATCH), 0 if last is None else last + 1))
    new = {"issue_id": issue_id, "epoch": 0, "due": ALWAYS, "done": False}
    connection.execute(batch.insert(), [new | {"k": k} for k in parts])
    for k, at in parts.items():
        plan_readers(connection, issue_id, k, dict(planned[at : at + BATCH]))
