"""A blog moves in: `publisher init` writes settings that work, and no reader sees an old post as new."""

import http.server
import json
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import feedparser
import pytest

from publisher.config import load_config
from tests.sites import Site, run_program

CONFIG = "title: Field Notes\nurl: https://blog.example.dev\npermalink: /:year/:title/\nplugins: [jekyll-feed]\n"
POSTS = {
    "_posts/2020-01-02-swifts.md": "---\ntitle: Swifts\n---\nThey came.",
    "_posts/2021-03-04-Frost Ferns.md": "---\ntitle: Frost ferns\n---\nThey grow.",
    "_posts/2022-05-06-bread.md": "---\ntitle: Bread\n---\nIt rose.",
}
IDS = {
    "Swifts": "https://blog.example.dev/2020/swifts",
    "Frost ferns": "https://blog.example.dev/2021/Frost%20Ferns",
    "Bread": "https://blog.example.dev/2022/bread",
}


def a_feed(ids: Mapping[str, str]) -> str:
    entries = "".join(
        f"<entry><id>{iri}</id><title>{title}</title><updated>2020-01-01T00:00:00Z</updated>"
        f'<link href="{iri.replace("Frost%20Ferns", "Frost-Ferns")}/"/></entry>'
        for title, iri in ids.items()
    )
    head = "<id>x</id><title>Old</title><updated>2020-01-01T00:00:00Z</updated>"
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{head}{entries}</feed>'


def a_blog(folder: Path, files: Mapping[str, str]) -> Site:
    site = Site(folder)
    for name, text in files.items():
        site.write(name, text)
    return site


@pytest.fixture
def blog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.chdir(tmp_path)
    return a_blog(tmp_path, {"_config.yml": CONFIG, **POSTS})


def ids_in(feed: Path) -> dict[str, str]:
    return {entry.title: entry.id for entry in feedparser.parse(feed.read_bytes()).entries}


def test_a_blog_moves_in_and_its_readers_see_nothing_new(blog: Site) -> None:
    before = blog.files()
    ran = run_program("init")
    assert ran.code == 0
    assert ran.line("made with Jekyll", "3 posts published", "0 not read")
    config = load_config(blog.folder / "publisher.toml", {})
    assert (config.site.title, config.site.url) == ("Field Notes", "https://blog.example.dev/")
    assert (config.posts.generator, config.posts.permalink) == ("jekyll", "/:year/:title/")
    assert ".publisher/" in blog.read(".gitignore")
    assert {name: data for name, data in blog.files().items() if name in before} == before
    built = run_program("build")
    assert built.code == 0
    assert ids_in(blog.folder / "feeds" / "feed.atom") == IDS
    assert "baseline" in built.said
    assert run_program("tick").code == 0
    assert not (blog.folder / ".publisher" / "outbox").exists()


def test_ids_that_follow_no_rule_are_written_down_before_the_first_build(blog: Site) -> None:
    blog.write("_site/feed.xml", a_feed(IDS | {"Bread": "urn:uuid:6a0e8c9c-0000-4000-8000-000000000000"}))
    ran = run_program("init")
    assert ran.line("3 of 3 entries of _site/feed.xml are posts here", "2 ids follow the rule", "1 are written down")
    assert run_program("build").code == 0
    assert ids_in(blog.folder / "feeds" / "feed.atom") == IDS | {
        "Bread": "urn:uuid:6a0e8c9c-0000-4000-8000-000000000000"
    }


def test_the_rule_behind_the_ids_is_found(blog: Site) -> None:
    addresses = {title: f"{iri.replace('Frost%20Ferns', 'Frost-Ferns')}/" for title, iri in IDS.items()}
    blog.write("old.xml", a_feed(addresses))
    ran = run_program("init", "--feed", "old.xml")
    assert ran.line("3 of 3 entries", "3 ids follow the rule “permalink”", "0 are written down")
    assert load_config(blog.folder / "publisher.toml", {}).posts.ids == "permalink"
    assert not (blog.folder / ".publisher").exists()


def test_entries_that_are_no_posts_any_more_are_told(blog: Site) -> None:
    blog.write("_site/feed.xml", a_feed(IDS | {"Gone": "https://blog.example.dev/2019/gone"}))
    assert run_program("init").line("no post for: Gone")


def test_addresses_are_held_against_what_was_built(blog: Site) -> None:
    blog.write("_site/2020/swifts/index.html", "x")
    blog.write("_site/2022/bread/index.html", "x")
    ran = run_program("init")
    assert ran.line("Addresses: 2 of 3 are where Jekyll built them")
    assert ran.line("not built: https://blog.example.dev/2021/Frost-Ferns/")


def test_what_jekyll_says_of_a_folder_goes_with_it(blog: Site) -> None:
    folders = "  - {scope: {path: _posts/private}, values: {published: false}}\n"
    folders += "  - {scope: {path: _posts/bikes}, values: {categories: [bikes], permalink: '/:categories/:title/'}}\n"
    blog.write("_config.yml", f"{CONFIG}defaults:\n{folders}")
    blog.write("_posts/private/2023-01-02-diary.md", "---\ntitle: Diary\n---\nFor nobody.")
    blog.write("_posts/bikes/2023-01-03-chain.md", "---\ntitle: Chain\n---\nOiled.")
    assert run_program("init").line("4 posts published")
    assert run_program("build").code == 0
    entries = feedparser.parse((blog.folder / "feeds" / "feed.atom").read_bytes()).entries
    assert {entry.title for entry in entries} == {*IDS, "Chain"}
    assert {entry.link for entry in entries if entry.title == "Chain"} == {"https://blog.example.dev/bikes/chain/"}


@pytest.mark.parametrize(
    "files",
    [
        {
            "pelicanconf.py": "SITEURL = 'https://blog.example.dev'\nDEFAULT_METADATA = {'status': 'draft'}\n",
            "content/shown.md": "Title: Shown\nDate: 2020-01-01\nStatus: published\n\nFor all.",
            "content/kept.md": "Title: Kept\nDate: 2020-01-02\n\nFor nobody.",
        },
        {
            "hugo.yaml": "baseURL: https://blog.example.dev/\n",
            "content/posts/shown.md": "---\ntitle: Shown\ndate: 2020-01-01\n---\nFor all.",
            "content/posts/wip/_index.md": "---\ncascade: {draft: true}\n---\n",
            "content/posts/wip/kept.md": "---\ntitle: Kept\ndate: 2020-01-02\n---\nFor nobody.",
        },
    ],
    ids=["Pelican's DEFAULT_METADATA", "Hugo's cascade"],
)
def test_what_a_blog_keeps_back_is_in_no_feed(
    files: Mapping[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    a_blog(tmp_path, files)
    assert run_program("init").line("1 post published")
    assert run_program("build").code == 0
    assert set(ids_in(next(tmp_path.rglob("feed.atom")))) == {"Shown"}


def test_what_a_blog_keeps_back_later_is_told_by_check(blog: Site) -> None:
    assert run_program("init").code == 0
    assert "kept-back" not in run_program("check", "config").said
    blog.write(
        "_config.yml", CONFIG + "defaults: [{scope: {path: _posts/wip}, values: {published: false, author: Ada}}]\n"
    )
    line = run_program("check", "config").line("kept-back", "publisher.toml: posts.defaults: ", "keeps /wip back")
    found = line.partition("write ")[2].partition(" [kept-back]")[0]
    blog.write("publisher.toml", blog.read("publisher.toml").replace("[posts]", f"[posts]\ndefaults = {{ {found} }}"))
    assert "kept-back" not in run_program("check", "config").said


def test_translations_come_in_when_they_are_no_longer_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    hugo = "baseURL: https://blog.example.dev/\nlanguageCode: en-US\npermalinks: {posts: '/:year/:slug/'}\n"
    post = "---\ntitle: {}\ndate: 2020-01-01\n---\nText."
    blog = a_blog(
        tmp_path,
        {
            "hugo.yaml": f"{hugo}languages: {{en: {{}}, ar: {{}}}}\n",
            "content/posts/a.en.md": post.format("One"),
            "content/posts/a.ar.md": post.format("Two"),
            "content/news/b.ar.md": post.format("Three"),
            "content/news/c.md": post.format("Four"),
        },
    )
    assert run_program("init").line("posts in ar are left out", "take them from posts.exclude")
    kept = [line for line in blog.read("publisher.toml").splitlines() if not line.startswith("exclude")]
    blog.write("publisher.toml", "\n".join(kept))
    assert run_program("build").code == 0
    found = json.loads(blog.read("static/feeds/feed.json"))["items"]
    assert {one["url"].removeprefix("https://blog.example.dev") for one in found} == {
        "/2020/one/", "/ar/2020/two/", "/ar/news/b/", "/news/c/",
    }  # fmt: skip
    assert {one["title"] for one in found if one.get("language") == "ar" and "rtl" in one["content_html"]} == {
        "Two", "Three",
    }  # fmt: skip


def test_a_dry_run_writes_nothing(blog: Site) -> None:
    blog.write("_site/feed.xml", a_feed(IDS | {"Bread": "urn:uuid:6a0e8c9c-0000-4000-8000-000000000000"}))
    before = blog.files()
    ran = run_program("init", "--dry-run")
    assert (ran.code, blog.files()) == (0, before)
    assert ran.line("Nothing was written")


def test_settings_that_are_there_are_not_written_over(blog: Site) -> None:
    blog.write("publisher.toml", "precious")
    ran = run_program("init")
    assert (ran.code, blog.read("publisher.toml")) == (6, "precious")
    assert ran.line("publisher.toml is there already", "move it away")


def test_hugos_own_config_stays_and_ours_is_found_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    hugo = 'baseURL = "https://h.dev/"\ntitle = "H"\n'
    post = "---\ntitle: x\ndate: 2020-01-01\n---\nText."
    site = a_blog(tmp_path, {"config.toml": hugo, "content/posts/x.md": post})
    assert run_program("init").code == 0
    assert run_program("build").code == 0
    assert site.read("config.toml") == hugo
    assert ids_in(tmp_path / "static" / "feeds" / "feed.atom") == {"x": "https://h.dev/posts/x/"}


def test_a_new_blog_begins_with_a_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = run_program("init", "--title", "Words", "--url", "https://words.dev")
    assert ran.code == 0
    assert load_config(tmp_path / "config.toml", {}).site.title == "Words"
    assert "draft: true" in (tmp_path / "posts" / "hello.md").read_text()
    assert run_program("build").line("Posts:", "1 drafts")


def test_markdown_that_lies_below_is_told_and_is_no_new_blog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    a_blog(
        tmp_path,
        {
            "notes/2020-01-02.md": "A note.",
            "notes/b/c.md": "---\ntitle: C\ndate: 2020-01-01\n---\nText.",
            "x/y.md": "z",
        },
    )
    ran = run_program("init")
    assert ran.line("no post was found, but there is Markdown in notes (2 files), x (1 file)", "`publisher init notes`")
    assert not (tmp_path / "posts").exists()
    assert run_program("init", "notes").line("2 posts published")


def test_it_counts_as_the_first_build_does(blog: Site) -> None:
    blog.write("_posts/2023-01-02-a.md", "---\ntitle: A\npermalink: /same/\n---\nOne.")
    blog.write("_posts/2023-01-03-b.md", "---\ntitle: B\npermalink: /same/\n---\nTwo.")
    blog.write("_posts/2023-01-04-c.md", "---\ntitle: C\npublished: false\n---\nThree.")
    blog.write("_posts/2123-01-05-d.md", "---\ntitle: D\n---\nFour.")
    blog.write("_posts/2023-01-06-e.md", "---\ntitle: E\n")
    assert run_program("init").line("4 posts published, 2 not read; 1 drafts; 1 for later.")
    assert run_program("build").line("Posts: 4 new, 2 not read; 1 drafts; 1 for later.")


def test_a_setting_that_cannot_be_used_is_left_out_and_told(blog: Site) -> None:
    blog.write("_config.yml", CONFIG.replace("/:year/:title/", "/:year/:nonsense/"))
    ran = run_program("init")
    assert ran.code == 0
    assert ran.line("posts.permalink = '/:year/:nonsense/'", "left out", "not a word that we know")


def test_json_says_what_was_found(blog: Site) -> None:
    facts = json.loads(run_program("init", "--json", "--dry-run").out)
    assert (facts["generator"], facts["posts"]) == ("jekyll", 3)
    assert facts["settings"]["site.title"] == {"value": "Field Notes", "source": "_config.yml: title", "sure": True}


@pytest.mark.parametrize("text", ["<html><p>no</p></html>", "{}", "", '{"items": ['])
def test_an_old_feed_that_is_none_is_one_sentence(blog: Site, text: str) -> None:
    blog.write("old.xml", text)
    ran = run_program("init", "--feed", "old.xml")
    assert ran.code == 2
    assert ran.line("old.xml", "no feed", "name the address or the file")
    assert not (blog.folder / "publisher.toml").exists()


def test_an_old_feed_that_is_not_there_is_one_sentence(blog: Site) -> None:
    assert run_program("init", "--feed", "nowhere.xml").line("nowhere.xml: cannot be read")
    assert run_program("init", "--feed", "ftp://x.dev/feed").line("ftp://x.dev/feed: cannot be read")


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("served")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args: object, **more: object) -> None:
            super().__init__(*args, directory=str(folder), **more)  # type: ignore[arg-type]

        def log_message(self, *words: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as served:
        thread = threading.Thread(target=served.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{served.server_port}", folder
        served.shutdown()
        thread.join()


def test_the_old_feed_may_be_an_address(blog: Site, server: tuple[str, Path]) -> None:
    address, folder = server
    items = [{"id": iri, "url": f"{iri}/", "title": title} for title, iri in IDS.items()]
    (folder / "feed.json").write_text(json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}))
    ran = run_program("init", "--feed", f"{address}/feed.json")
    assert ran.line("3 of 3 entries", "3 ids follow the rule “jekyll”")
    assert blog.read("publisher.toml")


def test_an_address_that_does_not_answer_is_one_sentence(blog: Site, server: tuple[str, Path]) -> None:
    ran = run_program("init", "--feed", f"{server[0]}/gone.xml")
    assert ran.code == 2
    assert ran.line("gone.xml: the server says 404")
    assert run_program("init", "--feed", "http://127.0.0.1:1/feed.xml").line("cannot be fetched", "save the feed")
    assert not (blog.folder / "publisher.toml").exists()


def test_nothing_is_written_into_a_blog_whose_posts_are_not_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    a_blog(tmp_path, {"_config.yml": "title: T\nurl: https://t.dev\n"})
    ran = run_program("init")
    assert ran.code == 0
    assert ran.line("_posts has no posts", "posts.folder")
    assert not (tmp_path / "_posts").exists()
