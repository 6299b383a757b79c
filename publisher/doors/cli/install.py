"""Program, settings -> what makes systemd, launchd or cron tick."""

import getpass
import os
import plistlib
import re
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from publisher.errors import ConfigError

MINUTES = 5  # between two ticks: a digest at 09:00 leaves by 09:05, and a tick without work takes a second
_LABEL = "org.publisher.tick"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is to be started, all of it absolute: no timer knows where it was written."""

    command: tuple[str, ...]
    folder: str
    user: str

    def __post_init__(self) -> None:
        for part in (*self.command, self.folder):
            if _CONTROL.search(part):
                raise ConfigError(f"{part!r} has a control character in it, which no timer can be told; rename it")


def job(settings: str) -> Job:
    """A tick of this program with these settings, as this user. Raises ConfigError."""
    path = Path(settings).absolute()
    command = (*program(sys.argv[0]), "--config", str(path), "tick")
    return Job(command=command, folder=str(path.parent), user=getpass.getuser())


def program(started: str) -> tuple[str, ...]:
    """How to start this program from anywhere: by its own name; by Python's, where it was started so.

    Links are left as they are: a virtual environment is known by the name of its Python.
    """
    if Path(started).name == "publisher" and Path(started).is_file():
        return (os.path.abspath(started),)  # noqa: PTH100  # `..` goes, and links stay
    return sys.executable, "-P", "-m", "publisher"  # -P: a blog's own `email.py` is none of Python's


def units(kind: str, what: Job) -> str:
    """The text for one of KINDS. Raises ConfigError for any other."""
    if kind not in KINDS:
        raise ConfigError(f"--install {kind}: write {', '.join(KINDS)}")
    return KINDS[kind](what)


def _systemd(what: Job) -> str:
    command = " ".join([_quoted(what.command[0], "%"), *(_quoted(part, "%$") for part in what.command[1:])])
    return f"""\
# Two files. Save the first as /etc/systemd/system/publisher.service, the second as
# /etc/systemd/system/publisher.timer, then:
#   systemctl daemon-reload && systemctl enable --now publisher.timer
# When it ticks next: systemctl list-timers publisher.timer; what it said: journalctl -u publisher

# ---- publisher.service
[Unit]
Description=Publisher: one round of everything that is due
After=network-online.target
Wants=network-online.target

[Service]
Type=oneshot
User={what.user}
WorkingDirectory={what.folder.replace("%", "%%")}
ExecStart={command}
# mode 0600, with PUBLISHER_SMTP_PASSWORD=… in it, unless smtp.password_file names a file
EnvironmentFile=-/etc/publisher.env
# longer than delivery.drain_timeout: answers on their way are worth waiting for
TimeoutStopSec=90
NoNewPrivileges=yes

# ---- publisher.timer
[Unit]
Description=Publisher: a tick every {MINUTES} minutes

[Timer]
OnCalendar=*:0/{MINUTES}
# after a night switched off: at once
Persistent=true

[Install]
WantedBy=timers.target
"""


def _quoted(text: str, special: str) -> str:
    """A word of ExecStart (systemd.service(5), "Command lines"): %% and $$ stand for themselves."""
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    for sign in special:
        text = text.replace(sign, sign * 2)
    return f'"{text}"'


def _launchd(what: Job) -> str:
    log = str(Path(what.folder, "publisher.log"))
    agent = {
        "Label": _LABEL,
        "ProgramArguments": list(what.command),
        "WorkingDirectory": what.folder,
        "StartInterval": MINUTES * 60,  # one that is still at work is not started again
        "RunAtLoad": True,
        "ExitTimeOut": 90,  # as TimeoutStopSec above
        "StandardOutPath": log,
        "StandardErrorPath": log,
    }
    text = plistlib.dumps(agent, sort_keys=False).decode()
    comment = f"""\
<!-- Save it as ~/Library/LaunchAgents/{_LABEL}.plist, then:
       launchctl bootstrap gui/$(id -u) ~/Library/LaunchAgents/{_LABEL}.plist
     launchd knows nothing of a shell's variables: the password belongs into the file that smtp.password_file names.
     What it said is in publisher.log, beside the settings. -->
"""
    return text.replace("<plist ", f"{comment}<plist ", 1)


def _cron(what: Job) -> str:
    command = " ".join(shlex.quote(part) for part in what.command)
    log = shlex.quote(str(Path(what.folder, "publisher.log")))
    # crontab(5): the first % that has no backslash ends the command, whatever quotes it stands in
    line = f"cd {shlex.quote(what.folder)} && {command} >> {log} 2>&1".replace("%", "\\%")
    return f"""\
# Add these lines with: crontab -e
# cron knows nothing of a shell's variables: the password belongs into the file that smtp.password_file names.
*/{MINUTES} * * * * {line}
"""


KINDS: Mapping[str, Callable[[Job], str]] = {"systemd": _systemd, "launchd": _launchd, "cron": _cron}
"""Who ticks -> the text that it wants."""


def left_behind(environ: Mapping[str, str]) -> Sequence[str]:
    """Settings that are only in this shell, which the timer will not have: their names, never what they say."""
    return sorted(name for name in environ if name.startswith("PUBLISHER_") and name != "PUBLISHER_CONFIG")
