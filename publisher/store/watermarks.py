"""How far each reader's issues have dealt with what was announced."""

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, ScalarSelect, Text, cast, func, select, update

from publisher.model.issue import IssueId
from publisher.store import counters
from publisher.store.numbers import among
from publisher.store.schema import batch, delivery, issue, subscription, variant

Value = TypeVar("Value")
SLICE = 500  # ids in one statement: under every driver's limit of parameters

_WENT = select(batch.c.k).where(batch.c.issue_id == issue.c.id).exists()  # those at once are made for nobody, too


def start(connection: Connection, newsletter: str, frequency: str, *, at_once: bool) -> int:
    """Where a new, resumed or returning reader begins: at the cut of the last issue of that frequency.

    Of a frequency that had none yet, at the cut of the newsletter's last that went to anybody, or its first reader
    would get the posts of years. Where there is none either, at 0: the first issue brings all that was announced.
    One who gets each post at once begins now: everything announced so far has had its issue.
    """
    if at_once:
        return counters.read(connection, counters.ANNOUNCED)
    cut = func.max(issue.c.cut)
    its, others = connection.execute(
        select(cut.filter(_is_for(frequency)), cut.filter(_WENT)).where(
            issue.c.newsletter == newsletter, issue.c.kind == "digest"
        )
    ).one()
    last = its if its is not None else others or 0
    return max(last, _folded(connection, newsletter))


def _is_for(frequency: str) -> ColumnElement[bool]:
    """Whether an issue is for readers of a frequency; one that names none is for all."""
    named = cast(issue.c.frequencies, Text)  # JSON: a list of names, which have no quotes in them
    return (named == "[]") | named.contains(f'"{frequency}"', autoescape=True)


def _folded(connection: Connection, newsletter: str) -> int:
    """Up to where nobody knows any more who has what: nobody may begin before it."""
    where = (issue.c.newsletter == newsletter) & issue.c.folded_at.is_not(None)
    return int(connection.scalar(select(func.max(issue.c.cut)).where(where)) or 0)


def advance(connection: Connection, newsletter: str, subscribers: Sequence[int], cut: int) -> None:
    """An issue has dealt with everything up to *cut* for these readers."""
    _lock(connection, newsletter, subscribers)
    connection.execute(
        update(subscription)
        .where(
            subscription.c.newsletter == newsletter,
            among(connection, subscription.c.subscriber_id, subscribers),
            subscription.c.covered < cut,
        )
        .values(covered=cut)
    )


def give_back(connection: Connection, issue_id: IssueId, subscribers: Sequence[int]) -> None:
    """These readers did not get the issue: move their watermark to before its first entry.

    Always safe: the ledger knows what they have, and stops a second copy.
    """
    name = select(issue.c.newsletter).where(issue.c.id == issue_id).scalar_subquery()
    _lock(connection, name, subscribers)
    for ids in sliced(subscribers):
        first = (
            select(variant.c.first_no)
            .join(delivery, delivery.c.variant_id == variant.c.id)
            .where(delivery.c.issue_id == issue_id, delivery.c.subscriber_id == subscription.c.subscriber_id)
            .scalar_subquery()
        )
        connection.execute(
            update(subscription)
            .where(
                subscription.c.newsletter == name,
                subscription.c.subscriber_id.in_(ids),
                subscription.c.covered >= first,
            )
            .values(covered=first - 1)
        )


def _lock(connection: Connection, newsletter: str | ScalarSelect[str], subscribers: Sequence[int]) -> None:
    """Nobody else changes these readers' subscriptions before the transaction ends.

    In the order of their ids: a composer and a sender who each have a row that the other wants would wait for ever.
    """
    if connection.dialect.name == "sqlite" or not subscribers:  # SQLite has one writer
        return
    theirs = (subscription.c.newsletter == newsletter) & among(connection, subscription.c.subscriber_id, subscribers)
    in_order = select(subscription.c.id).where(theirs).order_by(subscription.c.subscriber_id)
    connection.execute(in_order.with_for_update(key_share=True))


def sliced(values: Sequence[Value]) -> list[list[Value]]:
    """Values in lists that one statement can carry."""
    return [list(values[at : at + SLICE]) for at in range(0, len(values), SLICE)]
