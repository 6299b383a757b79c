"""Signatures before two programs that receivers run: OpenDKIM and rspamd."""

from collections.abc import Callable, Iterator, Mapping

import pytest

from tests.dkimjudges import a_signer, opendkim_says
from tests.judges.network import Network
from tests.judges.receiver import receiver
from tests.judges.rspamd import Rspamd, running_rspamd
from tests.mail.every import as_sent, every_mail
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
def network() -> Iterator[Network]:
    with receiver(SIGNER) as found:
        yield found


@pytest.fixture(scope="module")
def rspamd(network: Network) -> Iterator[Rspamd]:
    with running_rspamd(network) as found:
        yield found


def test_D10_opendkim_takes_every_kind_of_message(network: Network) -> None:
    said = {name: opendkim_says(network, as_sent(name, SIGNER)) for name in every_mail()}
    assert said == dict.fromkeys(every_mail(), (0, ""))


def test_D10_opendkim_takes_bodies_of_all_kinds(network: Network) -> None:
    bodies = {name: body for name, body in BODIES.items() if name != "every byte"}  # NUL
    said = {
        name: opendkim_says(network, on_the_wire(SIGNER.sign(HEAD + body, at=NOON))) for name, body in bodies.items()
    }
    assert said == dict.fromkeys(bodies, (0, ""))


def test_D6_D10_opendkim_takes_nothing_that_was_changed(network: Network) -> None:
    ours = a_message(signer=SIGNER)
    said = {name: opendkim_says(network, spoil(ours)) for name, spoil in BROKEN.items()}
    assert [name for name, (code, _) in said.items() if code == 0] == []
    code, words = opendkim_says(network, a_message())
    assert code == 70
    assert words.endswith("No signature")


# rspamd takes no NUL, and does not see that a body of blanks alone is an empty one (RFC 6376 3.4.4)
@pytest.mark.parametrize("name", sorted(BODIES.keys() - {"every byte", "blanks only"}))
def test_D10_rspamd_takes_bodies_of_all_kinds(name: str, rspamd: Rspamd) -> None:
    assert rspamd.says(on_the_wire(SIGNER.sign(HEAD + BODIES[name], at=NOON))).signed_by == BOTH


@pytest.mark.parametrize("name", BROKEN)
def test_D6_D10_rspamd_takes_nothing_that_was_changed(name: str, rspamd: Rspamd) -> None:
    said = rspamd.says(BROKEN[name](a_message(signer=SIGNER)))
    assert said.signed_by == []
    assert "R_DKIM_REJECT" in said.symbols
