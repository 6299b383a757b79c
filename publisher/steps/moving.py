"""A reader wants their mail at another address -> the new one is asked first, and the old one is told.

Until the new address says yes nothing changes. Nobody learns whether it is a reader's already: if it is, the two become
one, who gets whatever either got; who has left a newsletter at the new address has left it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, Protocol

from publisher.model.issue import IssueId, Newsletter, Rendered
from publisher.model.subscriber import Address, SubscriberId
from publisher.steps.freshlinks import BUDGET, Budget

LASTS = timedelta(days=7)  # E11
Answer = Literal["open", "late", "done"]


class Moving(NamedTuple):
    """A request that somebody may confirm."""

    answer: Answer
    newsletter: str  # that asked
    language: str | None


class Moves(Protocol):
    """Requests for another address."""

    def ask(
        self,
        reader: SubscriberId,
        address: Address,
        newsletter: str,
        rendered: Rendered,
        *,
        lasts: timedelta,
        budget: Budget,
        token_key: str,
        now: datetime,
    ) -> bool:
        """A mail to the new address, within the budget; what was asked before is asked no more."""

    def standing(self, notice: IssueId, asked: SubscriberId, *, now: datetime) -> Moving | None:
        """What a link in such a mail would do; None: there is no such link."""

    def move(
        self, notice: IssueId, asked: SubscriberId, rendered: Rendered, *, note: str, token_key: str, now: datetime
    ) -> Answer | None:
        """The new address says yes; *rendered* tells the old one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MovingDesk:
    """All that moving needs. `question` and `farewell`: the mails of a newsletter in a language."""

    newsletters: Mapping[str, Newsletter]
    moves: Moves
    question: Callable[[Newsletter, str], Rendered]
    farewell: Callable[[Newsletter, str], Rendered]
    token_key: str
    budget: Budget = BUDGET

    def ask(
        self, reader: SubscriberId, address: Address, newsletter: Newsletter, language: str | None, *, now: datetime
    ) -> bool:
        """Ask at the new address."""
        return self.moves.ask(
            reader,
            address,
            newsletter.name,
            self.question(newsletter, newsletter.spoken(language)),
            lasts=LASTS,
            budget=self.budget,
            token_key=self.token_key,
            now=now,
        )

    def confirm(self, notice: IssueId, asked: SubscriberId, *, note: str, now: datetime) -> Answer | None:
        """What the button on the page of that mail does; twice is once."""
        standing = self.moves.standing(notice, asked, now=now)
        if standing is None or standing.answer != "open":
            return standing.answer if standing else None
        newsletter = self.newsletters.get(standing.newsletter) or next(iter(self.newsletters.values()))
        rendered = self.farewell(newsletter, newsletter.spoken(standing.language))
        return self.moves.move(notice, asked, rendered, note=note, token_key=self.token_key, now=now)
