"""Issues: opened, planned chunk by chunk, frozen; and their life afterwards."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, delete, func, select, text, update

from publisher.errors import Refused
from publisher.model.entry import EntryId
from publisher.model.issue import (
    BY_HAND,
    DROPPED,
    ISSUE,
    MANUAL,
    Issue,
    IssueId,
    IssueKind,
    IssueState,
    State,
    Tally,
    sources,
)
from publisher.model.subscriber import Address
from publisher.store import counters, folds, watermarks
from publisher.store.conditions import folded_since, is_stranded
from publisher.store.engine import reading
from publisher.store.generation import Generation
from publisher.store.records import issue_value
from publisher.store.schema import batch, delivery, entry, issue, newsletter, period, subscriber
from publisher.store.schema import frequency as frequency_table
from publisher.store.upsert import insert

Period = tuple[str, str, datetime]
"""Frequency, name of the period, due time."""

_DONE = {"pause": "paused", "resume": "resumed", "cancel": "cancelled", "finish": "done"}  # by the word for doing it


class Issues:
    """`ports.Issues` on a database."""

    def __init__(self, engine: Engine, generation: Generation) -> None:
        self._engine = engine
        self._generation = generation

    def open(
        self,
        name: str,
        occasion: str | None,
        kind: IssueKind,
        *,
        frequencies: Sequence[str],
        token_key: str,
        now: datetime,
        entry_id: EntryId | None = None,
        repeat: bool = False,
        note: tuple[str, str] | None = None,
        due: Period | None = None,
    ) -> Issue | None:
        """A new issue, `composing`, with its cut; None where its occasion or its period is taken already.

        `occasion` None draws the next manual/N; `note` is the author's words: HTML and digest.
        """
        with self._engine.begin() as connection:
            row = lock_newsletter(connection, name)
            cut = counters.lock(connection, counters.ANNOUNCED)
            if occasion is None:
                occasion = f"{MANUAL}/{row.manual + 1}"
                connection.execute(update(newsletter).where(newsletter.c.name == name).values(manual=row.manual + 1))
            if due is not None and not _claim_period(connection, name, due):
                return None
            made = insert_issue(
                connection,
                newsletter=name,
                occasion=occasion,
                kind=kind,
                frequencies=list(frequencies),
                repeat=repeat,
                entry_id=select(entry.c.id).where(entry.c.iri == entry_id).scalar_subquery() if entry_id else None,
                cut=cut,
                note_html=note[0] if note else None,
                note_digest=note[1] if note else None,
                token_key=token_key,
                composed_at=now,
            )
            if made is None:
                connection.rollback()  # the period too: this occasion was dealt with by hand
                return None
            if due is not None:
                connection.execute(_period(name, due).values(issue_id=made))
            generation = self._generation.raise_(connection)
            found = get_issue(connection, made)
        self._generation.publish(generation)
        return found

    def write_down(self, name: str, due: Period, state: str) -> bool:
        """A period without an issue: `skipped` or `empty`. False where it was dealt with already."""
        with self._engine.begin() as connection:
            return _claim_period(connection, name, due, state)

    def settled(self, name: str, frequency: str, names: Sequence[str]) -> frozenset[str]:
        """Which of these periods were dealt with."""
        with reading(self._engine) as connection:
            return frozenset(
                connection.scalars(
                    select(period.c.period).where(
                        period.c.newsletter == name, period.c.frequency == frequency, period.c.period.in_(names)
                    )
                )
            )

    def effective_from(self, name: str, frequency: str, schedule: str, *, now: datetime) -> datetime:
        """Since when this schedule has stood as it is; no period before it is ever due.

        A schedule that is new, or was changed, counts from now: moving Monday 09:00 to 08:00 on a Monday
        at noon must not send twice, nor must a newsletter send for the weeks before it existed. What a clock that
        ran ahead wrote down of times to come is forgotten, or nothing would be due until then.
        """
        where = (frequency_table.c.newsletter == name) & (frequency_table.c.name == frequency)
        with self._engine.begin() as connection:
            _forget_ahead(connection, name, frequency, now)
            row = connection.execute(select(frequency_table).where(where)).first()
            if row is not None and row.schedule == schedule and row.effective_from <= now:
                since: datetime = row.effective_from
                return since
            if row is not None:
                connection.execute(update(frequency_table).where(where).values(schedule=schedule, effective_from=now))
                return now
            connection.execute(
                insert(frequency_table)
                .values(newsletter=name, name=frequency, schedule=schedule, effective_from=now)
                .on_conflict_do_nothing()
            )
            return now

    def composing(self) -> Sequence[Issue]:
        """Issues not yet ready, oldest first."""
        return self._list(issue.c.state == IssueState.COMPOSING)

    def unfinished(self) -> Sequence[Issue]:
        """Issues that are composed, sent, or wait for the owner's word; oldest first."""
        return self._list(issue.c.state.in_([IssueState.COMPOSING, IssueState.READY, IssueState.PAUSED]))

    def listed(self, limit: int = 50, *, notices: bool = False) -> Sequence[Issue]:
        """The last issues, newest first; `notices`: mails to one person too."""
        wanted = select_issues() if notices else select_issues().where(issue.c.kind != "notice")
        with reading(self._engine) as connection:
            rows = connection.execute(wanted.order_by(issue.c.id.desc()).limit(limit)).all()
        return tuple(map(issue_value, rows))

    def waiting(self) -> Sequence[Issue]:
        """Issues that wait for the owner's word, oldest first; not those that the owner paused."""
        return self._list(issue.c.state == IssueState.PAUSED, issue.c.reason != BY_HAND)

    def stranded(self, newsletters: Collection[str]) -> Sequence[Issue]:
        """Issues that are being sent, and whose newsletter is not among these; oldest first."""
        return self._list(issue.c.state == IssueState.READY, is_stranded(newsletters))

    def seen_before(self, name: str, issue_id: IssueId) -> bool:
        """Whether another issue of the newsletter was let go to anybody: then its owner knows how one looks."""
        let_go = issue.c.state.in_([IssueState.READY, IssueState.DONE])
        some = select(batch.c.k).where(batch.c.issue_id == issue.c.id).exists()
        where = (issue.c.newsletter == name) & (issue.c.kind != "notice") & (issue.c.id != issue_id) & let_go & some
        with reading(self._engine) as connection:
            return connection.scalar(select(issue.c.id).where(where).limit(1)) is not None

    def with_note(self, digest: str) -> Issue | None:
        """The issue that had these words of the author's at its head."""
        found = self._list(issue.c.note_digest == digest, issue.c.state != IssueState.CANCELLED)
        return found[0] if found else None

    def get(self, issue_id: IssueId) -> Issue:
        """One issue. Raises Refused where there is none."""
        with reading(self._engine) as connection:
            return get_issue(connection, issue_id)

    def find(self, name: str, occasion: str) -> Issue | None:
        """The issue of an occasion."""
        found = self._list(issue.c.newsletter == name, issue.c.occasion == occasion)
        return found[0] if found else None

    def folded(self, name: str, entry_id: EntryId) -> datetime | None:
        """Since when of an issue that carried the entry only counts are left; None where it is known who has it."""
        its = select(entry.c.id).where(entry.c.iri == entry_id)
        with reading(self._engine) as connection:
            since: datetime | None = connection.scalar(folded_since(its).where(issue.c.newsletter == name).limit(1))
        return since

    def note(self, issue_id: IssueId) -> str | None:
        """The author's words at its head, HTML."""
        with reading(self._engine) as connection:
            return connection.scalar(select(issue.c.note_html).where(issue.c.id == issue_id))

    def token_key(self, issue_id: IssueId) -> str:
        """The id of the key that its links are signed with."""
        with reading(self._engine) as connection:
            return str(connection.scalar(select(issue.c.token_key).where(issue.c.id == issue_id)))

    def freeze(self, issue_id: IssueId, *, held: str = "", empty: bool = False, first: Address | None = None) -> Issue:
        """All readers are planned: ready to be sent, paused where *held* says why, done where nobody gets anything.

        `empty`: it is held though nobody gets anything. `first`: whose delivery is tried before all others, where there
        is one.
        """
        with self._engine.begin() as connection:
            found = get_issue(connection, issue_id)
            if found.state is IssueState.COMPOSING:
                if first is not None:
                    _to_the_front(connection, issue_id, first)
                state = ISSUE[found.state, "hold" if held else "freeze"]
                some = empty or _has_work(connection, issue_id)
                _set_state(connection, issue_id, state if some else IssueState.DONE, held if some else "")
                _count(connection)
            return get_issue(connection, issue_id)

    def move(self, issue_id: IssueId, event: str, *, reason: str = "", now: datetime | None = None) -> Issue:
        """Pause, resume, cancel, finish, by the table. Raises Refused where it does not follow.

        Of one that goes on *now* the time that a message is tried for begins anew. Cancelled with DROPPED as its reason
        it gives no posts back; while it is composed nobody could say whose they are.
        """
        with self._engine.begin() as connection:
            found = get_issue(connection, issue_id, lock=True)
            if (found.state, event) not in ISSUE:
                done = _DONE[event]
                why = "already" if done == found.state else f"and cannot be {done}"
                raise Refused(f"issue {issue_id} ({found.occasion}) is {found.state} {why}")
            if found.state is IssueState.COMPOSING and reason == DROPPED:
                raise Refused(f"issue {issue_id} ({found.occasion}) is being composed: drop it when that is done")
            after = ISSUE[found.state, event]
            if event == "resume" and not _has_work(connection, issue_id):
                after = IssueState.DONE  # it was held for a post that was all there was; or its last answer paused it
            _set_state(connection, issue_id, after, reason)
            if now is not None:
                connection.execute(update(issue).where(issue.c.id == issue_id).values(released_at=now))
            if event == "cancel" and reason == DROPPED:
                _drop(connection, issue_id)
            elif event == "cancel":
                skip_open(connection, issue_id, "cancelled")
            return get_issue(connection, issue_id)

    def tally(self, issue_id: IssueId) -> Tally:
        """How many deliveries are in which state."""
        with reading(self._engine) as connection:
            return folds.tallies(connection, [issue_id])[issue_id]

    def _list(self, *where: Any) -> Sequence[Issue]:
        with reading(self._engine) as connection:
            return issue_values(connection, *where)


def _has_work(connection: Connection, issue_id: IssueId) -> bool:
    open_ = (batch.c.issue_id == issue_id) & ~batch.c.done
    return connection.scalar(select(batch.c.k).where(open_).limit(1)) is not None


def issue_values(connection: Connection, *where: Any) -> Sequence[Issue]:
    """Issues, the oldest first."""
    return tuple(map(issue_value, connection.execute(select_issues().where(*where).order_by(issue.c.id)).all()))


def lock_newsletter(connection: Connection, name: str) -> Row[Any]:
    """The newsletter's row; no other composer has it before this transaction ends."""
    connection.execute(insert(newsletter).values(name=name, manual=0).on_conflict_do_nothing())
    return connection.execute(select(newsletter).where(newsletter.c.name == name).with_for_update()).one()


def insert_issue(connection: Connection, **columns: Any) -> IssueId | None:
    """A new issue, `composing`; None where its occasion is taken."""
    found = connection.scalar(
        insert(issue)
        .values(state=IssueState.COMPOSING, cursor=0, **columns)
        .on_conflict_do_nothing(index_elements=["newsletter", "occasion"])
        .returning(issue.c.id)
    )
    return None if found is None else IssueId(found)


def skip_open(connection: Connection, issue_id: IssueId, reason: str, ids: Iterable[int] | None = None) -> None:
    """Skip what was not sent yet; its readers get the posts with a later issue."""
    watermarks.give_back(connection, issue_id, _skip(connection, issue_id, reason, ids))


def _drop(connection: Connection, issue_id: IssueId) -> None:
    """Skip what was not sent yet. That its posts come with no other outlives the state and the reason of now."""
    _skip(connection, issue_id, "dropped")
    connection.execute(update(issue).where(issue.c.id == issue_id).values(dropped=True))


def _skip(connection: Connection, issue_id: IssueId, reason: str, ids: Iterable[int] | None = None) -> Sequence[int]:
    """Skip what was not sent yet; whose it was."""
    where = (delivery.c.issue_id == issue_id) & delivery.c.state.in_(sources("skip"))
    if ids is not None:
        where &= delivery.c.subscriber_id.in_(list(ids))
    return connection.scalars(
        update(delivery).where(where).values(state=State.SKIPPED, reason=reason).returning(delivery.c.subscriber_id)
    ).all()


def select_issues() -> Select[Any]:
    """Issues, as `records.issue_value` reads them."""
    return select(issue, entry.c.iri.label("entry_iri")).outerjoin(entry, entry.c.id == issue.c.entry_id)


def get_issue(connection: Connection, issue_id: IssueId, *, lock: bool = False) -> Issue:
    """One issue. Raises Refused where there is none."""
    statement = select_issues().where(issue.c.id == issue_id)
    row = connection.execute(statement.with_for_update(of=issue) if lock else statement).first()
    if row is None:
        raise Refused(f"there is no issue {issue_id}; `publisher issues list` shows those there are")
    return issue_value(row)


def _set_state(connection: Connection, issue_id: IssueId, state: IssueState, reason: str = "") -> None:
    connection.execute(update(issue).where(issue.c.id == issue_id).values(state=state, reason=reason))


def _count(connection: Connection) -> None:
    """Let PostgreSQL count what was just written: it would within a minute, and read whole tables until then."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("analyze (skip_locked) delivery, subscription, subscriber"))


def _to_the_front(connection: Connection, issue_id: IssueId, reader: Address) -> None:
    """Their delivery goes with the first batch, of which `Deliveries.rows` gives it first."""
    its_first = select(func.min(batch.c.k)).where(batch.c.issue_id == issue_id).scalar_subquery()
    its_reader = select(subscriber.c.id).where(subscriber.c.key == reader.key).scalar_subquery()
    where = (delivery.c.issue_id == issue_id) & (delivery.c.subscriber_id == its_reader)
    connection.execute(update(delivery).where(where).values(batch=its_first))


def _claim_period(connection: Connection, name: str, due: Period, state: str = "composed") -> bool:
    frequency, label, at = due
    return bool(
        connection.execute(
            insert(period)
            .values(newsletter=name, frequency=frequency, period=label, due_at=at, state=state)
            .on_conflict_do_nothing()
        ).rowcount
    )


def _forget_ahead(connection: Connection, name: str, frequency: str, now: datetime) -> None:
    """Periods yet to come that were passed over; one that was composed went out, and stays."""
    connection.execute(
        delete(period).where(
            period.c.newsletter == name,
            period.c.frequency == frequency,
            period.c.due_at > now,
            period.c.issue_id.is_(None),
        )
    )


def _period(name: str, due: Period) -> Any:
    return update(period).where(period.c.newsletter == name, period.c.frequency == due[0], period.c.period == due[1])
