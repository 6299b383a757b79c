"""PostgreSQL goes away in the middle of a sending: mail goes on once it is back, and nobody is sent anything twice."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine

from publisher.model.issue import Issue, State
from tests import faults
from tests.postgres import end_backend, new_database, running_postgres, start, stop
from tests.world import World, prepared

LEASE = "UPDATE batch SET lease_until=(extract"  # what each commit of results and intents says first
STANDS = "SELECT issue.newsletter, issue.state, issue.kind"  # and what it says between results and intents
HOUR = timedelta(hours=1)
READERS = [f"r{number}" for number in range(6)]


def an_issue(world: World) -> Issue:
    for name in READERS:
        world.add_reader(name)
    world.add_post("one")
    world.announce()
    issue = world.digest()
    assert issue is not None
    return issue


def sent(world: World) -> Counter[str]:
    return Counter(recipient.partition("@")[0] for recipient, _ in world.server.taken)


Moment = Callable[[Engine, Callable[[psycopg.Connection[Any]], None], int], None]
MOMENTS: dict[str, Moment] = {
    "before the lease": lambda engine, fault, nth: faults.before(engine, LEASE, fault, nth=nth),
    "after the results": lambda engine, fault, nth: faults.before(engine, STANDS, fault, nth=nth),
    "before the commit": lambda engine, fault, nth: faults.before_commit(engine, LEASE, fault, nth=nth),
}


@pytest.mark.parametrize("nth", [1, 2, 3, 4])
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_session_that_ends_within_a_commit_costs_nobody_their_mail(moment: str, nth: int, postgres: str) -> None:
    with prepared(new_database(postgres)) as engine:
        world = World(engine)
        issue = an_issue(world)
        ended: list[int] = []

        def end(driver: psycopg.Connection[Any]) -> None:
            ended.append(driver.info.backend_pid)
            end_backend(engine, ended[0])

        MOMENTS[moment](engine, end, nth)
        assert world.deliver().sent == len(READERS)
        assert ended, "nothing happened"
        assert sent(world) == Counter(READERS)
        assert world.issues.tally(issue.id).counts == {State.SENT: len(READERS)}


@pytest.mark.parametrize("nth", [1, 2, 3, 4])
def test_a_commit_whose_answer_is_lost_costs_nobody_their_mail(nth: int, postgres: str) -> None:
    with prepared(new_database(postgres)) as engine:
        world = World(engine)
        issue = an_issue(world)

        def commit_and_end(driver: psycopg.Connection[Any]) -> None:
            driver.commit()
            driver.execute("select 1")  # so that there is something to commit again, which fails
            end_backend(engine, driver.info.backend_pid)

        faults.before_commit(engine, LEASE, commit_and_end, nth=nth)
        world.deliver()
        world.now += HOUR  # what was granted, and never sent, waits as if its server had hung up
        world.deliver()
        assert sent(world) == Counter(READERS)
        assert world.issues.tally(issue.id).counts == {State.SENT: len(READERS)}


def test_a_server_that_starts_anew_is_waited_for() -> None:
    with running_postgres() as server, prepared(new_database(server)) as engine:
        waits: list[float] = []

        def sleep(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) == 3:
                start(server)

        world = World(engine, sleep=sleep)
        issue = an_issue(world)
        faults.before(engine, LEASE, lambda driver: stop(server), nth=2)  # what is in hand is a reader's yes
        assert world.deliver().sent == len(READERS)
        assert len(waits) == 3, "it was not there twice"
        assert sent(world) == Counter(READERS)
        assert world.issues.tally(issue.id).counts == {State.SENT: len(READERS)}
