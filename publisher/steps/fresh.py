"""The claim of a link that was mailed because somebody asked for it -> the reader it stands for, while it works."""

from datetime import datetime
from typing import Protocol

from publisher.mail.tokens import Claim
from publisher.model.issue import IssueId
from publisher.model.subscriber import SubscriberId


class FreshRequests(Protocol):
    """What was asked for, and mailed."""

    def stands(self, reader: SubscriberId, mail: IssueId, *, now: datetime) -> bool:
        """Whether this reader was mailed a link with that mail, and it works until later than now."""


def fresh_reader(requests: FreshRequests, claim: Claim | None, *, now: datetime) -> SubscriberId | None:
    """Who may see and change everything that is theirs; None for a link that is none, or no longer.

    The link itself says no time: how long it works is the database's to say, and so it ends with its reader.
    """
    if claim is None or claim.issue is None or not requests.stands(claim.subscriber, claim.issue, now=now):
        return None
    return claim.subscriber
