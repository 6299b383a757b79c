"""Readers, posts, slow commits, comebacks, failures, kills, cancels, two composers, a clock set back:
no reader gets an entry at a revision twice, and none misses one."""

import contextlib
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from sqlalchemy import Engine, event, select

from publisher.errors import Refused
from publisher.model.entry import ChangeKind, Entry, EntryId
from publisher.model.issue import ISSUE, IssueState, State
from publisher.model.subscriber import Consent, SubscriberId
from publisher.steps.resend import resend_failed, resend_missed
from publisher.store import upgrade
from publisher.store.engine import make_engine
from publisher.store.schema import announcement, card, delivery, entry, issue, variant_card
from tests.postgres import new_database
from tests.world import DOTS, OFFERS, World

TOPICS = ("birds", "bread", "")
FREQUENCIES = ("weekly", "daily", "each")
FATES = [fate for fate in (*OFFERS, *DOTS) if fate not in {"no mailbox", "535"}]


topics = st.sampled_from(TOPICS)
frequencies = st.sampled_from(FREQUENCIES)
# Of issues, by their place: how many there are is for threads to decide, and what is drawn must not depend on it.
numbers = st.integers(0, 99)
fates = st.lists(st.tuples(st.integers(0, 9), st.sampled_from(FATES)), max_size=4)


class Simulation(RuleBasedStateMachine):
    make: Callable[[], Engine]

    @initialize(readers=st.lists(st.tuples(topics, frequencies), min_size=3, max_size=5))
    def begin(self, readers: list[tuple[str, str]]) -> None:
        self.engine = type(self).make()
        upgrade.prepare(self.engine)
        self.world = World(self.engine)
        self.world.collect()  # the first collect: from here on posts are news
        self.readers: dict[str, SubscriberId] = {}
        self.topic: dict[str, str] = {}
        self.started: dict[str, int] = {}
        self.left: set[str] = set()
        self.doubted: set[tuple[int, str]] = set()  # rows that were folded in doubt
        self.entries: dict[str, EntryId] = {}
        self.latest = self.world.now
        for topic, frequency in readers:
            self.a_reader_comes(topic, frequency)
        for topic in TOPICS:
            self.a_post_is_written(topic)

    # --- what people do

    @rule(topic=topics, frequency=frequencies)
    def a_reader_comes(self, topic: str, frequency: str) -> None:
        name = f"reader{len(self.readers)}"
        self.readers[name] = self.world.add_reader(name, *([topic] if topic else []), frequency=frequency)
        self.topic[name] = topic
        found = self.world.subscribers.subscription(self.readers[name], "main")
        assert found is not None
        self.started[name] = found.covered

    @precondition(lambda self: self.readers)
    @rule(data=st.data())
    def a_reader_leaves(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.readers)))
        if len(self.left) < 2:
            self.world.subscribers.leave(self.readers[name], "main", note="", now=self.world.now)
            self.left.add(name)

    @rule(topic=topics)
    def a_post_is_written(self, topic: str) -> None:
        name = f"post{len(self.entries)}"
        self.entries[name] = self.world.add_post(name, *([topic] if topic else []))

    @precondition(lambda self: self.entries)
    @rule(data=st.data(), kind=st.sampled_from([ChangeKind.UPDATED, ChangeKind.REMOVED, ChangeKind.RESTORED]))
    def a_post_changes(self, data: st.DataObject, kind: ChangeKind) -> None:
        found = self._entry(data)
        if (found.removed_at is not None) == (kind is ChangeKind.RESTORED):
            self.world.change(found, kind)

    # --- what the program does

    @rule()
    def announce(self) -> None:
        self.world.announce()

    @rule()
    def tick(self) -> None:
        self.world.tick()

    @rule(frequency=st.sampled_from([None, "weekly", "daily"]))
    def a_digest_by_hand(self, frequency: str | None) -> None:
        self.world.digest(frequency)

    @precondition(lambda self: self.entries)
    @rule(data=st.data(), missed=st.booleans())
    def a_post_by_hand(self, data: st.DataObject, *, missed: bool) -> None:
        found = self._entry(data)
        if found.removed_at is None:
            with contextlib.suppress(Refused):  # it went out already
                self.world.send_post(found, missed=missed)

    @rule(fates=fates)
    def deliver(self, fates: list[tuple[int, str]]) -> None:
        """Mail goes out, while the server, or death, does something to a few messages."""
        for number, fate in fates:
            self.world.server.script[f"reader{number % len(self.readers)}@example.net"] = [fate]
        self.world.deliver_or_die()

    @rule(hours=st.integers(1, 24 * 8), topics=st.lists(topics, max_size=3), fates=fates)
    def days_pass(self, hours: int, topics: list[str], fates: list[tuple[int, str]]) -> None:
        """What mostly happens: posts are written, and mailed when they are due."""
        for topic in topics:
            self.a_post_is_written(topic)
        self.world.now += timedelta(hours=hours)
        self.world.tick()
        self.deliver(fates)

    @rule(event_=st.sampled_from(["pause", "resume", "cancel"]), number=numbers)
    def the_owner_steps_in(self, event_: str, number: int) -> None:
        found = [one for one in self.world.issues.listed() if (one.state, event_) in ISSUE]
        if found:
            self.world.issues.move(found[number % len(found)].id, event_)

    @rule(number=numbers, failed=st.booleans())
    def an_issue_is_sent_once_more(self, number: int, *, failed: bool) -> None:
        """To those whom it did not reach, whatever else went out since."""
        found = self.world.issues.listed()
        if not found:
            return
        chosen = found[number % len(found)]
        with contextlib.suppress(Refused):  # it is not over
            if failed:
                resend_failed(self.world.resends, chosen, now=self.world.now)
            else:
                resend_missed(self.world.desk, self.world.resends, chosen, now=self.world.now)

    @rule(days=st.integers(1, 20))
    def what_is_old_is_folded(self, days: int) -> None:
        """Who got it is forgotten; who gets what from here on is as it would have been."""
        self.doubted |= self._in_doubt()  # what nobody settled in all that time counts as sent, and is forgotten so
        self.world.fold(timedelta(days=days))

    # --- what time and chance do

    @rule(hours=st.integers(1, 24 * 3))
    def the_clock_is_set_back(self, hours: int) -> None:
        self.latest = max(self.world.now, self.latest)
        self.world.now -= timedelta(hours=hours)

    @rule()
    def two_compose_at_once(self) -> None:
        self._at_once(self.world.digest, self.world.tick)

    @rule()
    def a_commit_is_slow(self) -> None:
        """Numbers are drawn, and a digest is composed before they are committed."""
        drawn = threading.Event()
        composed = threading.Event()

        def hold(connection: Any) -> None:
            del connection
            if threading.current_thread().name == "announcer":
                drawn.set()
                composed.wait(0.05)  # it cannot be: the composer waits for our commit

        def announce() -> None:
            self.world.announce()
            drawn.set()  # nothing to announce, nothing to commit

        def compose() -> None:
            drawn.wait()
            self.world.digest()
            composed.set()

        event.listen(self.engine, "commit", hold)
        try:
            self._at_once(announce, compose, first="announcer")
        finally:
            event.remove(self.engine, "commit", hold)

    def _at_once(self, *actions: Callable[[], object], first: str = "first") -> None:
        errors: list[BaseException] = []

        def run(action: Callable[[], object]) -> None:
            try:
                action()
            except BaseException as error:  # noqa: BLE001  # told by the thread that can fail the test
                errors.append(error)

        threads = [threading.Thread(target=run, args=(action,)) for action in actions]
        threads[0].name = first
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not errors, errors

    def _entry(self, data: st.DataObject) -> Entry:
        wanted = self.entries[data.draw(st.sampled_from(sorted(self.entries)))]
        return next(found for found in self.world.entries.known().entries if found.id == wanted)

    # --- what must be true at the end

    def teardown(self) -> None:
        if hasattr(self, "world"):
            try:
                self._settle_down()
                self._nobody_twice()
                self._nobody_missed()
            finally:
                self.engine.dispose()

    def _settle_down(self) -> None:
        """Everything works again, and a last digest and a last post for the impatient go out."""
        world = self.world
        world.server.script.clear()
        world.now = max(world.now, self.latest)
        for found in world.issues.listed():
            if found.state is IssueState.PAUSED:
                world.issues.move(found.id, "resume")
        for day in range(5):
            world.now += timedelta(days=1)
            world.announce()
            world.digest()
            if day < 3:  # who gets each post at once gets what failed with the next one
                world.add_post(f"the-last-{day}")
            world.tick()
            world.deliver()
        open_ = [found for found in world.issues.listed(1000) if found.state is not IssueState.DONE]
        assert all(found.state is IssueState.CANCELLED for found in open_), open_

    def _nobody_twice(self) -> None:
        for name in self.readers:
            received = Counter(self.world.received(name))
            assert max(received.values(), default=1) == 1, (name, received)
            newest: dict[str, int] = {}
            for found, revision in self._planned(self.readers[name]):
                assert revision > newest.get(found, 0), "never an older one after a newer one"
                newest[found] = revision

    def _planned(self, reader: SubscriberId) -> list[tuple[str, int]]:
        """Entry and revision of all that a reader was sent, in the order in which it was decided.

        Not in the order of arrival: what a server puts off comes after what was decided later, as all mail may.
        """
        with self.engine.connect() as connection:
            rows = connection.execute(
                select(entry.c.iri, card.c.revision)
                .select_from(delivery)
                .join(variant_card, variant_card.c.variant_id == delivery.c.variant_id)
                .join(card, card.c.id == variant_card.c.card_id)
                .join(entry, entry.c.id == card.c.entry_id)
                .where(delivery.c.subscriber_id == reader, delivery.c.state == State.SENT)
                .order_by(delivery.c.issue_id)
            )
            return [(row.iri, row.revision) for row in rows]

    def _nobody_missed(self) -> None:
        live = {found.id: found for found in self.world.entries.live()}
        announcements = [(no, found) for no, found in self._announcements() if found in live]
        has = self._has()
        for name, reader in self.readers.items():
            found = self.world.subscribers.subscription(reader, "main")
            assert found is not None
            if found.state is not Consent.ACTIVE:
                continue
            for no, one in announcements:
                terms = {category.term for category in live[one].metadata.categories}
                wanted = not self.topic[name] or self.topic[name] in terms
                if wanted and no > self.started[name]:
                    assert (reader, one) in has, (name, no, one)

    def _announcements(self) -> list[tuple[int, EntryId]]:
        """Number and entry of all that was announced as new, or back."""
        with self.engine.connect() as connection:
            rows = connection.execute(
                select(announcement.c.no, entry.c.iri)
                .join(entry, entry.c.id == announcement.c.entry_id)
                .where(~announcement.c.is_update)
            )
            return [(row.no, EntryId(row.iri)) for row in rows]

    def _has(self) -> set[tuple[int, str]]:
        """Who was sent what, or may have been: the server's word, and what is in doubt."""
        names = {f"{name}@example.net": reader for name, reader in self.readers.items()}
        has = {
            (names[recipient], line.split(" ")[0])
            for recipient, text in self.world.server.taken
            for line in text.splitlines()
        }
        return has | self.doubted | self._in_doubt()

    def _in_doubt(self) -> set[tuple[int, str]]:
        with self.engine.connect() as connection:
            rows = connection.execute(
                select(delivery.c.subscriber_id, entry.c.iri)
                .select_from(entry)
                .join(card, card.c.entry_id == entry.c.id)
                .join(variant_card, variant_card.c.card_id == card.c.id)
                .join(delivery, delivery.c.variant_id == variant_card.c.variant_id)
                .join(issue, issue.c.id == delivery.c.issue_id)
                .where(delivery.c.state == State.IN_DOUBT)
            )
            return {(row[0], row[1]) for row in rows}


def _run(make: Callable[[], Engine], examples: int) -> None:
    machine = type("Simulated", (Simulation,), {"make": staticmethod(make)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_nobody_twice_nobody_missed_on_sqlite() -> None:
    with TemporaryDirectory() as folder:
        count = iter(range(10**9))
        _run(lambda: make_engine(f"sqlite:///{Path(folder, f'{next(count)}.db')}"), examples=40)


@pytest.mark.peer
def test_nobody_twice_nobody_missed_on_postgresql(postgres: str) -> None:
    _run(lambda: make_engine(new_database(postgres)), examples=12)
