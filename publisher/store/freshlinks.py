"""Links that were mailed because somebody asked for them: whether one still works."""

from datetime import datetime

from sqlalchemy import Engine, select

from publisher.model.issue import MANAGE, IssueId
from publisher.model.subscriber import SubscriberId
from publisher.store.engine import reading
from publisher.store.schema import request


class FreshLinks:
    """`steps.fresh.FreshRequests` on a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def stands(self, reader: SubscriberId, mail: IssueId, *, now: datetime) -> bool:
        """Whether this reader was mailed a link with that mail, and it works until later than now."""
        where = (request.c.issue_id == mail) & (request.c.subscriber_id == reader) & (request.c.kind == MANAGE)
        with reading(self._engine) as connection:
            return connection.scalar(select(request.c.id).where(where, request.c.until > now)) is not None
