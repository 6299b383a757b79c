"""T2, T3: what a real author did to a blog, in a day: nobody gets mail, no id changes, and every step is told.

486 posts were deleted in one commit, 637 added six minutes later, 151 of them doubles under other names; 150 doubles
were deleted three days later; another day one commit touched 40 old posts for typos.
"""

import subprocess
from pathlib import Path

import feedparser
import pytest

from tests.sites import Site, make_site

POSTS = 486
DOUBLES = 151


def git(folder: Path, *words: str) -> None:
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


def commit(site: Site, what: str) -> None:
    git(site.folder / "posts", "add", "--all")
    git(site.folder / "posts", "commit", "-qm", what, "--allow-empty")


def a_name(number: int) -> str:
    return f"{2005 + number // 40}-{number % 12 + 1:02}-{number % 28 + 1:02}-post-{number}.md"


def a_text(number: int, mark: str = "") -> str:
    words = f"Words of post {number}, long enough to tell it from all others. " * 5
    return f"---\ntitle: Post {number}\n---\n{words}{mark}\n"


def ids(site: Site) -> dict[str, str]:
    """What readers have: title -> id, of the whole blog."""
    feed = feedparser.parse((site.folder / "public" / "feed.atom").read_bytes())
    return {entry.title: entry.id for entry in feed.entries}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    posts = {a_name(number): a_text(number) for number in range(POSTS)}
    made = make_site(
        tmp_path,
        posts=posts,
        readers=["ada@example.net"],
        announce="",
        config="[feeds]\nlimit = 1000\nmax_bytes = 9000000\n",
    )
    git(made.folder / "posts", "init", "-q")
    commit(made, "ten years")
    assert made.run("tick").code == 0
    return made


def test_a_day_in_the_life_of_a_blog(site: Site) -> None:
    before = ids(site)
    assert len(before) == POSTS

    for file in (site.folder / "posts").glob("*.md"):
        file.unlink()
    commit(site, "all gone")
    ran = site.run("tick")
    assert ran.code == 20
    assert ran.line(f"held: {POSTS} removed at once", "publisher build --accept removed")
    assert ids(site) == before

    for number in range(POSTS):
        site.post(a_name(number), a_text(number))
    for number in range(DOUBLES):
        site.post(f"copy/{a_name(number)}", a_text(number))
    commit(site, "back, with doubles")
    ran = site.run("tick")
    assert ran.code == 20
    assert "held:" not in ran.said
    assert "duplicate-url" in ran.said
    assert ids(site) == before

    for number in range(DOUBLES - 1):
        (site.folder / "posts" / "copy" / a_name(number)).unlink()
    commit(site, "doubles gone")
    assert site.run("tick").line(f"copy/{a_name(DOUBLES - 1)}", "duplicate-url")
    (site.folder / "posts" / "copy" / a_name(DOUBLES - 1)).unlink()

    for number in range(40):
        site.post(a_name(number), a_text(number, "And a typo less."))
    commit(site, "typos")
    ran = site.run("tick")
    assert ran.code == 0
    assert ran.line("40 edited")
    assert ids(site) == before
    assert not (site.folder / "outbox").exists()


def test_a_removal_that_was_meant_and_taken_back_keeps_every_id(site: Site) -> None:
    before = ids(site)
    for file in (site.folder / "posts").glob("*.md"):
        file.unlink()
    commit(site, "all gone")
    assert site.run("build", "--accept", "removed").line(f"{POSTS} removed")
    assert ids(site) == {}
    git(site.folder / "posts", "revert", "--no-edit", "HEAD")
    ran = site.run("tick")
    assert ran.code == 0
    assert ran.line(f"{POSTS} restored")
    assert ids(site) == before
    assert not (site.folder / "outbox").exists()


def test_forty_posts_touched_are_held_where_words_make_an_update(site: Site) -> None:
    settings = site.read("config.toml")
    site.write("config.toml", settings + '[posts]\nupdates = "content"\n')
    for number in range(40):
        site.post(a_name(number), a_text(number, "And words that were not there."))
    ran = site.run("tick")
    assert ran.code == 20
    assert ran.line("held: 40 updated at once", "publisher build --accept updated")
    assert not (site.folder / "outbox").exists()
    site.post(a_name(50), a_text(50, "One that is meant."))
    assert site.run("tick").line("1 updated")
    updated = feedparser.parse((site.folder / "public" / "feed.atom").read_bytes()).entries
    assert [entry.title for entry in updated if entry.updated_parsed != entry.published_parsed][:1]
