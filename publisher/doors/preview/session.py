"""One run of `publisher preview`: what there is to look at, and one thread that makes it; who looks is told of news.

Everything here runs in the server's loop, but for `_take` and what `do` is given: these run in the thread that works,
the only one that touches a house.
"""

import asyncio
import contextlib
import json
import os
import secrets
import traceback
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from publisher.config import Config, load_config
from publisher.doors.preview.making import FeedMade, Made, Unmade, make
from publisher.doors.preview.stock import Stock, take_stock
from publisher.doors.preview.watching import Watched, watch, watched
from publisher.errors import ConfigError, PublisherError
from publisher.feeds.feed import FeedPlan
from publisher.ports import Progress
from publisher.steps.preview import PreviewMail
from publisher.wiring.preview import Kept

T = TypeVar("T")

_STEP = 25  # posts between two words on how far it is


@dataclass
class Session:
    """`settings`: their file; `progress`: who shows in the terminal how far it is."""

    settings: Path
    progress: Callable[[], AbstractContextManager[Progress]]
    token: str = field(default_factory=lambda: secrets.token_urlsafe(16), repr=False)  # in every address
    form_token: str = field(default_factory=lambda: secrets.token_urlsafe(16), repr=False)  # in every form
    stock: Stock | None = None
    generation: int = 0
    doing: str = ""  # what is being done, in words; empty: nothing
    blind: str = ""  # why saves cannot be followed; then each look at a page is one at the posts
    notices: dict[str, tuple[bool, str]] = field(default_factory=dict)  # what became of a test: whether it went, words
    _kept: Kept = field(default_factory=Kept)
    _seen: dict[tuple[str, int], tuple[str, str]] = field(default_factory=dict)  # digest and HTML of what was shown
    _worker: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "preview"))
    _listeners: set[asyncio.Queue[str | None]] = field(default_factory=set)
    _wanted: asyncio.Event = field(default_factory=asyncio.Event)
    _loop: asyncio.AbstractEventLoop | None = None
    _before: Stock | None = None
    _warming: Stock | None = None
    _warmth: asyncio.Task[None] | None = None  # held, or nobody would

    # --- what is done in the loop

    async def run(self) -> None:
        """Take stock now, and again after each save; until cancelled."""
        self._loop = asyncio.get_running_loop()
        following = _Following(self.settings, self.changed, self._blinded)
        try:
            await following.follow(await self.do(self._config))  # from now on no save is missed
            self.changed()
            while True:
                await self._wanted.wait()
                self._wanted.clear()
                self._say_doing("reading settings and posts")
                taken = await self.do(self._take)
                retired, self._before, self.stock = self._before, self.stock, taken
                if retired is not None:  # not the one before: somebody may be looking at it right now
                    await self.do(retired.close)
                if await following.follow(taken.config):
                    self.changed()
                self.generation += 1
                self._say_doing("")
        finally:
            following.stop()

    def warm_up(self, stock: Stock) -> None:
        """Make what the overview tells of, one after another; whoever looks is told of each."""
        if self._warming is not stock and stock.house is not None:
            self._warming = stock
            self._warmth = asyncio.create_task(self._warm(stock))

    async def _warm(self, stock: Stock) -> None:
        work: list[Callable[[], object]] = [partial(self.make, stock, mail, 1) for mail in stock.issues]
        work += [partial(self.feed, stock, plan) for plan in stock.feeds.values()]
        for one in work:
            await self.do(one)
            if self.stock is not stock:
                return
            self.news()

    def _blinded(self, why: str) -> None:
        self.blind = why
        self.news()

    def changed(self) -> None:
        """Something was saved."""
        self._wanted.set()

    async def do(self, work: Callable[[], T]) -> T:
        """Let the thread that works do something, after what it does now."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, work)

    def news(self) -> None:
        """Tell all who look what there is now."""
        for queue in self._listeners:
            queue.put_nowait(self._state())

    async def listen(self) -> AsyncIterator[str]:
        """The news, as server-sent events; the first is how things are. Ends with the server."""
        queue: asyncio.Queue[str | None] = asyncio.Queue()
        self._listeners.add(queue)
        try:
            queue.put_nowait(self._state())
            while (said := await queue.get()) is not None:
                yield f"data: {said}\n\n"
        finally:
            self._listeners.discard(queue)

    def end_streams(self) -> None:
        """The server ends: nobody is told any more."""
        for queue in self._listeners:
            queue.put_nowait(None)

    def close(self) -> None:
        """End the thread and the processes that render."""
        self._worker.shutdown()
        for stock in (self._before, self.stock):
            if stock is not None:
                stock.close()
        self._kept.close()

    def _state(self) -> str:
        made = len(self.stock.made) if self.stock is not None else 0
        return json.dumps({"generation": self.generation, "made": made, "doing": self.doing})

    def _say_doing(self, words: str) -> None:
        if self.doing != words:
            self.doing = words
            self.news()

    # --- what is done in the thread that works

    def _config(self) -> Config | None:
        try:
            return load_config(self.settings, os.environ)
        except ConfigError:
            return None  # it is told when stock is taken

    def _take(self) -> Stock:
        with self.progress() as shown:

            def told(what: str, done: int, total: int | None) -> None:
                shown(what, done, total)
                if done % _STEP == 0 and done and total is not None and done < total:
                    self._from_afar(f"{what}: {done} of {total}")

            try:
                return take_stock(self.settings, self._kept, self.stock, progress=told)
            except Exception:  # noqa: BLE001  # a bug keeps its traceback, and the page goes on
                traceback.print_exc()
                words = "publisher itself failed here, which is a bug; the terminal shows where"
                left = self.stock or Stock()
                return Stock(config=left.config, mails=left.mails, feeds=left.feeds, problems=(words,))

    def _from_afar(self, words: str) -> None:
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # it has ended
                self._loop.call_soon_threadsafe(self._say_doing, words)

    def make(self, stock: Stock, mail: PreviewMail, number: int) -> Made | Unmade:
        """A variant of a mail. Where it was shown before, in another form, the place that changed has a name."""

        def made() -> Made | Unmade:
            assert stock.house is not None
            try:
                look = stock.look(mail)
            except PublisherError as error:
                return Unmade((str(error),))
            if not 1 <= number <= len(look.variants):
                return Unmade((f"this mail has no variant {number} any more",))
            found = make(stock.house, mail, look, number)
            if isinstance(found, Made):
                digest, html = self._seen.get((mail.key, number), (found.digest, ""))
                self._seen[mail.key, number] = found.digest, found.html
                return found if digest == found.digest else replace(found, before=html)
            return found

        return stock.keep(("mail", mail.key, number), made)

    def feed(self, stock: Stock, plan: FeedPlan) -> FeedMade:
        """A feed with its documents."""

        def made() -> FeedMade:
            assert stock.house is not None
            return FeedMade(*stock.house.feed(plan))

        return stock.keep(("feed", plan.key), made)


@dataclass(slots=True)
class _Following:
    """The task that watches, and what it watches."""

    settings: Path
    told: Callable[[], None]
    failed: Callable[[str], None]
    now: tuple[Watched, tuple[Path, ...]] | None = None
    task: asyncio.Task[None] | None = None

    async def follow(self, config: Config | None) -> bool:
        """Watch what these settings name. Whether that is other than before: then something may have been missed."""
        what = watched(self.settings, config)
        if self.now == (what, what.there):
            return False
        self.stop()
        self.now = (what, what.there)
        self.task = asyncio.create_task(watch(what, self.told, self.failed))
        await asyncio.sleep(0)  # it begins
        await asyncio.sleep(0)  # and so do its parts
        return True

    def stop(self) -> None:
        """Watch nothing."""
        if self.task is not None:
            self.task.cancel()
