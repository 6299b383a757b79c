"""A process that writes messages: it has an interpreter of its own, and a core where there is one."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from publisher.adapters.child import Child, serve
from publisher.model.issue import Delivery, Envelope, IssueId, State
from publisher.model.subscriber import Address, SubscriberId
from publisher.ports import Scribe, Unsigned

_SCRIBES = 64  # that a process knows at once

Errand = Sequence[tuple[Scribe, Delivery, datetime]]
"""Messages that are written together: who writes each, for whom, and its Date."""

Answer = tuple[Envelope, bytes] | str
"""A message; or why no lawful one can be made."""


def write(errand: Iterable[tuple[Scribe, Delivery, datetime]]) -> list[Answer]:
    """All of them, here: each is written, then each is signed."""
    found = [_write(*one) for one in errand]
    for one in found:
        if not isinstance(one, str):
            one[1].sign()
    return [one if isinstance(one, str) else (one[0], one[1].message()) for one in found]


def _write(scribe: Scribe, delivery: Delivery, stamp: datetime) -> tuple[Envelope, Unsigned] | str:
    try:
        return scribe.write(delivery, stamp)
    except ValueError as error:
        return str(error)


class _Asked(NamedTuple):
    """One message. Plain values: to pickle a delivery itself takes several times as long."""

    place: int  # of its scribe
    scribe: Scribe | None  # who has that place from now on; None: the same as before
    issue: int
    subscriber: int
    variant: int
    address: tuple[str, str | None, str]
    name: str
    since: datetime | None
    stamp: datetime

    def delivery(self) -> Delivery:
        """As much of it as a scribe reads."""
        display, in_ascii, key = self.address
        return Delivery(
            issue=IssueId(self.issue),
            subscriber=SubscriberId(self.subscriber),
            address=Address(display=display, ascii=in_ascii, key=key),
            name=self.name,
            variant=self.variant,
            state=State.PENDING,
            since=self.since,
        )


class WriterProcess:
    """Starts at once; whoever asks it before it is `ready` waits. What cannot be done raises `child.DiedError`."""

    def __init__(self) -> None:
        self._child = Child("publisher.adapters.writer")
        self._places: dict[int, int] = {}  # by the identity of a scribe, which is kept as long as its place
        self._scribes: list[Scribe] = []
        self._next = 0  # the place that the next new scribe gets

    @property
    def ready(self) -> bool:
        """Whether it can be asked by now."""
        return self._child.is_ready()

    def write(self, errand: Errand) -> list[Answer]:
        """All of them, in turn."""
        answers = self._child.ask([self._asked(*one) for one in errand])
        return [
            answer if isinstance(answer, str) else (Envelope(sender=answer[0], recipient=answer[1]), answer[2])
            for answer in answers
        ]

    def kill(self) -> None:
        """End it now, from any thread."""
        self._child.kill()

    def end(self) -> None:
        """End it."""
        self._child.end()

    def _asked(self, scribe: Scribe, delivery: Delivery, stamp: datetime) -> _Asked:
        place = self._places.get(id(scribe))
        new = place is None
        if place is None:
            place = self._give_place(scribe)
        address = delivery.address
        return _Asked(
            place,
            scribe if new else None,
            delivery.issue,
            delivery.subscriber,
            delivery.variant,
            (address.display, address.ascii, address.key),
            delivery.name,
            delivery.since,
            stamp,
        )

    def _give_place(self, scribe: Scribe) -> int:
        place, self._next = self._next, (self._next + 1) % _SCRIBES
        if place < len(self._scribes):
            del self._places[id(self._scribes[place])]
            self._scribes[place] = scribe
        else:
            self._scribes.append(scribe)
        self._places[id(scribe)] = place
        return place


class _Desk:
    """What such a process does."""

    def __init__(self) -> None:
        self._scribes: dict[int, Scribe] = {}

    def answer(self, errand: Iterable[_Asked]) -> list[tuple[str, str, bytes] | str]:
        """Messages, or why there is none."""
        answers = write((self._scribe(asked), asked.delivery(), asked.stamp) for asked in errand)
        return [one if isinstance(one, str) else (one[0].sender, one[0].recipient, one[1]) for one in answers]

    def _scribe(self, asked: _Asked) -> Scribe:
        if asked.scribe is not None:
            self._scribes[asked.place] = asked.scribe
        return self._scribes[asked.place]


def _main() -> None:
    import publisher.steps.scribe  # noqa: F401, PLC0415  # what will be asked for: it takes a while

    serve(_Desk().answer)


if __name__ == "__main__":
    _main()
