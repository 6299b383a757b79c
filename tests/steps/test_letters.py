"""Deliveries -> messages: the envelope's sender, by which a bounce tells whose it is."""

import json
from email import message_from_bytes
from pathlib import Path

import pytest

from publisher.adapters.secret import read_keyring
from publisher.mail.tokens import Purpose, read
from publisher.steps.links import verp
from tests.adapters.mailserver import serving
from tests.sites import READERS, make_site, smtp


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


@pytest.mark.parametrize(
    ("provider", "signed", "own_sender", "field"),
    [
        ("own", True, True, None),
        ("ses", False, False, None),
        ("mailgun", True, False, ("X-Mailgun-Track", "no")),
        ("postmark", True, False, ("X-PM-TrackLinks", "None")),
        ("fastmail", True, False, None),
    ],
)
def test_R1_what_a_relay_does_decides_who_signs_where_bounces_go_and_its_fields(
    tmp_path: Path, provider: str, *, signed: bool, own_sender: bool, field: tuple[str, str] | None
) -> None:
    with serving() as server:
        config = f'{smtp(server.port)}provider = "{provider}"\n[mailbox]\nurl = "maildir:box"\n'
        site = make_site(tmp_path, config=config, readers=READERS[:1])
        key = json.loads(site.run("dkim", "new", "--selector", "k2", "--json").out)
        site.write("config.toml", site.read("config.toml") + "\n".join(key["settings"]) + "\n")
        site.run("collect")
        assert site.run("digest", "--yes").line("1 of 1 sent")
    message = message_from_bytes(server.bodies[0])
    assert ("DKIM-Signature" in message) is signed
    assert (str(server.taken[0].mail_from) != "news@example.org") is own_sender
    told = {(name, value) for name, value in message.items() if name.startswith(("X-PM-", "X-Mailgun-"))}
    assert field in told if field else not told


def test_V2_a_sender_that_would_be_too_long_stays_as_it_is() -> None:
    token = "k1-" + "a" * 47
    assert verp("news@example.org", token) == f"news+{token}@example.org"
    assert verp("the-editors-of-a-newsletter@example.org", token) == "the-editors-of-a-newsletter@example.org"
