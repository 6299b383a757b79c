"""Whom a reply slows down, for how long, and how the way back goes."""

from typing import Literal

import pytest

from publisher.delivery.backoff import FIRST_PAUSE, LONGEST_PAUSE, About, Backoff, about
from publisher.delivery.retry import enhanced_code
from publisher.model.issue import Reply

Stage = Literal["connect", "mail", "rcpt", "data", "dot"]


def reply(stage: Stage, said: str) -> Reply:
    code, _, text = said.partition(" ")
    return Reply(code=int(code), text=text, stage=stage, enhanced=enhanced_code(text))


TABLE: list[tuple[Stage, str, About]] = [
    ("dot", "250 2.0.0 queued", About.SENT),
    # the server, and so everybody
    ("connect", "421 4.3.2 shutting down", About.SERVER),
    ("connect", "421 too many connections from you", About.SERVER),
    ("connect", "454 4.7.0 temporary authentication failure", About.SERVER),
    ("mail", "421 4.7.0 try again later", About.SERVER),
    ("mail", "452 4.3.1 insufficient system storage", About.SERVER),
    ("mail", "450 4.7.1 too much mail from you", About.SERVER),
    ("rcpt", "421 4.3.2 closing", About.SERVER),
    ("data", "451 4.3.0 queue file write error", About.SERVER),
    ("dot", "452 4.3.1 no space", About.SERVER),
    # the domain of the recipient
    ("rcpt", "421 closing", About.DOMAIN),
    ("rcpt", "421 4.7.28 unusual rate of unsolicited mail", About.DOMAIN),
    ("dot", "421 4.7.0 [TSS04] temporarily deferred due to unexpected volume or user complaints", About.DOMAIN),
    ("rcpt", "451 4.7.500 server busy", About.DOMAIN),
    ("rcpt", "450 4.7.1 you have exceeded our sending limits", About.DOMAIN),
    ("rcpt", "450 4.3.0 command failed", About.DOMAIN),
    ("rcpt", "450 4.4.1 no answer from host", About.DOMAIN),
    ("rcpt", "451 try again later", About.DOMAIN),
    ("rcpt", "452 insufficient system storage", About.DOMAIN),
    ("rcpt", "450 too many messages from you", About.DOMAIN),
    ("dot", "451 4.7.0 deferred", About.DOMAIN),
    # this reader alone
    ("rcpt", "452 4.2.2 over quota", About.READER),
    ("dot", "452 4.2.2 the mailbox is over its limit", About.READER),
    ("rcpt", "452 mailbox full: over its storage limit", About.READER),
    ("rcpt", "450 4.2.1 this user receives mail at too high a rate", About.READER),
    ("rcpt", "450 4.2.0 <ada@t.example>: Recipient address rejected: Greylisted", About.READER),
    ("rcpt", "451 4.7.1 try again later", About.READER),
    ("rcpt", "451 4.7.1 Greylisting in action, please come back in 00:05", About.READER),
    ("rcpt", "451 graylisted, come back", About.READER),
    ("dot", "451 4.7.1 try again later", About.READER),
    ("rcpt", "450 4.1.1 unverified address", About.READER),
    ("rcpt", "450 mailbox unavailable", About.READER),
    ("rcpt", "550 5.1.1 nobody", About.READER),
    ("rcpt", "552 5.2.2 full", About.READER),
    # this conversation alone
    ("mail", "421 4.4.2 timeout exceeded", About.READER),
    ("mail", "421 4.7.0 too many messages in this session", About.READER),
    # no sign that all is well
    ("dot", "550 5.7.1 spam", About.POLICY),
    ("mail", "550 5.7.26 unauthenticated", About.POLICY),
    # a server that is out of step says nothing of how fast it takes mail
    ("rcpt", "250 ok", About.READER),
    ("dot", "354 go on", About.READER),
    ("dot", "999 what", About.READER),
]


@pytest.mark.parametrize(("stage", "said", "whom"), TABLE)
def test_N4_whom_a_reply_slows_down(stage: Stage, said: str, whom: About) -> None:
    assert about(reply(stage, said)) is whom


def test_pauses_grow_to_a_quarter_of_an_hour_and_no_further() -> None:
    at, pauses = 0.0, []
    backoff = Backoff(10, at)
    for _ in range(10):
        pauses.append(backoff.wait(at))
        at += pauses[-1]
        assert backoff.wait(at) == 0
        backoff.spend(at)
        backoff.failed(at)
    assert pauses[:4] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE, 8 * FIRST_PAUSE]
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE


def test_what_was_on_its_way_when_the_pause_began_changes_nothing() -> None:
    backoff = Backoff(10, 0.0)
    before = backoff.state()
    backoff.failed(0.1)
    backoff.failed(0.2)
    backoff.accepted(0.3)
    assert backoff.state() == before


def test_after_a_pause_one_message_goes_alone() -> None:
    backoff = Backoff(10, 0.0)
    at = FIRST_PAUSE
    backoff.spend(at)
    assert backoff.wait(at + 1) > 20
    assert backoff.pausing
    backoff.accepted(at + 1)
    assert backoff.wait(at + 1) == 0
    assert not backoff.pausing


def test_one_that_is_never_answered_holds_nobody_for_long() -> None:
    backoff = Backoff(10, 0.0)
    backoff.spend(FIRST_PAUSE)
    assert backoff.wait(FIRST_PAUSE) == 30


def test_one_that_did_not_begin_leaves_its_place_to_another() -> None:
    backoff = Backoff(10, 0.0)
    backoff.spend(FIRST_PAUSE)
    backoff.give_back(FIRST_PAUSE + 1)
    assert backoff.wait(FIRST_PAUSE + 1) == 0


def test_the_pace_is_halved_and_comes_back_in_steps() -> None:
    backoff = Backoff(8, 0.0)
    at, begun = FIRST_PAUSE, []
    while not backoff.over:
        at += backoff.wait(at)
        backoff.spend(at)
        begun.append(at)
        backoff.accepted(at + 0.01)
        at += 0.01
    first = [one for one in begun if 1 <= one - begun[0] < 9]
    last = [one for one in begun if 1 <= begun[-1] - one < 9]
    assert len(first) == pytest.approx(8 * 4, abs=2)
    assert len(last) == pytest.approx(8 * 7.6, abs=4)
    assert 90 <= begun[-1] - begun[0] <= 110


def test_a_restart_forgets_nothing() -> None:
    backoff = Backoff(8, 0.0)
    backoff.spend(FIRST_PAUSE)
    backoff.failed(FIRST_PAUSE + 1)
    again = Backoff.kept(backoff.state())
    assert again is not None
    assert again.state() == backoff.state()
    assert again.wait(20) == backoff.wait(20) > 0
    assert Backoff.kept((1.0, 2.0)) is None


def test_a_domain_that_nobody_writes_to_any_more_is_forgotten_after_a_day() -> None:
    backoff = Backoff(8, 0.0)
    assert not backoff.idle(3_600)
    assert backoff.idle(90_000)
