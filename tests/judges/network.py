"""A network of our own: the loopback, and a dnsmasq on it that knows our records and nothing else."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from publisher.mail.dkim import strings
from tests.peers import missing

DNSMASQ = """
listen-address=127.0.0.1
bind-interfaces
no-resolv
no-hosts
local=/#/
pid-file
user=root
log-facility=-
"""
ENTER = """
ip link set lo up
mount --bind "$0/resolv.conf" /etc/resolv.conf
exec dnsmasq --keep-in-foreground --conf-file="$0/dnsmasq.conf"
"""


@dataclass(frozen=True)
class Network:
    """Whatever is asked of its DNS that we did not tell it does not exist: so no list of bad senders knows us."""

    holder: int  # a process within

    def inside(self, *command: str | Path) -> Sequence[str | Path]:
        """A command line that runs *command* there. Files and sockets in the file system are those of outside."""
        return ("nsenter", f"--target={self.holder}", "--net", "--mount", "--", *command)


def possible() -> bool:
    """Whether we may make a network at all; no package helps where not."""
    return (
        os.geteuid() == 0
        and not subprocess.run(["unshare", "-nm", "true"], capture_output=True, check=False).returncode
    )


@contextmanager
def private_network(texts: Mapping[str, str], *more: str) -> Iterator[Network]:
    """*texts* are TXT records, *more* lines of dnsmasq's settings (`mx-host=...`, `host-record=...`)."""
    if not possible():
        pytest.skip("a network of our own takes root, and a kernel that gives us one")
    for program, package in (("dnsmasq", "dnsmasq-base"), ("ip", "iproute2"), ("nsenter", "util-linux")):
        if shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") is None:
            missing(f"{program} is not here (Debian: {package})")
    with tempfile.TemporaryDirectory(prefix="publisher-network-") as name:
        home = Path(name)
        (home / "resolv.conf").write_text("nameserver 127.0.0.1\n")
        (home / "dnsmasq.conf").write_text("\n".join((DNSMASQ, *map(_text_record, texts.items()), *more, "")))
        command = ["unshare", "-nm", "sh", "-ec", ENTER, name]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as dns:
            try:
                assert dns.stderr is not None
                said = dns.stderr.readline()
                if ": started," not in said:
                    pytest.fail(f"dnsmasq did not start: {said}{dns.stderr.read()}")
                yield Network(dns.pid)
            finally:
                dns.terminate()


def _text_record(record: tuple[str, str]) -> str:
    name, text = record
    pieces = ",".join(f'"{one}"' for one in strings(text))
    return f"txt-record={name},{pieces}"
