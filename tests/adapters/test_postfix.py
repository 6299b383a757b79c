"""Whole issues through servers that are not ours: a real Postfix, and smtp-sink told to misbehave."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from publisher.adapters.lanes import LoopLanes
from publisher.adapters.smtp import SmtpSettings, SmtpTransport
from publisher.doors.rounds import deliver_now
from publisher.mail.message import Unsigned
from publisher.model.issue import Delivery, Envelope, Issue, IssueState, State
from publisher.ports import Letters, Scribe
from publisher.wiring import House
from tests.adapters.mailserver import new_authority
from tests.dkimjudges import a_signer, dkimpy_says, records
from tests.house import NOW, a_house, add_readers, digest, reopened, single
from tests.postfix import Postfix, running_postfix, running_sink

pytestmark = pytest.mark.peer


@pytest.fixture(scope="module")
def postfix() -> Iterator[Postfix]:
    with running_postfix() as found:
        yield found


def states(house: House, issue: Issue) -> dict[str, int]:
    return {state.value: count for state, count in house.issues.tally(issue.id).counts.items() if count}


def suppressed(house: House) -> dict[str, str]:
    return {one.address.display: one.suppressed for one in house.subscribers.listed() if one.suppressed}


class Recording:
    """Letters, and a copy of each."""

    def __init__(self, letters: Letters) -> None:
        self._letters = letters
        self.written: dict[str, list[bytes]] = {}

    def of(self, delivery: Delivery) -> "RecordingScribe":
        return RecordingScribe(self, self._letters.of(delivery))


@dataclass
class RecordingScribe:
    letters: Recording
    scribe: Scribe

    def write(self, delivery: Delivery, stamp: datetime) -> tuple[Envelope, Unsigned]:
        envelope, unsigned = self.scribe.write(delivery, stamp)
        unsigned.sign()
        message = unsigned.message()
        self.letters.written.setdefault(envelope.recipient.partition("@")[0], []).append(message)
        return envelope, Unsigned(message)


def record(house: House) -> Recording:
    found = Recording(house.letters)
    assert isinstance(house.transport, SmtpTransport)
    lanes = LoopLanes(house.transport.dial, found, connections=2, clock=house.clock)
    house.__dict__["lanes"] = lanes  # a cached property: filled before it is asked for
    return found


def without_trace(mail: bytes) -> bytes:
    """As it was sent: without what Postfix puts at the head, and with the wire's line ends."""
    lines = mail.split(b"\n")
    while lines[0].startswith((b"Return-Path:", b"X-Original-To:", b"Delivered-To:", b"Received:", b"\t", b" ")):
        lines.pop(0)
    return b"\r\n".join(lines)


def test_D10_signatures_are_good_after_the_way_through_postfix(postfix: Postfix, tmp_path: Path) -> None:
    house = a_house(tmp_path, smtp=f"smtp://127.0.0.1:{postfix.port}")
    signer = a_signer()
    house.__dict__["signers"] = {"example.org": signer}  # a cached property, as above
    add_readers(house, "signed@example.net", "signiert-ü@example.net")
    weekly = digest(house)
    assert weekly is not None
    deliver_now(house)
    assert states(house, weekly) == {"sent": 2}, postfix.log
    for name in ("signed", "signiert-ü"):
        (mail,) = postfix.filed(name, 1)
        assert dkimpy_says(b"\r\n".join(mail.split(b"\n")), records(signer)) == [True, True]
    house.engine.dispose()


def test_W7_W8_what_postfix_files_is_what_was_sent(postfix: Postfix, tmp_path: Path) -> None:
    house = a_house(tmp_path, smtp=f"smtp://127.0.0.1:{postfix.port}")
    add_readers(house, *(f"{name}@example.net" for name in ("ann", "bob", "cid", "jürgen", "nobody", "slow")))
    sent = record(house)
    weekly = digest(house)
    assert weekly is not None
    done = deliver_now(house)
    assert done is not None
    assert states(house, weekly) == {"sent": 4, "failed": 1, "deferred": 1}, postfix.log
    assert suppressed(house) == {"nobody@example.net": "bounced"}
    assert any("550 5.1.1" in said for _, said in done.problems)
    replies = [(code, stage) for _, code, stage, _ in house.deliveries.replies(weekly.id)]
    assert sorted(replies) == [(450, "rcpt"), (550, "rcpt")]

    post = single(house, "2026-10-01-swifts.md")
    deliver_now(house)
    assert states(house, post) == {"sent": 4, "deferred": 1}, "nobody@ is written to no more"

    for name in ("ann", "bob", "cid", "jürgen"):
        mails = postfix.filed(name, 2)
        assert sorted(map(without_trace, mails)) == sorted(sent.written[name])
        assert all(mail.startswith(b"Return-Path: <news@example.org>\n") for mail in mails)
    house.engine.dispose()


def test_a_whole_issue_over_starttls(tmp_path: Path) -> None:
    authority = new_authority(tmp_path)
    (tmp_path / "site").mkdir()
    with running_postfix(tls=authority.certified("localhost")) as secured:
        house = a_house(tmp_path / "site", smtp=f"smtp://localhost:{secured.port}")
        settings = SmtpSettings(host="localhost", port=secured.port, tls="starttls", ca_file=authority.file)
        house.__dict__["transport"] = SmtpTransport(settings)  # a cached property: filled before it is asked for
        add_readers(house, *(f"{name}@example.net" for name in ("ann", "bob", "cid", "jürgen")))
        sent = record(house)
        weekly = digest(house)
        assert weekly is not None
        deliver_now(house)
        assert states(house, weekly) == {"sent": 4}, secured.log
        assert "TLSv1" in secured.log
        for name in ("ann", "bob", "cid", "jürgen"):
            assert sorted(map(without_trace, secured.filed(name, 1))) == sorted(sent.written[name])
        house.engine.dispose()


def test_W7_dots_survive_postfix(postfix: Postfix) -> None:
    message = b"Subject: dots\r\nMessage-ID: <dots@example.org>\r\n\r\n.\r\n..\r\n..x\r\n.x\r\n\r\n.\r\n"
    connection = SmtpTransport(SmtpSettings(host="127.0.0.1", port=postfix.port, tls="either")).connect()
    assert connection.offer(Envelope(sender="news@example.org", recipient="dots@example.net"), message) is None
    assert connection.dot().code == 250
    connection.close()
    (filed,) = postfix.filed("dots", 1)
    assert filed.endswith(message.partition(b"\r\n\r\n")[2].replace(b"\r\n", b"\n"))


def test_who_was_put_off_gets_the_same_message_later(postfix: Postfix, tmp_path: Path) -> None:
    house = a_house(tmp_path, smtp=f"smtp://127.0.0.1:{postfix.port}")
    add_readers(house, "slow@example.net")
    sent = record(house)
    issue = digest(house)
    assert issue is not None
    deliver_now(house)
    later = reopened(tmp_path, now=NOW + timedelta(minutes=6))
    again = record(later)
    deliver_now(later)
    assert states(later, issue) == {"deferred": 1}
    first, second = (message_from_bytes(one.written["slow"][0], policy=default) for one in (sent, again))
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Date"] != second["Date"], "the Date of the attempt (H10)"
    assert first.as_bytes().partition(b"\n\n")[2] == second.as_bytes().partition(b"\n\n")[2]
    house.engine.dispose()
    later.engine.dispose()


# --- smtp-sink

READERS = [f"r{number}@example.net" for number in range(6)]


def through_sink(folder: Path, *flags: str, connections: int = 2, timeout: str = "60s") -> tuple[House, Issue, str]:
    """A digest to six readers; the house, the issue, and why nobody could be reached."""
    with running_sink(*flags) as port:
        house = a_house(folder, smtp=f"smtp://127.0.0.1:{port}", connections=connections, timeout=timeout)
        add_readers(house, *READERS)
        issue = digest(house)
        assert issue is not None
        done = deliver_now(house)
        assert done is not None
        return house, issue, str(done.unreachable or "")


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        pytest.param((), {"sent": 6}, id="none"),
        pytest.param(("-e",), {"sent": 6}, id="no ESMTP"),
        pytest.param(("-8",), {"sent": 6}, id="no 8BITMIME"),
        pytest.param(("-p", "-W", ".:1:20"), {"sent": 6}, id="slow now and then"),
        pytest.param(("-r", "RCPT", "-b", "450 4.2.0 Greylisted"), {"deferred": 6}, id="greylisted"),
        pytest.param(("-f", "RCPT", "-B", "550 5.1.1 nobody"), {"failed": 6}, id="nobody there"),
        pytest.param(("-r", "DATA"), {"deferred": 2, "pending": 4}, id="later, at DATA"),
        pytest.param(("-r", "."), {"deferred": 2, "pending": 4}, id="later, at the dot"),
        pytest.param(("-f", "."), {"failed": 6}, id="never, at the dot"),
        pytest.param(("-Q", "RCPT"), {"deferred": 1, "pending": 5}, id="421 at RCPT"),
        pytest.param(("-q", "RCPT"), {"deferred": 6}, id="hangs up at RCPT"),
    ],
)
def test_what_becomes_of_an_issue(tmp_path: Path, flags: tuple[str, ...], expected: dict[str, int]) -> None:
    house, issue, _ = through_sink(tmp_path, *flags)
    assert states(house, issue) == expected
    gone = set(READERS) if "550 5.1.1 nobody" in flags else set()
    assert set(suppressed(house)) == gone
    house.engine.dispose()


def test_cut_off_at_the_end_of_data_everybody_is_in_doubt_once_and_named(tmp_path: Path) -> None:
    house, issue, _ = through_sink(tmp_path, "-q", ".")
    found = states(house, issue)
    assert found == {"in_doubt": 6}
    deliver_now(house)
    assert states(house, issue) == found, "held: more than 1 % in doubt waits for a person"
    house.engine.dispose()


def test_a_refusal_of_us_pauses_and_suppresses_nobody(tmp_path: Path) -> None:
    house, issue, _ = through_sink(tmp_path, "-f", "RCPT", "-B", "550 5.7.515 Access denied", connections=1)
    assert house.issues.get(issue.id).state is IssueState.PAUSED
    assert "5.7.515" in house.issues.get(issue.id).reason
    assert house.issues.tally(issue.id)[State.FAILED] == 0
    assert suppressed(house) == {}
    house.engine.dispose()


def test_a_server_that_takes_one_connection_at_a_time_gets_all(tmp_path: Path) -> None:
    house, issue, unreachable = through_sink(tmp_path, "-m", "1", connections=4, timeout="1s")
    assert states(house, issue) == {"sent": 6}
    assert unreachable == ""
    house.engine.dispose()


def test_a_server_that_turns_everybody_away_changes_nothing(tmp_path: Path) -> None:
    house, issue, unreachable = through_sink(tmp_path, "-Q", "CONNECT")
    assert states(house, issue) == {"pending": 6}
    assert "421" in unreachable
    house.engine.dispose()
