"""Greeting, EHLO, STARTTLS, AUTH: which server is used, and what is said of one that is not."""

import base64
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.delivery.smtp.opening import Login, Opening, Tls
from publisher.errors import TransportError

PASSWORD = "pä ss=\\\"'%{}\t"


def opening(tls: Tls = "either", user: str | None = None) -> Opening:
    return Opening(Login(name="me.example.org", tls=tls, user=user, password=PASSWORD))


def talk(found: Opening, *turns: bytes) -> list[str]:
    """What it says to each."""
    said = []
    for turn in turns:
        found.receive(turn)
        said.append(found.take().decode())
    return said


def refusal(found: Opening, *turns: bytes) -> TransportError:
    with pytest.raises(TransportError) as caught:
        talk(found, *turns)
    return caught.value


def words(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


HELLO, EHLO = b"220 mx ready\r\n", b"250-mx.example.org hi\r\n250-SIZE 100\r\n250 AUTH PLAIN LOGIN\r\n"


def test_without_a_login() -> None:
    found = opening()
    assert talk(found, HELLO, EHLO) == ["EHLO me.example.org\r\n", ""]
    assert found.ready
    assert (found.offer.server, found.offer.extensions["SIZE"]) == ("mx.example.org", "100")


def test_a_greeting_may_take_five_minutes_and_nothing_else_may() -> None:
    """RFC 5321 4.5.3.2.1; with the usual wait of a minute."""
    found = opening()
    assert found.patience * 60 >= 300
    talk(found, HELLO)
    assert found.patience == 1


def test_a_server_from_before_extensions() -> None:
    found = opening()
    assert talk(found, HELLO, b"500 what?\r\n", b"250 mx\r\n")[1:] == ["HELO me.example.org\r\n", ""]
    assert found.ready
    assert "SIZE" not in found.offer


def test_plain() -> None:
    found = opening(user="ada")
    assert talk(found, HELLO, EHLO)[1] == f"AUTH PLAIN {words(f'{chr(0)}ada{chr(0)}{PASSWORD}')}\r\n"
    talk(found, b"235 welcome\r\n")
    assert found.ready


def test_a_password_in_another_coding_than_ours_goes_as_it_came() -> None:
    password = os.fsdecode(b"p\xe4ss")  # as the environment gives it
    found = Opening(Login(name="me.example.org", tls="either", user="ada", password=password))
    assert base64.b64decode(talk(found, HELLO, EHLO)[1].split()[2]) == b"\0ada\0p\xe4ss"


def test_plain_to_a_server_that_wants_the_words_by_themselves() -> None:
    found = opening(user="ada")
    assert talk(found, HELLO, EHLO, b"334 \r\n")[2] == words(f"\0ada\0{PASSWORD}") + "\r\n"


@pytest.mark.parametrize("offer", [b"250 AUTH LOGIN\r\n", b"250 AUTH=LOGIN\r\n"])
def test_login(offer: bytes) -> None:
    found = opening(user="ada")
    said = talk(found, HELLO, b"250-mx\r\n" + offer, b"334 VXNlcm5hbWU6\r\n", b"334 UGFzc3dvcmQ6\r\n", b"235 ok\r\n")
    assert said[1:4] == ["AUTH LOGIN\r\n", words("ada") + "\r\n", words(PASSWORD) + "\r\n"]
    assert found.ready


@pytest.mark.parametrize(
    ("tls", "user", "turns", "sentence", "temporary"),
    [
        ("either", None, (b"421 too many\r\n",), "421 too many", True),
        ("either", None, (b"554 go away\r\n",), "554 go away", False),
        ("either", None, (b"SSH-2.0-x\r\n",), "not SMTP", True),
        ("either", None, (HELLO, b"451 not now\r\n"), "451 not now", True),
        ("either", None, (HELLO, b"500 what\r\n", b"500 what\r\n"), "500 what", False),
        ("starttls", "ada", (HELLO, EHLO), "offers no encryption", False),
        ("starttls", "ada", (HELLO, b"250-mx\r\n250 STARTTLS\r\n", b"454 not now\r\n"), "not encrypt now", True),
        ("either", "ada", (HELLO, b"250 mx\r\n"), "offers none; is the port right", False),
        ("either", "ada", (HELLO, b"250-mx\r\n250 AUTH CRAM-MD5\r\n"), "none that we know (CRAM-MD5)", False),
        ("either", "ada", (HELLO, EHLO, b"535 5.7.8 no\r\n"), "login of ada was refused (535 5.7.8 no)", False),
        ("either", "ada", (HELLO, EHLO, b"454 4.7.0 later\r\n"), "was refused (454", True),
    ],
)
def test_a_server_that_cannot_be_used(
    tls: Tls, user: str | None, turns: tuple[bytes, ...], sentence: str, *, temporary: bool
) -> None:
    error = refusal(opening(tls, user), *turns)
    assert sentence in str(error)
    assert error.temporary is temporary
    assert PASSWORD not in str(error)


def test_a_login_that_is_offered_only_when_encrypted() -> None:
    found = opening("starttls", "ada")
    assert talk(found, HELLO, b"250-mx\r\n250 STARTTLS\r\n", b"220 go\r\n")[1:] == ["STARTTLS\r\n", ""]
    assert found.securing
    found.secured()
    assert found.take() == b"EHLO me.example.org\r\n"
    assert "STARTTLS" not in found.offer, "what was said in the open counts no more"
    assert talk(found, EHLO)[0].startswith("AUTH PLAIN ")


@pytest.mark.parametrize("more", [b"250 evil\r\n", b"250-evil", b"2"])
def test_words_before_the_encryption_are_not_taken_for_words_within_it(more: bytes) -> None:
    found = opening("starttls", "ada")
    error = refusal(found, HELLO, b"250-mx\r\n250 STARTTLS\r\n", b"220 go\r\n" + more)
    assert "out of turn" in str(error)
    assert not error.temporary


@given(st.lists(st.binary(max_size=60), max_size=8))
def test_whatever_a_server_says_ends_in_a_sentence_or_ready(turns: list[bytes]) -> None:
    found = opening("either", "ada")
    said = ""
    try:
        talk(found, *turns)
    except TransportError as error:
        said = str(error)
    assert said or not found.securing
    assert PASSWORD not in said
