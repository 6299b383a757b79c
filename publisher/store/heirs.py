"""The number in an old link -> the reader whom it is for now."""

from sqlalchemy import Connection, select

from publisher.model.subscriber import Consent, SubscriberId
from publisher.store.schema import moved, subscription


def heir(connection: Connection, reader: SubscriberId) -> SubscriberId:
    """Its reader, unless they have become one with another (`store.moves`) and get nothing themselves."""
    to = connection.scalar(select(moved.c.subscriber_id).where(moved.c.reader == reader))
    if to is None:
        return reader
    gets = (subscription.c.subscriber_id == reader) & (subscription.c.state != Consent.LEFT)
    return reader if connection.scalar(select(subscription.c.id).where(gets).limit(1)) else SubscriberId(to)
