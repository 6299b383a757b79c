"""A site of one's own on disk, and the real program run on it."""

import io
import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from publisher.doors.cli.main import main

SITE = """
[site]
title = "Field Notes"
url = "https://blog.example.org/"
"""
ANNOUNCE = """
[announce]
since = 2024-01-01
max_age = "5000w"
"""
NEWSLETTER = """
[newsletters.main]
title = "Field Notes"
from = "Field Notes <news@example.org>"
approve = "never"
[newsletters.main.frequencies]
weekly = "mondays 09:00"
"""
OWNER = """
[owner]
postal_address = "1 Field Lane, 12345 Example"
"""
READERS = ("ada@example.net", "bob@example.net", "cleo@example.com")


def a_post(title: str = "Frost", body: str = "Words on frost.") -> str:
    return f"---\ntitle: {title}\n---\n{body}\n"


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err

    def line(self, *parts: str) -> str:
        """The one line in which all these stand together."""
        found = [line for line in self.said.splitlines() if all(part in line for part in parts)]
        assert found, f"{parts} is in no line of:\n{self.said}"
        return found[0]


def run_program(*words: str) -> Ran:
    """A command in this process: whatever is no clear sentence comes through as the exception that it is."""
    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main(words)
        except SystemExit as ended:
            code = ended.code
    assert "Traceback" not in err.getvalue()
    return Ran(code if isinstance(code, int) else int(code is not None), out.getvalue(), err.getvalue())


@dataclass(frozen=True)
class Site:
    """A folder with config.toml, posts/ and what the program makes there."""

    folder: Path

    def run(self, *words: str) -> Ran:
        """A command on this site."""
        return run_program("--config", str(self.folder / "config.toml"), *words)

    def spawn(self, *words: str, before: Sequence[str] = (), **environ: str) -> Ran:
        """The same in a process of its own; `before` are words of another program that starts it."""
        command = [*before, sys.executable, "-m", "publisher", "--config", str(self.folder / "config.toml"), *words]
        ended = subprocess.run(
            command, env=os.environ | environ, capture_output=True, text=True, timeout=120, check=False
        )
        assert "Traceback" not in ended.stderr, ended.stderr
        return Ran(ended.returncode, ended.stdout, ended.stderr)

    def post(self, name: str, text: str | bytes) -> Path:
        return self.write(f"posts/{name}", text)

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def read(self, name: str) -> str:
        return (self.folder / name).read_text("utf-8")

    def files(self) -> dict[str, bytes]:
        """Everything that is there."""
        return {
            path.relative_to(self.folder).as_posix(): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file()
        }

    def states(self) -> dict[str, int]:
        """How many deliveries are in which state."""
        return dict(self._sql("select state, count(*) from delivery group by state"))

    def hours_pass(self) -> None:
        """What waits for its next attempt has waited long enough."""
        for table in ("delivery", "batch"):
            self._sql(f"update {table} set due = (select min(composed_at) from issue)")
        self._sql("delete from rate")

    def _sql(self, statement: str) -> list[tuple[str, int]]:
        connection = sqlite3.connect(self.folder / "publisher.db")
        try:
            with connection:
                return connection.execute(statement).fetchall()
        finally:
            connection.close()


def make_site(
    folder: Path,
    *,
    posts: Mapping[str, str | bytes] | None = None,
    config: str = "",
    readers: Sequence[str] = (),
    newsletter: str = NEWSLETTER,
    announce: str = ANNOUNCE,
) -> Site:
    """A site in *folder*; `config` is added to its settings, after those of the newsletter."""
    site = Site(folder)
    site.write("config.toml", SITE + announce + OWNER + newsletter + config)
    (folder / "posts").mkdir(exist_ok=True)
    for name, text in (posts if posts is not None else {"2024-05-02-frost.md": a_post()}).items():
        site.post(name, text)
    if readers:
        site.write("readers.csv", "address\n" + "".join(f"{reader}\n" for reader in readers))
        assert site.run("subscribers", "import", str(folder / "readers.csv"), "--basis", "told so").code == 0
    return site


def smtp(port: int, *, user: str = "", timeout: str = "20s", connections: int = 1) -> str:
    """Settings for a mail server on this machine."""
    url = f"smtp://{user}{'@' if user else ''}127.0.0.1:{port}"
    return f'[smtp]\nurl = "{url}"\ntimeout = "{timeout}"\nconnections = {connections}\n'
