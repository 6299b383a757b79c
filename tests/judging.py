"""Programs that are not ours and judge HTML: each there, or a reason to skip."""

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.peers import missing

NODE = Path(__file__).parent / "judges" / "node_modules"

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
        # a list may have a name (ARIA 1.2, 5.2.8.4); by default only what can be pressed, and landmarks
        "aria-label-misuse": ["error", {"allowAnyNamable": True}],
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
