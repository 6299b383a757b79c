"""rspamd, as a receiver runs it: all its rules, and SPF, DKIM and DMARC by the DNS of a network of ours."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.judges.network import Network
from tests.judges.receiver import HOST, IP
from tests.peers import PATIENCE, listens, missing, wait_until

CONFIG = """
.include "/etc/rspamd/common.conf"
options {
  filters = "chartable,dkim,regexp"; pidfile = "HOME/pid"; hs_cache_dir = "HOME"; tempdir = "HOME";
  url_tld = "HOME/tld";
  dns { nameserver = ["127.0.0.1:53:1"]; timeout = 0.5s; retransmits = 1; }
  task_timeout = 30s;
}
lang_detection { languages = "/nowhere"; }
logging { type = "file"; filename = "HOME/log"; level = "notice"; }
worker "normal" { bind_socket = "HOME/socket mode=0600"; count = 1; }
"""
# Not an address of this machine's: mail from here is not looked at
CAME = {"IP": IP, "Helo": HOST, "Hostname": HOST, "Rcpt": "zoe@example.net"}


@dataclass(frozen=True)
class Opinion:
    """The rules that apply, with what each says of the message; from 4 on it is put off, from 6 on marked as spam."""

    score: float
    symbols: Mapping[str, Sequence[str]]
    scores: Mapping[str, float]

    @property
    def signed_by(self) -> Sequence[str]:
        """The domains and selectors of good signatures; nothing where one is bad."""
        return self.symbols.get("R_DKIM_ALLOW", [])


@dataclass(frozen=True)
class Rspamd:
    client: httpx.Client

    def says(self, message: bytes, sender: str = "news@example.org") -> Opinion:
        """Of a message that came with that envelope sender."""
        headers = {**CAME, "From": f"<{sender}>"}
        answer = self.client.post("http://rspamd/checkv2", content=message, headers=headers).raise_for_status().json()
        symbols = answer["symbols"].values()
        return Opinion(
            answer["score"],
            {one["name"]: sorted(one.get("options", ())) for one in symbols},
            {one["name"]: one["score"] for one in symbols},
        )


@contextmanager
def running_rspamd(network: Network) -> Iterator[Rspamd]:
    if shutil.which("rspamd") is None:
        missing("rspamd is not here (Debian: rspamd)")
    with tempfile.TemporaryDirectory(prefix="rspamd-", dir="/tmp") as name:  # a socket's path must be short
        home = Path(name)
        (home / "rspamd.conf").write_text(CONFIG.replace("HOME", name))
        (home / "tld").write_text("org\nnet\ncom\nexample\n")
        command = network.inside("rspamd", "-f", "-i", "-u", "root", "-g", "root", "-c", home / "rspamd.conf")
        log = home / "log"
        with (
            subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as program,
            httpx.Client(transport=httpx.HTTPTransport(uds=f"{name}/socket"), timeout=PATIENCE) as client,
        ):
            try:
                wait_until(lambda: listens(home / "socket"), program, lambda: log.read_text() if log.exists() else "")
                yield Rspamd(client)
            finally:
                program.terminate()
