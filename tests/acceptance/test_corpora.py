"""A19: real blogs move in and are built, and the judge finds no error in any of their feeds."""

import json
import shutil
from pathlib import Path

import pytest

from publisher.config import load_config
from tests.feeds.judges import read_by_feedparser
from tests.posts.make import SHARED
from tests.sites import run_program

EVERYTHING = 'tags = true\nauthors = true\nlanguages = true\nhubs = ["https://hub.example.org/"]\n'
BLOGS = {"redox": EVERYTHING, "letsencrypt": EVERYTHING, "18f": "limit = 100\n"}


@pytest.mark.parametrize("name", BLOGS)
def test_the_feeds_of_a_real_blog_have_no_error(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blog = SHARED / "corpora" / name
    if not blog.is_dir():
        pytest.skip("the real blogs are not here")
    shutil.copytree(blog, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    assert run_program("init", "--url", "https://blog.example.org/", "--title", "A blog").code == 0
    settings = next(path for path in (tmp_path / "publisher.toml", tmp_path / "config.toml") if path.exists())
    text = settings.read_text("utf-8")
    heading = "\n[feeds]\n"  # there already where the blog had a feed at another place
    text = text if heading in text else text + heading
    settings.write_text(text.replace(heading, heading + BLOGS[name]), "utf-8")
    built = run_program("build")
    assert built.line("Feeds: ", "written")
    ran = run_program("check", "feeds", "--json")
    found = [one for one in json.loads(ran.out) if one["severity"] == "error"]
    assert (ran.code, found[:10]) == (0, [])
    feeds = load_config(settings, {}).output.folder
    for feed in ("feed.atom", "feed.rss"):
        assert read_by_feedparser((feeds / feed).read_bytes()).entries, "C9"
