"""Somebody asks for the link to all that is theirs -> one mail to an address that we know, or none.

Whoever asks gets the same answer, and it takes as long: the mail is written before anybody looks whom it is for, and a
stranger's question costs a transaction too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, Protocol

from publisher.model.issue import IssueId, Newsletter, Rendered
from publisher.model.subscriber import Address, SubscriberId

LASTS = timedelta(days=1)  # a fresh link shows and changes everything, so it is short-lived
Standing = Literal["open", "late"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How many mails may be asked for: one in `cool`, so many a day to one person, so many an hour to all."""

    cool: timedelta = timedelta(minutes=10)
    daily: int = 8
    hourly: int = 500


BUDGET = Budget()


class Whom(NamedTuple):
    """A reader as their mails need them: the newsletter to write from, and their language."""

    newsletter: str | None
    language: str | None


class FreshLinks(Protocol):
    """The requests for such links."""

    def reader(self, address: Address) -> SubscriberId | None:
        """Who has that address."""

    def whom(self, reader: SubscriberId) -> Whom:
        """What a mail to them needs."""

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

    def standing(self, notice: IssueId, reader: SubscriberId, *, now: datetime) -> Standing | None:
        """Whether the link of that mail still works; None: there is no such link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkDesk:
    """All that answering needs. `render`: the mail of a newsletter in a language; it comes again quickly."""

    newsletters: Mapping[str, Newsletter]
    links: FreshLinks
    render: Callable[[Newsletter, str], Rendered]
    token_key: str
    budget: Budget = BUDGET

    def send(self, reader: SubscriberId, newsletter: str = "", *, now: datetime) -> bool:
        """A link to a reader whose link this was, in the name of that newsletter if it is there still."""
        whom = self.links.whom(reader)
        return self._send(
            reader, self.newsletters.get(newsletter) or self._writing(whom.newsletter), whom.language, now
        )

    def send_to(self, address: Address, language: str, *, now: datetime) -> bool:
        """A link to whoever has the address; *language* is for nobody's, which is not sent."""
        reader = self.links.reader(address)
        whom = self.links.whom(reader or SubscriberId(0))
        return self._send(reader, self._writing(whom.newsletter), whom.language if reader else language, now)

    def _writing(self, name: str | None) -> Newsletter | None:
        return self.newsletters.get(name or "") or next(iter(self.newsletters.values()), None)

    def _send(
        self, reader: SubscriberId | None, newsletter: Newsletter | None, language: str | None, now: datetime
    ) -> bool:
        if newsletter is None:  # none is configured, so there is no sender
            return False
        return self.links.ask(
            reader,
            newsletter.name,
            self.render(newsletter, newsletter.spoken(language)),
            lasts=LASTS,
            budget=self.budget,
            token_key=self.token_key,
            now=now,
        )
