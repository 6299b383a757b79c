import pytest

from publisher.config.mailbox import ImapServer, parse_mailbox


def test_a_password_in_the_address_is_refused_and_not_shown() -> None:
    with pytest.raises(ValueError, match="PUBLISHER_MAILBOX_PASSWORD") as told:
        parse_mailbox("imaps://ann:geheim@imap.example.org", None)
    assert "geheim" not in str(told.value)


def test_what_is_not_said_is_the_usual() -> None:
    found = parse_mailbox("imaps://ann%40example.org@imap.example.org", None)
    assert found == ImapServer(host="imap.example.org", port=993, tls="implicit", user="ann@example.org")
