"""A site with a few hundred readers, and the real program in it as a process."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from bench.faults.server import PASSWORD, USER

LEASE = 5  # seconds
LONGEST = 120.0  # seconds a program may take, whatever befalls it
_PROGRAM = ("-m", "publisher")
# A site of a few hundred readers is too small for processes that write; so they begin with the twentieth message
_WITH_PROCESSES = ("-c", "from publisher.adapters import writers; writers._LONG = 20; import publisher.__main__")
_ROOT = Path(__file__).parents[2]
_CONFIG = """
[site]
title = "Field Notes"
url = "https://blog.example.org/"
[posts]
folder = "posts"
[announce]
since = 2026-01-01
[smtp]
connections = {connections}
timeout = "1s"
[delivery]
on_doubt = "{on_doubt}"
lease = "{lease}s"
[newsletters.main]
title = "Field Notes"
from = "Field Notes <news@example.org>"
frequencies = {{ weekly = "mondays 09:00" }}
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended: its exit code, negative for a signal, and all that it said."""

    code: int
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A folder with a configuration, and the port of its mail server. `said`: where the program's words go."""

    folder: Path
    port: int
    said: Path
    password: str = field(default=PASSWORD, repr=False)
    url: str | None = None  # of its PostgreSQL; else its database is a file
    processes: bool = False  # its messages are written by processes

    @property
    def database(self) -> Path:
        return self.folder / "publisher.db"

    @property
    def where(self) -> Path | str:
        return self.url or self.database

    def run(self, *words: str, limit: Callable[["subprocess.Popen[bytes]"], None] | None = None) -> Ended:
        """The program, until it ends; `limit` gets its process when it was started, and may wait for it and kill it.

        Whatever it started itself ends with it: they are a process group of their own.
        """
        with self.said.open("wb") as file:
            process = subprocess.Popen(
                [
                    *(sys.executable, *(_WITH_PROCESSES if self.processes else _PROGRAM)),
                    *("--config", str(self.folder / "config.toml"), *words),
                ],
                env=self._environment(),
                stdout=file,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        try:
            if limit is not None:
                limit(process)
            process.wait(LONGEST)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        return Ended(process.returncode, self.said.read_text("utf-8", "replace"))

    def _environment(self) -> dict[str, str]:
        ours = {
            "PYTHONPATH": str(_ROOT),
            "PUBLISHER_SMTP_URL": f"smtp://{USER}@127.0.0.1:{self.port}",
            "PUBLISHER_SMTP_PASSWORD": self.password,
            **({"PUBLISHER_DATABASE_URL": self.url} if self.url else {}),
        }
        # Each start would compile the program anew
        return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | ours


def configure(folder: Path, *, connections: int, on_doubt: str) -> None:
    (folder / "config.toml").write_text(
        _CONFIG.format(connections=connections, on_doubt=on_doubt, lease=LEASE), encoding="utf-8"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """Sites to begin with: in `fresh` nobody has composed anything yet; in `composed` an issue waits, and nothing of
    it was sent: its mail server was down.
    """

    fresh: Path
    composed: Path
    readers: int
    down: Ended  # how the program ended that found no server
    seconds: float  # that it took


def make_templates(folder: Path, readers: int) -> Templates:
    """Both, in a folder. Port 1 is nobody's."""
    fresh, composed = folder / "fresh", folder / "composed"
    posts = fresh / "posts"
    posts.mkdir(parents=True)
    for name in ("frost", "bread"):
        post = f"---\ntitle: {name}\n---\nWords on {name}.\n"
        (posts / f"2026-11-02-{name}.md").write_text(post, encoding="utf-8")
    addresses = "".join(f"{address(number)}\n" for number in range(readers))
    (fresh / "readers.csv").write_text(f"address\n{addresses}", encoding="utf-8")
    configure(fresh, connections=4, on_doubt="hold")
    said = folder / "said.txt"
    ended = Site(folder=fresh, port=1, said=said).run(
        "subscribers", "import", str(fresh / "readers.csv"), "--basis", "told so"
    )
    assert ended.code == 0, ended.said
    shutil.copytree(fresh, composed)
    start = perf_counter()
    down = Site(folder=composed, port=1, said=said).run("digest", "--yes")
    taken = perf_counter() - start
    Site(folder=composed, port=1, said=said).run("build")  # or each site's first tick would
    return Templates(fresh=fresh, composed=composed, readers=readers, down=down, seconds=taken)


def address(number: int) -> str:
    return f"reader{number}@d{number % 7}.example.net"
