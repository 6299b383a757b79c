"""Issues that went out -> what their pages show: the cards of all variants together."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Engine, and_, case, func, or_, select

from publisher.model.issue import Carried, Issue, IssueId, IssueState, Section, State
from publisher.store.engine import reading
from publisher.store.issues import select_issues
from publisher.store.records import issue_value
from publisher.store.schema import card, delivery, entry, issue, variant, variant_card

_OUT = (State.SENT, State.BOUNCED, State.IN_DOUBT)  # somebody has it, and may follow its link


class Archived:
    """`steps.archive.Archived` on a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def issues(self, newsletter: str) -> Sequence[Issue]:
        """Those that go out, or went out to somebody, from the oldest on."""
        some = select(variant.c.id).where(variant.c.issue_id == issue.c.id).exists()
        out = select(delivery.c.issue_id).where(delivery.c.issue_id == issue.c.id, delivery.c.state.in_(_OUT)).exists()
        shown = or_(
            issue.c.state.in_([IssueState.READY, IssueState.DONE]),
            and_(issue.c.state.in_([IssueState.PAUSED, IssueState.CANCELLED]), out),
        )
        statement = select_issues().where(issue.c.newsletter == newsletter, issue.c.kind != "notice", some, shown)
        with reading(self._engine) as connection:
            return tuple(map(issue_value, connection.execute(statement.order_by(issue.c.id))))

    def carried(self, newsletter: str) -> Mapping[IssueId, Sequence[Carried]]:
        """The cards of its issues, those that some variant shows."""
        new = func.max(case((variant_card.c.section == Section.NEW, 1), else_=0))
        found: dict[IssueId, list[Carried]] = {}
        statement = (
            select(
                card.c.issue_id,
                card.c.id,
                entry.c.removed_at,
                entry.c.metadata["newsletter"].as_json().label("newsletter"),
                new.label("new"),
            )
            .join(variant_card, variant_card.c.card_id == card.c.id)
            .join(entry, entry.c.id == card.c.entry_id)
            .join(issue, issue.c.id == card.c.issue_id)
            .where(issue.c.newsletter == newsletter)
            .group_by(card.c.issue_id, card.c.id, entry.c.id)
            .order_by(card.c.id)
        )
        with reading(self._engine) as connection:
            for row in connection.execute(statement):
                one = Carried(row.id, bool(row.new), hidden=row.removed_at is not None or _mail_only(row.newsletter))
                found.setdefault(IssueId(row.issue_id), []).append(one)
        return found

    def rendered(self, cards: Sequence[int]) -> Iterator[tuple[int, str]]:
        """These cards as they were frozen."""
        with reading(self._engine) as connection:
            for row in connection.execute(select(card.c.id, card.c.rendered).where(card.c.id.in_(cards))):
                yield row.id, row.rendered


def _mail_only(newsletter: Mapping[str, Any] | None) -> bool:
    return bool(newsletter and newsletter.get("mail_only"))
