"""`publisher run`: it sees new posts, sends what is due, and ends on SIGTERM."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

from watchfiles import watch

from tests.acceptance.test_kill import CONFIG
from tests.catching import catching
from tests.peers import missing
from tests.sites import make_site


def publisher(site: Path, port: int, *words: str) -> "subprocess.Popen[bytes]":
    environ = os.environ | {"PUBLISHER_SMTP_URL": f"smtp://127.0.0.1:{port}"}
    command = [sys.executable, "-m", "publisher", "--config", str(site / "config.toml"), *words]
    return subprocess.Popen(command, cwd=site, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def issues(site: Path, port: int) -> int:
    listed = publisher(site, port, "issues", "list", "--json")
    return len(json.loads(listed.communicate(timeout=60)[0]))


def test_a_new_post_is_in_the_feed_and_mailed_at_once_and_sigterm_ends_it(tmp_path: Path) -> None:
    config = CONFIG.format(connections=2, on_doubt="hold").replace('"mondays 09:00"', '"at once"')
    (tmp_path / "config.toml").write_text(config.replace("[announce]", '[announce]\nafter = "0s"'))
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "2026-11-02-frost.md").write_text("---\ntitle: Frost\n---\nFerns.\n")
    arrived = threading.Event()
    with catching() as (port, caught):
        caught.watch = lambda what: arrived.set() if what == "dot" else None
        added = publisher(tmp_path, port, "subscribers", "add", "ann@example.net", "--confirmed")
        _, errors = added.communicate(timeout=60)
        assert added.returncode == 0, errors.decode()
        daemon = publisher(tmp_path, port, "run")
        assert arrived.wait(60)
        daemon.send_signal(signal.SIGTERM)
        _, errors = daemon.communicate(timeout=60)
    assert daemon.returncode == 0, errors.decode()
    assert caught.recipients() == ["ann@example.net"]
    assert "Frost" in str(caught.parsed("ann@example.net")[0]["Subject"])
    assert "Frost" in (tmp_path / "public" / "feed.atom").read_text()


def test_a_digest_beside_a_process_that_is_sending_composes_and_watches(tmp_path: Path) -> None:
    """The one that holds the lock sends; the other waits for the end of its issue and tells how it went."""
    (tmp_path / "config.toml").write_text(CONFIG.format(connections=1, on_doubt="hold"))
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "2026-11-02-frost.md").write_text("---\ntitle: Frost\n---\nFerns.\n")
    (tmp_path / "readers.csv").write_text("address\n" + "".join(f"r{number}@example.net\n" for number in range(8)))
    hold, let_go = threading.Event(), threading.Event()
    with catching() as (port, caught):

        def watch(what: str) -> None:
            hold.set()
            let_go.wait(60)

        imported = publisher(
            tmp_path, port, "subscribers", "import", str(tmp_path / "readers.csv"), "--basis", "told so"
        )
        imported.communicate(timeout=60)
        caught.watch = watch
        first = publisher(tmp_path, port, "digest", "--yes")
        assert hold.wait(60)
        (tmp_path / "posts" / "2026-11-03-bread.md").write_text("---\ntitle: Bread\n---\nDough.\n")
        second = publisher(tmp_path, port, "send", "posts/2026-11-03-bread.md", "--yes")
        while issues(tmp_path, port) < 2:  # the second composes; it cannot send while the first does
            assert second.poll() is None
        let_go.set()
        said, errors = second.communicate(timeout=60)
        first.communicate(timeout=60)
    assert second.returncode == 0, errors.decode()
    assert b"8 of 8 sent" in said
    assert sorted(caught.recipients()) == sorted([f"r{number}@example.net" for number in range(8)] * 2)


def git(folder: Path, *words: str) -> None:
    name = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    subprocess.run(["git", *name, *words], cwd=folder, check=True, capture_output=True)


def test_a_save_in_pieces_and_a_pull_are_one_change_each(tmp_path: Path) -> None:
    """Nobody looks at half a post: each piece was seen by another that watches before the next was saved."""
    if shutil.which("git") is None:
        missing("no git")
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    git(theirs, "init", "--quiet", "--initial-branch=main")
    git(theirs, "commit", "--quiet", "--allow-empty", "--message=empty")
    git(tmp_path, "clone", "--quiet", str(theirs), "posts")
    posts = tmp_path / "posts"
    site = make_site(tmp_path, posts={}, newsletter="", config="[guard]\nnew = 100\n")
    site.write("config.toml", site.read("config.toml") + '[posts]\nsettle = "4s"\n')
    daemon = publisher(tmp_path, 25, "run")
    said = daemon.stdout
    assert said is not None
    try:
        assert b"Watching" in said.readline()
        assert b"Feeds: " in said.readline()  # the first round is over, and what is saved from now on is a change
        seen = watch(posts, step=20, debounce=20, rust_timeout=1000, yield_on_timeout=True)
        next(seen)
        piece = posts / "2026-11-02-frost.md"
        for part in ("---\ntitle: Frost\n", "---\nFerns of ice, ", "and then the thaw.\n"):
            with piece.open("a") as file:
                file.write(part)
            while not next(seen):
                pass
        assert said.readline() == b"Posts: 1 new.\n"
        assert b"Feeds: " in said.readline()
        assert "Ferns of ice, and then the thaw." in (tmp_path / "public" / "feed.atom").read_text()
        for number in range(1, 31):
            (theirs / f"2026-10-{number:02}-a.md").write_text(f"---\ntitle: Day {number}\n---\nWords.\n")
        git(theirs, "add", ".")
        git(theirs, "commit", "--quiet", "--message=a month")
        git(posts, "pull", "--quiet")
        assert said.readline() == b"Posts: 30 new.\n"
    finally:
        daemon.send_signal(signal.SIGTERM)
        _, errors = daemon.communicate(timeout=60)
    assert daemon.returncode == 0, errors.decode()
    assert b"Traceback" not in errors
