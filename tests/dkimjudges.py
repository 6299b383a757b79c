"""Keys for tests, and three programs that are not ours and verify signatures: dkimpy, OpenDKIM, rspamd."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import dkim
import httpx
import pytest

from publisher.adapters.dkimkeys import new_ed25519, new_rsa
from publisher.mail.dkim import Key, Signer, strings
from tests.peers import missing

PATIENCE = 90.0  # seconds until rspamd must be up, with other tests beside it
RSPAMD = """
options {
  filters = "dkim"; pidfile = "HOME/pid"; url_tld = "HOME/tld"; hs_cache_dir = "HOME"; tempdir = "HOME";
  local_addrs = [];
  dns { nameserver = ["127.0.0.1:1"]; timeout = 0.5s; retransmits = 1; fake_records = [RECORDS]; }
}
lang_detection { languages = "/nowhere"; }
logging { type = "file"; filename = "HOME/log"; level = "notice"; }
worker "normal" { bind_socket = "HOME/socket mode=0600"; count = 1; }
dkim { }
"""

# a message, and the domains and selectors of good signatures; or nothing where one is bad
Rspamd = Callable[[bytes], Sequence[str]]


@cache
def a_signer(domain: str = "example.org") -> Signer:
    return Signer(
        domain=domain,
        rsa=Key(selector="p202611", private=new_rsa()),
        ed25519=Key(selector="p202611-ed25519", private=new_ed25519()),
    )


def records(*signers: Signer) -> dict[str, str]:
    return {f"{key.selector}._domainkey.{one.domain}": key.record() for one in signers for key in one.keys}


def dkimpy_says(message: bytes, published: dict[str, str]) -> list[bool]:
    """Of each signature, from the top, whether it is good."""

    def lookup(name: bytes | str, timeout: int = 5) -> bytes | None:
        del timeout
        text = name.decode() if isinstance(name, bytes) else name
        return published.get(text.rstrip("."), "").encode() or None

    def good(number: int) -> bool:
        try:
            return bool(dkim.DKIM(message).verify(idx=number, dnsfunc=lookup))
        except dkim.ValidationError as error:
            if "body hash mismatch" in str(error):
                return False
            raise  # the field itself is wrong

    return [good(number) for number in range(message.count(b"DKIM-Signature: v=1"))]


def opendkim_says(published: dict[str, str], folder: Path, *messages: bytes) -> list[tuple[int, str]]:
    """Exit code, 0 for good, and words of `opendkim-testmsg`, which asks a DNS server of ours."""
    if shutil.which("opendkim-testmsg") is None:
        missing("opendkim-testmsg is not here (Debian: opendkim-tools)")
    spaces = next((flags for flags in ("-rnm", "-nm") if _may(flags)), None)
    if spaces is None:
        pytest.skip("this kernel gives us no network of our own, which opendkim-testmsg needs to find our DNS server")
    zone = folder / "records.json"
    zone.write_text(json.dumps({name: strings(record) for name, record in published.items()}))
    files = [folder / f"{number}.eml" for number, _ in enumerate(messages)]
    for file, message in zip(files, messages, strict=True):
        file.write_bytes(message)
    done = subprocess.run(
        ["unshare", spaces, sys.executable, "-m", "tests.nameserver", zone, *files],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        check=True,
    )
    return [(code, words) for code, words in json.loads(done.stdout)]


def _may(flags: str) -> bool:
    return subprocess.run(["unshare", flags, "true"], capture_output=True, check=False).returncode == 0


@contextmanager
def rspamd(published: dict[str, str]) -> Iterator[Rspamd]:
    """An rspamd of our own, with records of ours instead of any DNS, for as long as a test runs."""
    if shutil.which("rspamd") is None:
        missing("rspamd is not here (Debian: rspamd)")
    with tempfile.TemporaryDirectory(prefix="rspamd-", dir="/tmp") as name:  # a socket's path must be short
        home = Path(name)
        fake = ", ".join(
            f'{{ name = "{name}"; type = txt; replies = ["{record}"]; }}' for name, record in published.items()
        )
        (home / "rspamd.conf").write_text(RSPAMD.replace("RECORDS", fake).replace("HOME", name))
        (home / "tld").write_text("org\nnet\nexample\n")
        as_root = ["-u", "root", "-g", "root"] if os.geteuid() == 0 else []
        running = subprocess.Popen(
            ["rspamd", "-f", "-i", *as_root, "-c", home / "rspamd.conf"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_for_socket(home)
            with httpx.Client(transport=httpx.HTTPTransport(uds=f"{name}/socket"), timeout=PATIENCE) as client:
                yield lambda message: _asked(client, message)
        finally:
            running.terminate()
            running.wait(PATIENCE)


def wait_for_socket(home: Path) -> None:
    """Until the rspamd that lives there answers."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with socket.socket(socket.AF_UNIX) as trial:
            try:
                trial.connect(str(home / "socket"))
                return
            except OSError:
                time.sleep(0.1)  # another program starts: there is nothing to wait on but its socket
    log = home / "log"
    pytest.fail(f"rspamd did not start: {log.read_text() if log.exists() else 'it says nothing'}")


def _asked(client: httpx.Client, message: bytes) -> Sequence[str]:
    # an address of its own: mail from this machine is not looked at
    found = client.post("http://rspamd/checkv2", content=message, headers={"IP": "192.0.2.10"}).json()
    symbols = found["symbols"]
    return [] if "R_DKIM_ALLOW" not in symbols else sorted(symbols["R_DKIM_ALLOW"]["options"])
