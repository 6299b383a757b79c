"""What the pages say is so: commands, exit codes, states, links, and the first five minutes."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from publisher.config import load_config
from publisher.doors.cli.app import app
from publisher.errors import Exit
from publisher.model.issue import DELIVERY, ISSUE, IssueState, State
from tests.sites import Site

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
README, OPERATIONS, DESIGN, SECURITY = (
    (ROOT / name).read_text("utf-8")
    for name in ("README.md", "docs/OPERATIONS.md", "docs/DESIGN.md", "docs/SECURITY.md")
)
_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"\]\((?!https?://)([^)#]*)(?:#([^)]+))?\)")


def fenced(page: str, language: str) -> list[str]:
    return [body for said, body in _FENCED.findall(page) if said == language]


def prose(page: str) -> str:
    return " ".join(_FENCED.sub("", page).split())


def program() -> TyperGroup:
    found = get_command(app)
    assert isinstance(found, TyperGroup)
    return found


def leaves(group: TyperGroup, path: str) -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from leaves(command, f"{path} {name}")
        else:
            yield f"{path} {name}"


COMMANDS = tuple(leaves(program(), "publisher"))


def mentioned(page: str) -> list[str]:
    lines = [line.partition("  #")[0] for _, body in _FENCED.findall(page) for line in body.splitlines()]
    spans = _SPAN.findall(prose(page))
    return [said.strip() for said in (*lines, *spans) if re.match(r"publisher -?-?[a-z]", said.strip())]


def wrong(said: str) -> list[str]:
    """What *said* gets wrong: its command's name, or options that it does not have."""
    words = shlex.split(said)[1:]
    command = program()
    while words and not words[0].startswith("-"):
        found = command.commands.get(words.pop(0))
        if found is None:
            return [said]
        if isinstance(found, TyperCommand):
            return _unknown(words, found)
        assert isinstance(found, TyperGroup)
        command = found
    return _unknown(words, command)


def _unknown(words: Sequence[str], command: TyperCommand | TyperGroup) -> list[str]:
    known = {"--help", *(option for parameter in command.params for option in parameter.opts)}
    return [word for word in words if word.startswith("--") and word not in known]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_its_place(command: str) -> None:
    assert re.search(rf"{command}\b", README + OPERATIONS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text("utf-8")
    assert [(said, faults) for said in mentioned(text) if (faults := wrong(said))] == []


def test_the_readme_names_commands_at_all() -> None:
    assert len(mentioned(README)) > 5


def test_a_command_that_is_not_there_is_found() -> None:
    assert wrong("publisher digset") == ["publisher digset"]
    assert wrong("publisher issues shwo 3") == ["publisher issues shwo 3"]
    assert wrong("publisher digest --dryrun") == ["--dryrun"]


@pytest.mark.parametrize(("command", "said"), [("serve", "[web] port"), ("doctor", "from [mailbox]")])
def test_help_shows_what_stands_in_brackets(tmp_path: Path, command: str, said: str) -> None:
    assert said in Site(tmp_path).run(command, "--help").out


def test_exit_codes_are_those_of_the_program() -> None:
    rows = re.findall(r"^\| (\d+) \| ([A-Z]+) \|", OPERATIONS, re.MULTILINE)
    assert {name: int(code) for code, name in rows} == {one.name: one.value for one in Exit}


def test_every_mail_that_there_is_has_its_line() -> None:
    said = (ROOT / "docs" / "MAIL.md").read_text("utf-8").partition("## The mails there are")[2]
    made = {file.name.removesuffix("-head.txt") for file in (ROOT / "templates" / "mail").glob("*-head.txt")}
    told = set(re.findall(r"`mail/([a-z]+)\.\*`", said))
    assert told == made | {"digest", "post"}


@pytest.mark.parametrize("state", IssueState)
def test_the_life_of_an_issue_is_the_programs(state: IssueState) -> None:
    assert life("an issue is", state) == {(event, after) for (before, event), after in ISSUE.items() if before is state}


@pytest.mark.parametrize("state", State)
def test_the_life_of_a_delivery_is_the_programs(state: State) -> None:
    expected = {(event, after) for (before, event), after in DELIVERY.items() if before is state}
    assert life("a delivery is", state) == expected


def life(heading: str, state: str) -> set[tuple[str, str]]:
    """What may follow, says the row of *state* in the table under *heading*."""
    table = DESIGN[DESIGN.index(f"| {heading} |") :].partition("\n\n")[0]
    row = re.search(rf"^\| `{state}` \|.*$", table, re.MULTILINE)
    assert row
    return set(re.findall(r"`(\w+)` → `(\w+)`", row[0]))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_the_pages_lead_somewhere(page: Path) -> None:
    broken = []
    for file, anchor in _LINK.findall(page.read_text("utf-8")):
        target = (page.parent / file).resolve() if file else page
        there = target.exists() and (not anchor or anchor in anchors(target.read_text("utf-8")))
        broken += [] if there else [f"{file}#{anchor}"]
    assert broken == []


def anchors(page: str) -> set[str]:
    """As GitHub and its kin make them of headings."""
    headings = re.findall(r"^#+ (.+)$", _FENCED.sub("", page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("number", range(len(fenced(README, "toml"))))
def test_settings_in_the_readme_can_be_loaded(number: int, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(fenced(README, "toml")[number], "utf-8")
    assert load_config(file, {}).newsletters


def test_the_first_five_minutes_work_as_written(tmp_path: Path) -> None:
    """Every line of the README from the empty folder to the mail; only the question is answered beforehand."""
    section = README.partition("## A first digest to yourself")[2].partition("\n## ")[0]
    settings = fenced(section, "toml")[0]
    enter, *rest = fenced(section, "sh")
    enter = enter.replace('"$PWD/.venv/bin:$PATH"', f'"{Path(sys.executable).parent}:$PATH"')
    script = [enter, f"cat > config.toml <<'SETTINGS'\n{settings}SETTINGS\n", *rest]
    script = [
        re.sub(r"^publisher digest\b(?! +--)", "publisher digest --yes", part, flags=re.MULTILINE) for part in script
    ]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PUBLISHER_")}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(script)],
        env=environ | {"HOME": str(tmp_path)},
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 of 1 sent" in done.stdout
    assert len(list((tmp_path / "my-blog" / "outbox" / "new").iterdir())) == 2  # the test, and the digest
    assert (tmp_path / "my-blog" / "public" / "categories" / "first.atom").is_file()


def attacks() -> Iterator[tuple[str, list[str]]]:
    """Each row of SECURITY: what was attacked, and the files of the tests that try it."""
    for name, tests in re.findall(r"^\| \*\*(.+?)\*\*.*\|([^|]+)\|$", SECURITY, re.MULTILINE):
        yield name, re.findall(r"`(tests/[^`]+)`", tests)


def test_every_protection_names_tests_that_are_there() -> None:
    found = dict(attacks())
    assert len(found) == SECURITY.count("\n| **") > 20
    assert [name for name, tests in found.items() if not tests] == []
    missing = [
        test
        for tests in found.values()
        for test in tests
        for path, _, name in [test.partition("::")]
        if not (ROOT / path).is_file() or (name and f"def {name}(" not in (ROOT / path).read_text("utf-8"))
    ]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_target_of_make_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE))
    assert named <= targets
