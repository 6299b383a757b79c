"""Issues that went out -> what their pages show: the cards of all variants together."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from sqlalchemy import Engine, and_, case, func, or_, select

from publisher.model.entry import EntryId
from publisher.model.issue import Carried, Issue, IssueId, IssueState, Section, State
from publisher.store.engine import reading
from publisher.store.issues import select_issues
from publisher.store.records import issue_value
from publisher.store.schema import card, delivery, entry, issue, variant, variant_card

_OUT = (State.SENT, State.BOUNCED, State.IN_DOUBT)  # somebody has it, and may follow its link
_LOOKED_THROUGH = 100  # issues, for one that is a digest: the others are posts that went out at once


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

    def last_digest(self, newsletter: str, at_once: AbstractSet[str]) -> Sequence[EntryId]:
        """The entries of the last digest that somebody has, in order; none before there was one.

        Posts that go out *at_once*, each by itself, are no digest where there is another.
        """
        sent = select(delivery.c.issue_id).where(delivery.c.issue_id == issue.c.id, delivery.c.state.in_(_OUT)).exists()
        digests = select(issue.c.id, issue.c.frequencies).where(
            issue.c.newsletter == newsletter, issue.c.kind == "digest", sent
        )
        with reading(self._engine) as connection:
            rows = connection.execute(digests.order_by(issue.c.id.desc()).limit(_LOOKED_THROUGH)).all()
            last = next((row.id for row in rows if at_once.isdisjoint(row.frequencies)), rows[0].id if rows else None)
            entries = select(entry.c.iri).join(card, card.c.entry_id == entry.c.id).where(card.c.issue_id == last)
            return [EntryId(iri) for iri in connection.scalars(entries.order_by(card.c.id))]

    def rendered(self, cards: Sequence[int]) -> Iterator[tuple[int, str]]:
        """These cards as they were frozen."""
        with reading(self._engine) as connection:
            for row in connection.execute(select(card.c.id, card.c.rendered).where(card.c.id.in_(cards))):
                yield row.id, row.rendered


def _mail_only(newsletter: Mapping[str, Any] | None) -> bool:
    return bool(newsletter and newsletter.get("mail_only"))
