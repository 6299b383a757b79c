"""A mail to one person -> an issue with one variant and one delivery, sent like all others."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, Engine, func, select, update

from publisher.model.issue import OWNER, Issue, IssueId, IssueState, Rendered, State
from publisher.model.subscriber import Address, SubscriberId
from publisher.ports import News
from publisher.store import counters
from publisher.store.engine import reading
from publisher.store.generation import Generation
from publisher.store.issues import get_issue, insert_issue
from publisher.store.planning import ALWAYS
from publisher.store.schema import batch, delivery, issue, told, variant
from publisher.store.subscribers import known_reader, reader_of
from publisher.store.upsert import insert

_NO_ENTRY = 1 << 62  # above every number: a watermark that is given back stays where it is


class Notices:
    """`ports.Notices` on a database."""

    def __init__(self, engine: Engine, generation: Generation) -> None:
        self._engine = engine
        self._generation = generation

    def open(
        self,
        newsletter: str,
        occasion: str,
        to: SubscriberId,
        rendered: Rendered,
        *,
        token_key: str,
        now: datetime,
    ) -> Issue | None:
        """A mail to one reader, ready to be sent; None where its occasion had one already."""
        with self._engine.begin() as connection:
            found = insert_notice(connection, newsletter, occasion, to, rendered, token_key=token_key, now=now)
            generation = self._generation.raise_(connection) if found else None
        self._generation.publish(generation)
        return found

    def owner(self, address: Address) -> SubscriberId | None:
        """The owner's number; None where no mail has gone to them yet."""
        with reading(self._engine) as connection:
            return known_reader(connection, address)

    def tell_owner(
        self,
        address: Address,
        newsletter: str,
        rendered: Rendered,
        news: Iterable[News],
        *,
        day: str,
        most: int,
        about: IssueId | None,
        token_key: str,
        now: datetime,
    ) -> Issue | None:
        """A mail to the owner that says these things, which are told from now on.

        None where *most* went out that *day* already. Whoever asks at the same time waits for this.
        """
        with self._engine.begin() as connection:
            counters.lock(connection, counters.OWNER)
            count = count_of_day(connection, day)
            if count >= most:
                return None
            to = reader_of(connection, address, "", None, now)
            occasion = f"{OWNER}/{day}/{count + 1}"
            found = insert_notice(
                connection, newsletter, occasion, to, rendered, token_key=token_key, now=now, about=about
            )
            assert found is not None  # its number is new
            _remember(connection, news, found.id, now)
            generation = self._generation.raise_(connection)
        self._generation.publish(generation)
        return found


def count_of_day(connection: Connection, day: str) -> int:
    """How many mails the owner got on a day."""
    where = issue.c.occasion.startswith(f"{OWNER}/{day}/", autoescape=True)
    return int(connection.scalar(select(func.count()).where(issue.c.kind == "notice", where)) or 0)


def insert_notice(
    connection: Connection,
    newsletter: str,
    occasion: str,
    to: SubscriberId,
    rendered: Rendered,
    *,
    token_key: str,
    now: datetime,
    about: IssueId | None = None,
) -> Issue | None:
    """A mail to one person, in the caller's transaction, who raises the generation too; None: it was there before."""
    made = insert_issue(
        connection,
        newsletter=newsletter,
        occasion=occasion,
        kind="notice",
        frequencies=[],
        cut=0,
        token_key=token_key,
        composed_at=now,
        about=about,
    )
    if made is None:
        return None
    its_variant = connection.scalar(
        insert(variant)
        .values(
            issue_id=made,
            key="notice",
            first_no=_NO_ENTRY,
            subject=rendered.subject,
            preheader=rendered.preheader,
            html=rendered.html,
            text=rendered.text,
        )
        .returning(variant.c.id)
    )
    connection.execute(insert(batch).values(issue_id=made, k=0, epoch=0, due=ALWAYS, done=False))
    row = {"issue_id": made, "subscriber_id": to, "batch": 0, "variant_id": its_variant}
    connection.execute(delivery.insert().values(**row, state=State.PENDING, due=ALWAYS))
    connection.execute(update(issue).where(issue.c.id == made).values(state=IssueState.READY))
    return get_issue(connection, made)


def _remember(connection: Connection, news: Iterable[News], notice: IssueId, now: datetime) -> None:
    for one in news:
        said = {"digest": one.digest, "at": now, "issue_id": notice}
        new = insert(told).values(key=one.key, **said)
        connection.execute(new.on_conflict_do_update(index_elements=["key"], set_=said))
