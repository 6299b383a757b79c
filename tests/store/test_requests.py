"""Sign-ups in the database, on both kinds of it, and at the same moment."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine, event, func, select

from publisher.model.issue import CONFIRM, IssueId, Rendered
from publisher.model.subscriber import Consent, SubscriberId, parse_address
from publisher.steps.signup import Application, Asked, Budget, Choice, Mail, Wording
from publisher.store.generation import Generation
from publisher.store.requests import Requests
from publisher.store.schema import consent_event, issue, request, subscription
from tests.world import START

WORDS = Rendered(subject="s", preheader="", html="", text="")
MAIL = Mail(newsletter="main", rendered=WORDS, token_key="k1")
WEEKLY = Choice("main", "weekly")
BUDGET = Budget(hourly=9)


@pytest.fixture
def requests(engine: Engine) -> Requests:
    return Requests(engine, Generation(engine))


def ask(requests: Requests, name: str = "zoe", *choices: Choice, hours: float = 0) -> Asked:
    what = Application(
        address=parse_address(f"{name}@example.net"),
        choices=choices or (WEEKLY,),
        wording=Wording(language="en", text="Words."),
        source="form",
        origin="0" * 64,
    )
    return requests.ask(what, MAIL, lane="pressed", budget=BUDGET, now=START + timedelta(hours=hours))


def confirm(requests: Requests, notice: IssueId, hours: float = 0) -> str | None:
    now = START + timedelta(hours=hours)
    return requests.confirm(notice, SubscriberId(1), [WEEKLY], {"main": MAIL}, at_once=lambda choice: False, now=now)


def notice(engine: Engine) -> IssueId:
    with engine.connect() as connection:
        return IssueId(connection.scalars(select(request.c.issue_id)).one())


def count(engine: Engine, table: object) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(select(func.count()).select_from(table)) or 0)  # type: ignore[arg-type]


def at_once(times: int, act: Callable[[int], object]) -> None:
    """From threads that all begin together."""
    gate = threading.Barrier(times)

    def run(number: int) -> None:
        gate.wait(30)
        act(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)


def test_a_sign_up_and_a_yes_are_one_transaction_each(engine: Engine, requests: Requests) -> None:
    commits: list[object] = []
    event.listen(engine, "commit", commits.append)
    assert ask(requests) == "mailed"
    assert len(commits) == 1
    asked = notice(engine)
    commits.clear()
    assert confirm(requests, asked) == "done"
    assert len(commits) == 1
    with engine.connect() as connection:
        proof = connection.execute(select(consent_event)).one()
        assert connection.scalars(select(subscription.c.state)).all() == [Consent.ACTIVE]
    assert (proof.source, proof.origin, proof.asked_at) == ("form", "0" * 64, START)


def test_many_who_press_at_the_same_moment_are_asked_and_say_yes_once(engine: Engine, requests: Requests) -> None:
    said: list[str | None] = []
    at_once(8, lambda _: said.append(ask(requests)))
    assert said == ["mailed"] * 8
    assert count(engine, request) == 1
    asked = notice(engine)
    at_once(8, lambda _: confirm(requests, asked))
    assert (count(engine, subscription), count(engine, consent_event)) == (1, 1)
    with engine.connect() as connection:
        occasions = connection.scalars(select(issue.c.occasion)).all()
    assert len(occasions) == 2, "one that asks, one that welcomes"


def test_many_at_the_same_moment_are_no_more_than_the_budget(engine: Engine, requests: Requests) -> None:
    said: list[str] = []
    at_once(8, lambda number: said.extend(ask(requests, f"r{number}-{more}") for more in range(3)))
    assert (said.count("mailed"), said.count("waits")) == (9, 15)
    with engine.connect() as connection:
        where = issue.c.occasion.startswith(f"{CONFIRM}/")
        assert connection.scalar(select(func.count()).select_from(issue).where(where)) == 9


def test_what_waits_is_mailed_once_whoever_releases_it(engine: Engine, requests: Requests) -> None:
    for number in range(12):
        ask(requests, f"r{number}")
    later = START + timedelta(hours=1, seconds=1)
    waiting = requests.waiting(now=later)
    assert [one.number for one in waiting] == [12, 11, 10]
    said: list[str] = []
    at_once(4, lambda _: said.extend(requests.mail(one.number, MAIL, budget=BUDGET, now=later) for one in waiting))
    assert said.count("mailed") == 3
    assert requests.waiting(now=later) == []


def test_only_so_many_wait(engine: Engine, requests: Requests) -> None:
    budget = Budget(hourly=3, waiting=5)
    for number in range(20):
        what = Application(address=parse_address(f"r{number}@example.net"), choices=(WEEKLY,), source="form")
        requests.ask(what, MAIL, lane="pressed", budget=budget, now=START)
    waiting = requests.waiting(now=START)
    assert [one.number for one in waiting] == [20, 19, 18, 17, 16], "the oldest went"


def test_who_is_subscribed_keeps_their_place_and_who_comes_back_begins_anew(engine: Engine, requests: Requests) -> None:
    ask(requests)
    assert confirm(requests, notice(engine)) == "done"
    with engine.begin() as connection:
        connection.execute(subscription.update().values(covered=7))
    assert ask(requests, "zoe", Choice("main", "daily"), hours=1) == "mailed"
    with engine.connect() as connection:
        second = connection.scalars(select(request.c.issue_id).order_by(request.c.id.desc())).first()
    assert second is not None
    assert confirm(requests, IssueId(second), hours=2) == "done"
    with engine.connect() as connection:
        assert connection.scalars(select(subscription.c.covered)).one() == 7
