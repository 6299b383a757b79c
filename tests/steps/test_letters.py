"""Deliveries -> messages: the envelope's sender, by which a bounce tells whose it is."""

from pathlib import Path

import pytest

from publisher.adapters.secret import read_keyring
from publisher.mail.tokens import Purpose, read
from publisher.steps.letters import verp
from tests.adapters.mailserver import serving
from tests.sites import READERS, make_site


@pytest.mark.parametrize(
    ("bounces", "mailbox", "host", "own"),
    [
        ("auto", True, "127.0.0.1", True),
        ("auto", False, "127.0.0.1", False),
        ("plain", True, "127.0.0.1", False),
        ("verp", False, "127.0.0.1", True),
    ],
)
def test_V2_V6_V7_each_delivery_has_a_sender_of_its_own_where_bounces_are_read(
    tmp_path: Path, bounces: str, *, mailbox: bool, host: str, own: bool
) -> None:
    with serving() as server:
        config = f'[smtp]\nurl = "smtp://{host}:{server.port}"\nbounces = "{bounces}"\n'
        config += '[mailbox]\nurl = "maildir:box"\n' if mailbox else ""
        site = make_site(tmp_path, config=config, readers=READERS)
        server.replies["dot"] = ["451 4.3.0 later"]
        assert site.run("collect").code == 0
        site.run("digest", "--yes")
        site.hours_pass()
        site.run("tick")
        senders = [str(one.mail_from) for one in server.taken]
    assert len(senders) == len(READERS)
    if not own:
        assert set(senders) == {"news@example.org"}
        return
    assert len(set(senders)) == len(READERS)
    for sender in senders:
        local, _, domain = sender.rpartition("@")
        assert local.startswith("news+")
        assert domain == "example.org"
        assert len(local) <= 64
        token = local.removeprefix("news+")
        keyring = read_keyring(tmp_path / "publisher.secret", make=False)
        claim = read(keyring, Purpose.BOUNCE, token)
        assert claim is not None
        assert read(keyring, Purpose.UNSUBSCRIBE, token) is None


def test_V2_a_sender_that_would_be_too_long_stays_as_it_is() -> None:
    token = "k1-" + "a" * 47
    assert verp("news@example.org", token) == f"news+{token}@example.org"
    assert verp("the-editors-of-a-newsletter@example.org", token) == "the-editors-of-a-newsletter@example.org"
