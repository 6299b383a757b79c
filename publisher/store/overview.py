"""The database -> what of it is under way, and how large and how new it is. Looks only."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Engine, func, or_, select

from publisher.model.issue import Issue, IssueId, IssueState, State
from publisher.model.status import Underway
from publisher.store import counters, folds, upgrade
from publisher.store.conditions import IN_DOUBT
from publisher.store.engine import database_file, reading
from publisher.store.issues import issue_values
from publisher.store.planning import ALWAYS
from publisher.store.schema import batch, delivery, frequency, issue, subscriber
from publisher.store.types import epoch_now

_UNDERWAY = (IssueState.COMPOSING, IssueState.READY, IssueState.PAUSED)


class Overview:
    """What there is to be seen at a look."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def underway(self, recent: int = 20) -> Sequence[Underway]:
        """Issues that are not over, and of the last ones those with messages in doubt; the oldest first."""
        # Of all issues: asked of the last ones alone, SQLite would go through all that they have.
        doubtful = select(delivery.c.issue_id).where(IN_DOUBT).distinct()
        told = _among_the_last(recent) & issue.c.id.in_(doubtful)
        with reading(self._engine) as connection:
            issues = issue_values(connection, or_(issue.c.state.in_(_UNDERWAY), told))
            ids = [one.id for one in issues]
            tallies = folds.tallies(connection, ids)
            rows = connection.execute(
                select(batch.c.issue_id, func.min(batch.c.due).label("due"))
                .where(batch.c.issue_id.in_(ids), ~batch.c.done)
                .group_by(batch.c.issue_id)
            )
            due = {row.issue_id: row.due for row in rows if row.due != ALWAYS}
        return [Underway(issue=one, tally=tallies[one.id], due=due.get(one.id)) for one in issues]

    def doubtful(self, recent: int = 20) -> Sequence[tuple[Issue, int]]:
        """Those of the same that have messages in doubt, and how many; of a million others none is counted."""
        many = select(delivery.c.issue_id, func.count().label("many")).where(IN_DOUBT).group_by(delivery.c.issue_id)
        with reading(self._engine) as connection:
            counts = {row.issue_id: row.many for row in connection.execute(many)}
            told = or_(issue.c.state.in_(_UNDERWAY), _among_the_last(recent))
            issues = issue_values(connection, issue.c.id.in_(counts), told)
        return [(one, counts[one.id]) for one in issues]

    def leased(self) -> int | None:
        """0 where somebody sends, as leases say; None where nobody does."""
        held = (batch.c.lease_until >= epoch_now()) & ~batch.c.done
        with reading(self._engine) as connection:
            return None if connection.scalar(select(batch.c.k).where(held).limit(1)) is None else 0

    def waiting(self, domain: str, only: IssueId | None = None) -> int:
        """How many messages to a domain, "" for any, were not sent yet: of one issue, or of all that are under way."""
        of = issue.c.state == IssueState.READY if only is None else issue.c.id == only
        found = select(func.count()).select_from(delivery).join(issue, issue.c.id == delivery.c.issue_id)
        found = found.where(of, delivery.c.state.in_([State.PENDING, State.DEFERRED]))
        if domain:
            found = found.join(subscriber, subscriber.c.id == delivery.c.subscriber_id)
            found = found.where(subscriber.c.key.endswith(f"@{domain}", autoescape=True))
        with reading(self._engine) as connection:
            return int(connection.scalar(found) or 0)

    def since(self, newsletter: str, name: str, schedule: str) -> datetime | None:
        """Since when a schedule stands as it is written; None where no round has looked at it yet."""
        with reading(self._engine) as connection:
            row = connection.execute(
                select(frequency).where(frequency.c.newsletter == newsletter, frequency.c.name == name)
            ).first()
        return row.effective_from if row is not None and row.schedule == schedule else None

    def generation(self) -> int:
        """The number that grows with all that goes out."""
        with reading(self._engine) as connection:
            return counters.read(connection, counters.GENERATION)

    def revision(self) -> str:
        """Of the schema."""
        return upgrade.current(self._engine) or ""

    def size(self) -> int | None:
        """Bytes on this machine's disk, with what SQLite keeps beside it; None for a server's."""
        path = database_file(str(self._engine.url))
        if path is None:
            return None
        files = [path, path.with_name(f"{path.name}-wal")]
        return sum(file.stat().st_size for file in files if file.exists())


def _among_the_last(recent: int) -> ColumnElement[bool]:
    last = select(issue.c.id).order_by(issue.c.id.desc()).limit(recent).subquery()
    return issue.c.id.in_(select(last.c.id))
