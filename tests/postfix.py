"""A Postfix of our own, on loopback, for as long as a test runs; and smtp-sink, its bad servers."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.peers import missing

PATIENCE = 20.0  # seconds until a server must be up, or a message filed
MAIN = """
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
maillog_file = {home}/mail.log
maillog_file_prefixes = {home}
mail_owner = postfix
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
myhostname = mx.example.test
mydestination =
smtputf8_enable = yes
biff = no
local_recipient_maps =
virtual_mailbox_domains = example.net
virtual_mailbox_base = {home}/mail
virtual_mailbox_maps = regexp:{home}/etc/mailboxes
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
transport_maps = regexp:{home}/etc/transport
virtual_alias_maps = regexp:{home}/etc/aliases
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_relay_restrictions = permit_mynetworks, reject
default_transport = error:no mail leaves this test
relay_transport = error:no mail leaves this test
default_process_limit = 10
{more}
"""
MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
tlsmgr unix - - n 1000? 1 tlsmgr
discard unix - - n - - discard
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True)
class Postfix:
    """`nobody@example.net` is unknown, `slow@example.net` put off; `gone` and `full` are taken, and come back.

    All others are filed.
    """

    port: int
    home: Path

    def filed(self, mailbox: str, count: int) -> list[bytes]:
        """The mails of a mailbox, as soon as there are so many."""
        until = time.monotonic() + PATIENCE
        while len(files := sorted(self.home.glob(f"mail/{mailbox}/new/*"))) < count and time.monotonic() < until:
            time.sleep(0.02)  # another program works: there is nothing to wait on but its files
        return [file.read_bytes() for file in files]

    @property
    def log(self) -> str:
        return (self.home / "mail.log").read_text(errors="replace")


@contextmanager
def running_postfix(*, lmtp: int | None = None, tls: tuple[Path, Path] | None = None) -> Iterator[Postfix]:
    """It touches nothing of the system's own Postfix. `lmtp`: a port that gets what else would be filed, and
    what comes back to news+ANYTHING@example.org.

    `tls`: certificate and key; then it takes mail over STARTTLS only.
    """
    program = shutil.which("postfix", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        missing("Postfix is not installed")
    if os.geteuid() != 0:
        missing("a Postfix of our own takes root")
    home = Path(tempfile.mkdtemp(prefix="publisher-postfix-"))
    home.chmod(0o755)
    try:
        port = free_port()
        more = [] if lmtp is None else [f"virtual_transport = lmtp:inet:127.0.0.1:{lmtp}"]
        if tls is not None:
            more += [f"smtpd_tls_cert_file = {tls[0]}", f"smtpd_tls_key_file = {tls[1]}"]
            more += [
                "smtpd_tls_security_level = encrypt",
                "smtpd_tls_loglevel = 1",
                "tls_random_source = dev:/dev/urandom",
            ]
        _write(home, port, "\n".join(more), lmtp)
        config = str(home / "etc")
        started = subprocess.run([program, "-c", config, "start"], capture_output=True, text=True, check=False)
        if started.returncode:
            missing(f"Postfix does not start: {started.stderr[-300:]}")
        try:
            wait_for(port)
            yield Postfix(port, home)
        finally:
            subprocess.run([program, "-c", config, "stop"], capture_output=True, check=False)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _write(home: Path, port: int, more: str, lmtp: int | None) -> None:
    owner = pwd.getpwnam("postfix")
    nobody = pwd.getpwnam("nobody")
    for name in ("etc", "queue", "data", "mail"):
        (home / name).mkdir()
    os.chown(home / "data", owner.pw_uid, owner.pw_gid)
    os.chown(home / "mail", nobody.pw_uid, nobody.pw_gid)
    etc = home / "etc"
    (etc / "main.cf").write_text(MAIN.format(home=home, uid=nobody.pw_uid, gid=nobody.pw_gid, more=more))
    (etc / "master.cf").write_text(MASTER.format(port=port))
    (etc / "mailboxes").write_text(
        "".join(
            f"/^{name}@example\\.net$/ {name}/\n"
            for name in ("ann", "bob", "cid", "dots", "jürgen", "signed", "signiert-ü", "slow")
        )
    )
    transports = ["/^slow@/ retry:4.2.1 come back later", "/^gone@dead/ error:5.1.1 there is no such user"]
    transports += ["/^full@dead/ error:5.2.2 the mailbox is full"]
    transports += [f"/^news\\+.*@example\\.org$/ lmtp:inet:127.0.0.1:{lmtp}"] if lmtp is not None else []
    # an alias is taken, and what it stands for is looked at later: so it comes back
    (etc / "aliases").write_text(
        "".join(f"/^{name}@example\\.net$/ {name}@dead.example\n" for name in ("gone", "full"))
    )
    (etc / "transport").write_text("".join(f"{line}\n" for line in transports))


@contextmanager
def running_sink(*flags: str) -> Iterator[int]:
    """The port of an smtp-sink that behaves as *flags* say (its manual page)."""
    program = shutil.which("smtp-sink", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        missing("smtp-sink (of Postfix) is not installed")
    port = free_port()
    user = ("-u", "nobody") if os.geteuid() == 0 else ()
    process = subprocess.Popen(
        [program, *user, *flags, f"127.0.0.1:{port}", "100"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def wait_for(port: int) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > until:
                missing(f"nothing listens on port {port} after {PATIENCE:.0f} seconds")
            time.sleep(0.02)
        else:
            return
