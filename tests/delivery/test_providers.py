from pathlib import Path

import pytest

from publisher.config.transport import parse_transport
from publisher.delivery.__main__ import lines
from publisher.delivery.providers import PROVIDERS, provider_at


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("email-smtp.eu-west-1.amazonaws.com", "ses"),
        ("SMTP.Gmail.com.", "gmail"),
        ("smtp.postmarkapp.com", "postmark"),
        ("localhost", "own"),
        ("smtp.gmail.com.evil.example", None),
        ("xsmtp.gmail.com", None),
    ],
)
def test_a_relay_is_known_by_its_host(host: str, name: str | None) -> None:
    found = provider_at(host)
    assert (found.name if found else None) == name


@pytest.mark.parametrize("name", PROVIDERS)
def test_what_we_tell_to_write_can_be_written_and_is_that_relay(name: str) -> None:
    server = parse_transport(PROVIDERS[name].url, None)
    assert provider_at(server.host) is PROVIDERS[name]  # type: ignore[union-attr]  # no outbox


def test_R1_fields_for_relays_are_plain_and_of_their_own() -> None:
    for one in PROVIDERS.values():
        for name, value in one.untracked.items():
            assert name.startswith("X-")
            assert f"{name}{value}".isascii()


def test_the_page_of_relays_is_as_the_table_is() -> None:
    page = Path(__file__).parents[2] / "docs" / "PROVIDERS.md"
    assert page.read_text("utf-8") == "".join(lines()), "run `python -m publisher.delivery > docs/PROVIDERS.md`"
