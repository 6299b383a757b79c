"""Two checkers of HTML, html-validate and the Nu Html Checker (vnu), and axe-core: one run for many documents."""

import json
import shutil
import subprocess
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.peers import PATIENCE, missing

FROM_NPM = Path(__file__).parent / "node_modules"
PRESETS = ["html-validate:standard", "html-validate:a11y"]
# ARIA 1.2 5.2.8.6: a list may have a name; the preset wants names only on what can be pressed, and landmarks
RULES = {"aria-label-misuse": ["error", {"allowAnyNamable": True}]}
AXE = """options => axe.run(document, options).then(found => found.violations.flatMap(one =>
  one.nodes.map(node => `${one.id} (${one.impact}): ${node.target} ${node.any.map(check => check.message)}`)))"""


def html_validate(documents: Mapping[str, str], folder: Path, *, without: Collection[str] = ()) -> dict[str, list[str]]:
    """What it says of each document; *without* are rules that do not apply."""
    rules = RULES | dict.fromkeys(without, "off")
    config = folder / "html-validate.json"
    config.write_text(json.dumps({"root": True, "extends": PRESETS, "rules": rules}))
    program = _from_npm("html-validate/bin/html-validate.mjs")
    command = [_program("node", "nodejs"), str(program), f"--config={config}", "--formatter=json"]
    files = _written(documents, folder)
    said: dict[str, list[str]] = {name: [] for name in documents}
    for one in json.loads(_output(command, folder, files, codes=(0, 1))):
        lines = [f"line {found['line']}: {found['message']} ({found['ruleId']})" for found in one["messages"]]
        said[files[Path(one["filePath"]).name]] = lines
    return said


def vnu(documents: Mapping[str, str], folder: Path) -> dict[str, list[str]]:
    """What it says of each document."""
    command = [_program("java", "default-jre-headless"), "-jar", str(_from_npm("vnu-jar/build/dist/vnu.jar"))]
    files = _written(documents, folder)
    said: dict[str, list[str]] = {name: [] for name in documents}
    output = _output([*command, "--format", "json", "--exit-zero-always", "--stdout"], folder, files)
    for one in json.loads(output)["messages"]:
        said[files[Path(one["url"]).name]].append(f"line {one.get('lastLine')}: {one['message']}")
    return said


def axe(page: Page, **options: Any) -> list[str]:
    """What it says of the page as it is shown now; the options are those of `axe.run`."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe())
    found: list[str] = page.evaluate(AXE, options)
    return found


@cache
def _axe() -> str:
    return _from_npm("axe-core/axe.min.js").read_text("utf-8")


def _from_npm(path: str) -> Path:
    if not (FROM_NPM / path).is_file():
        missing(f"{path.partition('/')[0]} is not here: run `npm ci --ignore-scripts` in tests/judges")
    return FROM_NPM / path


def _program(name: str, package: str) -> str:
    found = shutil.which(name)
    if found is None:
        missing(f"{name} is not here (Debian: {package})")
    return found


def _written(documents: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The names of files, and whose they are."""
    files = {f"{number}.html": name for number, name in enumerate(documents)}
    for file, name in files.items():
        (folder / file).write_text(documents[name], "utf-8")
    return files


def _output(command: Sequence[str], folder: Path, files: Collection[str], codes: Collection[int] = (0,)) -> str:
    done = subprocess.run([*command, *files], cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode in codes, done.stderr
    return done.stdout
