"""The machine fails the database: no room, somebody else's lock, a copy in the place of the original."""

import shutil
import signal
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random

from bench.faults.audit import ENDS, Row
from bench.faults.disk import small_disk
from bench.faults.scene import Case, Scene, staged
from bench.faults.site import LONGEST
from publisher.errors import Exit
from publisher.store.engine import BUSY_MS

_DATABASE = frozenset({int(Exit.DATABASE)})
_EARLY = 100  # dots: by then there is much left to send
_QUIET = 1.0  # seconds without a word: nothing goes on any more


def disk_full(case: Case) -> Row:
    """No room any more while it sends; there is some again while it still tries, or only after it gave up."""
    row = _disk_full(case, freed=True)
    if case.long:
        row += _disk_full(case, freed=False)
    return row


def _disk_full(case: Case, *, freed: bool) -> Row:
    with small_disk() as disk, staged(case, Random(case.seed), folder=disk.folder) as scene:

        def limit(process: "subprocess.Popen[bytes]") -> None:
            wal = scene.site.database.with_name("publisher.db-wal")
            _once(scene, lambda: disk.fill(process, wal))
            if freed:
                scene.server.quiet(_QUIET)
            else:
                process.wait(LONGEST)
            disk.free(process)

        # What was answered while nothing could be written is in doubt afterwards
        scene.life("tick", limit=limit, bound=scene.connections, codes=ENDS | _DATABASE)
        scene.audit.row.faults += 1
        return scene.finish(bound=scene.connections)


def database_locked(case: Case) -> Row:
    """Another program locks the database while it sends: for three seconds; and for longer than we wait at once."""
    row = _locked(case, seconds=3.0 if case.long else _QUIET)
    if case.long:
        row += _locked(case, seconds=BUSY_MS / 1_000 + 5)
        row += _locked_from_the_start(case)
    return row


def _locked(case: Case, *, seconds: float) -> Row:
    with staged(case, Random(case.seed)) as scene:

        def limit(process: "subprocess.Popen[bytes]") -> None:
            _once(scene, lambda: None)
            with _lock(scene.site.database):
                _wait(process, seconds)

        scene.life("tick", limit=limit)
        scene.audit.row.faults += 1
        return scene.finish()


def _locked_from_the_start(case: Case) -> Row:
    with staged(case, Random(case.seed)) as scene:
        with _lock(scene.site.database):
            scene.life("tick", codes=_DATABASE)
        scene.audit.row.faults += 1
        return scene.finish()


def copied(case: Case) -> Row:
    """The database is copied while it sends, and the copy put in its place after it has: it must send nothing."""
    with staged(case, Random(case.seed)) as scene:
        copy = scene.site.folder / "copy.db"
        scene.life("tick", limit=lambda _process: _once(scene, lambda: None, then=lambda: _copy(scene, copy)))
        return _restored(scene, copy, scene.finish())


def copied_and_killed(case: Case) -> Row:
    """The same, and the program is killed while it sends: the copy knows nothing of what went out in between."""
    with staged(case, Random(case.seed)) as scene:
        copy = scene.site.folder / "copy.db"

        def limit(process: "subprocess.Popen[bytes]") -> None:
            _once(scene, lambda: None, then=lambda: _copy(scene, copy))
            _once(scene, process.kill)

        scene.life("tick", limit=limit, bound=scene.connections, codes=frozenset({-signal.SIGKILL}))
        return _restored(scene, copy, scene.audit.row)


def _restored(scene: Scene, copy: Path, row: Row) -> Row:
    """The copy is used, with the generation's file as it is; whatever goes out by that is one too many."""
    record = scene.server.record
    before = sum(record.arrived.values())
    shutil.move(scene.site.database, scene.site.folder / "original.db")
    for suffix in ("-wal", "-shm"):
        scene.site.database.with_name(f"{scene.site.database.name}{suffix}").unlink(missing_ok=True)
    shutil.copy(copy, scene.site.database)
    for words in (("tick",), ("digest", "--yes")):
        ended = scene.site.run(*words)
        row.codes[ended.code] += 1
        if ended.code != Exit.DATABASE:
            row.problems.append(f"{words[0]} with an old copy: exit code {ended.code}")
    scene.server.rest()
    row.messages = sum(record.arrived.values())
    row.twice = sum(copies > 1 for copies in record.arrived.values())
    if row.messages > before:
        row.problems.append(
            f"an old copy sent {row.messages - before} messages; {row.twice} of them came twice by that"
        )
    row.faults += 1
    return row


def _copy(scene: Scene, copy: Path) -> None:
    with closing(sqlite3.connect(scene.site.database)) as connection:
        connection.execute("vacuum into ?", (str(copy),))


def _once(scene: Scene, do: Callable[[], None], then: Callable[[], None] = lambda: None) -> None:
    """Wait until it is in the middle of sending, and do something there: *do* before that dot is answered."""
    there = threading.Event()

    def reached() -> None:
        do()
        there.set()

    scene.at(scene.chance.randrange(10, _EARLY), reached)
    assert there.wait(LONGEST), "it did not come so far"
    then()


def _wait(process: "subprocess.Popen[bytes]", seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return


@contextmanager
def _lock(database: Path) -> Iterator[None]:
    with closing(sqlite3.connect(database, timeout=10, isolation_level=None)) as connection:
        connection.execute("begin exclusive")
        yield
        connection.execute("rollback")
