"""Somebody asks for the link to all that is theirs -> one mail to an address that we know, or none.

Whoever asks gets the same answer, and it takes as long: the mail is written before anybody looks whom it is for, and a
stranger's question costs a transaction too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, Protocol

from publisher.mail.tokens import Claim, Keyring, Purpose, read
from publisher.model.issue import EXPORT, IssueId, Newsletter, Rendered
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
ANSWERS = Budget(cool=timedelta(0), daily=30)  # to requests by mail: so two programs that answer each other end


class Whom(NamedTuple):
    """A reader as their mails need them: the newsletter to write from, and their language."""

    newsletter: str | None
    language: str | None


class Visit(NamedTuple):
    """A genuine link, and whether it still works."""

    claim: Claim
    standing: Standing


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
        """A mail that says what became of a request, within the budget; an occasion has one.

        Its links work as long as those of the mail that was *asked* by; none: they do not.
        """


def visited(keyring: Keyring, links: FreshLinks, token: str, *, now: datetime) -> Visit | None:
    """Whose fresh link it is; None for whatever is none (E8)."""
    claim = read(keyring, Purpose.FRESH, token)
    reader, notice = (claim.subscriber, claim.issue or IssueId(0)) if claim else (SubscriberId(0), IssueId(0))
    standing = links.standing(notice, reader, now=now)  # a made-up one takes as long
    return Visit(claim, standing) if claim and standing else None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkDesk:
    """All that answering needs. `render`: the mail of a newsletter in a language, to a reader or to nobody.

    Where it leads to a page it is the same for all, and comes again quickly: see wiring/choosing.py.
    """

    newsletters: Mapping[str, Newsletter]
    links: FreshLinks
    render: Callable[[Newsletter, str, SubscriberId | None], Rendered]
    token_key: str
    budget: Budget = BUDGET
    answers: Budget = ANSWERS

    def send(self, reader: SubscriberId, newsletter: str = "", *, now: datetime) -> bool:
        """A link to a reader whose link this was, in the name of that newsletter if it is there still."""
        return self._send(reader, self.writing(reader, newsletter), self.links.whom(reader).language, now)

    def send_to(self, address: Address, language: str, *, now: datetime) -> bool:
        """A link to whoever has the address; *language* is for nobody's, which is not sent."""
        reader = self.links.reader(address)
        spoken = self.links.whom(reader or SubscriberId(0)).language if reader else language
        return self._send(reader, self.writing(reader or SubscriberId(0)), spoken, now)

    def answer(
        self,
        reader: SubscriberId,
        what: str,
        newsletter: Newsletter,
        rendered: Rendered,
        *,
        asked: IssueId | None,
        now: datetime,
    ) -> bool:
        """What became of a request that came by mail. `what`: the mail's occasion, by which it is written once."""
        budget = self.budget if what.startswith(f"{EXPORT}/") else self.answers
        return self.links.answer(
            reader, what, newsletter.name, rendered, asked=asked, budget=budget, token_key=self.token_key, now=now
        )

    def writing(self, reader: SubscriberId, name: str = "") -> Newsletter | None:
        """In whose name they are written to: that newsletter's if it is there still, else of one that they get."""
        found = self.newsletters.get(name) or self.newsletters.get(self.links.whom(reader).newsletter or "")
        return found or next(iter(self.newsletters.values()), None)

    def _send(
        self, reader: SubscriberId | None, newsletter: Newsletter | None, language: str | None, now: datetime
    ) -> bool:
        if newsletter is None:  # none is configured, so there is no sender
            return False
        return self.links.ask(
            reader,
            newsletter.name,
            self.render(newsletter, newsletter.spoken(language), reader),
            lasts=LASTS,
            budget=self.budget,
            token_key=self.token_key,
            now=now,
        )
