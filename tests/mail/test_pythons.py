"""Messages on every Python that is installed: the `email` package differs from one to the next, our bytes must not."""

import json
import os
import random
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from publisher.mail.headers import visible
from tests.mail.composing import report

ROOT = Path(__file__).parents[2]
PIECES = [
    *("word ", "d’abonnement à Genève ", "Frühling", "漢字かな交じり文", "العربية ", "עברית", "зима "),
    *("\U0001f469\u200d\U0001f469\u200d\U0001f467\U0001f1fa\U0001f1f3", "e\u0301", "ß", "\U0001f600" * 30),
    *("\t", "  ", '"', "\\", "(", ")", "<", ">", ",", ";", ":", "@", "=", "?", "_", ".", "..\n", "From ", "=20", "--"),
    *("a" * 90, "=?utf-8?q?a?= ", "\u202e", "\u200b", "\u2066", "\ufeff", "\x07", "\x85"),
]
VERSIONS = ["3.11", "3.12", "3.13", "3.14", "3.15"]
PLACES = [Path("/usr/bin"), Path("/usr/local/bin"), *Path.home().glob(".pyenv/versions/*/bin")]


def interpreter(version: str) -> str | None:
    """A Python of this version that starts (pyenv's stand-ins may not)."""
    paths = [*map(Path, os.environ.get("PATH", "").split(os.pathsep)), *PLACES]
    for path in (folder / f"python{version}" for folder in paths):
        if path.is_file() and subprocess.run([path, "-c", ""], check=False, capture_output=True).returncode == 0:
            return str(path)
    return None


@cache
def texts() -> list[tuple[str, str, str]]:
    chance = random.Random(5322)

    def line(most: int) -> str:
        return "".join(chance.choices(PIECES, k=chance.randint(1, most))).replace("\n", " ")

    return [
        (line(12), line(6).replace("@", " "), "".join(chance.choices(PIECES, k=40)).replace("\x85", ""))
        for _ in range(400)
    ]


@pytest.mark.parametrize("version", VERSIONS)
def test_H17_W8_messages_are_the_same_on_every_python(version: str) -> None:
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    python = sys.executable if version == here else interpreter(version)
    if python is None:
        pytest.skip(f"Python {version} is not installed")
    expected = [report(*one) for one in texts()]
    modules = os.pathsep.join([str(ROOT), *(path for path in sys.path if path.endswith("-packages"))])
    ran = subprocess.run(
        [python, "-m", "tests.mail.composing"],
        input=json.dumps(texts()),
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={"PYTHONPATH": modules, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"},
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    for said, ours, (subject, _, _) in zip(json.loads(ran.stdout), expected, texts(), strict=True):
        assert said["digest"] == ours["digest"]
        assert said["headers"] == ours["headers"]
        assert said["defects"] == []
        assert said["subject"] == visible("Subject", subject)
        assert said["to"] == ["zoe@example.net"]
        assert said["text"].split() == str(ours["text"]).split()
        assert len(said["leave"]) == 2
