"""What is remembered of the last round."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from publisher.adapters.lastround import LastRound, keep, last

ONE = LastRound(
    at=datetime(2026, 11, 23, 9, tzinfo=UTC), seconds=1.5, problems=["no folder: “posts”"], unreachable="down"
)


def test_it_comes_back_as_it_was(tmp_path: Path) -> None:
    keep(tmp_path / "publisher.db.round", ONE)
    assert last(tmp_path / "publisher.db.round") == ONE
    assert [path.name for path in tmp_path.iterdir()] == ["publisher.db.round"]


def test_where_there_is_no_place_nothing_is_kept() -> None:
    keep(None, ONE)
    assert last(None) is None


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"at": "yesterday"}', '{"at": 3}', "\0", '{"at": "2026-11-23T09:00:00", "seconds": 1, "problems": [], "unreachable": ""}'])  # fmt: skip  # noqa: E501
def test_a_file_that_is_none_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "round").write_text(text)
    assert last(tmp_path / "round") is None
    assert last(tmp_path / "not there") is None


def test_a_folder_that_is_not_there_is_no_reason_to_fail(tmp_path: Path) -> None:
    keep(tmp_path / "gone" / "round", ONE)
    assert list(tmp_path.iterdir()) == []
