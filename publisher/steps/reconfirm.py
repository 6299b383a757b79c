"""People whose consent is in doubt -> one mail to each, ever, that asks whether they want the newsletter."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Protocol

from publisher.model.issue import Newsletter, Rendered
from publisher.model.subscriber import SubscriberId
from publisher.ports import Progress, silent

DAY = timedelta(days=1)
LASTS = timedelta(days=30)  # who has not answered by then is forgotten
CHUNK = 200  # mails in a transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubtful:
    """Somebody on a list, and what they get if they say yes. `request` numbers it."""

    request: int
    reader: SubscriberId
    key: str  # Address.key
    newsletter: str
    frequency: str
    language: str | None
    source: str


class Doubts(Protocol):
    """Those who wait to be asked."""

    def waiting(self) -> Iterable[Doubtful]:
        """All who may be asked, in the order they came: not who subscribed or left meanwhile, or must not be mailed."""

    def asked_since(self, moment: datetime) -> int:
        """How many mails asked since then."""

    def ask(self, mails: Sequence[tuple[Doubtful, Rendered]], *, token_key: str, until: datetime, now: datetime) -> int:
        """Write these mails, in one transaction; how many: who was asked before, wherever, is not asked again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What came of it: how many are asked now, were asked at some time before, and wait for another day."""

    asked: int = 0
    before: int = 0
    later: int = 0


def chosen(
    doubts: Doubts,
    newsletters: Mapping[str, Newsletter],
    *,
    newsletter: str = "",
    sources: frozenset[str] = frozenset(),
) -> list[Doubtful]:
    """Whom to ask: of a newsletter, and of some lists; both empty: all. A newsletter that is no more asks nobody."""
    return [
        one
        for one in doubts.waiting()
        if one.newsletter in newsletters
        and one.frequency in newsletters[one.newsletter].frequencies
        and newsletter in {"", one.newsletter}
        and (not sources or one.source in sources)
    ]


def reconfirm(
    doubts: Doubts,
    people: Sequence[Doubtful],
    render: Callable[[str, str, str | None], Rendered],
    *,
    limit: int,
    token_key: str,
    now: datetime,
    progress: Progress = silent,
) -> Asking:
    """Ask them, *limit* in 24 hours. `render` makes the mail of a newsletter, a frequency and a language."""
    room = max(0, limit - doubts.asked_since(now - DAY))
    rendered = lru_cache(maxsize=64)(render)
    asked = tried = 0
    waiting = iter(people)
    while asked < room and (chunk := list(islice(waiting, min(CHUNK, room - asked)))):
        mails = [(one, rendered(one.newsletter, one.frequency, one.language)) for one in chunk]
        asked += doubts.ask(mails, token_key=token_key, until=now + LASTS, now=now)
        tried += len(chunk)
        progress("asking", tried, len(people))
    return Asking(asked=asked, before=tried - asked, later=len(people) - tried)
