"""A12: the length of a file is known from the disk, wherever its generator keeps it."""

from pathlib import Path

import pytest

from publisher.adapters.sitefiles import SiteFiles

SITE = "https://blog.example/b/"


@pytest.fixture
def files(tmp_path: Path) -> SiteFiles:
    site = tmp_path / "site"
    for name in ("content/posts/2024/a.mp3", "static/b.mp3", "out/c c.mp3", "d.mp3", "../e.mp3"):
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * len(name))
    return SiteFiles(SITE, posts=site / "content" / "posts", served=site / "out")


@pytest.mark.parametrize(
    ("address", "length"),
    [
        ("2024/a.mp3", 24),
        ("b.mp3?x=1", 12),
        ("c%20c.mp3", 11),
        ("d.mp3", 5),
        ("../e.mp3", None),
        ("%2e%2e/e.mp3", None),
        ("no.mp3", None),
        ("", None),
        ("%00", None),
    ],
)
def test_A12_a_file_is_found_by_its_address(files: SiteFiles, address: str, length: int | None) -> None:
    assert files.length(SITE + address) == length


def test_A12_what_is_elsewhere_is_not_looked_for(files: SiteFiles) -> None:
    assert files.length("https://cdn.example/b.mp3") is None
