"""One reader -> all that the database knows of them: consents, suppression, each issue and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from publisher.model.entry import EntryId
from publisher.model.issue import IssueId, IssueState, Reply, State
from publisher.model.subscriber import Address, Subscriber, SubscriberId, Subscription, Suppression
from publisher.store import suppressions
from publisher.store.engine import reading
from publisher.store.records import address_value, subscription_value
from publisher.store.schema import (
    card,
    consent_event,
    delivery,
    entry,
    issue,
    reply,
    subscriber,
    subscription,
    variant,
    variant_card,
)
from publisher.store.suppressions import Marks, no_marks

Has = Mapping[tuple[str, EntryId], Sequence[tuple[int, IssueId, State]]]
"""(newsletter, entry) -> the revisions of it that were planned for the reader, with issue and state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentEvent:
    """How a consent came or went."""

    newsletter: str
    event: str
    at: datetime
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One issue in a reader's story. `reply`: the last that was no yes; `answers`: how many of them."""

    issue: IssueId
    newsletter: str
    occasion: str
    issue_state: IssueState
    composed_at: datetime
    subject: str
    state: State
    attempts: int
    doubts: int
    code: int | None
    reason: str
    at: datetime | None
    due: datetime
    reply: Reply | None = None
    answers: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """All of one address; `reader` None: nobody has it, and it is only suppressed."""

    reader: Subscriber | None
    since: datetime | None = None
    suppression: Suppression | None = None
    subscriptions: tuple[Subscription, ...] = ()
    consents: tuple[ConsentEvent, ...] = ()
    chapters: tuple[Chapter, ...] = ()  # latest first


class Stories:
    """Readers' stories, in a database."""

    def __init__(self, engine: Engine, marks: Marks = no_marks) -> None:
        self._engine = engine
        self._marks = marks

    def of(self, address: Address, *, limit: int = 50) -> Story | None:
        """The story of an address, with its last issues; None where nobody has it, and it is not suppressed."""
        with reading(self._engine) as connection:
            row = connection.execute(select(subscriber).where(subscriber.c.key == address.key)).first()
            barred = suppressions.find(connection, address.key, self._marks(address.key))
            if row is None:
                return Story(reader=None, suppression=barred) if barred else None
            return Story(
                reader=Subscriber(
                    id=SubscriberId(row.id),
                    address=address_value(row.address, row.key),
                    name=row.name,
                    language=row.language,
                ),
                since=row.created_at,
                suppression=barred,
                subscriptions=_subscriptions(connection, row.id),
                consents=_consents(connection, row.id),
                chapters=_chapters(connection, row.id, limit),
            )

    def has(self, reader: SubscriberId) -> Has:
        """What was ever planned for a reader, the latest issue first."""
        found: dict[tuple[str, EntryId], list[tuple[int, IssueId, State]]] = {}
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(issue.c.newsletter, entry.c.iri, card.c.revision, issue.c.id, delivery.c.state)
                .select_from(delivery)
                .join(issue, issue.c.id == delivery.c.issue_id)
                .join(variant_card, variant_card.c.variant_id == delivery.c.variant_id)
                .join(card, card.c.id == variant_card.c.card_id)
                .join(entry, entry.c.id == card.c.entry_id)
                .where(delivery.c.subscriber_id == reader)
                .order_by(issue.c.id.desc())
            )
            for newsletter, iri, revision, number, state in rows:
                found.setdefault((newsletter, EntryId(iri)), []).append((revision, IssueId(number), State(state)))
        return found


def _subscriptions(connection: Connection, reader: int) -> tuple[Subscription, ...]:
    rows = connection.execute(
        select(subscription, subscriber.c.language)
        .join(subscriber, subscriber.c.id == subscription.c.subscriber_id)
        .where(subscription.c.subscriber_id == reader)
        .order_by(subscription.c.id)
    )
    return tuple(map(subscription_value, rows))


def _consents(connection: Connection, reader: int) -> tuple[ConsentEvent, ...]:
    rows = connection.execute(
        select(consent_event).where(consent_event.c.subscriber_id == reader).order_by(consent_event.c.id)
    )
    return tuple(ConsentEvent(newsletter=row.newsletter, event=row.event, at=row.at, note=row.note) for row in rows)


def _chapters(connection: Connection, reader: int, limit: int) -> tuple[Chapter, ...]:
    rows = connection.execute(
        select(
            delivery,
            issue.c.newsletter,
            issue.c.occasion,
            issue.c.state.label("issue_state"),
            issue.c.composed_at,
            variant.c.subject,
        )
        .join(issue, issue.c.id == delivery.c.issue_id)
        .join(variant, variant.c.id == delivery.c.variant_id)
        .where(delivery.c.subscriber_id == reader)
        .order_by(delivery.c.issue_id.desc())
        .limit(limit)
    ).all()
    return tuple(
        Chapter(
            issue=IssueId(row.issue_id),
            newsletter=row.newsletter,
            occasion=row.occasion,
            issue_state=IssueState(row.issue_state),
            composed_at=row.composed_at,
            subject=row.subject,
            state=State(row.state),
            attempts=row.attempts,
            doubts=row.doubts,
            code=row.code,
            reason=row.reason or "",
            at=row.at,
            due=row.due,
            **_last_reply(connection, row.issue_id, reader),
        )
        for row in rows
    )


def _last_reply(connection: Connection, issue_id: int, reader: int) -> dict[str, Any]:
    where = (reply.c.issue_id == issue_id) & (reply.c.subscriber_id == reader)
    row = connection.execute(select(reply).where(where).order_by(reply.c.id.desc()).limit(1)).first()
    if row is None:
        return {}
    answers = connection.scalar(select(func.count()).select_from(reply).where(where))
    said = Reply(code=row.code, text=row.text, stage=row.stage, enhanced=row.enhanced)
    return {"reply": said, "answers": answers}
