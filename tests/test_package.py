"""What is installed is whole: the wheel has its templates and migrations, the locks their hashes."""

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from publisher import __version__

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock")
CONFIG = """
[site]
title = "T"
url = "https://blog.example.org/"

[newsletters.main]
title = "T"
from = "T <news@example.org>"
frequencies = { weekly = "mondays 09:00" }
"""


def run(command: Sequence[str | Path], cwd: Path, **environ: str) -> str:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PUBLISHER_")}
    done = subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=cwd,
        env=inherited | environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(["-m", "hatchling", "build", "-t", "wheel", "-d", folder], ROOT)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    run(["-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--target", folder, wheel], folder)
    return folder


def test_the_wheel_has_all_that_the_program_reads_and_nothing_else(wheel: Path) -> None:
    assert wheel.name == f"feed_publisher-{__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    code = [path for path in (ROOT / "publisher").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    templates = [path for path in (ROOT / "templates").rglob("*") if path.is_file()]
    expected = {path.relative_to(ROOT).as_posix() for path in code}
    expected |= {f"publisher/{path.relative_to(ROOT).as_posix()}" for path in templates}
    assert expected <= names
    others = {name for name in names - expected if not name.startswith(f"feed_publisher-{__version__}.dist-info/")}
    assert others == set()
    assert f"feed_publisher-{__version__}.dist-info/licenses/LICENSE" in names


def test_an_installed_program_finds_its_own_templates(installed: Path, tmp_path: Path) -> None:
    script = """
import publisher
from publisher.adapters.templates import environment, our_templates

templates = environment(None)
for name in templates.list_templates(extensions=["html", "txt"]):
    templates.get_template(name)
print(publisher.__file__, our_templates(), sep="\\n")
"""
    said = run(["-c", script], tmp_path, PYTHONPATH=str(installed)).splitlines()
    assert said == [str(installed / "publisher" / "__init__.py"), str(installed / "publisher" / "templates")]


def test_an_installed_program_makes_its_database_and_sends(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "hello.md").write_text("---\ntitle: Hello\ndate: 2024-05-01\n---\nHello.\n", "utf-8")
    (tmp_path / "config.toml").write_text(CONFIG, "utf-8")
    publisher = ["-m", "publisher"]
    run([*publisher, "subscribers", "add", "me@example.org", "--confirmed"], tmp_path, PYTHONPATH=str(installed))
    run([*publisher, "send", "posts/hello.md", "--yes"], tmp_path, PYTHONPATH=str(installed))
    (mail,) = (tmp_path / "outbox" / "new").iterdir()
    assert "Subject: Hello\n" in mail.read_text("utf-8")


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_locked_by_hash_and_names_no_registry(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    assert "://" not in text
    assert "/opt" not in text
    assert not re.search(r"^\s*-", re.sub(r"^ +--hash=.*$", "", text, flags=re.MULTILINE), re.MULTILINE)  # no -i, no -f
    requirements = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE | re.IGNORECASE)[1:]
    assert len(requirements) > 40
    for requirement in requirements:
        assert re.match(r"[A-Za-z0-9._-]+==[\w.]+[ ;]", requirement), requirement
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", requirement), requirement


def test_the_development_lock_agrees_with_the_other() -> None:
    pins = [
        set(re.findall(r"^([a-z0-9._-]+==[\w.]+)", (ROOT / lock).read_text("utf-8"), re.MULTILINE)) for lock in LOCKS
    ]
    assert pins[0] <= pins[1]
