"""A Dovecot of our own: IMAP, and LMTP where mail comes in, on the loopback; in a folder that goes with it."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.peers import missing
from tests.postfix import PATIENCE, free_port, wait_for

PASSWORD = "secret"

_CONFIG = """
protocols = imap lmtp
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/dovecot.log
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{home}/mail/%n
mail_uid = nobody
mail_gid = nogroup
first_valid_uid = 1
first_valid_gid = 1
default_internal_user = nobody
default_internal_group = nogroup
default_login_user = nobody
recipient_delimiter = +
lmtp_save_to_detail_mailbox = no
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={home}/mail/%n allow_all_users=yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass(frozen=True)
class Dovecot:
    """Every user is there, with PASSWORD. What comes by LMTP to ann@ANYTHING is in the INBOX of `ann`."""

    imap: int
    lmtp: int
    home: Path

    def await_mails(self, user: str, count: int) -> None:
        """Until so many are there."""
        until = time.monotonic() + PATIENCE
        while len([*self.home.glob(f"mail/{user}/new/*")]) < count:
            assert time.monotonic() < until, "a mail did not come"
            time.sleep(0.02)  # other programs work: there is nothing to wait on but their files


@contextmanager
def running_dovecot() -> Iterator[Dovecot]:
    """It touches nothing of the system's own Dovecot."""
    program = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        missing("Dovecot is not installed")
    if os.geteuid() != 0:
        missing("a Dovecot of our own takes root")
    home = Path(tempfile.mkdtemp(prefix="publisher-dovecot-"))
    home.chmod(0o755)
    (home / "mail").mkdir()
    shutil.chown(home / "mail", "nobody", "nogroup")
    imap, lmtp = free_port(), free_port()
    config = home / "dovecot.conf"
    config.write_text(_CONFIG.format(home=home, imap=imap, lmtp=lmtp, password=PASSWORD))
    process = subprocess.Popen([program, "-F", "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for port in (imap, lmtp):
            wait_for(port)
        yield Dovecot(imap, lmtp, home)
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(home, ignore_errors=True)
