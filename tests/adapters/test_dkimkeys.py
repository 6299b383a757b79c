"""Files of DKIM's private keys."""

import re
import subprocess
from pathlib import Path

import pytest

from publisher.adapters.dkimkeys import keep_key, new_ed25519, new_rsa, read_key
from publisher.errors import ConfigError, OutputError, Refused
from publisher.mail.dkim import Key


def test_a_key_is_kept_for_its_owner_only_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "dkim" / "x.example.org.pem"
    made = new_rsa()
    keep_key(path, made)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert (
        Key(selector="x", private=read_key(path, "dkim.key_file")).record() == Key(selector="x", private=made).record()
    )
    assert sorted(file.name for file in path.parent.iterdir()) == [".gitignore", path.name]


def test_one_that_is_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "x.pem"
    keep_key(path, new_ed25519())
    before = path.read_bytes()
    with pytest.raises(Refused, match="is there already, and stays; name another key by --selector"):
        keep_key(path, new_ed25519())
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["x.pem"], "nothing is left beside it"


def test_git_looks_away_from_a_folder_that_was_made_for_keys(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    keep_key(tmp_path / "dkim" / "x.pem", new_ed25519())
    seen = subprocess.run(
        ["git", "status", "--short", "--untracked-files=all"], cwd=tmp_path, check=True, capture_output=True
    )
    assert seen.stdout == b""


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660, 0o601])
def test_one_that_others_can_open_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "x.pem"
    keep_key(path, new_ed25519())
    path.chmod(mode)
    with pytest.raises(
        ConfigError, match=f"^dkim.key_file: {re.escape(str(path))} is open to others; close it: chmod 600"
    ):
        read_key(path, "dkim.key_file")


def test_what_cannot_be_read_or_made_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^dkim.key_file: .* is not there; `publisher dkim new` makes keys"):
        read_key(tmp_path / "x.pem", "dkim.key_file")
    (tmp_path / "x.pem").touch(mode=0o600)
    with pytest.raises(ConfigError, match=r"x.pem is not a private key in PEM"):
        read_key(tmp_path / "x.pem", "dkim.key_file")
    (tmp_path / "folder").mkdir(mode=0o700)
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        read_key(tmp_path / "folder", "dkim.key_file")
    with pytest.raises(OutputError, match=r"y.pem cannot be made: "):
        keep_key(tmp_path / "x.pem" / "y.pem", new_ed25519())
