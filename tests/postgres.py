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

from sqlalchemy import create_engine, text

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
    user = None
    if os.geteuid() == 0:  # it refuses root
        user = "nobody"
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    data = folder / "data"
    try:
        _run([binaries / "initdb", "-D", data, "-U", "publisher", "-A", "trust", "-E", "UTF8", "--no-sync"], user)
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
        _run([binaries / "pg_ctl", "-D", data, "-l", folder / "log", "-w", "-o", options, "start"], user)
        try:
            yield f"postgresql+psycopg://publisher@/postgres?host={folder}"
        finally:
            _run([binaries / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"], user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def new_database(server: str) -> str:
    """The URL of an empty database on a running server."""
    name = f"t{uuid.uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"create database {name}"))
    engine.dispose()
    return server.replace("/postgres?", f"/{name}?")


def _run(command: list[Path | str], user: str | None) -> None:
    # DEVNULL: the server must not keep a pipe of ours open
    done = subprocess.run(
        list(map(str, command)),
        user=user,
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE if "initdb" in str(command[0]) else subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        missing(f"PostgreSQL does not start: {(done.stderr or b'').decode()[-300:]}")
