"""A PostgreSQL server of our own, for as long as the tests run."""

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, make_url, text

from tests.peers import missing


def _binaries() -> Path | None:
    found = shutil.which("pg_config")
    if found:
        folder = subprocess.run([found, "--bindir"], capture_output=True, text=True, check=False).stdout.strip()
        if folder and Path(folder, "initdb").exists():
            return Path(folder)
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return versions[-1].parent if versions else None


@contextmanager
def running_postgres() -> Iterator[str]:
    """The URL of its `postgres` database. It listens on a socket only; nobody else can reach it."""
    binaries = _binaries()
    if binaries is None:
        missing("PostgreSQL's initdb is not installed")
    folder = Path(tempfile.mkdtemp(prefix="publisher-pg-"))
    if (user := _user()) is not None:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    try:
        how = ("-U", "publisher", "-A", "trust", "-E", "UTF8", "--no-sync")
        _run([binaries / "initdb", "-D", folder / "data", *how])
        _start(folder)
        try:
            yield f"postgresql+psycopg://publisher@/postgres?host={folder}"
        finally:
            _stop(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def stop(server: str) -> None:
    """As in a crash: nobody is told, nothing is put away."""
    _stop(_folder(server))


def start(server: str) -> None:
    """Again, after `stop`, with what was committed; until it can be asked."""
    _start(_folder(server))


def _folder(server: str) -> Path:
    return Path(str(make_url(server).query["host"]))


def _start(folder: Path) -> None:
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
    _control(folder, "-l", folder / "log", "-o", options, "start")


def _stop(folder: Path) -> None:
    """It may be stopped already: that is no reason to skip a test that failed."""
    _control(folder, "-m", "immediate", "stop", needed=False)


def _control(folder: Path, *words: str | Path, needed: bool = True) -> None:
    binaries = _binaries()
    assert binaries is not None
    _run([binaries / "pg_ctl", "-D", folder / "data", "-w", *words], needed=needed)


def _user() -> str | None:
    return "nobody" if os.geteuid() == 0 else None  # it refuses root


def end_session(engine: Engine, session: Connection) -> None:
    """The server ends a session of this database, as an administrator can; it is over when this returns."""
    number = session.exec_driver_sql("select pg_backend_pid()").scalar_one()
    end_backend(engine, number)


def end_backend(engine: Engine, number: int) -> None:
    """The same, where the number of its process is known."""
    ours = create_engine(engine.url)
    with ours.connect() as other:
        assert other.scalar(text("select pg_terminate_backend(:number, 60000)"), {"number": number})
    ours.dispose()


def new_database(server: str) -> str:
    """The URL of an empty database on a running server."""
    name = f"t{uuid.uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"create database {name}"))
    engine.dispose()
    return server.replace("/postgres?", f"/{name}?")


def _run(command: list[Path | str], *, needed: bool = True) -> None:
    # DEVNULL: the server must not keep a pipe of ours open
    done = subprocess.run(
        list(map(str, command)),
        user=_user(),
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE if "initdb" in str(command[0]) else subprocess.DEVNULL,
        check=False,
    )
    if done.returncode and needed:
        missing(f"PostgreSQL does not start: {(done.stderr or b'').decode()[-300:]}")
