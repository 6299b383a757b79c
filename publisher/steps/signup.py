"""Somebody asks for newsletters with an address -> one mail to it; and what the link in that mail does.

Nothing changes for anybody before they press the button behind that link. Whoever asks gets the same answer, and it is
made in the same way: the mail is written before anybody looks whom it is for.

Mail that was not asked for is what such a form is abused for, so there are budgets. A mail that is over one is not
dropped: it waits, and goes when there is room. Of an hour's mails a part is kept for those who pressed one more button,
which a flood that only fills in forms does not do.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, Protocol

from publisher.model.issue import IssueId, Newsletter, Rendered
from publisher.model.subscriber import Address, SubscriberId

LASTS = timedelta(days=7)  # E11
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

Lane = Literal["form", "pressed", "mail", "owner"]
"""How somebody came: by a form alone; by one more button; by a mail, which nobody can answer with one more button; by
the owner's hand, who is not kept waiting by others."""

Asked = Literal["mailed", "waits", "busy"]
"""`busy`: nothing was written; who presses one more button may have what is kept for such."""

Answer = Literal["open", "late", "done"]
"""What a link would do: ask, say that its time is over, say that it was pressed before."""


class Choice(NamedTuple):
    """One newsletter that is wanted, and how. No topics: all of them."""

    newsletter: str
    frequency: str
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What the page said to which somebody agrees: consent is to words, and words change."""

    language: str
    text: str

    @property
    def digest(self) -> str:
        """Names these words."""
        return hashlib.sha256(f"{self.language}\n{self.text}".encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What somebody asks for. `origin`: a hash that stands for their network, where that is kept."""

    address: Address
    choices: tuple[Choice, ...]
    language: str | None = None  # of their mails; None: each newsletter's
    name: str = ""
    wording: Wording | None = None
    source: str  # form, or owner
    origin: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How many mails may be asked for: in an hour to all; to one address one in `cool`, and so many a day."""

    hourly: int = 60
    cool: timedelta = timedelta(minutes=15)
    daily: int = 3
    waiting: int = 5000  # requests that wait at most; beyond, the oldest go

    @property
    def plain(self) -> int:
        """The part of an hour's mails for those who came by a form alone, and for what waits."""
        return self.hourly - self.hourly // 3

    def open(self, lane: Lane, in_last_hour: int) -> bool:
        """Whether the hour has room for one who came so."""
        return lane == "owner" or in_last_hour < (self.hourly if lane == "pressed" else self.plain)

    def spares(self, mailed: Sequence[datetime], now: datetime) -> bool:
        """Whether an address that was mailed at these times may be mailed again."""
        return all(at <= now - self.cool for at in mailed) and sum(at > now - DAY for at in mailed) < self.daily


class Waiting(NamedTuple):
    """A request that was not mailed yet."""

    number: int
    choices: tuple[Choice, ...]
    language: str | None


class Standing(NamedTuple):
    """A request that somebody may confirm."""

    answer: Answer
    choices: tuple[Choice, ...]
    language: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One to be sent, in the name of a newsletter."""

    newsletter: str
    rendered: Rendered
    token_key: str


class Requests(Protocol):
    """What was asked for, and not confirmed."""

    def ask(self, what: Application, mail: Mail, *, lane: Lane, budget: Budget, now: datetime) -> Asked:
        """Write it down, with its mail where the budget has room."""

    def waiting(self, *, now: datetime) -> Sequence[Waiting]:
        """What was not mailed, the newest first."""

    def mail(self, number: int, mail: Mail, *, budget: Budget, now: datetime) -> Asked:
        """Mail one that waits; `busy` where the hour has no room for any."""

    def standing(self, notice: IssueId, reader: SubscriberId, *, now: datetime) -> Standing | None:
        """What the link of that mail would do; None: there is no such link."""

    def confirm(
        self,
        notice: IssueId,
        reader: SubscriberId,
        choices: Sequence[Choice],
        welcomes: Mapping[str, Mail],
        *,
        at_once: Callable[[Choice], bool],
        now: datetime,
    ) -> Answer | None:
        """The reader's yes to these; who is new to a newsletter gets its welcome. Twice is once."""

    def again(self, notice: IssueId, reader: SubscriberId, mail: Mail, *, budget: Budget, now: datetime) -> bool:
        """Ask once more, where the time of a link is over; False: there is no such link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignupDesk:
    """All that signing up needs. `question` and `welcome` write the mails; the same ones come again quickly."""

    newsletters: Mapping[str, Newsletter]
    requests: Requests
    question: Callable[[tuple[Choice, ...], str | None], Rendered]
    welcome: Callable[[Choice, str | None], Rendered]
    at_once: Callable[[Choice], bool]
    token_key: str
    budget: Budget = field(default_factory=Budget)

    def ask(self, what: Application, lane: Lane, *, now: datetime) -> Asked:
        """One mail to the address, now or when there is room."""
        mail = self._question(what.choices, what.language)
        return self.requests.ask(what, mail, lane=lane, budget=self.budget, now=now)

    def release(self, *, now: datetime) -> int:
        """Mail what waits, as far as the budget goes; how many."""
        mailed = 0
        for one in _from_both_ends(self.requests.waiting(now=now)):
            choices = self.still(one.choices)
            if not choices:
                continue
            done = self.requests.mail(one.number, self._question(choices, one.language), budget=self.budget, now=now)
            if done == "busy":
                break
            mailed += done == "mailed"
        return mailed

    def confirm(self, notice: IssueId, reader: SubscriberId, *, now: datetime) -> Answer | None:
        """What the button on the page of that mail does."""
        standing = self.requests.standing(notice, reader, now=now)
        if standing is None or standing.answer != "open":
            return standing.answer if standing else None
        choices = self.still(standing.choices)
        welcomes = {
            one.newsletter: Mail(
                newsletter=one.newsletter,
                rendered=self.welcome(one, standing.language),
                token_key=self.token_key,
            )
            for one in choices
            if self.newsletters[one.newsletter].welcome
        }
        return self.requests.confirm(notice, reader, choices, welcomes, at_once=self.at_once, now=now)

    def again(self, notice: IssueId, reader: SubscriberId, *, now: datetime) -> bool:
        """What the button on the page of a link does whose time is over: another mail."""
        standing = self.requests.standing(notice, reader, now=now)
        choices = self.still(standing.choices) if standing and standing.answer == "late" else ()
        if standing is None or not choices:
            return False
        mail = self._question(choices, standing.language)
        return self.requests.again(notice, reader, mail, budget=self.budget, now=now)

    def still(self, choices: Iterable[Choice]) -> tuple[Choice, ...]:
        """Those whose newsletter is there still; a frequency that is no more becomes its first."""
        return tuple(
            one if one.frequency in found.frequencies else one._replace(frequency=found.default_frequency)
            for one in choices
            if (found := self.newsletters.get(one.newsletter)) is not None
        )

    def _question(self, choices: tuple[Choice, ...], language: str | None) -> Mail:
        rendered = self.question(choices, language)
        return Mail(newsletter=choices[0].newsletter, rendered=rendered, token_key=self.token_key)


def _from_both_ends(waiting: Sequence[Waiting]) -> Iterator[Waiting]:
    """The newest, the oldest, the next newest, and so on.

    After a flood who comes now is not behind all of it; and while it lasts, who has waited longest is not forgotten.
    """
    first, last = 0, len(waiting) - 1
    while first <= last:
        yield waiting[first]
        if first < last:
            yield waiting[last]
        first, last = first + 1, last - 1
