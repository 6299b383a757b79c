"""`publisher tick --install`: what it prints is what systemd, launchd and cron read, whatever the folder is called."""

import plistlib
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from publisher.doors.cli.install import Job, program, units
from publisher.errors import ConfigError
from tests.peers import missing
from tests.sites import Site, make_site

ODD = 'my 100% "blog" $HOME it\'s'


@pytest.fixture
def site(tmp_path: Path) -> Site:
    (tmp_path / ODD).mkdir()
    return make_site(tmp_path / ODD)


def tick_of(site: Site) -> list[str]:
    """The words that must come out again, whatever the quoting."""
    return [sys.executable, "-P", "-m", "publisher", "--config", str(site.folder / "config.toml"), "tick"]


def printed(site: Site, kind: str) -> str:
    ran = site.run("tick", "--install", kind)
    assert ran.code == 0, ran.said
    return ran.out


def files(text: str) -> dict[str, str]:
    """The two units of systemd, by name."""
    parts = re.split(r"^# ---- (\S+)\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_printing_does_nothing_else(site: Site) -> None:
    before = site.files()
    for kind in ("systemd", "launchd", "cron"):
        printed(site, kind)
    assert site.files() == before


def test_systemd_finds_nothing_to_complain_of(site: Site, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        missing("no systemd-analyze")
    for name, text in files(printed(site, "systemd")).items():
        (tmp_path / name).write_text(text)
    paths = [str(tmp_path / name) for name in ("publisher.service", "publisher.timer")]
    done = subprocess.run(["systemd-analyze", "verify", *paths], capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if str(tmp_path) in line or "publisher." in line]
    assert (done.returncode, ours) == (0, []), done.stderr


def test_systemd_starts_the_words_that_were_meant(site: Site) -> None:
    service = files(printed(site, "systemd"))["publisher.service"]
    line = re.search(r"^ExecStart=(.*)$", service, re.MULTILINE)
    assert line
    words = [word.replace("%%", "%").replace("$$", "$") for word in shlex.split(line[1])]
    assert words == tick_of(site)
    assert f"WorkingDirectory={str(site.folder).replace('%', '%%')}\n" in service


def test_launchd_starts_the_words_that_were_meant(site: Site) -> None:
    agent = plistlib.loads(printed(site, "launchd").encode())
    assert agent["ProgramArguments"] == tick_of(site)
    assert agent["WorkingDirectory"] == str(site.folder)
    assert agent["StartInterval"] == 300


def test_the_line_of_cron_ticks(site: Site) -> None:
    """As cron does it: five fields, the rest up to the first bare % to a shell, a \\% is a %."""
    *comments, line = printed(site, "cron").splitlines()
    assert all(comment.startswith("#") for comment in comments)
    *fields, command = line.split(" ", 5)
    assert fields == ["*/5", "*", "*", "*", "*"]
    assert not re.search(r"(?<!\\)%", command)
    command = command.replace("\\%", "%").replace(" -P -m publisher", " -m publisher")  # this tree, not the installed
    done = subprocess.run(["/bin/sh", "-c", command], cwd="/", capture_output=True, text=True, check=False)
    log = site.read("publisher.log")
    assert done.returncode == 0, log + done.stderr
    assert "written" in log
    assert "Frost" in site.read("public/feed.atom")


def test_a_program_with_a_name_is_started_by_it_links_and_all(tmp_path: Path) -> None:
    real = tmp_path / "venv" / "publisher"
    real.parent.mkdir()
    real.touch()
    link = tmp_path / "bin" / "publisher"
    link.parent.mkdir()
    link.symlink_to(real)
    assert program(f"{tmp_path}/bin/../bin/publisher") == (str(link),)
    assert program("/x/publisher/__main__.py")[0] == sys.executable


def test_a_path_of_two_lines_is_refused() -> None:
    with pytest.raises(ConfigError, match="control character"):
        Job(command=("/bin/publisher", "--config", "/srv/a\nb/config.toml", "tick"), folder="/srv", user="ada")


def test_another_kind_is_refused(site: Site) -> None:
    ran = site.run("tick", "--install", "upstart")
    assert ran.code == 2
    assert ran.line("--install upstart", "systemd, launchd, cron")
    with pytest.raises(ConfigError):
        units("", Job(command=("/bin/publisher",), folder="/", user="ada"))


def test_settings_with_a_mistake_are_told_now(site: Site) -> None:
    site.write("config.toml", "[site]\ntitel = 1\n")
    assert site.run("tick", "--install", "cron").code == 2


def test_what_only_this_shell_knows_is_named_and_not_shown(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLISHER_SMTP_PASSWORD", "hush")
    ran = site.run("tick", "--install", "cron")
    assert "PUBLISHER_SMTP_PASSWORD: set in this shell" in ran.err
    assert "hush" not in ran.said
