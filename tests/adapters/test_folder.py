"""Posts on disk, and output that nobody ever sees half of."""

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest

from publisher.adapters.folder import RECORD, OutputFolder, PostsFolder
from publisher.errors import ConfigError, OutputError, PostError

as_somebody = pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")


def lay_out(folder: Path, *paths: str) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(path)


def scanned(folder: Path) -> list[str]:
    return [file.path for file in PostsFolder(folder).scan()]


# --- posts


def test_posts_are_found_in_all_folders_in_order(tmp_path: Path) -> None:
    lay_out(tmp_path, "b.md", "a/z.md", "a/é.markdown", "a.txt", "picture.png", ".hidden/x.md", ".draft.md", "B.MD")
    found = scanned(tmp_path)
    assert found == sorted(found)
    assert {"b.md", "a/z.md", "a/é.markdown"} <= set(found)
    assert not {"picture.png", ".hidden/x.md", ".draft.md"} & set(found)


def test_what_lies_beside_the_page_of_a_folder_is_a_part_of_it_where_its_tool_has_it_so(tmp_path: Path) -> None:
    lay_out(tmp_path, "index.md", "a.md", "b/index.md", "b/part.md", "b/c/deep.md", "d/index.fr.md", "d/e.md", "f/x.md")
    bundles = PostsFolder(tmp_path, bundles=True)
    assert [file.path for file in bundles.scan()] == ["a.md", "b/index.md", "d/index.fr.md", "f/x.md", "index.md"]
    assert bundles.parts() == ["b/c/deep.md", "b/part.md", "d/e.md"]
    assert len(scanned(tmp_path)) == 8
    assert PostsFolder(tmp_path).parts() == []


def test_a_folder_of_posts_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"posts.folder: .* is not a folder; name the one that holds your posts"):
        scanned(tmp_path / "posts")
    lay_out(tmp_path, "posts")
    with pytest.raises(ConfigError, match="is not a folder"):
        scanned(tmp_path / "posts")


def test_links_that_lead_up_or_nowhere_stop_nothing(tmp_path: Path) -> None:
    lay_out(tmp_path, "posts/a.md", "posts/sub/b.md", "elsewhere/c.md")
    (tmp_path / "posts" / "sub" / "up").symlink_to(tmp_path / "posts")
    (tmp_path / "posts" / "self").symlink_to(tmp_path / "posts" / "self")
    (tmp_path / "posts" / "broken.md").symlink_to(tmp_path / "nowhere.md")
    (tmp_path / "posts" / "other").symlink_to(tmp_path / "elsewhere")
    assert scanned(tmp_path / "posts") == ["a.md", "other/c.md", "sub/b.md"]


def test_the_signature_changes_with_the_file(tmp_path: Path) -> None:
    lay_out(tmp_path, "a.md")
    (before,) = PostsFolder(tmp_path).scan()
    assert [before] == list(PostsFolder(tmp_path).scan())
    (tmp_path / "new").write_text("a.md")
    (tmp_path / "new").replace(tmp_path / "a.md")
    (after,) = PostsFolder(tmp_path).scan()
    assert after != before


def test_a_post_that_cannot_be_read_is_a_finding_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a.md").mkdir()
    for path in ("a.md", "gone.md"):
        with pytest.raises(PostError, match=f"{path}: the file cannot be read") as caught:
            PostsFolder(tmp_path).read(path)
        assert caught.value.finding == "unreadable"


# --- output


def test_an_unchanged_file_is_not_touched(tmp_path: Path) -> None:
    output = OutputFolder(tmp_path)
    assert output.write("feeds/feed.atom", b"one")
    before = (tmp_path / "feeds" / "feed.atom").stat()
    assert not output.write("feeds/feed.atom", b"one")
    after = (tmp_path / "feeds" / "feed.atom").stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)
    assert output.write("feeds/feed.atom", b"two")
    assert (tmp_path / "feeds" / "feed.atom").read_bytes() == b"two"


def test_who_reads_meanwhile_has_the_whole_old_file(tmp_path: Path) -> None:
    output = OutputFolder(tmp_path)
    output.write("feed.atom", b"old" * 1000)
    with (tmp_path / "feed.atom").open("rb") as reading:
        output.write("feed.atom", b"new")
        assert reading.read() == b"old" * 1000
    assert [file.name for file in tmp_path.iterdir()] == ["feed.atom"], "nothing is left beside it"


def test_a_file_that_cannot_be_written_is_a_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    lay_out(tmp_path, "feed.atom/x", "file")
    for path in ("feed.atom", "file/below"):
        with pytest.raises(OutputError, match=r"cannot be written: .*; what was there is untouched"):
            OutputFolder(tmp_path).write(path, b"")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["feed.atom", "file"]
    assert (tmp_path / "file").read_text() == "file"


def test_what_is_no_longer_made_goes_and_what_is_not_ours_stays(tmp_path: Path) -> None:
    lay_out(tmp_path, "index.html")
    output = OutputFolder(tmp_path)
    for path in ("feed.atom", "categories/birds.atom"):
        output.write(path, b"")
    assert output.prune(["feed.atom", "categories/birds.atom"]) == []
    assert output.prune(["feed.atom"]) == ["categories/birds.atom"]
    assert output.prune(["feed.atom"]) == []
    found = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}
    assert found == {"index.html", "feed.atom", RECORD}


@pytest.mark.parametrize(
    "record", ["", "{", '{"index.html": 1}', "3", '[1, null, ["x"], {}]', '["../outside", "/etc/outside", ""]']
)
def test_a_record_that_somebody_edited_removes_nothing_else(tmp_path: Path, record: str) -> None:
    lay_out(tmp_path, "outside", "public/index.html")
    (tmp_path / "public" / RECORD).write_text(record)
    assert OutputFolder(tmp_path / "public").prune(["feed.atom"]) == []
    assert (tmp_path / "outside").exists()
    assert (tmp_path / "public" / "index.html").exists()


# --- compressed


SIDES = ("feed.atom.br", "feed.atom.gz")


def compressed(folder: Path) -> list[bytes]:
    return [brotli.decompress((folder / SIDES[0]).read_bytes()), gzip.decompress((folder / SIDES[1]).read_bytes())]


def built(folder: Path, data: bytes = b"<feed/>" * 100) -> OutputFolder:
    """As the last build left it: one feed."""
    output = OutputFolder(folder, compress=True)
    output.write("feed.atom", data)
    output.prune(["feed.atom"])
    return output


def test_H4_the_same_lies_compressed_beside_it_and_is_of_the_same_time(tmp_path: Path) -> None:
    output = built(tmp_path)
    assert compressed(tmp_path) == [b"<feed/>" * 100] * 2
    assert len({(tmp_path / name).stat().st_mtime_ns for name in ("feed.atom", *SIDES)}) == 1
    output.write("feed.atom", b"other")
    assert compressed(tmp_path) == [b"other"] * 2


def test_X7_compressed_files_are_the_same_bytes_at_any_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        built(tmp_path / name)
        os.utime(tmp_path / name / "feed.atom", (1, 1))
    for side in SIDES:
        assert (tmp_path / "one" / side).read_bytes() == (tmp_path / "two" / side).read_bytes()
    assert (tmp_path / "one" / SIDES[1]).read_bytes()[3:8] == bytes(5), "no name, no time"


def test_H1_a_compressed_file_that_says_the_same_is_not_touched(tmp_path: Path) -> None:
    output = built(tmp_path)
    before = [(tmp_path / side).stat().st_ino for side in SIDES]
    assert not output.write("feed.atom", b"<feed/>" * 100)
    assert [(tmp_path / side).stat().st_ino for side in SIDES] == before


DAMAGES: dict[str, Callable[[Path], object]] = {
    "gone": lambda side: side.unlink(),
    "edited": lambda side: side.write_bytes(b"x"),
    "of another time": lambda side: os.utime(side, (1, 1)),
    "of older bytes": lambda side: _keeping_time(side, {".br": brotli.compress, ".gz": gzip.compress}[side.suffix]),
}


def _keeping_time(side: Path, pack: Callable[[bytes], bytes]) -> None:
    then = side.stat().st_mtime_ns
    side.write_bytes(pack(b"old"))
    os.utime(side, ns=(then, then))


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_compressed_file_that_somebody_changed_is_noticed_and_made_anew(
    tmp_path: Path, side: str, damage: Callable[[Path], object]
) -> None:
    output = built(tmp_path)
    before = output.signatures(["feed.atom"])
    damage(tmp_path / side)
    assert output.signatures(["feed.atom"]) != before
    assert not output.write("feed.atom", b"<feed/>" * 100), "the feed itself is as it was"
    assert compressed(tmp_path) == [b"<feed/>" * 100] * 2


def test_compressed_files_go_with_the_feed_and_are_not_spoken_of(tmp_path: Path) -> None:
    output = built(tmp_path)
    assert output.prune([]) == ["feed.atom"]
    assert [file.name for file in tmp_path.iterdir()] == [RECORD]


def test_compressed_files_go_when_they_are_no_longer_wanted_and_somebody_else_s_stay(tmp_path: Path) -> None:
    built(tmp_path)
    lay_out(tmp_path, "index.html.gz")
    assert OutputFolder(tmp_path).prune(["feed.atom"]) == []
    assert sorted(file.name for file in tmp_path.iterdir()) == [RECORD, "feed.atom", "index.html.gz"]


def test_what_only_the_host_reads_is_not_compressed(tmp_path: Path) -> None:
    output = OutputFolder(tmp_path, compress=True)
    output.write("_redirects", b"/a /b 301")
    assert [file.name for file in tmp_path.iterdir()] == ["_redirects"]


@as_somebody
def test_a_folder_without_permission_is_a_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="Permission denied"):
        OutputFolder(tmp_path).write("feed.atom", b"")
    tmp_path.chmod(0o700)
