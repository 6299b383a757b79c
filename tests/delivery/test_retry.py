"""Replies and what they mean; waits that grow."""

from datetime import timedelta
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.delivery.retry import PolicyWatch, Verdict, Waits, enhanced_code, judge, wait
from publisher.model.issue import Reply

Stage = Literal["connect", "mail", "rcpt", "data", "dot"]

TABLE: list[tuple[Stage, str, Verdict]] = [
    ("dot", "250 2.0.0 queued", Verdict.ACCEPTED),
    ("dot", "251 will forward", Verdict.ACCEPTED),
    ("dot", "299 whatever that is", Verdict.ACCEPTED),
    # out of step: nothing was sent, so nothing can have been accepted
    ("rcpt", "250 ok", Verdict.LATER),
    ("data", "250 ok", Verdict.LATER),
    ("dot", "354 go on", Verdict.LATER),
    ("dot", "199 what", Verdict.LATER),
    ("dot", "600 what", Verdict.LATER),
    ("rcpt", "450 4.2.0 greylisted", Verdict.LATER),
    ("rcpt", "451 4.7.1 try again", Verdict.LATER),
    ("rcpt", "450 5.1.1 a code that contradicts itself waits", Verdict.LATER),
    ("rcpt", "452 4.2.2 mailbox full", Verdict.LATER),
    ("dot", "451 4.3.0 disk", Verdict.LATER),
    ("mail", "452 4.3.1 no space", Verdict.LATER),
    ("mail", "421 4.7.0 too many", Verdict.BUSY),
    ("rcpt", "421 closing", Verdict.BUSY),
    ("dot", "421 4.3.2 closing", Verdict.BUSY),
    ("rcpt", "550 5.1.1 nobody", Verdict.NO_MAILBOX),
    ("rcpt", "550 5.1.2 no such domain", Verdict.NO_MAILBOX),
    ("rcpt", "551 5.1.6 moved", Verdict.NO_MAILBOX),
    ("rcpt", "556 5.1.10 null MX", Verdict.NO_MAILBOX),
    ("dot", "550 5.1.1 nobody", Verdict.NO_MAILBOX),
    ("rcpt", "550 nobody, perhaps", Verdict.REFUSED),
    ("rcpt", "552 5.2.2 mailbox full", Verdict.REFUSED),
    ("rcpt", "553 5.6.7 no SMTPUTF8", Verdict.REFUSED),
    ("dot", "554 no", Verdict.REFUSED),
    ("dot", "554 5.6.0 content", Verdict.REFUSED),
    ("rcpt", "550 5.7.1 not wanted", Verdict.POLICY),
    ("dot", "554 5.7.1 spam", Verdict.POLICY),
    ("mail", "530 5.7.0 log in", Verdict.OURS),
    ("rcpt", "530 log in", Verdict.OURS),
    ("rcpt", "535 5.7.8 wrong", Verdict.OURS),
    ("rcpt", "534 5.7.9 too weak", Verdict.OURS),
    ("dot", "550 5.7.26 no SPF, no DKIM", Verdict.OURS),
    ("dot", "550 5.7.25 no PTR", Verdict.OURS),
    ("dot", "550 5.7.515 Microsoft", Verdict.OURS),
    ("mail", "550 5.1.8 a sender nobody knows", Verdict.OURS),
    ("mail", "552 5.3.4 too big", Verdict.OURS),
]


def a_reply(stage: Stage, line: str) -> Reply:
    code, _, text = line.partition(" ")
    return Reply(code=int(code), text=text, stage=stage, enhanced=enhanced_code(text))


@pytest.mark.parametrize(("stage", "line", "verdict"), TABLE)
def test_what_a_reply_means(stage: Stage, line: str, verdict: Verdict) -> None:
    assert judge(a_reply(stage, line)) is verdict


@given(
    code=st.integers(-1, 999),
    stage=st.sampled_from(["connect", "mail", "rcpt", "data", "dot"]),
    enhanced=st.none() | st.from_regex(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}", fullmatch=True),
)
def test_no_reply_is_a_yes_but_one_to_the_dot_and_only_a_5xx_ends_it(code: int, stage: Stage, enhanced: str) -> None:
    verdict = judge(Reply(code=code, text="", stage=stage, enhanced=enhanced))
    assert (verdict is Verdict.ACCEPTED) == (200 <= code < 300 and stage == "dot")
    final = verdict not in {Verdict.ACCEPTED, Verdict.LATER, Verdict.BUSY}
    assert final == (500 <= code < 600)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("5.1.1 nobody", "5.1.1"),
        (" 5.7.515 Access denied", "5.7.515"),
        ("4.2.0", "4.2.0"),
        ("nobody 5.1.1", None),
        ("3.1.1 what", None),
        ("5.1 what", None),
        ("5.1.1234 what", None),
        ("", None),
    ],
)
def test_the_status_code_at_the_head(text: str, found: str | None) -> None:
    assert enhanced_code(text) == found


# --- waits


def test_the_waits_that_we_ship() -> None:
    found = [wait(Waits(), attempts, 0.0) for attempts in range(1, 9)]
    assert found == [timedelta(minutes=minutes) for minutes in (5, 10, 20, 40, 80, 160, 240, 240)]


@given(attempts=st.integers(1, 10_000), chance=st.floats(0, 1, exclude_max=True))
def test_waits_never_shrink_and_end_at_the_ceiling(attempts: int, chance: float) -> None:
    waits = Waits()
    one, next_ = wait(waits, attempts, chance), wait(waits, attempts + 1, chance)
    assert waits.first <= one <= next_ <= waits.ceiling * (1 + waits.jitter)


@given(chance=st.floats(0, 1, exclude_max=True))
def test_chance_spreads_by_no_more_than_the_jitter(chance: float) -> None:
    assert timedelta(minutes=5) <= wait(Waits(), 1, chance) <= timedelta(minutes=6)


# --- policy refusals


def watched(answers: list[tuple[bool, str]]) -> PolicyWatch:
    watch = PolicyWatch()
    for policy, domain in answers:
        watch = watch.seen(policy=policy, domain=domain)
    return watch


def test_one_domain_may_refuse_us_all_day_as_long_as_others_do_not() -> None:
    assert not watched([(True, "a.example")] * 9).alarming
    assert not watched([(True, "a.example"), (True, "b.example")] * 4).alarming


def test_three_domains_are_about_us() -> None:
    assert watched([(True, "a.example"), (False, "x.example"), (True, "b.example"), (True, "c.example")]).alarming


@pytest.mark.parametrize(("refused", "alarming"), [(9, False), (10, True)])
def test_a_fifth_of_the_last_fifty_is_about_us(refused: int, alarming: bool) -> None:  # noqa: FBT001
    answers = [(True, "a.example")] * refused + [(False, "a.example")] * (50 - refused)
    assert watched(answers).alarming is alarming
    assert not watched([*answers, *[(False, "a.example")] * 50]).alarming, "the last fifty, no more"


def test_few_answers_are_no_share() -> None:
    assert not watched([(True, "a.example")] * 49).alarming
