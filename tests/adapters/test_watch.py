"""Folders that are followed: a save in pieces is one change, and what the program writes itself is none."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from watchfiles import Change

from publisher.adapters.watch import Followed, Saves, follow, remote_kind

FOREVER = 1000.0  # seconds: a test that waits so long has failed


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_where_nothing_is_saved_the_time_is_up_when_it_is_up() -> None:
    saves = Saves(FOREVER)
    assert saves.due(130.0) == 130.0
    assert not saves.wait(0.0)


def test_a_save_is_due_when_it_has_settled_and_a_timer_waits_for_that_too() -> None:
    clock = Clock()
    saves = Saves(2.0, at_most=30.0, clock=clock)
    saves.saw()
    assert saves.due(130.0) == 102.0, "sooner than the timer"
    clock.now = 101.5
    saves.saw()
    assert saves.due(101.6) == 103.5, "later than the timer: half a post is looked at by nobody"
    clock.now = 103.5
    assert saves.wait(FOREVER)
    assert not saves.wait(0.0), "and then it is no news any more"


def test_a_file_that_never_rests_keeps_nobody_waiting() -> None:
    clock = Clock()
    saves = Saves(2.0, at_most=30.0, clock=clock)
    for _ in range(40):
        saves.saw()
        clock.now += 1.0
    assert saves.due(1000.0) == 130.0


def test_a_settle_time_longer_than_that_is_kept() -> None:
    saves = Saves(300.0, at_most=30.0, clock=Clock())
    saves.saw()
    assert saves.due(1000.0) == 400.0


def test_the_end_waits_for_nothing() -> None:
    saves = Saves(FOREVER)
    waiting = threading.Thread(target=saves.wait, args=(FOREVER,))
    waiting.start()
    saves.end()
    waiting.join()
    assert not saves.wait(FOREVER)


BLOG = Path("/srv/blog")


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ("posts/a.md", True),
        ("posts/news/a.md", True),
        ("posts/news", True),  # a folder that was moved in, with posts in it
        ("posts/.a.md.swp", False),
        ("posts/.git/index", False),
        ("posts/.publisher/publisher.db-wal", False),
        ("posts/node_modules/x/readme.md", False),
        ("posts/public/feed.atom", False),
        ("posts/public-notes/a.md", True),
        ("posts/publisher.db", False),
        ("posts/publisher.db-wal", False),
        ("posts/publisher.db.generation", False),
        ("posts/outbox/new/1.eml", False),
        ("templates/mail/digest.html", True),
        ("config.toml", False),
    ],
)
def test_what_counts(path: str, *, counts: bool) -> None:
    what = Followed(
        folders=(BLOG / "posts", BLOG / "templates"),
        ours=(BLOG / "posts/public", BLOG / "posts/outbox"),
        database=BLOG / "posts/publisher.db",
    )
    assert what.counts(Change.modified, str(BLOG / path)) == counts


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    found = threading.Event()
    yield found
    found.set()


def followed(folder: Path, stop: threading.Event) -> Saves:
    saves = Saves(0.0)
    what = Followed(folders=(folder,))
    words: list[str] = []
    threading.Thread(
        target=follow, args=(what, saves, stop), kwargs={"failed": words.append, "anew": 0.2}, daemon=True
    ).start()
    return saves


def save_until_seen(saves: Saves, path: Path) -> None:
    """A watch begins when it begins: only what is saved afterwards is seen."""
    for number in range(100):
        path.write_text(f"{number}")
        if saves.wait(0.3):
            return
    pytest.fail("nothing was seen")


def test_what_is_saved_is_seen(tmp_path: Path, stop: threading.Event) -> None:
    save_until_seen(followed(tmp_path, stop), tmp_path / "a.md")


def test_a_folder_that_comes_later_and_one_in_its_place(tmp_path: Path, stop: threading.Event) -> None:
    posts = tmp_path / "posts"
    saves = followed(posts, stop)
    posts.mkdir()
    save_until_seen(saves, posts / "a.md")
    posts.rename(tmp_path / "old")
    posts.mkdir()
    assert saves.wait(FOREVER), "that it is another folder is a change"
    save_until_seen(saves, posts / "b.md")


def test_a_folder_that_cannot_be_watched_is_told(tmp_path: Path, stop: threading.Event) -> None:
    words: list[str] = []

    class Broken(Saves):
        def saw(self) -> None:
            raise OSError("OS file watch limit reached.")

    def save() -> None:
        while not words:
            (tmp_path / "a.md").write_text("x")

    threading.Thread(target=save, daemon=True).start()
    follow(Followed(folders=(tmp_path,)), Broken(0.0), stop, failed=words.append)
    assert words == ["OS file watch limit reached."]


MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:40 / /srv/nas rw - nfs4 nas:/x rw
31 22 0:41 / /srv/my\\040blog rw shared:5 - cifs //nas/x rw
32 30 8:2 / /srv/nas/local rw - xfs /dev/sdb1 rw
33 22 0:42 / /srv/cloud rw - fuse.rclone drive: rw
34 22 0:43 / /srv/covered rw - nfs4 nas:/y rw
35 34 8:3 / /srv/covered rw - ext4 /dev/sdc1 rw
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/srv/blog/posts", None),
        ("/srv/nas", "nfs4"),
        ("/srv/nas/blog/posts", "nfs4"),
        ("/srv/nasty", None),
        ("/srv/nas/local/posts", None),
        ("/srv/my blog/posts", "cifs"),
        ("/srv/cloud/posts", "fuse.rclone"),
        ("/srv/covered/posts", None),
    ],
)
def test_disks_of_others(folder: str, kind: str | None) -> None:
    assert remote_kind(Path(folder), MOUNTS) == kind


def test_this_machines_own_mounts_can_be_read(tmp_path: Path) -> None:
    remote_kind(tmp_path)  # whatever it is here, it is no error
