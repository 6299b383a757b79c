"""Messages in a conversation: what goes out together, what each reply means, and what becomes of which message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.delivery.smtp.mailing import DOT, Broken, Event, Held, Mailing, Parcel, Told
from publisher.delivery.smtp.opening import Offer
from publisher.model.issue import Envelope

FIRST, SECOND, THIRD = (
    Parcel(Envelope(sender="a@example.org", recipient=f"{name}@example.net"), f"Subject: {name}\r\n\r\nx\r\n".encode())
    for name in ("first", "second", "third")
)
ENVELOPE = b"MAIL FROM:<a@example.org>\r\nRCPT TO:<%s@example.net>\r\nDATA\r\n"
GO = b"250 2.1.0 ok\r\n250 2.1.5 ok\r\n354 go on\r\n"


def mailing(*extensions: str) -> Mailing:
    return Mailing(Offer(extensions=dict.fromkeys(extensions or ("PIPELINING",), "")), pipelining=True, timeout=60)


def sent(found: Mailing) -> bytes:
    return b"".join(found.take())


def is_free(found: Mailing) -> bool:
    return found.free


def patience(found: Mailing) -> float | None:
    return found.patience


def held(found: Mailing, parcel: Parcel = FIRST) -> None:
    found.begin(parcel)
    assert found.receive(GO) == [Held(parcel)]
    found.take()


def kinds(events: list[Event]) -> list[object]:
    return [
        (event.reply.code, event.reply.stage, event.dotted) if isinstance(event, Told) else type(event)
        for event in events
    ]


def test_an_envelope_goes_out_in_one_write_and_the_content_without_its_dot() -> None:
    found = mailing()
    found.begin(FIRST)
    assert sent(found) == ENVELOPE % b"first"
    assert patience(found) == 60
    assert found.receive(GO) == [Held(FIRST)]
    assert sent(found) == FIRST.message
    assert patience(found) is None
    found.dot()
    assert sent(found) == b".\r\n"
    assert patience(found) == DOT
    assert not is_free(found)
    assert kinds(found.receive(b"250 2.0.0 taken\r\n")) == [(250, "dot", True)]
    assert is_free(found)


def test_the_next_envelope_rides_along_with_the_dot() -> None:
    found = mailing()
    held(found)
    found.dot(SECOND)
    assert sent(found) == b".\r\n" + ENVELOPE % b"second"
    assert found.under_way == [(FIRST, True), (SECOND, False)]
    assert kinds(found.receive(b"250 2.0.0 taken\r\n" + GO)) == [(250, "dot", True), Held]
    assert found.under_way == [(SECOND, False)]


def test_without_pipelining_each_command_waits() -> None:
    found = mailing("SIZE")
    found.begin(FIRST)
    said = [sent(found)]
    for reply in (b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n"):
        found.receive(reply)
        said.append(sent(found))
    size = len(FIRST.message)
    assert said == [
        b"MAIL FROM:<a@example.org> SIZE=%d\r\n" % size,
        b"RCPT TO:<first@example.net>\r\n",
        b"DATA\r\n",
        FIRST.message,
    ]


@pytest.mark.parametrize(
    ("replies", "stage"),
    [
        (b"550 no\r\n503 mail first\r\n503 mail first\r\n", "mail"),
        (b"250 ok\r\n550 no\r\n503 no valid recipients\r\n", "rcpt"),
        (b"250 ok\r\n250 ok\r\n550 no\r\n", "data"),
    ],
)
def test_a_refusal_is_told_once_and_the_next_begins_anew(replies: bytes, stage: str) -> None:
    found = mailing()
    found.begin(FIRST)
    found.take()
    assert kinds(found.receive(replies)) == [(550, stage, False)]
    assert is_free(found)
    assert found.under_way == []
    found.begin(SECOND)
    assert sent(found) == b"RSET\r\n" + ENVELOPE % b"second"
    assert found.receive(b"250 ok\r\n" + GO) == [Held(SECOND)]


def test_a_354_after_a_refusal_gets_a_lone_dot_whose_yes_counts_for_nobody() -> None:
    found = mailing()
    found.begin(FIRST)
    found.take()
    assert kinds(found.receive(b"250 ok\r\n550 5.1.1 nobody\r\n354 go\r\n")) == [(550, "rcpt", False)]
    assert sent(found) == b".\r\n"
    assert not is_free(found)
    assert found.under_way == []
    assert found.receive(b"250 taken, all the same\r\n") == []
    assert is_free(found)


def test_a_refused_dot_stops_not_the_envelope_that_rode_along() -> None:
    found = mailing()
    held(found)
    found.dot(SECOND)
    assert kinds(found.receive(b"554 no\r\n" + GO)) == [(554, "dot", True), Held]


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (b"552 too large\r\n", [(552, "data", False), Broken]),
        (b"421 going down\r\n", [(421, "data", False), Broken]),
        (b"250 ok\r\n", [Broken]),
    ],
)
def test_an_answer_before_the_dot_is_no_answer_to_it(reply: bytes, expected: list[object]) -> None:
    found = mailing()
    held(found)
    assert kinds(found.receive(reply)) == expected
    assert found.under_way == ([] if len(expected) == 2 else [(FIRST, False)])


def test_a_421_ends_the_conversation_and_the_next_is_not_to_blame() -> None:
    found = mailing()
    held(found)
    found.dot(SECOND)
    assert kinds(found.receive(b"421 enough\r\n")) == [(421, "dot", True), Broken]
    assert found.under_way == [(SECOND, False)]


@pytest.mark.parametrize("reply", [b"250 ok\r\n", b"354 go\r\n", b"550 no\r\n"])
def test_words_when_nothing_was_asked_are_out_of_step(reply: bytes) -> None:
    (event,) = mailing().receive(reply)
    assert isinstance(event, Broken)
    assert event.out_of_step


def test_a_goodbye_to_an_idle_connection_is_not() -> None:
    (event,) = mailing().receive(b"421 idle\r\n")
    assert isinstance(event, Broken)
    assert not event.out_of_step


@pytest.mark.parametrize("reply", [b"354 go\r\n", b"999 what\r\n", b"\0\0\0\r\n"])
def test_no_answer_to_the_dot_is_no_yes(reply: bytes) -> None:
    found = mailing()
    held(found)
    found.dot(SECOND)
    events = found.receive(reply)
    assert kinds(events) == [Broken]
    assert (FIRST, True) in found.under_way


def test_a_yes_that_may_have_been_to_the_next_envelope_is_none() -> None:
    """The server answers MAIL, RCPT and DATA first, and the dot later: the 354 comes one too early."""
    found = mailing()
    held(found)
    found.dot(SECOND)
    assert kinds(found.receive(GO)) == [Broken]
    assert (FIRST, True) in found.under_way, "in doubt"
    assert (SECOND, False) in found.under_way, "plainly not sent"


def test_replies_that_come_before_their_commands_are_none() -> None:
    found = mailing("SIZE")
    found.begin(FIRST)
    assert kinds(found.receive(b"250 ok\r\n250 ok\r\n354 go\r\n250 taken\r\n")) == [Broken]
    assert found.under_way == [(FIRST, False)]


def test_an_address_beyond_ascii_needs_smtputf8() -> None:
    foreign = Parcel(Envelope(sender="a@example.org", recipient="jürgen@example.net"), "ü\r\n".encode())
    found = mailing()
    assert kinds(found.begin(foreign)) == [(553, "rcpt", False)]
    assert is_free(found)
    assert sent(found) == b""
    able = mailing("PIPELINING", "SMTPUTF8", "8BITMIME")
    able.begin(foreign)
    assert sent(able).startswith(b"MAIL FROM:<a@example.org> BODY=8BITMIME SMTPUTF8\r\n")


def test_a_deadline_is_for_the_reply_that_is_next_in_line() -> None:
    found = mailing()
    held(found)
    found.dot(SECOND)
    turn = found.turn
    found.receive(b"250 ta")
    assert (found.turn, found.patience) == (turn, DOT), "half a reply is none"
    found.receive(b"ken\r\n")
    assert found.turn > turn
    assert found.patience == 60


def test_the_end_of_the_connection_leaves_each_message_where_it_was() -> None:
    found = mailing()
    held(found)
    found.dot(SECOND)
    assert kinds(found.receive(b"")) == [Broken]
    assert found.under_way == [(FIRST, True), (SECOND, False)]


_REPLY = st.sampled_from(
    [b"250 ok\r\n", b"354 go\r\n", b"421 bye\r\n", b"450 later\r\n", b"550 no\r\n", b"299 hm\r\n", b"999 x\r\n", b"25"]
)


@given(st.booleans(), st.lists(st.lists(_REPLY, max_size=4).map(b"".join), max_size=12))
def test_whatever_a_server_says_no_message_is_lost_or_answered_twice(
    fused: bool,  # noqa: FBT001
    turns: list[bytes],
) -> None:
    found = mailing(*(("PIPELINING",) if fused else ("SIZE",)))
    waiting = [FIRST, SECOND, THIRD]
    begun: list[Parcel] = []
    told: list[Parcel] = []

    def begin() -> Parcel:
        begun.append(waiting.pop(0))
        return begun[-1]

    for turn in turns:
        if found.free and waiting:
            found.begin(begin())
        found.take()
        broken = False
        for event in found.receive(turn):
            match event:
                case Held(parcel=parcel):
                    last = parcel
                    assert found.under_way[-1] == (last, False)
                case Told(parcel=parcel):
                    told.append(parcel)
                case Broken():
                    broken = True
        if broken:
            break
        if found.under_way and not found.under_way[-1][1] and found.patience is None:
            found.dot(begin() if fused and waiting else None)
    open_ = [parcel for parcel, _ in found.under_way]
    assert len(told) == len(set(told))
    assert sorted(map(id, told + open_)) == sorted(map(id, begun))
