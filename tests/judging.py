"""Programs that are not ours and judge mails and pages: each there, or a reason to skip."""

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.dkimjudges import wait_for_socket
from tests.peers import missing

NODE = Path(__file__).parent / "judges" / "node_modules"
PATIENCE = 60.0  # seconds until a server must be up

# --- SpamAssassin


def spamassassin_says(messages: Sequence[bytes], folder: Path) -> list[tuple[float, set[str]]]:
    """Score and rules of each; nothing on the network is asked (-L)."""
    if shutil.which("spamassassin") is None:
        missing("spamassassin is not here (Debian: spamassassin)")
    box = folder / "box"
    unix = [
        b"From x Thu Nov 26 00:00:00 2026\nX-Judged: %d\n%b\n" % (number, one.replace(b"\r\n", b"\n"))
        for number, one in enumerate(messages)
    ]
    box.write_bytes(b"".join(unix))
    done = subprocess.run(["spamassassin", "-L", "--mbox", str(box)], capture_output=True, check=True)
    status = rb"^X-Spam-Status: \w+, score=(-?[\d.]+)\s.*?\stests=([\w,\s]*?)\s+autolearn.*?^X-Judged: (\d+)"
    found = re.findall(status, done.stdout, re.MULTILINE | re.DOTALL)  # in any order
    assert len(found) == len(messages), "a judge that says nothing judges nothing"
    return [
        (float(score), set(re.split(r"[,\s]+", tests.decode())) - {"", "none"})
        for score, tests, number in sorted(found, key=lambda one: int(one[2]))
    ]


# --- rspamd, all of it, in a network of its own

_RSPAMD = """
.include "/etc/rspamd/common.conf"
options {
  filters = "chartable,dkim,regexp"; pidfile = "HOME/pid"; hs_cache_dir = "HOME"; tempdir = "HOME";
  local_addrs = []; task_timeout = 8s; disable_hyperscan = true;
  dns { nameserver = ["127.0.0.1:1"]; timeout = 0.2s; retransmits = 1; fake_records = [RECORDS]; }
}
logging { type = "file"; filename = "HOME/log"; level = "notice"; }
worker "normal" { bind_socket = "HOME/socket mode=0600"; count = 1; }
"""
Verdict = Mapping[str, Any]


@contextmanager
def rspamd_and_its_dns(records: Sequence[tuple[str, str, str]]) -> Iterator[Callable[[bytes, str], Verdict]]:
    """What it says of a message that came from 192.0.2.10 with that envelope sender: SPF, DKIM and DMARC for real.

    It has the loopback for a network, and *records* (name, type, value) for a DNS.
    """
    if shutil.which("rspamd") is None:
        missing("rspamd is not here (Debian: rspamd)")
    if os.geteuid() != 0 or subprocess.run(["unshare", "-n", "true"], check=False, capture_output=True).returncode:
        pytest.skip("a network of its own for rspamd takes root")
    with tempfile.TemporaryDirectory(prefix="rspamd-", dir="/tmp") as name:  # a socket's path must be short
        home = Path(name)
        fake = ", ".join(f'{{ name = "{at}"; type = {kind}; replies = ["{said}"]; }}' for at, kind, said in records)
        (home / "rspamd.conf").write_text(_RSPAMD.replace("RECORDS", fake).replace("HOME", name))
        command = ["unshare", "-n", "rspamd", "-f", "-i", "-u", "root", "-g", "root", "-c", name + "/rspamd.conf"]
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for_socket(home)
            with httpx.Client(transport=httpx.HTTPTransport(uds=f"{name}/socket"), timeout=PATIENCE) as client:
                yield lambda message, sender: _scanned(client, message, sender)
        finally:
            running.terminate()
            running.wait(PATIENCE)


def _scanned(client: httpx.Client, message: bytes, sender: str) -> Verdict:
    headers = {"IP": "192.0.2.10", "Helo": "mail.example.org", "Hostname": "mail.example.org"}
    headers |= {"From": f"<{sender}>", "Rcpt": "<zoe@example.net>"}
    found: Verdict = client.post("http://rspamd/checkv2", content=message, headers=headers).json()
    return found


# --- HTML

_HTML_VALIDATE = {
    "root": True,
    "extends": ["html-validate:standard", "html-validate:a11y"],
    "rules": {
        # what mail programs need, and documents on the web do not
        "no-inline-style": "off",
        "no-deprecated-attr": "off",
        "no-conditional-comment": "off",
        # matters of taste
        "attr-quotes": "off",
        "void-style": "off",
        "doctype-style": "off",
        "long-title": "off",
        "no-trailing-whitespace": "off",
        # role=article on a div: webmail drops <body>, and <article> is unknown to Outlook
        "prefer-native-element": "off",
    },
}
# What the Nu checker says of documents that is no fault of a mail: attributes for Outlook, and metas for Apple's
_NU_ALLOWED = re.compile(r"obsolete|xmlns:[vo]|mso-|supported-color-schemes", re.IGNORECASE)


def installed(package: str) -> Path:
    """The folder of a judge from the npm registry."""
    if not (NODE / package).is_dir():
        missing(f"{package} is not here; run `npm ci --ignore-scripts` in tests/judges")
    return NODE / package


def html_validate_says(files: Sequence[Path], folder: Path) -> list[str]:
    """File, rule and words of every fault."""
    installed("html-validate")
    if shutil.which("node") is None:
        missing("node is not here (Debian: nodejs)")
    config = folder / "htmlvalidate.json"
    config.write_text(json.dumps(_HTML_VALIDATE))
    command = [
        "node",
        str(NODE / "html-validate/bin/html-validate.mjs"),
        "--config",
        str(config),
        "--formatter",
        "json",
    ]
    done = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1}, done.stderr
    reports = json.loads(done.stdout)
    return [
        f"{Path(report['filePath']).name}:{fault['line']}: {fault['ruleId']}: {fault['message']}"
        for report in reports
        for fault in report["messages"]
        if fault["severity"] == 2
    ]


def nu_says(files: Sequence[Path]) -> list[str]:
    """Every error of the Nu Html Checker, in one run of Java."""
    jar = installed("vnu-jar") / "build/dist/vnu.jar"
    if shutil.which("java") is None:
        missing("java is not here (Debian: default-jre-headless)")
    command = ["java", "-jar", str(jar), "--format", "json", "--exit-zero-always", "--errors-only"]
    done = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, check=True)
    return [
        f"{Path(one['url']).name}:{one.get('lastLine')}: {one['message']}"
        for one in json.loads(done.stderr)["messages"]
        if not _NU_ALLOWED.search(one["message"])
    ]


def axe_script() -> str:
    """axe-core, to be run in a page."""
    return (installed("axe-core") / "axe.min.js").read_text("utf-8")
