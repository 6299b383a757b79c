"""Signatures before two programs that receivers run: OpenDKIM and rspamd."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.dkimjudges import Rspamd, a_signer, opendkim_says, records, rspamd
from tests.mail.samples import NOON, a_message
from tests.mail.test_dkim import BODIES, on_the_wire

pytestmark = pytest.mark.peer
SIGNER = a_signer()
HEAD = b"From: news@example.org\r\nTo: zoe@example.net\r\nSubject: x\r\nDate: Mon, 23 Nov 2026 12:00:00 +0000\r\n\r\n"
BOTH = ["example.org:s=p202611", "example.org:s=p202611-ed25519"]
BROKEN: Mapping[str, Callable[[bytes], bytes]] = {
    "a second From": lambda message: b"From: x@evil.example\r\n" + message,
    "a second Subject": lambda message: b"Subject: Buy\r\n" + message,
    "a second List-Unsubscribe": lambda message: b"List-Unsubscribe: <https://evil.example/>\r\n" + message,
    "another subject": lambda message: message.replace(b"Subject: The", b"Subject: Our"),
    "another word": lambda message: message.replace(b"quarantine", b"Quarantine"),
    "another line": lambda message: message + b"Buy!\r\n",
}


@pytest.fixture(scope="module")
def judge() -> Iterator[Rspamd]:
    with rspamd(records(SIGNER)) as running:
        yield running


def test_D10_opendkim_takes_what_we_sign_and_nothing_that_was_changed(tmp_path: Path) -> None:
    ours = a_message(signer=SIGNER)
    bodies = [
        on_the_wire(SIGNER.sign(HEAD + body, at=NOON)) for name, body in BODIES.items() if name != "every byte"
    ]  # NUL
    broken = [spoil(ours) for spoil in BROKEN.values()]
    said = opendkim_says(records(SIGNER), tmp_path, ours, *bodies, *broken)
    assert said[: 1 + len(bodies)] == [(0, "")] * (1 + len(bodies))
    assert all(code != 0 for code, _ in said[1 + len(bodies) :]), said
    assert len(said) == 1 + len(bodies) + len(broken)


def test_D9_D10_rspamd_takes_both_signatures(judge: Rspamd) -> None:
    assert judge(a_message(signer=SIGNER)) == BOTH


# rspamd takes no NUL, and does not see that a body of blanks alone is an empty one (RFC 6376 3.4.4)
@pytest.mark.parametrize("name", sorted(BODIES.keys() - {"every byte", "blanks only"}))
def test_D10_rspamd_takes_bodies_of_all_kinds(name: str, judge: Rspamd) -> None:
    assert judge(on_the_wire(SIGNER.sign(HEAD + BODIES[name], at=NOON))) == BOTH


@pytest.mark.parametrize("name", BROKEN)
def test_D6_D10_rspamd_takes_nothing_that_was_changed(name: str, judge: Rspamd) -> None:
    assert judge(BROKEN[name](a_message(signer=SIGNER))) == []
