"""The file of keys."""

import base64
import threading
from pathlib import Path

import pytest

from publisher.adapters.secret import read_keyring
from publisher.errors import ConfigError, OutputError
from publisher.mail.tokens import Keyring

KEYS = [base64.b64encode(bytes([number]) * 32).decode() for number in range(3)]


def written(folder: Path, text: str | bytes, mode: int = 0o600) -> Path:
    path = folder / "publisher.secret"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    path.chmod(mode)
    return path


def test_it_is_made_at_first_use_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "below" / "publisher.secret"
    made = read_keyring(path, make=True)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == [path.name], "nothing is left beside it"
    assert read_keyring(path, make=True) == made
    assert len(made.keys[made.current]) == 32
    assert read_keyring(tmp_path / "another", make=True).keys != made.keys


def test_a_rehearsal_makes_none(tmp_path: Path) -> None:
    found = read_keyring(tmp_path / "publisher.secret", make=False)
    assert len(found.keys) == 1
    assert list(tmp_path.iterdir()) == []


def test_many_that_begin_at_once_agree(tmp_path: Path) -> None:
    found: list[Keyring] = []
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        found.append(read_keyring(tmp_path / "publisher.secret", make=True))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert all(one == found[0] for one in found)


def test_the_last_key_signs_and_the_others_still_read(tmp_path: Path) -> None:
    found = read_keyring(written(tmp_path, f"# a word\n\nk1 {KEYS[0]}\nk2 {KEYS[1]}\n"), make=True)
    assert found.current == "k2"
    assert found.keys == {"k1": bytes(32), "k2": b"\1" * 32}


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660, 0o601])
def test_one_that_others_can_open_is_refused(tmp_path: Path, mode: int) -> None:
    path = written(tmp_path, f"k1 {KEYS[0]}\n", mode)
    with pytest.raises(ConfigError, match=f"is open to others; close it: chmod 600 {path}"):
        read_keyring(path, make=True)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "has no key in it; restore it from a backup"),
        ("# only words\n", "has no key in it"),
        ("k1\n", "is not a file of keys; restore it from a backup"),
        (f"k1 {KEYS[0]} x\n", "is not a file of keys"),
        ("k1 ????\n", "is not a file of keys"),
        ("k1 YWJj\n", "key 'k1' is too short: 32 bytes or more"),
        (f"K! {KEYS[0]}\n", "'K!' is not a key id"),
        (b"\xff\xfe\x00", "is not a file of keys"),
    ],
)
def test_what_is_no_file_of_keys_is_a_sentence_and_stays_as_it_is(
    tmp_path: Path, text: str | bytes, sentence: str
) -> None:
    path = written(tmp_path, text)
    before = path.read_bytes()
    with pytest.raises(ConfigError) as caught:
        read_keyring(path, make=True)
    assert sentence in str(caught.value)
    assert str(caught.value).startswith(f"secrets.file: {path}")
    assert path.read_bytes() == before


def test_no_message_and_no_repr_shows_a_key(tmp_path: Path) -> None:
    path = written(tmp_path, f"k1 {KEYS[1]}\nbroken\n")
    with pytest.raises(ConfigError) as caught:
        read_keyring(path, make=True)
    assert KEYS[1] not in str(caught.value)
    found = read_keyring(written(tmp_path, f"k1 {KEYS[1]}\n"), make=True)
    assert "\\x01" not in repr(found)


def test_a_place_where_none_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises((OutputError, ConfigError), match=r"secrets.file: .* cannot be"):
        read_keyring(tmp_path / "file" / "publisher.secret", make=True)
