"""A Dovecot of our own, on loopback, for as long as a test runs: it takes mail over LMTP and shows it over IMAP."""

import imaplib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.peers import PATIENCE, missing
from tests.postfix import free_port, wait_for

PASSWORD = "secret"  # everybody's
CONFIG = """
protocols = imap lmtp
listen = 127.0.0.1
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
ssl = no
disable_plaintext_auth = no
default_internal_user = dovecot
default_login_user = dovenull
recipient_delimiter = +
auth_username_format = %Ln
mail_location = maildir:{home}/mail/%n
first_valid_uid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/mail/%n allow_all_users=yes
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
"""


@dataclass(frozen=True)
class Dovecot:
    """Every name is a mailbox, whatever the domain."""

    imap: int  # ports
    lmtp: int
    home: Path

    def fetched(self, user: str, count: int) -> list[bytes]:
        """The messages in somebody's inbox over IMAP, as soon as there are so many."""
        with imaplib.IMAP4("127.0.0.1", self.imap, timeout=PATIENCE) as connection:
            connection.login(user, PASSWORD)
            until = time.monotonic() + PATIENCE
            while int(connection.select("INBOX", readonly=True)[1][0] or b"0") < count and time.monotonic() < until:
                time.sleep(0.02)  # others bring the mail, and nobody tells us
            _, parts = connection.fetch("1:*", "(BODY.PEEK[])")
            return [part[1] for part in parts if isinstance(part, tuple)]

    @property
    def log(self) -> str:
        return (self.home / "log").read_text(errors="replace")


@contextmanager
def running_dovecot() -> Iterator[Dovecot]:
    """It touches nothing of the system's own Dovecot."""
    program = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        missing("Dovecot is not installed")
    if not all(Path("/usr/lib/dovecot", name).exists() for name in ("imap", "lmtp")):
        missing("Dovecot has no IMAP or LMTP (Debian: dovecot-imapd, dovecot-lmtpd)")
    if os.geteuid() != 0:
        missing("a Dovecot of our own takes root")
    home = Path(tempfile.mkdtemp(prefix="dovecot-", dir="/tmp"))  # a socket's path must be short
    try:
        home.chmod(0o755)
        nobody = pwd.getpwnam("nobody")
        (home / "mail").mkdir()
        os.chown(home / "mail", nobody.pw_uid, nobody.pw_gid)
        dovecot = Dovecot(free_port(), free_port(), home)
        config = home / "dovecot.conf"
        ports = {"imap": dovecot.imap, "lmtp": dovecot.lmtp}
        config.write_text(CONFIG.format(home=home, password=PASSWORD, uid=nobody.pw_uid, gid=nobody.pw_gid, **ports))
        quiet = subprocess.DEVNULL
        with subprocess.Popen([program, "-F", "-c", config], stdout=quiet, stderr=quiet) as running:
            try:
                for port in ports.values():
                    wait_for(port)
                yield dovecot
            finally:
                running.terminate()
    finally:
        shutil.rmtree(home, ignore_errors=True)
