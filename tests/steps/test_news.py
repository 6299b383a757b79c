"""What the owner hears: each thing once, three mails a day at most, nothing lost."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.mail.notices import Trouble
from publisher.model.issue import Issue, IssueId, IssueState
from publisher.ports import Told
from publisher.steps.news import AGAIN, IN_ONE_MAIL, MOST, Item, Kind, Situation, choose, troubles
from tests.builders import an_entry

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def an_item(key: str, kind: Kind = Kind.TROUBLE, words: str = "It waits.") -> Item:
    return Item(key=key, kind=kind, said=Trouble(what=words))


@dataclass
class Memory:
    """What a database remembers of it."""

    told: dict[str, Told] = field(default_factory=dict)
    mails: list[tuple[datetime, tuple[Item, ...]]] = field(default_factory=list)

    def round(self, items: list[Item], now: datetime) -> tuple[Item, ...]:
        chosen = choose(items, self.told, sent=self.on(now), now=now)
        if chosen:
            self.mails.append((now, chosen))
            self.told |= {item.key: Told(item.news.digest, now) for item in chosen}
        return chosen

    def on(self, day: datetime) -> int:
        return sum(at.date() == day.date() for at, _ in self.mails)


def test_each_trouble_is_told_once_and_again_when_it_changes_or_after_a_week() -> None:
    memory, trouble = Memory(), an_item("held", words="2 posts are held")
    assert memory.round([trouble], NOW) == (trouble,)
    assert memory.round([trouble], NOW + timedelta(hours=1)) == ()
    changed = an_item("held", words="3 posts are held")
    assert memory.round([changed], NOW + timedelta(hours=2)) == (changed,)
    assert memory.round([changed], NOW + timedelta(days=6)) == ()
    assert memory.round([changed], NOW + timedelta(hours=2) + AGAIN) == (changed,)


def test_a_receipt_is_told_once_for_ever() -> None:
    memory, receipt = Memory(), an_item("receipt/1", Kind.RECEIPT)
    assert memory.round([receipt], NOW) == (receipt,)
    assert memory.round([an_item("receipt/1", Kind.RECEIPT, "other words")], NOW + 2 * AGAIN) == ()


def test_what_is_over_three_a_day_goes_with_the_first_of_the_next() -> None:
    memory = Memory()
    for number in range(5):
        memory.round([an_item(f"trouble/{one}") for one in range(number + 1)], NOW + timedelta(minutes=number))
    assert memory.on(NOW) == MOST
    left = memory.round([an_item(f"trouble/{one}") for one in range(5)], NOW + timedelta(days=1))
    assert [item.key for item in left] == ["trouble/3", "trouble/4"]


def test_receipts_leave_the_last_mail_of_a_day_to_what_waits() -> None:
    memory = Memory()
    for number in range(4):
        memory.round([an_item(f"receipt/{number}", Kind.RECEIPT)], NOW + timedelta(minutes=number))
    assert memory.on(NOW) == MOST - 1
    items = [an_item("receipt/2", Kind.RECEIPT), an_item("receipt/3", Kind.RECEIPT), an_item("preview/9", Kind.PREVIEW)]
    chosen = memory.round(items, NOW + timedelta(hours=1))
    assert [item.key for item in chosen] == ["preview/9", "receipt/2", "receipt/3"], "what waits comes first"


KINDS = st.sampled_from(list(Kind))
ROUNDS = st.lists(
    st.tuples(
        st.integers(0, 60 * 30),  # minutes since the round before
        st.lists(st.tuples(st.integers(0, 40), KINDS, st.integers(0, 2)), max_size=40),  # what has come up, or changed
    ),
    max_size=40,
)


@given(ROUNDS)
def test_never_more_than_three_a_day_and_nothing_is_lost(rounds: list[tuple[int, list[tuple[int, Kind, int]]]]) -> None:
    """Whatever comes up stays until somebody sees to it: in the end its last words were told."""
    memory, now = Memory(), NOW
    current: dict[str, Item] = {}
    for minutes, new in rounds:
        now += timedelta(minutes=minutes)
        for number, kind, words in new:
            key = f"{kind.name}/{number}"
            if kind is Kind.RECEIPT and key in memory.told:
                continue  # it is no item any more
            current[key] = an_item(key, kind, f"{number} {words}")
        memory.round(list(current.values()), now)
    for _ in range(len(current) // IN_ONE_MAIL + 2):
        now += timedelta(days=1)
        memory.round(list(current.values()), now)
    days = [at.date() for at, _ in memory.mails]
    assert all(days.count(day) <= MOST for day in days)
    for key, item in current.items():
        assert key in memory.told
        assert item.kind is Kind.RECEIPT or memory.told[key].digest == item.news.digest
    said = [(item.key, item.news.digest) for _, items in memory.mails for item in items if item.kind is Kind.RECEIPT]
    assert len(said) == len(set(said))


def test_what_is_held_is_told_with_the_commands_that_let_it_go() -> None:
    def commands(situation: Situation) -> list[str]:
        (item,) = troubles(situation)
        return [one.line for one in item.said.commands]

    old = [(an_entry(path="old.md"), "dated long before it was first seen")]
    assert commands(Situation(held=old)) == ["publisher announce old.md"], "no word of a mass where there was none"
    mass = Situation(held=[*old, (an_entry(path="new.md"), "many new at once")], held_in_mass=True)
    assert commands(mass) == ["publisher announce old.md", "publisher build --accept all"]


@pytest.mark.parametrize("reason", ["the server refuses us: 535 no", "headers line 3: x (H1)"])
def test_a_paused_issue_says_why_and_what_to_type(reason: str) -> None:
    issue = Issue(
        id=IssueId(12),
        newsletter="main",
        occasion="weekly/2026-W48",
        kind="digest",
        state=IssueState.PAUSED,
        cut=1,  # type: ignore[arg-type]  # a number will do
        composed_at=NOW,
        reason=reason,
    )
    (item,) = troubles(Situation(paused=[issue]))
    assert item.said.what == "Issue 12 of main is paused"
    assert item.said.details == (reason,)
    assert [one.line for one in item.said.commands] == ["publisher issues resume 12", "publisher issues cancel 12"]
