"""docs/FINDINGS.md and the table in the code say the same; every finding of the code is in the table."""

import re
from pathlib import Path

import pytest

from publisher.posts.findings import FINDINGS, found

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "FINDINGS.md").read_text("utf-8")
CODE = "\n".join(file.read_text("utf-8") for file in sorted((ROOT / "publisher").rglob("*.py")))


@pytest.mark.parametrize("finding", FINDINGS)
def test_every_finding_is_documented_and_used(finding: str) -> None:
    section = re.search(rf"^### `{finding}` \((\w+)\)\n\n(.*?)(?=^#|\Z)", DOCS, re.MULTILINE | re.DOTALL)
    assert section, finding
    meaning = FINDINGS[finding]
    assert section[1] == meaning.severity
    assert " ".join(section[2].split()).startswith(f"{meaning.meaning} {meaning.mend}")
    assert CODE.count(f'"{finding}"') > 1, "in the table and where it is found"


def test_nothing_else_is_documented() -> None:
    assert set(re.findall(r"^### `([a-z0-9-]+)`", DOCS, re.MULTILINE)) == set(FINDINGS)


def test_an_unknown_finding_is_a_bug() -> None:
    with pytest.raises(KeyError):
        found("no-such-thing", "x.md", "x")
