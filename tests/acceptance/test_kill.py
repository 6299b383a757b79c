"""The real program, killed with SIGKILL while it sends over real SMTP, and started again."""

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.catching import Caught, catching

READERS = 150
CONNECTIONS = 4
KILLS = 20

CONFIG = """
[site]
title = "Field Notes"
url = "https://blog.example.org/"
[posts]
folder = "posts"
[announce]
since = 2026-01-01
[smtp]
connections = {connections}
[delivery]
on_doubt = "{on_doubt}"
[newsletters.main]
approve = "never"
title = "Field Notes"
from = "Field Notes <news@example.org>"
frequencies = {{ weekly = "mondays 09:00" }}
"""


def start(site: Path, port: int, *words: str) -> "subprocess.Popen[bytes]":
    environ = os.environ | {"PUBLISHER_SMTP_URL": f"smtp://127.0.0.1:{port}"}
    command = [sys.executable, "-m", "publisher", "--config", str(site / "config.toml"), *words]
    return subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def run(site: Path, port: int, *words: str) -> None:
    process = start(site, port, *words)
    _, errors = process.communicate(timeout=120)
    assert process.returncode in {0, 1, 20}, errors.decode()  # 20: some are in doubt


def deliveries(site: Path) -> dict[str, int]:
    """How many are in which state, by the program's own word."""
    command = [sys.executable, "-m", "publisher", "--config", str(site / "config.toml")]
    shown = subprocess.run([*command, "issues", "show", "1", "--json"], capture_output=True, check=True)
    found: dict[str, int] = json.loads(shown.stdout)["deliveries"]
    return found


@pytest.fixture
def site(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    (tmp_path / "config.toml").write_text(CONFIG.format(connections=CONNECTIONS, on_doubt=request.param))
    (tmp_path / "posts").mkdir()
    for name in ("frost", "bread"):
        (tmp_path / "posts" / f"2026-11-02-{name}.md").write_text(f"---\ntitle: {name}\n---\nWords on {name}.\n")
    readers = "".join(f"reader{number}@example.net\n" for number in range(READERS))
    (tmp_path / "readers.csv").write_text(f"address\n{readers}")
    run(tmp_path, 1, "subscribers", "import", str(tmp_path / "readers.csv"), "--basis", "told so")
    return tmp_path


@pytest.mark.parametrize("site", ["hold", "resend"], indirect=True)
def test_killed_twenty_times_nobody_is_missed_and_nobody_gets_it_twice_unsaid(
    site: Path, request: pytest.FixtureRequest
) -> None:
    chance = random.Random(20)
    with catching() as (port, caught):
        kills = 0
        while kills < KILLS:
            # composed by the first run, however early it dies; the next ones only go on
            words = ("digest", "--yes") if not caught.messages else ("tick",)
            kills += killed_at(site, port, words, caught, chance.randrange(1, 14), chance.choice(["rcpt", "dot"]))
        run(site, port, "tick")
        run(site, port, "tick")
    found = deliveries(site)
    copies = Counter(caught.recipients())
    doubtful = found.get("in_doubt", 0)
    assert found["sent"] + doubtful == READERS, "every reader is accounted for"
    assert doubtful <= KILLS * CONNECTIONS
    # Those that were settled as sent were taken; of the doubtful ones nearly all were.
    assert len(copies) >= found["sent"]
    twice = {reader for reader, count in copies.items() if count > 1}
    if "hold" in request.node.callspec.id:
        assert not twice
    else:
        assert len(twice) <= KILLS * CONNECTIONS
        for reader in twice:
            ids = {message["Message-ID"] for message in caught.parsed(reader)}
            assert len(ids) == 1, "copies that came out of doubt are the same message"
            assert len({message["Date"] for message in caught.parsed(reader)}) == 1


def killed_at(site: Path, port: int, words: tuple[str, ...], caught: Caught, count: int, stage: str) -> bool:
    """Start it, and kill it when the server sees the count-th such event; False where it ended before."""
    left = [count]
    process = start(site, port, *words)

    def watch(what: str) -> None:
        if what == stage:
            left[0] -= 1
            if left[0] == 0:
                process.send_signal(signal.SIGKILL)

    caught.watch = watch
    process.communicate(timeout=120)
    caught.watch = lambda what: None
    return process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("site", ["hold"], indirect=True)
def test_sigterm_drains(site: Path) -> None:
    with catching() as (port, caught):
        process = start(site, port, "digest", "--yes")
        seen = [20]

        def watch(what: str) -> None:
            seen[0] -= what == "dot"
            if what == "dot" and seen[0] == 0:
                process.send_signal(signal.SIGTERM)

        caught.watch = watch
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 1, errors.decode()
        first = len(caught.messages)
        assert 20 <= first < READERS, "it stopped on the way"
        assert deliveries(site) == {"sent": first, "pending": READERS - first}, "and left nothing in doubt"
        caught.watch = lambda what: None
        run(site, port, "tick")
        assert Counter(caught.recipients()).most_common(1)[0][1] == 1
        assert len(caught.messages) == READERS
