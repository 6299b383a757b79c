"""What several statements ask of a row, said as its index wants it."""

from sqlalchemy import text

from publisher.model.issue import State
from publisher.store.schema import delivery

IN_DOUBT = (delivery.c.state == State.IN_DOUBT) & (delivery.c.doubts > text("0"))
"""Whether an answer was lost. Who is in doubt has a doubt counted, and the index is of those that have."""
