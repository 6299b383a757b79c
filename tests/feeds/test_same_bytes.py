"""X7: the same input gives the same bytes, whoever builds it, where and when."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.feeds.cases import golden

ROOT = Path(__file__).parent.parent.parent

# Whoever asks the process for another locale while others format dates in it has lost (feedgen does, on its own).
PROGRAM = """
import hashlib, locale, sys

def refuse(*args):
    raise AssertionError("a builder changed the locale of the whole process")

locale.setlocale(locale.LC_ALL, "")
locale.setlocale = refuse
from tests.feeds.cases import golden
sys.stdout.write(hashlib.sha256(b"".join(document for _, document in golden())).hexdigest())
"""


@pytest.mark.parametrize(
    "changes",
    [
        {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "1"},
        {"TZ": "America/St_Johns", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "2", "PYTHONUTF8": "0"},
    ],
)
def test_X7_zone_locale_and_hash_seed_do_not_matter(changes: dict[str, str]) -> None:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=os.environ | changes, capture_output=True, text=True, check=False
    )
    assert run.stderr == ""
    assert run.stdout == hashlib.sha256(b"".join(document for _, document in golden())).hexdigest()
