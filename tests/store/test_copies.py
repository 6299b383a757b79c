"""A copy of a database in use, and a copy put back: whole, closed to others, and barred until it is accepted."""

import shutil
import sqlite3
import stat
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from publisher.adapters.lock import sole
from publisher.store import copies
from publisher.store.engine import make_engine
from publisher.store.schema import subscriber
from publisher.store.upgrade import upgrade
from tests.sites import Site, make_site

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
READERS = ("ann@example.net", "bob@example.net")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """One issue is out."""
    found = make_site(tmp_path / "site", readers=READERS)
    assert found.run("digest", "--yes").code == 0
    return found


@pytest.fixture
def kept(site: Site, tmp_path: Path) -> Path:
    copy = tmp_path / "kept.db"
    assert site.run("database", "backup", str(copy)).code == 0
    return copy


def letters(site: Site) -> int:
    return len(list((site.folder / "outbox" / "new").iterdir()))


def rest(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("."))


def test_a_copy_is_whole_and_closed_and_leaves_nothing_else(site: Site, kept: Path) -> None:
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    with sqlite3.connect(kept) as copy:
        assert copy.execute("pragma integrity_check").fetchall() == [("ok",)]
        assert {row[0] for row in copy.execute("select address from subscriber")} == set(READERS)
        assert copy.execute("select value from counter where name = 'generation'").fetchone()[0] > 0
    copy.close()
    assert rest(kept.parent) == []


def test_a_copy_is_of_one_moment_whatever_is_written_meanwhile(site: Site, tmp_path: Path) -> None:
    """Each transaction adds two rows; no copy has an odd number of them."""
    url = f"sqlite:///{site.folder / 'publisher.db'}"
    engine = make_engine(url)
    with engine.begin() as connection:
        connection.execute(text("create table pair (id integer primary key, words text)"))
    done = threading.Event()

    def write() -> None:
        while not done.is_set():
            with engine.begin() as connection:
                for _ in range(2):
                    connection.execute(text("insert into pair (words) values (:words)"), {"words": "x" * 500})

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            copies.backup(url, tmp_path / f"{number}.db", force=False)
    finally:
        done.set()
        writer.join()
        engine.dispose()
    for number in range(5):
        with sqlite3.connect(tmp_path / f"{number}.db") as copy:
            assert copy.execute("select count(*) from pair").fetchone()[0] % 2 == 0
        copy.close()


def test_no_file_is_replaced_unasked(site: Site, kept: Path) -> None:
    before = kept.read_bytes()
    ran = site.run("database", "backup", str(kept))
    assert ran.code == 6
    assert ran.line(str(kept), "--force")
    assert kept.read_bytes() == before
    assert site.run("database", "backup", str(kept), "--force").code == 0


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("site/publisher.db", 6, "the database itself"),
        ("site", 5, "is a folder"),
        ("nowhere/copy.db", 5, "cannot be written: No such file or directory"),
    ],
)
def test_places_where_no_copy_can_go(site: Site, tmp_path: Path, name: str, code: int, words: str) -> None:
    ran = site.run("database", "backup", str(tmp_path / name))
    assert ran.code == code, ran.said
    assert ran.line(words)


def test_where_there_is_no_database_none_is_made(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site")
    ran = site.run("database", "backup", str(tmp_path / "copy.db"))
    assert ran.code == 3
    assert ran.line("there is no database yet")
    assert "publisher.db" not in site.files()
    assert not (tmp_path / "copy.db").exists()


def test_a_copy_put_back_sends_nothing_until_it_is_accepted_and_then_nothing_twice(site: Site, kept: Path) -> None:
    site.post("2024-05-03-bread.md", "---\ntitle: Bread\n---\nDough.\n")
    assert site.run("digest", "--yes").code == 0
    assert letters(site) == 4
    ran = site.run("database", "restore", str(kept))
    assert ran.code == 0, ran.said
    assert "database accept" in ran.out
    old = site.folder / ran.out.partition("kept: ")[2].partition(". Nothing")[0]
    with sqlite3.connect(old) as before:
        assert before.execute("select count(*) from issue").fetchone() == (2,)
    before.close()
    for words in (("tick",), ("digest", "--yes"), ("announce", "posts/2024-05-03-bread.md")):
        refused = site.run(*words)
        assert refused.code == 3, words
        assert refused.line("database accept")
    assert site.run("database", "accept").code == 0
    assert site.run("tick").code == 0
    assert letters(site) == 4
    assert rest(site.folder) == []


def test_on_a_new_machine_too(site: Site, kept: Path, tmp_path: Path) -> None:
    """There is no file beside the database that could tell."""
    other = make_site(tmp_path / "other", config='[database]\nurl = "sqlite:///state/publisher.db"\n')
    assert other.run("database", "restore", str(kept)).code == 0
    assert other.run("tick").code == 3
    assert other.run("database", "accept").code == 0
    assert other.run("subscribers", "list").line("ann@example.net")


def test_a_copy_from_before_anything_went_out_is_barred_too(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site", readers=READERS)
    assert site.run("database", "backup", str(tmp_path / "kept.db")).code == 0
    assert site.run("database", "restore", str(tmp_path / "kept.db")).code == 0
    ran = site.run("tick")
    assert ran.code == 3
    assert ran.line("restored from a copy?")


def test_nothing_is_put_back_while_somebody_sends(site: Site, kept: Path) -> None:
    before = site.files()
    with sole(site.folder / "publisher.db.lock") as ours:
        assert ours
        ran = site.run("database", "restore", str(kept))
    assert ran.code == 6
    assert ran.line("another publisher is sending")
    assert site.files() == before


def test_nothing_is_put_back_while_somebody_has_the_database_open(site: Site, kept: Path) -> None:
    """A daemon between two rounds holds no lock, and would go on with the file that was moved away."""
    engine = make_engine(f"sqlite:///{site.folder / 'publisher.db'}")
    with engine.connect() as connection:
        connection.execute(select(func.count()).select_from(subscriber))
    try:
        ran = site.run("database", "restore", str(kept))
    finally:
        engine.dispose()
    assert ran.code == 6
    assert ran.line("has it open")
    assert site.run("database", "restore", str(kept)).code == 0


def spoiled(path: Path) -> None:
    data = bytearray(path.read_bytes())
    for page in range(2, len(data) // 4096):
        data[page * 4096 : page * 4096 + 100] = b"\xff" * 100
    path.write_bytes(data)


def of_photos(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as other:
        other.execute("create table photo (id integer)")
    other.close()


def of_nothing(path: Path) -> None:
    path.write_bytes(b"")


def of_words(path: Path) -> None:
    path.write_text("These are words, and no database at all. " * 200)


def newer(path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("update alembic_version set version_num = '9999'")
    other.close()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (spoiled, "damaged"),
        (of_photos, "another program"),
        (of_nothing, "there is nothing in it"),
        (of_words, "no database at all"),
        (newer, "newer publisher"),
        (Path.unlink, "no such file"),
    ],
)
def test_a_copy_that_is_none_changes_nothing(site: Site, kept: Path, spoil: object, words: str) -> None:
    assert callable(spoil)
    spoil(kept)
    before = site.files()
    ran = site.run("database", "restore", str(kept))
    assert ran.code == 3, ran.said
    assert ran.line(str(kept), words)
    before.pop("publisher.db.lock", None)
    assert {name: data for name, data in site.files().items() if name != "publisher.db.lock"} == before


def test_a_damaged_database_can_be_replaced(site: Site, kept: Path) -> None:
    spoiled(site.folder / "publisher.db")
    assert site.run("database", "restore", str(kept)).code == 0
    assert site.run("database", "accept").code == 0
    assert site.run("issues", "list").line("manual/1")


def test_an_older_copy_is_migrated_first(site: Site, tmp_path: Path) -> None:
    kept = tmp_path / "old.db"
    engine = make_engine(f"sqlite:///{kept}")
    upgrade(engine, "0002")
    engine.dispose()
    ran = site.run("database", "restore", str(kept))
    assert ran.code == 0, ran.said
    assert ran.line("database migrate", "database accept")
    assert site.run("tick").line("database migrate")
    assert site.run("database", "migrate").code == 0
    assert site.run("tick").code == 3
    assert site.run("database", "accept").code == 0
    assert site.run("tick").code == 0


def test_a_copy_by_other_means_with_its_log_beside_it(site: Site, tmp_path: Path) -> None:
    """`cp` of all files of a database that was open."""
    engine = make_engine(f"sqlite:///{site.folder / 'publisher.db'}")
    with engine.begin() as connection:
        connection.execute(text("update subscriber set name = 'Ann' where address = 'ann@example.net'"))
    for end in ("", "-wal"):
        shutil.copy(site.folder / f"publisher.db{end}", tmp_path / f"kept.db{end}")
    engine.dispose()
    assert site.run("database", "restore", str(tmp_path / "kept.db")).code == 0
    assert site.run("database", "accept").code == 0
    assert site.run("subscribers", "list").line("Ann")


def test_postgresql_copies_itself_and_no_password_is_told(tmp_path: Path) -> None:
    url = "postgresql://publisher:hush@db.example.org/news"
    site = make_site(tmp_path / "site")
    for words, command in (
        (
            ("backup", "a b.dump"),
            "pg_dump --format=custom --file='a b.dump' postgresql://publisher@db.example.org/news",
        ),
        (
            ("restore", "a b.dump"),
            "pg_restore --clean --if-exists --dbname=postgresql://publisher@db.example.org/news 'a b.dump'",
        ),
    ):
        ran = site.spawn("database", *words, PUBLISHER_DATABASE_URL=url)
        assert ran.code == 2
        assert ran.line(command)
        assert "hush" not in ran.said
