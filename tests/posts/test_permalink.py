"""The addresses of Jekyll, Hugo, Zola and Pelican."""

import pytest

from publisher.model.blog import Generator
from tests.posts.make import ids, parsed, post

SITE = "https://blog.example"


@pytest.mark.parametrize(
    ("pattern", "path", "front", "url"),
    [
        ("/:year/:month/:day/:title/", "2024-05-01-Some_Post.md", "", "/2024/05/01/Some_Post/"),
        (
            "/:categories/:year/:month/:day/:title.html",
            "2024-05-01-a.md",
            "categories: [Web, Open Data]",
            "/Web/Open-Data/2024/05/01/a.html",
        ),
        ("date", "2024-05-01-a.md", "", "/2024/05/01/a.html"),
        ("pretty", "2024-05-01-a.md", "categories: x", "/x/2024/05/01/a/"),
        ("ordinal", "2024-05-01-a.md", "", "/2024/122/a.html"),
        ("none", "2024-05-01-a.md", "", "/a.html"),
        ("/:short_year/:i_month/:i_day/:title", "2024-05-01-a.md", "", "/24/5/1/a"),
        ("/:title/", "2024-05-01-a.md", "slug: my-slug", "/my-slug/"),
        ("/posts/:slug/", "hello-world.md", "date: 2020-01-01", "/posts/hello-world/"),
        ("/posts/:slug/", "2020-01-01-Hello World.md", "", "/posts/hello-world/"),
        ("/posts/:title/", "x.md", "date: 2020-01-01\ntitle: Hello, World!", "/posts/hello-world/"),
        ("/:path/", "blog/My Post/index.md", "date: 2020-01-01", "/blog/my-post/"),
        ("/:path/", "blog/x.md", "date: 2020-01-01", "/blog/x/"),
        ("/:sections/:slug/", "a/b/2020-01-01-x.md", "", "/a/b/x/"),
        ("/:section/:filename/", "a/b/x.md", "date: 2020-01-01", "/a/x/"),
        (
            "/{date:%Y}/{date:%m}/{slug}.html",
            "x.md",
            "date: 2020-03-01\ntitle: Hello World",
            "/2020/03/hello-world.html",
        ),
        ("/{category}/{slug}.html", "x.md", "date: 2020-03-01\ncategory: Open Data", "/open-data/a-title.html"),
        ("/:year/:title/", "2024-05-01-größe.md", "", "/2024/gr%C3%B6%C3%9Fe/"),
        ("/:title/", "2024-05-01-a?b#c%d.md", "", "/a-b-c-d/"),
        ("/:hour:minute/:slug/", "x.md", "date: 2020-01-01 09:05", "/0905/x/"),
    ],
)
def test_patterns_of_every_generator(pattern: str, path: str, front: str, url: str) -> None:
    assert post(front, path=path, permalink=pattern).metadata.url == SITE + url


@pytest.mark.parametrize(
    ("front", "url"),
    [
        ("permalink: /about/", "/about/"),
        ("permalink: about/index.html", "/about/"),
        ("permalink: /:year/:title.html", "/2024/a-post.html"),
        ("url: /x.html", "/x.html"),
        ("path: some/where", "/some/where"),
        ("permalink: /a b/ü", "/a%20b/%C3%BC"),
        ("permalink: /a%20b/", "/a%20b/"),
    ],
)
def test_the_authors_own_address_wins(front: str, url: str) -> None:
    assert post(front).metadata.url == SITE + url


def test_an_address_elsewhere_is_what_the_post_is_about() -> None:
    assert post("url: https://other.example/x").metadata.url == SITE + "/2024/05/01/a-post/"
    assert post("url: https://www.blog.example/x").metadata.url == "https://www.blog.example/x"


@pytest.mark.parametrize("bad", ["'javascript:alert(1)'", "'mailto:a@b.example'", "'http://[::1'"])
def test_an_address_that_is_none_is_told(bad: str) -> None:
    one = parsed(f"---\ntitle: x\npermalink: {bad}\n---\nx")
    assert one.post.metadata.url == SITE + "/2024/05/01/a-post/"
    assert ids(one) == ["url-unusable"]


def test_a_placeholder_that_nobody_knows_is_told() -> None:
    one = parsed("---\ntitle: x\npermalink: '/:nothing/{{ page.date }}/:title/'\n---\nx")
    assert one.post.metadata.url == SITE + "/2024/05/01/a-post/"
    assert ids(one) == ["permalink-unknown"]


def test_a_title_is_never_taken_for_a_pattern() -> None:
    url = post("title: ':year {slug} %s'\ndate: 2020-01-01", path="x.md", permalink="/:title/{slug}/").metadata.url
    assert url == SITE + "/year-slug-s/year-slug-s/"


def test_a_site_below_a_folder() -> None:
    meta = post("permalink: /about/", site_url="https://host.example/blog/").metadata
    assert meta.url == "https://host.example/blog/about/"


def test_the_page_of_a_folder_is_the_folder_in_a_pattern_too() -> None:
    pattern = '/{{ page.date | date: "%Y" }}/{{ page.fileSlug }}/index.html'
    assert post(permalink=pattern, generator=Generator.ELEVENTY).metadata.url == f"{SITE}/2024/a-post/"


def test_a_filter_that_the_author_wrote_is_told_and_not_taken_for_a_date() -> None:
    one = parsed(
        "---\ntitle: T\npermalink: /{{ page.date | date('yyyy') }}/x/\n---\nText.", generator=Generator.ELEVENTY
    )
    assert "yyyy" not in one.post.metadata.url
    assert ids(one) == ["permalink-unknown"]


@pytest.mark.parametrize(
    ("translated", "front", "expected"),
    [
        ("/:lang/:permalink", "lang: de", "/de/2024/a-post/"),
        ("/:lang/:permalink", "lang: EN", "/2024/a-post/"),
        ("/:lang/:permalink", "", "/2024/a-post/"),
        ("/:lang/x/:title/", "lang: de", "/de/x/a-post/"),
        (None, "lang: de", "/2024/a-post/"),
    ],
)
def test_a_translation_is_where_its_language_is(translated: str | None, front: str, expected: str) -> None:
    one = post(front, permalink="/:year/:title/", translated=translated, language="en-US")
    assert one.metadata.url == f"https://blog.example{expected}"
