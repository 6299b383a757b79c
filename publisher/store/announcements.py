"""Announcements: the numbers from which newsletters may carry an entry."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, and_, func, insert, select

from publisher.model.entry import Entry, EntryId
from publisher.model.issue import AnnouncedNo, Announcement
from publisher.store import counters
from publisher.store.engine import reading
from publisher.store.entries import ANNOUNCED, RETURNED
from publisher.store.generation import Generation
from publisher.store.issues import insert_issue
from publisher.store.records import metadata_value
from publisher.store.schema import announcement, entry, subscription


class Announcements:
    """`ports.Announcements` on a database."""

    def __init__(self, engine: Engine, generation: Generation) -> None:
        self._engine = engine
        self._generation = generation

    def announce(
        self,
        entries: Sequence[Entry],
        at_once: Mapping[EntryId, Sequence[tuple[str, str]]],
        *,
        token_key: str,
        now: datetime,
    ) -> Sequence[Announcement]:
        """Draw a number for each entry, in this order, and open an issue in each newsletter that sends at once.

        `at_once` maps an entry to (newsletter, frequency) pairs. One transaction: the counter stays locked
        until its commit, so no composer can cut between two numbers and miss the lower one.
        """
        with self._engine.begin() as connection:
            number = counters.lock(connection, counters.ANNOUNCED)
            drawn = []
            for found in entries:
                row = connection.execute(
                    select(entry.c.id, entry.c.announce).where(
                        entry.c.iri == found.id, entry.c.removed_at.is_(None), entry.c.revision == found.revision
                    )
                ).first()
                if row is None or row.announce == ANNOUNCED:
                    continue  # somebody else was faster
                number += 1
                update = row.announce != RETURNED and _was_announced(connection, row.id)
                drawn.append(_announce(connection, found, row.id, AnnouncedNo(number), update=update, now=now))
                if not update:  # an update waits for the next digest
                    _open_at_once(connection, found, at_once.get(found.id, ()), number, token_key, now)
            counters.raise_to(connection, counters.ANNOUNCED, number)
            generation = self._generation.raise_(connection) if drawn else None
        self._generation.publish(generation)
        return drawn

    def last(self) -> AnnouncedNo:
        """The highest number that was drawn."""
        with reading(self._engine) as connection:
            return AnnouncedNo(counters.read(connection, counters.ANNOUNCED))

    def candidates(self, newsletter: str, frequencies: Sequence[str], cut: AnnouncedNo) -> Sequence[Announcement]:
        """What was announced up to *cut* and some reader of these frequencies ([]: all) is not yet past."""
        audience = [subscription.c.newsletter == newsletter, subscription.c.state == "active"]
        if frequencies:
            audience.append(subscription.c.frequency.in_(frequencies))
        least = select(func.min(subscription.c.covered)).where(and_(*audience)).scalar_subquery()
        with reading(self._engine) as connection:
            return _announcements(connection, announcement.c.no <= cut, announcement.c.no > least)

    def after(self, no: int) -> Sequence[Announcement]:
        """All announcements of live entries that have one later than this."""
        later = select(announcement.c.entry_id).where(announcement.c.no > no)
        with reading(self._engine) as connection:
            return _announcements(connection, announcement.c.entry_id.in_(later))

    def latest(self, entry_id: EntryId) -> Announcement | None:
        """The last announcement of one live entry."""
        found = self.history(entry_id)
        return found[-1] if found else None

    def history(self, entry_id: EntryId) -> Sequence[Announcement]:
        """All announcements of one live entry, in the order of their numbers."""
        with reading(self._engine) as connection:
            return _announcements(connection, entry.c.iri == entry_id)


def _was_announced(connection: Connection, key: int) -> bool:
    return connection.scalar(select(announcement.c.no).where(announcement.c.entry_id == key).limit(1)) is not None


def _announce(
    connection: Connection, found: Entry, key: int, no: AnnouncedNo, *, update: bool, now: datetime
) -> Announcement:
    connection.execute(
        insert(announcement).values(no=no, entry_id=key, revision=found.revision, is_update=update, at=now)
    )
    connection.execute(entry.update().where(entry.c.id == key).values(announce=ANNOUNCED, announce_reason=""))
    return Announcement(no=no, entry=found.id, revision=found.revision, update=update, at=now, metadata=found.metadata)


def _open_at_once(
    connection: Connection,
    found: Entry,
    newsletters: Sequence[tuple[str, str]],
    number: int,
    token_key: str,
    now: datetime,
) -> None:
    for newsletter, frequency in newsletters:
        insert_issue(
            connection,
            newsletter=newsletter,
            occasion=f"{frequency}/{found.id}",
            kind="digest",
            frequencies=[frequency],
            cut=number,
            token_key=token_key,
            composed_at=now,
        )


def _announcements(connection: Connection, *where: object) -> Sequence[Announcement]:
    rows = connection.execute(
        select(announcement, entry.c.iri, entry.c.metadata)
        .join(entry, entry.c.id == announcement.c.entry_id)
        .where(entry.c.removed_at.is_(None), *where)  # type: ignore[arg-type]  # SQLAlchemy's own criteria
        .order_by(announcement.c.no)
    )
    return tuple(
        Announcement(
            no=AnnouncedNo(row.no),
            entry=EntryId(row.iri),
            revision=row.revision,
            update=row.is_update,
            at=row.at,
            metadata=metadata_value(row.metadata),
        )
        for row in rows
    )
