"""SpamAssassin, as a server that judges many messages: its rules are loaded once."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.judges.network import Network
from tests.peers import PATIENCE, listens, missing, wait_until

OUR_DNS = "dns_server 127.0.0.1"
QUIET = ("skip_rbl_checks 1", "skip_uribl_checks 1", "use_bayes 0", "use_razor2 0", "use_pyzor 0")


@dataclass(frozen=True)
class Opinion:
    """From 5 on a message is spam; the rules that apply."""

    score: float
    rules: frozenset[str]


@dataclass(frozen=True)
class SpamAssassin:
    socket: Path

    def says(self, message: bytes) -> Opinion:
        # -x: a server that cannot be reached is an error; without it such a message would have no fault
        done = subprocess.run(
            ["spamc", "-x", "-U", self.socket, "-R"], input=message, capture_output=True, check=True, timeout=PATIENCE
        )
        report = done.stdout.decode("utf-8", "replace")
        score, _, _ = report.partition("/")
        return Opinion(float(score), frozenset(re.findall(r"^ *-?\d+\.\d ([A-Z][A-Z0-9_]+)", report, re.MULTILINE)))


@contextmanager
def running_spamassassin(network: Network | None) -> Iterator[SpamAssassin]:
    """Without a network it looks at the message alone, and at no signature."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin"
    for name in ("spamd", "spamc"):
        if shutil.which(name, path=path) is None:
            missing(f"{name} is not here (Debian: {name})")
    with tempfile.TemporaryDirectory(prefix="spamd-", dir="/tmp") as folder:  # a socket's path must be short
        Path(folder).chmod(0o755)
        socket, log = Path(folder, "socket"), Path(folder, "log")
        files = [f"--socketpath={socket}", f"--syslog={log}", f"--pidfile={folder}/pid", f"--helper-home-dir={folder}"]
        user = ["--username=nobody"] if os.geteuid() == 0 else []  # it judges nothing as root
        command = ["spamd", *files, *user, "--max-children=1", "--nouser-config", *(f"--cf={line}" for line in QUIET)]
        inside = [*command, "--local"] if network is None else network.inside(*command, f"--cf={OUR_DNS}")
        environment = {**os.environ, "PATH": path, "HOME": folder}
        nowhere = subprocess.DEVNULL
        with subprocess.Popen(inside, env=environment, stdout=nowhere, stderr=nowhere) as program:
            try:
                wait_until(lambda: listens(socket), program, lambda: log.read_text() if log.exists() else "")
                yield SpamAssassin(socket)
            finally:
                program.terminate()
