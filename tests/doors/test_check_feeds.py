"""`publisher check feeds`: what was built, as readers will find it, and the post behind each fault."""

import json
from pathlib import Path

from tests.sites import Site, a_post, make_site

POST = "2024-05-02-frost.md"


def built(folder: Path) -> Site:
    site = make_site(
        folder,
        posts={POST: a_post(), "2024-05-01-ice.md": a_post("Ice", "Words on ice.")},
        config="[feeds]\nhubs = []\n",
    )
    assert site.run("build").code == 0
    return site


def damage(site: Site, name: str, old: str, new: str) -> None:
    text = site.read(f"public/{name}")
    assert old in text
    site.write(f"public/{name}", text.replace(old, new))


def test_what_was_built_is_sound_and_nothing_is_touched(tmp_path: Path) -> None:
    site = built(tmp_path)
    before = site.files()
    ran = site.run("check", "feeds")
    assert (ran.code, ran.err) == (0, "")
    assert ran.line("Feeds: 7 looked at, 0 errors, 0 warnings"), "Atom, RSS, JSON, and the list of them"
    assert "Posts:" not in ran.out
    assert site.files() == before


def test_before_the_first_build_it_says_what_to_do(tmp_path: Path) -> None:
    ran = make_site(tmp_path).run("check", "feeds")
    assert ran.code == 6
    assert ran.line("no feeds yet", "run `publisher build`")


def test_a_fault_is_told_with_its_file_post_and_rule(tmp_path: Path) -> None:
    site = built(tmp_path)
    damage(site, "feed.json", "<p>Words on frost.</p>", "<script>x()</script>")
    ran = site.run("check", "feeds")
    assert ran.code == 1
    assert ran.line("error: feed-content (1): ")
    assert ran.line(f"feed.json: {POST}: <script> is nothing for a feed", "(L5)")


def test_scripts_get_all_there_is_to_know(tmp_path: Path) -> None:
    site = built(tmp_path)
    damage(site, "feed.rss", "<pubDate>Thu, 02 May 2024", "<pubDate>Do, 02 Mai 2024")
    ran = site.run("check", "feeds", "--json")
    (found,) = json.loads(ran.out)
    assert ran.code == 1
    assert "Do, 02 Mai 2024" in found.pop("message")
    assert found.pop("entry").startswith("tag:blog.example.org,")
    assert found == {
        "id": "feed-date",
        "severity": "error",
        "file": "feed.rss",
        "line": None,
        "rule": "R3",
        "post": POST,
    }


def test_what_is_doubtful_fails_nothing(tmp_path: Path) -> None:
    site = built(tmp_path)
    damage(site, "feed.atom", "Words on frost.", "Words on \ufffdfrost.")
    ran = site.run("check", "feeds")
    assert ran.code == 0
    assert ran.line("warning: feed-doubtful (1): ")


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    site = built(tmp_path)
    (tmp_path / "public" / "feed.atom").unlink()
    ran = site.run("check", "feeds")
    assert ran.code == 1
    assert ran.line("feed.atom: ", "it is gone", "`publisher build`")


def test_looking_at_everything_else_looks_at_no_feed(tmp_path: Path) -> None:
    site = built(tmp_path)
    damage(site, "feed.atom", "</feed>", "")
    assert site.run("check").code == 0
    assert site.run("check", "feeds").line("feed.atom: is no well-formed XML", "(X1)")
