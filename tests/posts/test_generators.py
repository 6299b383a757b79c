"""A3, A5: posts have the addresses, and feeds the ids, that the blog's own generator gave them.

`tests/data/generators/NAME.json` was written by the generators themselves: sources, patterns, and what came of them.
"""

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest

from publisher.errors import PostError
from publisher.posts.generators import Generator
from publisher.posts.ids import IdScheme
from tests.posts.make import ids, parsed, post

SITE = "https://blog.example"
UTC = ZoneInfo("UTC")
RECORDED = {
    file.stem: json.loads(file.read_text("utf-8"))
    for file in sorted((Path(__file__).parents[1] / "data" / "generators").glob("*.json"))
}
SITES = [
    pytest.param(name, recorded["posts"], site, id=f"{name} {site['pattern']}")
    for name, recorded in RECORDED.items()
    for site in recorded["sites"]
]


@pytest.mark.parametrize(("name", "posts", "site"), SITES)
def test_addresses_and_ids_are_those_that_the_generator_made(
    name: str, posts: dict[str, str], site: dict[str, Any]
) -> None:
    addresses, former = {}, {}
    for path, text in posts.items():
        one = parsed(
            text, path, site_url="https://e.org/", permalink=site["pattern"], zone=UTC, generator=Generator(name),
            ids=IdScheme(site.get("ids", "tag")), language="en",
        ).post  # fmt: skip
        addresses[path] = unquote(one.metadata.url)
        former[path] = unquote(one.former_id or "")
    assert addresses == {path: unquote(url) for path, url in site["addresses"].items()}
    recorded = site.get("feed_ids", {})
    assert {path: former[path] for path in recorded} == {path: unquote(one) for path, one in recorded.items()}
    assert len(addresses) > 40


@pytest.mark.parametrize(
    ("generator", "pattern", "path", "front", "url"),
    [
        ("eleventy", "/blog/{{ page.fileSlug }}/", "posts/2020-01-05-Dated.md", "", "/blog/Dated/"),
        ("eleventy", "/{{ title | slugify }}/", "x.md", "date: 2020-01-01\ntitle: It's ö & so", "/its-oe-and-so/"),
        ("eleventy", "/{{ page.date | date: '%Y' }}/{{ page.fileSlug }}/", "2020-01-05-x.md", "", "/2020/x/"),
        ("eleventy", "/{{ page.filePathStem }}/", "posts/2020-01-05-x.md", "", "/posts/x/"),
        ("eleventy", "/:path/", "a.md", "date: 2020-01-01\npermalink: '/b/{{ page.fileSlug }}/index.html'", "/b/a/"),
        ("eleventy", "/:path/", "a.md", "date: 2020-01-01\npermalink:\n  build: /obj/", "/obj/"),
        ("eleventy", "/:path/", "a.md", "date: 2020-01-01\npermalink: '/{{ whatever }}/'", "/a/"),
        ("zola", "/:sections/:slug/", "Blog Dir/2018-10-08-Über.md", "", "/Blog%20Dir/uber/"),
        ("zola", "/:sections/:slug/", "blog/x.md", "date: 2020-01-01\npath: own/path", "/own/path/"),
        ("zola", "/:sections/:slug/", "blog/x.md", "date: 2020-01-01\nslug: Own Slug", "/blog/own-slug/"),
        ("hexo", "/:year/:title/", "hello-hexo.md", "date: 2020-01-01\ntitle: 你好", "/2020/hello-hexo/"),
        ("hexo", "/posts/:abbrlink.html", "a.md", "date: 2020-01-01\nabbrlink: 4a17b156", "/posts/4a17b156.html"),
        ("hexo", "/:category/:title/", "a.md", "date: 2020-01-01\ncategories: [A b, 'C++ é & d']", "/A-b/C-e-d/a/"),
        ("hexo", "/:category/:title/", "a.md", "date: 2020-01-01\ncategories: Über Größe", "/Uber-Grose/a/"),
        ("hexo", "/:category/:title/", "a.md", "date: 2020-01-01\ncategories: [foo_bar, a.b]", "/foo-bar/a-b/a/"),
        ("hexo", "/:category/:title/", "a.md", "date: 2020-01-01\ncategories: [[Diary, Games], [Life]]", "/Life/a/"),
        ("hexo", "/:category/:title/", "a.md", "date: 2020-01-01\ncategories: 编程", "/%E7%BC%96%E7%A8%8B/a/"),
        ("hexo", "/:category/:title/", "a.md", "date: 2020-01-01\ncategory: One, two", "/One-two/a/"),
        ("hexo", "/:category/:title/", "a.md", "date: 2020-01-01", "/uncategorized/a/"),
        ("hexo", "/:slugorundated/", "2020-01-02-qux.md", "", "/qux/"),
        ("hexo", "/:slugorundated/", "bar.md", "date: 2020-01-01", "/bar/"),
        ("hexo", "/:slugorundated/", "sub/baz.md", "date: 2020-01-01", "/sub-baz/"),
        ("hexo", "/:slugorundated/", "sub/2020-01-02-qux.md", "", "/sub-2020-01-02-qux/"),
        ("hugo", "/:path/", "posts/x.md", "date: 2020-01-01\npermalink: /left-over/", "/posts/x/"),
        ("hugo", "/:path/", "posts/x.md", "date: 2020-01-01\nurl: own", "/own/"),
        ("jekyll", "/:title/", "_posts/2020-01-01-x.md", "url: /left-over/", "/x/"),
        ("jekyll", "/:title/", "_posts/2020-01-01-x.md", "permalink: /own/index.html", "/own/index.html"),
        ("pelican", "{slug}.html", "cat/x.md", "date: 2020-01-01\npermalink: /left-over/\nslug: x", "/x.html"),
        ("pelican", "{category}/{slug}.html", "x.md", "date: 2020-01-01\nslug: x", "/misc/x.html"),
        ("pelican", "p/:slugorfilename/", "c/Üml Name.md", "date: 2020-01-01", "/p/uml-name/"),
        ("pelican", "p/:slugorfilename/", "c/x.md", "date: 2020-01-01\nslug: own", "/p/own/"),
        ("pelican", ":slugorundated.html", "c/2020-01-05_fname.md", "", "/fname.html"),
        ("pelican", ":slugorcontentbasename.html", "c/2020-01-05_fname.md", "", "/fname.html"),
        ("pelican", ":slugorcontentbasename.html", "c/A x.md", "date: 2020-01-01", "/a-x.html"),
        ("pelican", ":slugorundated.html", "c/x.md", "date: 2020-01-01\ntitle: A Name", "/a-name.html"),
        ("hugo", "/:year/:slugorundated/", "posts/2020-01-05-File.md", "", "/2020/file/"),
        ("hugo", "/:year/:slugorundated/", "posts/x.md", "date: 2020-01-01\ntitle: A Name", "/2020/a-name/"),
        ("hugo", "/:undatedpath/", "posts/2020-01-05-File/index.md", "", "/posts/file/"),
        ("hugo", "/:undatedpath/", "posts/2020-01-05-x.md", "slug: own", "/posts/own/"),
        ("none", "/:title/", "x.md", "date: 2020-01-01\nslug: /2015/02/x.html", "/2015/02/x.html"),
    ],
)  # fmt: skip
def test_words_that_only_one_generator_has(generator: str, pattern: str, path: str, front: str, url: str) -> None:
    one = post(front, path=path, permalink=pattern, generator=Generator(generator), zone=UTC, language="en")
    assert one.metadata.url == SITE + url


def test_a_folder_has_a_pattern_of_its_own_and_so_has_a_translation() -> None:
    patterns: dict[str, Any] = {"permalink": "/:path/", "permalinks": {"news": "/n/:slug/", "news/old": "/o/:slug/"}}
    front = "date: 2020-01-01"
    where = {
        path: post(front, path=path, **patterns).metadata.url for path in ("blog/x.md", "news/x.md", "news/old/a/x.md")
    }
    assert list(where.values()) == [f"{SITE}/blog/x/", f"{SITE}/n/x/", f"{SITE}/o/x/"]
    french = post(front, path="blog/x.fr.md", permalink="/:path/", translated="/:lang/:path/", language="en")
    assert (french.metadata.url, french.metadata.language) == (f"{SITE}/fr/blog/x/", "fr")


def test_a_suffix_is_a_language_only_where_it_may_be_one() -> None:
    def stem(generator: str, **more: Any) -> tuple[str, str | None]:
        meta = post(
            "date: 2020-01-01", path="visit-foo.de.md", permalink="/:path/", generator=Generator(generator), **more
        ).metadata
        return meta.url.removeprefix(SITE), meta.language

    assert stem("none") == ("/visit-foo/", "de")
    assert stem("none", languages=("en", "fr")) == ("/visit-foo.de/", None)
    assert stem("hugo", language="en") == ("/visit-foo.de/", None)
    assert stem("hugo", language="en", languages=("de",)) == ("/visit-foo/", "de")
    assert stem("jekyll", languages=("de",)) == ("/visit-foo.de/", None)


@pytest.mark.parametrize(
    ("generator", "written", "at"),
    [
        ("jekyll", "date: 2020-03-04 00:30:00", "2020-03-04T00:30:00+00:00"),  # YAML's own: Ruby takes it for UTC
        ("jekyll", "date: '2020-03-04 00:30:00'", "2020-03-04T05:30:00+00:00"),
        ("jekyll", "date: 2020-03-04 00:30", "2020-03-04T05:30:00+00:00"),
        ("jekyll", "date: 03/04/2020", "2020-04-03T04:00:00+00:00"),
        ("hugo", "date: 2020-03-04 00:30:00", "2020-03-04T05:30:00+00:00"),
        ("eleventy", "date: 2020-03-04", "2020-03-04T00:00:00+00:00"),
        ("zola", "date: 2020-03-04", "2020-03-04T00:00:00+00:00"),
        ("hugo", "date: 2020-03-04\npublishDate: 2021-01-01T00:00:00Z", "2021-01-01T00:00:00+00:00"),
    ],
)
def test_K2_a_date_without_a_zone_is_meant_as_the_generator_takes_it(generator: str, written: str, at: str) -> None:
    one = post(
        written, path="x.md", zone=ZoneInfo("America/New_York"), generator=Generator(generator), permalink="/:path/"
    )
    assert one.metadata.published.isoformat() == at


def test_days_in_addresses_are_those_of_the_author_where_the_generator_takes_them() -> None:
    front = "date: 2020-03-04T23:30:00-05:00"
    urls = {
        name: post(
            front, path="x.md", permalink="/:year/:month/:day/:slug/", zone=UTC, generator=Generator(name)
        ).metadata.url
        for name in ("hugo", "jekyll")
    }
    assert urls == {"hugo": f"{SITE}/2020/03/04/a-title/", "jekyll": f"{SITE}/2020/03/05/x/"}


@pytest.mark.parametrize(
    "front",
    [
        "draft: true", "isDraft: true", "wip: yes", "unlisted: true", "hidden: true", "private: true", "state: draft",
        "isPublish: false", "published: false", "publish: false", "status: pending", "visibility: private",
        "build:\n  render: never", "_build:\n  list: never", "render: false", "headless: true",
        "eleventyExcludeFromCollections: true", "permalink: false",
    ],
)  # fmt: skip
def test_K5_every_generators_word_for_a_draft(front: str) -> None:
    assert post(front).metadata.status == "draft"


@pytest.mark.parametrize(
    "front", ["draft: false", "published: 2020-01-01", "permalink:\n  build: /x/", "status: publish"]
)
def test_K5_what_is_no_draft(front: str) -> None:
    assert post(front).metadata.status == "published"


def test_K5_a_post_with_a_password_stays_in_and_is_told() -> None:
    one = parsed("---\ntitle: x\npassword: secret\n---\nFor friends.")
    assert one.post.metadata.status == "draft"
    assert ids(one) == ["protected"]
    assert "secret" not in one.findings[0].message


@pytest.mark.parametrize("key", ["publishDate", "publish_date", "publish-date", "Publish Date", "publishdate"])
def test_K1_keys_are_one_however_they_are_spelt(key: str) -> None:
    assert post(f"{key}: 2021-03-04T10:00:00Z").metadata.published.isoformat() == "2021-03-04T10:00:00+00:00"


@pytest.mark.parametrize(
    "key", ["pubDatetime", "publishedAt", "published_at", "dateCreated", "createdAt", "pub_date", "lastmod"]
)
def test_K2_a_date_is_found_under_every_generators_key(key: str) -> None:
    assert (
        post(f"{key}: 2021-03-04T10:00:00Z", path="x.md").metadata.published.isoformat() == "2021-03-04T10:00:00+00:00"
    )


@pytest.mark.parametrize(
    "key", ["updatedDate", "updatedAt", "modDatetime", "modified_time", "lastUpdated", "last_modified_at"]
)
def test_K2_the_last_change_is_found_under_every_generators_key(key: str) -> None:
    updated = post(f"{key}: 2024-06-04T10:00:00Z").metadata.updated
    assert updated is not None
    assert updated.isoformat() == "2024-06-04T10:00:00+00:00"


@pytest.mark.parametrize("layout", ["page", "home", "archive"])
def test_a_page_without_a_date_is_no_post_that_lost_it(layout: str) -> None:
    with pytest.raises(PostError) as refused:
        parsed(f"---\ntitle: About\nlayout: {layout}\n---\nWe.", "about.md")
    assert refused.value.finding == "not-a-post"


def test_an_id_of_wordpress_is_kept_as_its_feed_had_it() -> None:
    assert parsed("---\ntitle: x\nguid: /?p=1082\n---\nx").post.id == f"{SITE}/?p=1082"
    assert parsed("---\ntitle: x\nguid: https://old.example/?p=1082\n---\nx").post.id == "https://old.example/?p=1082"


@pytest.mark.parametrize(
    ("generator", "labels"),
    [("jekyll", ["Open", "Source"]), ("none", ["Open", "Source"])]
    + [(name, ["Open Source"]) for name in ("hugo", "zola", "pelican", "eleventy", "hexo")],
)
def test_only_jekyll_parts_a_string_at_its_blanks(generator: str, labels: list[str]) -> None:
    one = post("tags: Open Source", generator=Generator(generator))
    assert [category.label for category in one.metadata.categories if category.kind == "tag"] == labels
