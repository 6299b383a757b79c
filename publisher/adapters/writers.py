"""Deliveries -> messages, beside the thread that talks to servers and to the ledger."""

import contextlib
import threading
import time
from collections.abc import Callable
from datetime import datetime
from queue import Empty, SimpleQueue
from typing import Self

from publisher.adapters.cores import cores
from publisher.adapters.ready import Written
from publisher.adapters.writer import Answer, Errand, WriterProcess, write
from publisher.delivery.smtp.mailing import Parcel
from publisher.model.issue import Delivery
from publisher.ports import Scribe

_MOST = 4  # writers: with signatures, about as many as one thread can send for
_LONG = 1000  # messages of one writer: so many are worth a process, which takes as long to start as to write some
_PATIENCE = 60.0  # seconds for a few messages: a process that was stopped must not hold them for ever


class Writers:
    """Threads that write messages; in a long sending each has a process for it, so that ours has its core for the rest.

    `finished` is called, in such a thread, after something was put into `done`. `long`: messages of one thread.
    """

    def __init__(self, finished: Callable[[], None], *, long: int | None = None) -> None:
        self._errands: SimpleQueue[Errand] = SimpleQueue()
        self._finished = finished
        self._long = (long or _LONG) if cores() > 1 else None  # None: a process would only take turns with us
        self._most = min(max(2, cores()), _MOST)
        self.done: SimpleQueue[list[Written] | BaseException] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._desks: list[_Desk] = []

    def write(self, errand: Errand) -> None:
        """Have these written."""
        if len(self._threads) < self._most:
            desk = _Desk(self._long)
            thread = threading.Thread(target=self._work, args=(desk,), name="writer", daemon=True)
            thread.start()
            self._threads.append(thread)
            self._desks.append(desk)
        self._errands.put(errand)

    def look(self) -> None:
        """To be called now and then: a process that gives no answer is killed, and its messages are written here."""
        now = time.monotonic()
        for desk in self._desks:
            asked_at = desk.asked_at  # its thread may change it meanwhile
            if asked_at is not None and now - asked_at > _PATIENCE:
                desk.hurry()

    def end(self) -> None:
        """No more: what is not written by now is not wanted."""
        with contextlib.suppress(Empty):
            while True:
                self._errands.get_nowait()
        for desk in self._desks:
            desk.hurry()
        for _ in self._threads:
            self._errands.put([])
        for thread in self._threads:
            thread.join()

    def _work(self, desk: "_Desk") -> None:
        with desk:
            while errand := self._errands.get():
                try:
                    self.done.put(desk.write(errand))
                except BaseException as error:  # noqa: BLE001  # raised again where the ledger is
                    self.done.put(error)
                self._finished()


class _Desk:
    """Where one thread writes: here; after so many messages in a process; and here again should that die."""

    def __init__(self, after: int | None) -> None:
        self._left = after  # messages until a process is started; None: none is
        self._process: WriterProcess | None = None
        self.asked_at: float | None = None  # by time.monotonic; None: nothing is

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.end()

    def hurry(self) -> None:
        """From any thread: who waits for the process, which may have been stopped, waits no more."""
        if (process := self._process) is not None:
            process.kill()

    def write(self, errand: Errand) -> list[Written]:
        """All of them, in turn."""
        answers = self._elsewhere(errand)
        if answers is None:
            answers = write(errand)
            self._count(len(errand))
        return [_written(*one, answer) for one, answer in zip(errand, answers, strict=True)]

    def _elsewhere(self, errand: Errand) -> list[Answer] | None:
        if self._process is None:
            return None
        self.asked_at = time.monotonic()
        try:
            return self._process.write(errand) if self._process.ready else None
        except Exception:  # noqa: BLE001  # it died, or cannot be told of this scribe; a scribe's own bug shows here too
            self._process.end()
            self._process = None
            return None
        finally:
            self.asked_at = None

    def _count(self, messages: int) -> None:
        if self._left is None:
            return
        self._left -= messages
        if self._left <= 0:
            self._left = None
            try:
                self._process = WriterProcess()
            except OSError:
                return  # no room for another process: it is written here


def _written(scribe: Scribe, delivery: Delivery, stamp: datetime, answer: Answer) -> Written:
    del scribe
    if isinstance(answer, str):
        return Written(delivery, stamp, None, answer)
    return Written(delivery, stamp, Parcel(*answer))
