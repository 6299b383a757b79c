"""Requests for links by mail, and how many there may be."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from publisher.model.issue import CHANGED, MANAGE, IssueId, Rendered
from publisher.model.subscriber import Address, Consent, SubscriberId
from publisher.steps.freshlinks import Budget, Standing, Whom
from publisher.steps.signup import Mail
from publisher.store import counters
from publisher.store.engine import reading
from publisher.store.generation import Generation
from publisher.store.notices import insert_notice
from publisher.store.schema import request, subscriber, subscription
from publisher.store.subscribers import known_reader
from publisher.store.upsert import insert

ASKED = "asked"  # a counter: requests by link are counted by one at a time, and each has a number
_FRESH = (MANAGE, CHANGED)  # requests whose mails have such links
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)


class FreshLinks:
    """`steps.freshlinks.FreshLinks` on a database."""

    def __init__(self, engine: Engine, generation: Generation) -> None:
        self._engine = engine
        self._generation = generation

    def reader(self, address: Address) -> SubscriberId | None:
        """Who has that address."""
        with reading(self._engine) as connection:
            return known_reader(connection, address)

    def whom(self, reader: SubscriberId) -> Whom:
        """What a mail to them needs: of their newsletters the first that they get, or got."""
        with reading(self._engine) as connection:
            language = connection.scalar(select(subscriber.c.language).where(subscriber.c.id == reader))
            newsletter = connection.scalar(
                select(subscription.c.newsletter)
                .where(subscription.c.subscriber_id == reader)
                .order_by(subscription.c.state == Consent.LEFT, subscription.c.id)
                .limit(1)
            )
        return Whom(newsletter, language)

    def ask(
        self,
        reader: SubscriberId | None,
        newsletter: str,
        rendered: Rendered,
        *,
        lasts: timedelta,
        budget: Budget,
        token_key: str,
        now: datetime,
    ) -> bool:
        """A mail to a reader, within the budget. None: nobody, at the same cost."""
        with self._engine.begin() as connection:
            number = counters.draw(connection, ASKED)
            if reader is None or not within(connection, MANAGE, reader, budget, now):
                return False
            mail = Mail(newsletter=newsletter, rendered=rendered, token_key=token_key)
            mail_request(connection, MANAGE, reader, mail, to=reader, number=number, until=now + lasts, now=now)
            generation = self._generation.raise_(connection)
        self._generation.publish(generation)
        return True

    def standing(self, notice: IssueId, reader: SubscriberId, *, now: datetime) -> Standing | None:
        """Whether the link of that mail still works; None: there is no such link."""
        where = (request.c.issue_id == notice) & (request.c.subscriber_id == reader) & request.c.kind.in_(_FRESH)
        with reading(self._engine) as connection:
            until = connection.scalar(select(request.c.until).where(where))
        if until is None:
            return None
        return "open" if until > now else "late"

    def answer(
        self,
        reader: SubscriberId,
        occasion: str,
        newsletter: str,
        rendered: Rendered,
        *,
        asked: IssueId | None,
        budget: Budget,
        token_key: str,
        now: datetime,
    ) -> bool:
        """A mail that says what became of a request, within the budget; an occasion has one."""
        kind = occasion.partition("/")[0]
        with self._engine.begin() as connection:
            counters.lock(connection, ASKED)
            if not within(connection, kind, reader, budget, now):
                return False
            made = insert_notice(connection, newsletter, occasion, reader, rendered, token_key=token_key, now=now)
            if made is None:  # this very message was answered
                return False
            until = connection.scalar(select(request.c.until).where(request.c.issue_id == asked)) or now
            row = {"kind": kind, "subscriber_id": reader, "issue_id": made.id, "at": now, "until": until}
            connection.execute(insert(request).values(**row, wishes=[]))
            generation = self._generation.raise_(connection)
        self._generation.publish(generation)
        return True


def mail_request(
    connection: Connection,
    kind: str,
    reader: SubscriberId,
    mail: Mail,
    *,
    to: SubscriberId,
    number: int,
    until: datetime,
    now: datetime,
    wishes: Sequence[Mapping[str, Any]] = (),
) -> None:
    """What a reader asked for, and the mail whose link answers it, to whoever is to answer; *number* is of `ASKED`."""
    notice = insert_notice(
        connection, mail.newsletter, f"{kind}/{to}/{number}", to, mail.rendered, token_key=mail.token_key, now=now
    )
    assert notice is not None  # its number is new
    row = {"kind": kind, "subscriber_id": reader, "issue_id": notice.id, "at": now, "until": until}
    connection.execute(insert(request).values(**row, wishes=list(wishes)))


def within(connection: Connection, kind: str, reader: SubscriberId, budget: Budget, now: datetime) -> bool:
    """Whether a reader may have another mail of that kind. The caller holds the lock of `ASKED`."""
    of_kind = select(func.count()).select_from(request).where(request.c.kind == kind)
    theirs = of_kind.where(request.c.subscriber_id == reader)
    if connection.scalar(theirs.where(request.c.at > now - budget.cool)):
        return False
    day = connection.scalar(theirs.where(request.c.at > now - _DAY)) or 0
    hour = connection.scalar(of_kind.where(request.c.at > now - _HOUR)) or 0
    return day < budget.daily and hour < budget.hourly
