import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.mail.tokens import Claim, Keyring, Purpose, read, sign
from publisher.model.issue import IssueId
from publisher.model.subscriber import SubscriberId

RING = Keyring(current="k1", keys={"k1": b"1" * 32})


def a_token(purpose: Purpose = Purpose.UNSUBSCRIBE, *, ring: Keyring = RING) -> str:
    return sign(ring, purpose, newsletter="main", subscriber=SubscriberId(17), issue=IssueId(3))


@given(
    newsletter=st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    subscriber=st.integers(0, 10**12),
    issue=st.none() | st.integers(0, 10**9),
    purpose=st.sampled_from(Purpose),
)
def test_what_was_signed_is_read(newsletter: str, subscriber: int, issue: int | None, purpose: Purpose) -> None:
    number = None if issue is None else IssueId(issue)
    token = sign(RING, purpose, newsletter=newsletter, subscriber=SubscriberId(subscriber), issue=number)
    assert read(RING, purpose, token) == Claim(newsletter=newsletter, subscriber=SubscriberId(subscriber), issue=number)


@given(st.text())
def test_any_text_at_all_is_read_without_raising(text: str) -> None:
    assert read(RING, Purpose.UNSUBSCRIBE, text) is None


@given(st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=26, max_size=90))
def test_no_text_of_the_right_letters_is_a_token(text: str) -> None:
    assert read(RING, Purpose.UNSUBSCRIBE, f"k1-{text}") is None


@given(place=st.integers(0, 10**6), letter=st.sampled_from("abcdefghijklmnopqrstuvwxyz234567-"))
def test_one_other_letter_is_no_token(place: int, letter: str) -> None:
    token = a_token()
    place %= len(token)
    other = token[:place] + letter + token[place + 1 :]
    assert other == token or read(RING, Purpose.UNSUBSCRIBE, other) is None


def test_a_token_is_for_one_purpose() -> None:
    for made in Purpose:
        for asked in Purpose:
            assert (read(RING, asked, a_token(made)) is not None) == (made is asked)


def test_E7_old_links_work_after_the_key_has_changed() -> None:
    newer = Keyring(current="k2", keys={"k1": b"1" * 32, "k2": b"2" * 32})
    assert read(newer, Purpose.UNSUBSCRIBE, a_token()) is not None
    assert a_token(ring=newer).startswith("k2-")
    assert read(RING, Purpose.UNSUBSCRIBE, a_token(ring=newer)) is None


def test_L6_a_token_is_opaque_and_survives_the_folding_of_case() -> None:
    token = a_token()
    assert len(token) >= 16 + 26
    assert "@" not in token
    assert read(RING, Purpose.UNSUBSCRIBE, token.upper()) == read(RING, Purpose.UNSUBSCRIBE, token)


def test_V2_an_envelope_sender_with_a_token_stays_within_64_octets() -> None:
    token = sign(RING, Purpose.BOUNCE, newsletter="", subscriber=SubscriberId(10**7), issue=IssueId(10**5))
    assert len(f"bounce+{token}") <= 64


@pytest.mark.parametrize(
    ("current", "keys"),
    [("k2", {"k1": b"1" * 32}), ("k1", {"k1": b"short"}), ("K-1", {"K-1": b"1" * 32})],
)
def test_a_keyring_that_cannot_work_is_refused(current: str, keys: dict[str, bytes]) -> None:
    with pytest.raises(ValueError, match=r"key"):
        Keyring(current=current, keys=keys)


def test_keys_stay_out_of_what_is_printed() -> None:
    assert "1111" not in repr(RING)
