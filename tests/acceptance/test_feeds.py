"""Feeds as their owner has them: adopted, aliased, listed for people, and left alone where nothing changed."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import feedparser
import pytest
from playwright.sync_api import Browser, Route

from publisher.config.show import show_toml
from tests.doors.test_pages import opened
from tests.feeds.judges import parse_strictly
from tests.mail.test_browser import CONTRASTS
from tests.sites import Site, run_program

POSTS = {
    "swifts": "title: Swifts\ndate: 2020-01-02\ncategories: [Birds]",
    "frost": "title: Frost ferns\ndate: 2021-03-04\ncategories: [Weather]\nlang: de",
    "bread": "title: Bread\ndate: 2022-05-06\ncategories: [Bread & Butter]\ntags: [rye]",
}
OLD = """<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:old</id><title>Old</title>
<link rel="self" href="https://blog.example.org/atom.xml"/><updated>2020-01-01T00:00:00Z</updated>
<entry><id>urn:1</id><title>Swifts</title><updated>2020-01-02T00:00:00Z</updated>
<link href="https://www.blog.example.org/2020/01/02/swifts/index.html"/></entry>
<entry><id>urn:2</id><title>Frost  Ferns</title><updated>2021-03-04T00:00:00Z</updated><link href="/moved"/></entry>
<entry><id>urn:3</id><title>Gone</title><updated>2019-03-04T00:00:00Z</updated><link href="/gone"/></entry>
</feed>"""


@pytest.fixture
def blog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.chdir(tmp_path)
    site = Site(tmp_path)
    site.write("config.toml", '[site]\ntitle = "Field Notes"\nurl = "https://blog.example.org/"\n')
    for name, head in POSTS.items():
        site.write(f"posts/{name}.md", f"---\n{head}\n---\nWords on {name}.\n")
    return site


def add(blog: Site, text: str) -> None:
    file = blog.folder / "config.toml"
    file.write_text(f"{file.read_text('utf-8')}\n{text}\n", encoding="utf-8")


def ids(blog: Site, name: str = "feed.atom") -> Mapping[str, str]:
    return {one.title: one.id for one in feedparser.parse((blog.folder / "public" / name).read_bytes()).entries}


def test_an_old_feed_gives_its_ids_its_own_id_and_its_address(blog: Site) -> None:
    blog.write("old.xml", OLD)
    ran = run_program("feeds", "adopt", "old.xml")
    assert ran.code == 0
    assert ran.line("2 of 3 entries are posts here", "2 took over")
    assert ran.line("no post matches: Gone")
    settings = tomllib.loads((blog.folder / "config.toml").read_text("utf-8"))["feeds"]
    assert settings == {"ids": {"feed": "urn:old"}, "aliases": {"atom.xml": "feed.atom"}}
    assert run_program("build").code == 0
    assert ids(blog) == {
        "Bread": "tag:blog.example.org,2022-05-06:bread",
        "Frost ferns": "urn:2",
        "Swifts": "urn:1",
    }
    public = blog.folder / "public"
    assert parse_strictly((public / "feed.atom").read_bytes()).findtext("{*}id") == "urn:old"
    assert (public / "atom.xml").read_bytes() == (public / "feed.atom").read_bytes()
    assert (public / "_redirects").read_text("utf-8") == "/atom.xml /feed.atom 301\n"
    again = run_program("feeds", "adopt", "old.xml")
    assert again.line("0 took over", "2 had them")
    assert run_program("build").line("0 written")


def test_once_published_ids_are_not_taken_over_by_the_way(blog: Site) -> None:
    blog.write("old.xml", OLD)
    assert run_program("build").code == 0
    before = ids(blog)
    ran = run_program("feeds", "adopt", "old.xml")
    assert ran.code != 0
    assert ran.line("2 posts would get other ids", "--even-published")
    run_program("build")
    assert ids(blog) == before
    tried = run_program("feeds", "adopt", "old.xml", "--even-published", "--dry-run", "--json")
    assert json.loads(tried.out)["given"] == 2
    run_program("build")
    assert ids(blog) == before
    assert run_program("feeds", "adopt", "old.xml", "--even-published").code == 0
    run_program("build")
    assert set(ids(blog).values()) >= {"urn:1", "urn:2"}


@pytest.mark.parametrize("built", [False, True])
@pytest.mark.parametrize("insisting", [(), ("--even-published",)])
def test_the_feed_of_another_blog_gives_nothing_away(blog: Site, insisting: tuple[str, ...], *, built: bool) -> None:
    if built:
        run_program("build")
    blog.write("other.xml", OLD.replace("Ferns", "Firs").replace("Swifts", "Other").replace("/2020/", "/1990/"))
    before = blog.read("config.toml")
    ran = run_program("feeds", "adopt", "other.xml", *insisting)
    assert ran.code == 6
    assert ran.line("none of the", "entries of other.xml is a post here", "no id and no setting was changed")
    assert blog.read("config.toml") == before


def test_a_published_feed_keeps_its_id_where_its_posts_have_theirs_already(blog: Site) -> None:
    blog.write("old.xml", OLD)
    assert run_program("feeds", "adopt", "old.xml").code == 0
    run_program("build")
    blog.write("other.xml", OLD.replace("urn:old", "urn:other"))
    before = blog.read("config.toml")
    ran = run_program("feeds", "adopt", "other.xml")
    assert ran.code == 6
    assert ran.line("the feed would get another id", "--even-published")
    assert blog.read("config.toml") == before


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ("posts/bread.md", "it is no feed"),
        ("nowhere.xml", "cannot be read"),
        ("http://127.0.0.1:9/", "cannot be fetched"),
    ],
)
def test_what_is_no_old_feed_is_told_in_one_sentence(blog: Site, place: str, sentence: str) -> None:
    ran = run_program("feeds", "adopt", place)
    assert ran.code != 0
    assert ran.line(place, sentence)
    assert len(ran.said.splitlines()) == 1


def test_settings_that_are_there_are_the_owner_s_and_are_told_not_changed(blog: Site) -> None:
    blog.write("old.xml", OLD)
    add(blog, '[feeds]\nids = { "category/birds" = "urn:birds" }')
    ran = run_program("feeds", "adopt", "old.xml")
    assert ran.line('ids = { "category/birds" = "urn:birds", feed = "urn:old" }', "write it into [feeds]")
    assert ran.line("aliases", "is in your settings")


def test_an_alias_that_stands_for_nothing_is_told_and_the_rest_is_built(blog: Site) -> None:
    aliases = {"/a.xml": "feeds.atom", "feed.rss": "feed.atom", "feeds.html": "feed.atom", "rss.xml": "feed.rss"}
    add(blog, f"[feeds]\naliases = {show_toml(aliases)}")
    ran = run_program("build")
    assert ran.code != 0
    assert ran.line("there is no feed `feeds.atom` for `a.xml` to stand for", "feed.atom")
    assert ran.line("`feed.rss` is a file of ours")
    assert ran.line("`feeds.html` is a file of ours")
    assert (blog.folder / "public" / "rss.xml").read_bytes() == (blog.folder / "public" / "feed.rss").read_bytes()


def test_redirects_of_the_owner_s_own_are_left_alone_and_the_lines_told(blog: Site) -> None:
    blog.write("public/_redirects", "/a /b 301\n")
    add(blog, '[feeds]\naliases = { "rss.xml" = "feed.rss" }')
    ran = run_program("build")
    assert ran.line("_redirects", "the file is yours", "/rss.xml /feed.rss 301")
    assert (blog.folder / "public" / "_redirects").read_text("utf-8") == "/a /b 301\n"


def test_an_alias_that_goes_takes_its_file_with_it(blog: Site) -> None:
    settings = (blog.folder / "config.toml").read_text("utf-8")
    add(blog, '[feeds]\naliases = { "rss.xml" = "feed.rss" }')
    run_program("build")
    (blog.folder / "public" / "rss.xml").unlink()
    assert run_program("build").line("1 written"), "and is there again when somebody deletes it"
    (blog.folder / "config.toml").write_text(settings, encoding="utf-8")
    assert run_program("build").line("2 removed")
    assert not (blog.folder / "public" / "rss.xml").exists()


def test_links_to_paste_and_their_facts(blog: Site) -> None:
    run_program("build")
    lines = run_program("feeds", "links").out.splitlines()
    assert lines[0] == (
        '<link rel="alternate" type="application/atom+xml" title="Field Notes" href="https://blog.example.org/feed.atom">'
    )
    assert len(lines) == 12
    facts = json.loads(run_program("feeds", "links", "--json").out)
    assert [one["key"] for one in facts] == ["feed", "category/birds", "category/bread-butter", "category/weather"]
    assert all(urlsplit(url).scheme == "https" for one in facts for url in one["addresses"].values())


@pytest.mark.peer
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1200])
def test_the_page_for_people_lists_all_feeds_and_is_legible(
    chromium: Browser, blog: Site, scheme: str, width: int
) -> None:
    add(blog, '[feeds]\ntags = true\nlanguages = true\nsignup = "/newsletter/"')
    assert run_program("build").code == 0
    page, complaints = opened(chromium, scheme=scheme, width=width, script=False)
    page.goto((blog.folder / "public" / "feeds.html").as_uri())
    shown = page.locator("code").all_text_contents()
    feeds = json.loads(run_program("feeds", "links", "--json").out)
    assert sorted(shown) == sorted(url for one in feeds for url in one["addresses"].values())
    assert page.get_by_role("link", name="by mail").get_attribute("href") == "https://blog.example.org/newsletter/"
    for closed in page.locator("summary").all():
        closed.press("Enter")
    assert page.locator("code").last.is_visible(), "by keyboard, without a script"
    page.context.close()
    page, _ = opened(chromium, scheme=scheme, width=width)
    page.goto((blog.folder / "public" / "feeds.html").as_uri())
    for closed in page.locator("summary").all():
        closed.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "no sideways scroll"
    assert min(page.evaluate(CONTRASTS))[0] >= 4.5
    page.locator("code").first.click()
    assert page.evaluate("getSelection().toString()") == "https://blog.example.org/feed.atom", "one press selects it"
    assert complaints == []
    page.context.close()


@pytest.mark.peer
@pytest.mark.parametrize("name", ["feed.atom", "feed.rss"])
def test_a_browser_shows_a_feed_s_xml_as_a_page(chromium: Browser, blog: Site, name: str) -> None:
    run_program("build")
    public = blog.folder / "public"
    page, _ = opened(chromium)
    kinds = {"feed.xml": "application/xml", "feeds.css": "text/css"}
    files = {"feed.xml": name, "feeds.css": "feeds.css"}

    def served(route: Route) -> None:
        asked = urlsplit(route.request.url).path.lstrip("/")
        route.fulfill(body=(public / files[asked]).read_bytes(), content_type=kinds[asked])

    page.route("**/*", served)
    page.goto("https://blog.example.org/feed.xml")
    titles = page.locator("entry > title, item > title")
    assert titles.all_text_contents() == ["Bread", "Frost ferns", "Swifts"]
    assert titles.first.is_visible()
    assert not page.locator("entry > content, item > encoded").first.is_visible(), "no escaped HTML"
    assert page.evaluate("document.documentElement.scrollWidth") <= 600
    page.context.close()


def test_A12_a_sound_has_its_length_from_the_disk(blog: Site) -> None:
    blog.write("static/swift.mp3", b"x" * 1234)
    head = "title: Screams\ndate: 2023-01-01\nenclosure: {url: /swift.mp3, type: audio/mpeg}"
    blog.write("posts/screams.md", f"---\n{head}\n---\nListen.\n")
    assert run_program("build").code == 0
    (entry,) = (one for one in feedparser.parse(blog.read("public/feed.rss")).entries if one.title == "Screams")
    assert [(one.href, one.length, one.type) for one in entry.enclosures] == [
        ("https://blog.example.org/swift.mp3", "1234", "audio/mpeg")
    ]
