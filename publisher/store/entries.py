"""Entries: what the database knows of posts, and which of them newsletters may carry."""

import hashlib
import json
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, delete, insert, or_, select, update

from publisher.model.entry import Change, ChangeKind, Changes, Entry, EntryId, Listed, Post, Standing, last_of
from publisher.ports import AnnouncePolicy, Known, Remembered, Seen, SourceKind, Sources
from publisher.store import counters
from publisher.store.conditions import folded_since
from publisher.store.engine import reading
from publisher.store.records import categories_value, entry_value, instant_value, metadata_column, names_value
from publisher.store.schema import announcement, card, entry, source
from publisher.store.watermarks import sliced

BASELINE = "baseline"  # was there at the first collect: never announced
WAITING = "waiting"
HELD = "held"
ANNOUNCED = "announced"
RETURNED = "returned"  # was gone, is back: waits like a new one, for those who lack it
READY = (WAITING, RETURNED)
_ASTRAY = timedelta(days=1)  # first seen later than that: by a clock that ran ahead, and it waited long enough

_DRAWS_AGAIN = {ChangeKind.UPDATED: WAITING, ChangeKind.RESTORED: RETURNED}

MASS = {ChangeKind.NEW: "many new at once", ChangeKind.UPDATED: "many updated at once"}
OLD = "dated long before it was first seen"
FOLDED = "is back, and went out so long ago that nobody knows any more who has it"


_ROWS = 500  # of one INSERT, and of those that are in memory at once

_LIVE = entry.c.removed_at.is_(None)


class Entries:
    """`ports.Entries` on a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def seen(self) -> Remembered:
        """All files as they were last read."""
        with reading(self._engine) as connection:
            rows = _streamed(connection, select(source.c.path, source.c.signature, source.c.kind, source.c.due))
            files = {path: Seen(signature, SourceKind(kind), due) for path, signature, kind, due in rows}
            return Remembered(counters.read(connection, counters.COLLECT), files)

    def digests(self, paths: Sequence[str]) -> Mapping[str, str]:
        """Path -> digest of the live entries of these."""
        found: dict[str, str] = {}
        with reading(self._engine) as connection:
            for part in sliced(paths):
                rows = connection.execute(select(entry.c.path, entry.c.digest).where(_LIVE, entry.c.path.in_(part)))
                found.update((path, digest) for path, digest in rows)
        return found

    def settled(self) -> bool:
        """Whether there is a baseline to compare with: not before the first collect, nor the first after a restore."""
        with reading(self._engine) as connection:
            return counters.read(connection, counters.COLLECT) > 0 and not _restored(connection)

    def known(self, unread: Container[str] = frozenset()) -> Known:
        """All entries, those of unread files as the little that is asked of them; and the version for `apply`."""
        settled, wanted, held = [], [], []
        with reading(self._engine) as connection:
            version = counters.read(connection, counters.COLLECT)
            for row in _streamed(connection, _standings()):
                if row.announce == HELD:
                    held.append(EntryId(row.iri))
                if row.removed_at is None and row.path in unread:
                    settled.append(_standing(row))
                else:
                    wanted.append(row.id)
            return Known(
                version=version,
                entries=tuple(_entries(connection, wanted)),
                settled=tuple(settled),
                first=version == 0,
                restored=_restored(connection),
                held=frozenset(held),
            )

    def mailed(self, entry_id: EntryId) -> str | None:
        """The plain text of an entry as a mail carried it last; None where none did."""
        newest = (
            select(card.c.rendered)
            .join(entry, entry.c.id == card.c.entry_id)
            .where(entry.c.iri == entry_id, card.c.rendered != "")
            .order_by(card.c.id.desc())
        )
        with reading(self._engine) as connection:
            rendered = connection.scalar(newest.limit(1))
        return str(json.loads(rendered)["card"]["text"]) if rendered else None

    def edition(self) -> str:
        """Names what `live` gives, cheaply: the same name, the same entries."""
        columns = (entry.c.iri, entry.c.path, entry.c.digest, entry.c.changed_at)
        named = hashlib.sha256()
        with reading(self._engine) as connection:
            for row in _streamed(connection, select(*columns).where(_LIVE).order_by(entry.c.id)):
                named.update(repr(tuple(row)).encode())
        return named.hexdigest()

    def apply(self, changes: Changes, known: Known, sources: Sources, policy: AnnouncePolicy) -> bool:
        """Write what a collect decided. False: another collect came first; decide again."""
        with self._engine.begin() as connection:
            if counters.lock(connection, counters.COLLECT) != known.version:
                return False
            counters.draw(connection, counters.COLLECT)
            counters.raise_to(connection, counters.SETTLED, counters.read(connection, counters.RESTORED))
            _write_new(connection, changes, policy, known)
            for change in changes.changes:
                if change.kind is not ChangeKind.NEW:
                    _write(connection, change, policy, known, held=False)
            for change in changes.held.get(ChangeKind.UPDATED, ()):  # a held removal is not written at all
                _write(connection, change, policy, known, held=True)
            _write_sources(connection, sources)
        return True

    def accept(self, kinds: Iterable[ChangeKind]) -> int:
        """Let what was held because it came in a mass be announced; how many."""
        reasons = [MASS[kind] for kind in kinds if kind in MASS]
        with self._engine.begin() as connection:
            return connection.execute(
                update(entry)
                .where(entry.c.announce == HELD, entry.c.announce_reason.in_(reasons))
                .values(announce=WAITING, announce_reason="")
            ).rowcount

    def free(self, path: str) -> Entry | None:
        """Let one held entry be announced, by the path of its post; None where there is none."""
        where = (entry.c.path == path) & entry.c.removed_at.is_(None) & entry.c.announce.in_([HELD, BASELINE])
        with self._engine.begin() as connection:
            found = connection.execute(select(entry).where(where)).first()
            connection.execute(update(entry).where(where).values(announce=WAITING, announce_reason=""))
        return entry_value(found) if found else None

    def adopt(self, ids: Mapping[str, EntryId]) -> int:
        """Give entries, by the paths of their posts, the ids that their readers know; how many got theirs.

        An id that another entry has stays there.
        """
        adopted = 0
        with self._engine.begin() as connection:
            for path, iri in ids.items():
                if connection.scalar(select(entry.c.id).where(entry.c.iri == iri)) is None:
                    where = (entry.c.path == path) & entry.c.removed_at.is_(None)
                    adopted += connection.execute(update(entry).where(where).values(iri=iri)).rowcount
        return adopted

    def live(self) -> Sequence[Entry]:
        """The entries that are published now."""
        return self._select(_LIVE)

    def listed(self) -> Sequence[Listed]:
        """The little of them, and of those that were taken back, that says which feeds carry them."""
        with reading(self._engine) as connection:
            return tuple(map(_listed, _streamed(connection, _listings())))

    def some(self, ids: Iterable[EntryId]) -> Sequence[Entry]:
        """Those of them that have these ids, each once."""
        found: list[Entry] = []
        with reading(self._engine) as connection:
            for part in sliced(list(dict.fromkeys(ids))):
                found += map(entry_value, connection.execute(select(entry).where(_LIVE, entry.c.iri.in_(part))))
        return found

    def addresses(self) -> Mapping[str, str]:
        """Path -> address of each."""
        columns = (entry.c.path, entry.c.metadata["url"].as_string())
        with reading(self._engine) as connection:
            return dict(_streamed(connection, select(*columns).where(_LIVE).order_by(entry.c.id)))

    def held(self) -> Sequence[tuple[Entry, str]]:
        """Entries that wait for the owner's word, each with the reason."""
        where = entry.c.removed_at.is_(None) & (entry.c.announce == HELD)
        with reading(self._engine) as connection:
            rows = connection.execute(select(entry).where(where).order_by(entry.c.published, entry.c.id)).all()
        return [(entry_value(row), row.announce_reason) for row in rows]

    def held_in_mass(self) -> bool:
        """Whether entries wait for `--accept`, because many came at once."""
        where = (entry.c.announce == HELD) & entry.c.announce_reason.in_(list(MASS.values()))
        with reading(self._engine) as connection:
            return connection.scalar(select(entry.c.id).where(where).limit(1)) is not None

    def waiting(self, now: datetime, *, seen_before: datetime) -> Sequence[Entry]:
        """Entries whose time to be announced has come, in the order of their dates."""
        return [
            found
            for found in self._select(
                entry.c.removed_at.is_(None),
                entry.c.announce.in_(READY),
                entry.c.published <= now,
                or_(entry.c.first_seen <= seen_before, entry.c.first_seen > now + _ASTRAY),
            )
            if found.metadata.newsletter.send_at is None or found.metadata.newsletter.send_at <= now
        ]

    def find(self, path: str) -> Entry | None:
        """The live entry of a post, by its path."""
        found = self._select(entry.c.removed_at.is_(None), entry.c.path == path)
        return found[0] if found else None

    def _select(self, *where: ColumnElement[bool]) -> Sequence[Entry]:
        with reading(self._engine) as connection:
            query = select(entry).where(*where).order_by(entry.c.published, entry.c.id)
            return tuple(map(entry_value, _streamed(connection, query)))


def _restored(connection: Connection) -> bool:
    return counters.read(connection, counters.RESTORED) > counters.read(connection, counters.SETTLED)


def _streamed(connection: Connection, query: Select[Any]) -> Iterator[Any]:
    """The rows of a large blog, few of them in memory at once."""
    yield from connection.execute(query, execution_options={"yield_per": _ROWS})


def _standings() -> Select[Any]:
    meta = entry.c.metadata
    said = (meta["url"].as_string().label("url"), meta["updated"].as_string().label("updated"))
    kept = (entry.c.id, entry.c.iri, entry.c.path, entry.c.published, entry.c.changed_at, entry.c.removed_at)
    return select(*kept, entry.c.announce, *said).order_by(entry.c.id)


def _standing(row: Row[Any]) -> Standing:
    updated = last_of(row.published, row.changed_at, instant_value(row.updated))
    return Standing(EntryId(row.iri), row.path, row.url, row.published, updated)


def _listings() -> Select[Any]:
    meta = entry.c.metadata
    said = (
        meta["categories"].as_string().label("categories"),
        meta["authors"].as_string().label("authors"),
        meta["language"].as_string().label("language"),
        meta["newsletter"].as_json().label("newsletter"),
    )
    columns = (
        entry.c.iri,
        entry.c.path,
        entry.c.digest,
        entry.c.revision,
        entry.c.published,
        entry.c.first_seen,
        entry.c.changed_at,
        entry.c.removed_at,
    )
    return select(*columns, *said).order_by(entry.c.published, entry.c.id)


def _listed(row: Row[Any]) -> Listed:
    return Listed(
        id=EntryId(row.iri),
        published=row.published,
        first_seen=row.first_seen,
        removed_at=row.removed_at,
        categories=categories_value(row.categories),
        authors=names_value(row.authors),
        language=row.language,
        mail_only=bool(row.newsletter and row.newsletter.get("mail_only")),
        version=f"{row.iri} {row.path} {row.digest} {row.revision} {row.changed_at}",
    )


def _entries(connection: Connection, ids: Sequence[int]) -> Iterator[Entry]:
    for part in sliced(ids):
        yield from map(entry_value, connection.execute(select(entry).where(entry.c.id.in_(part)).order_by(entry.c.id)))


def _write(connection: Connection, change: Change, policy: AnnouncePolicy, known: Known, *, held: bool) -> None:
    if change.kind is ChangeKind.REMOVED:
        connection.execute(update(entry).where(entry.c.iri == change.id).values(removed_at=policy.now))
        return
    assert change.post is not None
    columns = _post_columns(change.post) | _again(connection, change, known, held=held)
    if change.by_text:
        columns["changed_at"] = policy.now
    connection.execute(update(entry).where(entry.c.iri == change.id).values(columns))


def _write_new(connection: Connection, changes: Changes, policy: AnnouncePolicy, known: Known) -> None:
    new = [(change, False) for change in changes.of(ChangeKind.NEW)]
    new += [(change, True) for change in changes.held.get(ChangeKind.NEW, ())]
    for start in range(0, len(new), _ROWS):
        rows = []
        for change, held in new[start : start + _ROWS]:
            assert change.post is not None
            state, reason = _first_announce(connection, change, policy, known, held=held)
            row = {"iri": change.id, "revision": 1, "first_seen": policy.now, "announce": state}
            rows.append(row | {"announce_reason": reason} | _post_columns(change.post))
        connection.execute(insert(entry), rows)


def _post_columns(post: Post) -> dict[str, Any]:
    return {
        "path": post.path,
        "digest": post.digest,
        "body_digest": post.body_digest,
        "metadata": metadata_column(post.metadata),
        "published": post.metadata.published,
    }


def _first_announce(
    connection: Connection, change: Change, policy: AnnouncePolicy, known: Known, *, held: bool
) -> tuple[str, str]:
    """Whether newsletters may carry an entry that was never seen before, and why not."""
    assert change.post is not None
    published = change.post.metadata.published
    if known.restored:
        return BASELINE, ""  # it may have been mailed already
    if known.first:
        announced = policy.since is not None and published >= policy.since
        return (WAITING, "") if announced else (BASELINE, "")
    if change.may_be is not None and _went_out(connection, change.may_be.id):
        # before all other reasons: `--accept` lets go what came in a mass, and would mail this twice
        return HELD, f"may be {change.may_be.path}, which went out and is gone, under another date"
    if held:
        return HELD, MASS[ChangeKind.NEW]
    if published < policy.held_before:
        return HELD, OLD
    return WAITING, ""


def _again(connection: Connection, change: Change, known: Known, *, held: bool) -> dict[str, Any]:
    """What a change does to an entry that newsletters may already have carried."""
    columns: dict[str, Any] = {"removed_at": None}
    assert change.entry is not None
    state = connection.scalar(select(entry.c.announce).where(entry.c.iri == change.id))
    if change.kind is ChangeKind.UPDATED:
        columns["revision"] = change.entry.revision + 1
        if held and state == ANNOUNCED:
            return columns | {"announce": HELD, "announce_reason": MASS[ChangeKind.UPDATED]}
    # A new revision, or a comeback, draws a number of its own; who has the entry already gets no second copy.
    if state == ANNOUNCED and change.kind in _DRAWS_AGAIN and not known.restored:
        columns["announce"] = _DRAWS_AGAIN[change.kind]
        if change.kind is ChangeKind.RESTORED and _was_folded(connection, change.entry.id):
            columns |= {"announce": HELD, "announce_reason": FOLDED}
    return columns


def _went_out(connection: Connection, iri: EntryId) -> bool:
    """Whether newsletters were told to carry it, at any revision."""
    told = select(announcement.c.no).join(entry, entry.c.id == announcement.c.entry_id).where(entry.c.iri == iri)
    return connection.scalar(told.limit(1)) is not None


def _was_folded(connection: Connection, iri: EntryId) -> bool:
    """Whether an issue carried it of which only counts are left."""
    its = select(entry.c.id).where(entry.c.iri == iri)
    return connection.scalar(folded_since(its).limit(1)) is not None


def _write_sources(connection: Connection, sources: Sources) -> None:
    for part in sliced([*sources.gone, *sources.other]):
        connection.execute(delete(source).where(source.c.path.in_(part)))
    for some in sliced(list(sources.other.items())):
        rows = [{"path": path, "signature": one.signature, "kind": one.kind, "due": one.due} for path, one in some]
        connection.execute(insert(source), rows)
