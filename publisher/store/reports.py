"""What there is to tell the owner of issues, and what was told."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Engine, and_, delete, func, not_, or_, select

from publisher.model.issue import OWNER, Issue, IssueId, IssueState, State
from publisher.ports import Movements, Told
from publisher.store.audiences import Audiences
from publisher.store.engine import reading
from publisher.store.issues import select_issues
from publisher.store.notices import count_of_day
from publisher.store.records import issue_value
from publisher.store.schema import batch, consent_event, delivery, issue, outage, reply, told, variant
from publisher.store.upsert import insert

RECEIPT = "receipt/"  # and the issue's number: the key under which a receipt is told

_SOME = select(batch.c.k).where(batch.c.issue_id == issue.c.id).exists()  # an issue that goes to anybody


class Reports:
    """`ports.Reports` on a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def told(self) -> Mapping[str, Told]:
        """What was told, by key; not what a mail said that ran out of time."""
        lost = and_(delivery.c.state == State.FAILED, delivery.c.reason == "expired")
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(told)
                .outerjoin(delivery, delivery.c.issue_id == told.c.issue_id)
                .where(or_(delivery.c.state.is_(None), not_(lost), delivery.c.reason.is_(None)))
            )
            return {row.key: Told(row.digest, row.at) for row in rows}

    def sent_on(self, day: str) -> int:
        """How many mails the owner got on a day."""
        with reading(self._engine) as connection:
            return count_of_day(connection, day)

    def on_its_way(self) -> bool:
        """Whether the last mail to the owner still waits for the mail server."""
        ours = (issue.c.kind == "notice") & issue.c.occasion.startswith(f"{OWNER}/")
        with reading(self._engine) as connection:
            state = connection.scalar(select(issue.c.state).where(ours).order_by(issue.c.id.desc()).limit(1))
        return state in (IssueState.READY, IssueState.PAUSED)

    def done(self, since: datetime) -> Sequence[Issue]:
        """Issues that went to somebody, are done, were composed since then, and of which the owner has no receipt."""
        known = {key.removeprefix(RECEIPT) for key in self.told() if key.startswith(RECEIPT)}
        statement = select_issues().where(
            issue.c.kind != "notice", issue.c.state == IssueState.DONE, issue.c.composed_at >= since, _SOME
        )
        with reading(self._engine) as connection:
            found = map(issue_value, connection.execute(statement.order_by(issue.c.id)).all())
            return tuple(one for one in found if str(one.id) not in known)

    def doubts(self, issue_id: IssueId) -> int:
        """How many messages of an issue are in doubt."""
        where = (delivery.c.issue_id == issue_id) & (delivery.c.state == State.IN_DOUBT)
        with reading(self._engine) as connection:
            return int(connection.scalar(select(func.count()).where(where)) or 0)

    def before(self, one: Issue) -> datetime | None:
        """When the newsletter's issue before this one was composed, that went to anybody."""
        where = (issue.c.newsletter == one.newsletter) & (issue.c.kind != "notice") & (issue.c.id < one.id) & _SOME
        with reading(self._engine) as connection:
            return connection.scalar(select(issue.c.composed_at).where(where).order_by(issue.c.id.desc()).limit(1))

    def movements(self, newsletter: str, since: datetime, until: datetime) -> Movements:
        """Who came and went in between."""
        between = (consent_event.c.at > since) & (consent_event.c.at <= until)
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(consent_event.c.event, func.count())
                .where(consent_event.c.newsletter == newsletter, between)
                .group_by(consent_event.c.event)
            )
            counts = {str(event): int(many) for event, many in rows}
        return Movements(joined=counts.get("confirm", 0), left=counts.get("leave", 0))

    def refusals(self, issue_id: IssueId, limit: int = 5) -> Sequence[tuple[int, str]]:
        """What servers said who refused for good: how many, and their words; the commonest first."""
        count = func.count(func.distinct(reply.c.subscriber_id))
        refused = delivery.c.state.in_([State.FAILED, State.BOUNCED])
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(count.label("readers"), reply.c.code, reply.c.text)
                .join(
                    delivery,
                    (delivery.c.issue_id == reply.c.issue_id) & (delivery.c.subscriber_id == reply.c.subscriber_id),
                )
                .where(reply.c.issue_id == issue_id, refused, reply.c.code == delivery.c.code)
                .group_by(reply.c.code, reply.c.text)
                .order_by(count.desc(), reply.c.code, reply.c.text)
                .limit(limit)
            )
            return [(row.readers, f"{row.code} {row.text}") for row in rows]

    def subject(self, issue_id: IssueId) -> str:
        """The subject of the variant that most readers got."""
        largest = self.variants(issue_id)[:1]
        if not largest:
            return ""
        with reading(self._engine) as connection:
            return str(connection.scalar(select(variant.c.subject).where(variant.c.id == largest[0][0])))

    def variants(self, issue_id: IssueId) -> Sequence[tuple[int, int]]:
        """Its variants, each with the number of its readers; the largest first."""
        return [(one.variant, one.readers) for one in Audiences(self._engine).of(issue_id)]

    def unanswered(self, what: str, *, now: datetime) -> datetime:
        """Since when *what* has not answered: from now on, unless it was noted before."""
        with self._engine.begin() as connection:
            connection.execute(insert(outage).values(what=what, since=now).on_conflict_do_nothing())
            since: datetime = connection.execute(select(outage.c.since).where(outage.c.what == what)).scalar_one()
        return since

    def unanswered_since(self, what: str) -> datetime | None:
        """Since when it has not answered; None where it does."""
        with reading(self._engine) as connection:
            return connection.scalar(select(outage.c.since).where(outage.c.what == what))

    def answered(self, what: str) -> None:
        """It did."""
        with self._engine.begin() as connection:
            connection.execute(delete(outage).where(outage.c.what == what))
