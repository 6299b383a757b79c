"""What several statements ask of a row, said as its index wants it."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, select, text

from publisher.model.issue import OWNER, State
from publisher.store.schema import card, delivery, issue

IN_DOUBT = (delivery.c.state == State.IN_DOUBT) & (delivery.c.doubts > text("0"))
"""Whether an answer was lost. Who is in doubt has a doubt counted, and the index is of those that have."""


def folded_since(entries: Select[Any]) -> Select[Any]:
    """Of issues that carried one of these entries, given by number, and of which only counts are left: since when."""
    carried = (card.c.issue_id == issue.c.id) & card.c.entry_id.in_(entries)
    return select(issue.c.folded_at).join(card, carried).where(issue.c.folded_at.is_not(None))


def is_stranded(newsletters: Collection[str]) -> ColumnElement[bool]:
    """Whether an issue has no newsletter among these. A mail to the owner is the site's: it goes while there is any."""
    to_owner = (issue.c.kind == "notice") & issue.c.occasion.startswith(f"{OWNER}/")
    gone = issue.c.newsletter.not_in(newsletters)
    return gone & ~to_owner if newsletters else gone
