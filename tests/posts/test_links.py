"""L1-L4: every address absolute, valid and encoded once; what leads nowhere is told and its text stays."""

import pytest

from publisher.posts.html import POST_SCHEME, SITE_SCHEME
from publisher.posts.links import Links, resolve
from publisher.posts.rendering import MarkdownEngine
from tests.posts.make import PATH, html, links, parsed, post, rendered, resolved

HERE = "https://blog.example/2024/a-post/"
POSTS = {
    "2024-05-01-a-post.md": HERE,
    "2020-01-01-other.md": "https://blog.example/other/",
    "deep/er/third.md": "https://blog.example/third/",
    "bundle/index.md": "https://blog.example/bundle/",
    "one/same.md": "https://blog.example/one/same/",
    "two/same.md": "https://blog.example/two/same/",
    "page.html": "https://blog.example/page/",
}


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("/images/x.png", "https://blog.example/images/x.png"),
        ("x.png", HERE + "x.png"),
        ("../x.png", "https://blog.example/2024/x.png"),
        ("//cdn.example/x.png", "https://cdn.example/x.png"),
        ("#fn1", HERE + "#fn1"),
        ("?q=1", HERE + "?q=1"),
        ("https://a.example/x y", "https://a.example/x%20y"),
        ("https://a.example/x%20y", "https://a.example/x%20y"),
        ("https://a.example/100%", "https://a.example/100%25"),
        ("https://a.example/a^b|c\"d'e`f{g}", "https://a.example/a%5Eb%7Cc%22d'e%60f%7Bg%7D"),
        ("/ü/\uf8ff/🖼.png", "https://blog.example/%C3%BC/%EF%A3%BF/%F0%9F%96%BC.png"),
        ("https://bücher.example/ß?ü=ö#ä", "https://xn--bcher-kva.example/%C3%9F?%C3%BC=%C3%B6#%C3%A4"),
        ("HTTPS://A.example/X", "https://a.example/X"),
        ("https://a.example:8080/[x]", "https://a.example:8080/%5Bx%5D"),
        ("https://a.example/?q=[x]&r=a b", "https://a.example/?q=%5Bx%5D&amp;r=a%20b"),
        ("mailto:a@b.example?subject=Hi there", "mailto:a@b.example?subject=Hi%20there"),
        ("tel:+49 30 1", "tel:+49%2030%201"),
        (" /x ", "https://blog.example/x"),
        (f"{SITE_SCHEME}:/y", "https://blog.example/y"),
    ],
)
def test_L1_L2_L3_addresses(written: str, address: str) -> None:
    source = written.replace("&", "&amp;").replace('"', "&quot;")
    assert resolved(f'<a href="{source}">x</a>') == f'<a href="{address}">x</a>'


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("2020-01-01-other.md", "https://blog.example/other/"),
        ("2020-01-01-other.md#part", "https://blog.example/other/#part"),
        ("./2020-01-01-other.md", "https://blog.example/other/"),
        ("deep/er/third.md", "https://blog.example/third/"),
        ("../posts/deep/er/third.md", "https://blog.example/third/"),
        ("/content/blog/bundle/index.md", "https://blog.example/bundle/"),
        (f"{POST_SCHEME}:2020-01-01-other", "https://blog.example/other/"),
        (f"{POST_SCHEME}:other", "https://blog.example/other/"),
        (f"{POST_SCHEME}:_posts/2020-01-01-other.md#x", "https://blog.example/other/#x"),
        (f"{POST_SCHEME}:@/blog/third.md", "https://blog.example/third/"),
        ("@/blog/deep/er/third.md#x", "https://blog.example/third/#x"),
        (f"{POST_SCHEME}:bundle", "https://blog.example/bundle/"),
        (f"{POST_SCHEME}:bundle/index.md", "https://blog.example/bundle/"),
        (f"{POST_SCHEME}:#part", HERE + "#part"),
        ("page.html", "https://blog.example/page/"),
        ("elsewhere.html", HERE + "elsewhere.html"),
        ("one/same.md", "https://blog.example/one/same/"),
        ("https://other.example/x.md", "https://other.example/x.md"),
    ],
)
def test_L1_links_to_the_sources_of_posts(written: str, address: str) -> None:
    assert resolved(f'<a href="{written}">x</a>', POSTS) == f'<a href="{address}">x</a>'


def test_L1_a_source_is_seen_from_the_file_that_names_it() -> None:
    assert "two/same/" in resolved('<a href="same.md">x</a>', POSTS, path="two/x.md")
    assert "one/same/" in resolved('<a href="../one/same.md">x</a>', POSTS, path="two/x.md")


@pytest.mark.parametrize("written", ["missing.md", f"{POST_SCHEME}:missing", "@/x/missing.md", "same.md"])
def test_L1_a_link_to_nowhere_is_told_and_its_text_stays(written: str) -> None:
    links = Links(site_url="https://blog.example/", by_source=POSTS)
    out, found, _ = resolve(f'<p>a <a href="{written}">b <em>c</em></a> d</p>', base_url=HERE, links=links, path=PATH)
    assert out == "<p>a b <em>c</em> d</p>"
    assert [one.id for one in found] == ["link-unresolved"]


@pytest.mark.parametrize(
    "written", ["http://[::1", "http:x", "https://", "https:///x", "https://a b/", "javascript:x", "https://a:b/"]
)
def test_L3_what_no_browser_opens_is_told(written: str) -> None:
    links = Links(site_url="https://blog.example/", by_source={})
    out, found, _ = resolve(
        f'<a href="{written}">x</a><img src="{written}" alt="A &amp; B">', base_url=HERE, links=links, path=PATH
    )
    assert out == "xA &amp; B"
    assert {one.id for one in found} == {"link-broken"}


def test_L4_empty_addresses_go() -> None:
    assert resolved('<a>x</a><img src="" alt="y"><a id="z">w</a>') in {
        'x<img src="https://blog.example/2024/a-post/" alt="y"><a id="z">w</a>',
        'xy<a id="z">w</a>',
    }


def test_L1_every_attribute_that_holds_an_address() -> None:
    out = resolved(
        '<video src="/v.mp4" poster="/p.png"></video><blockquote cite="/q"><q cite="r">x</q></blockquote>'
        '<picture><source srcset="/a.png 1x, b%20c.png 2x"><img src="/a.png" srcset="/a,b.png 100w"></picture>'
    )
    assert out == (
        '<video src="https://blog.example/v.mp4" poster="https://blog.example/p.png"></video>'
        f'<blockquote cite="https://blog.example/q"><q cite="{HERE}r">x</q></blockquote>'
        f'<picture><source srcset="https://blog.example/a.png 1x, {HERE}b%20c.png 2x">'
        '<img src="https://blog.example/a.png" srcset="https://blog.example/a%2Cb.png 100w"></picture>'
    )


def test_code_that_looks_like_a_link_is_left_alone() -> None:
    source = '<pre><code>&lt;a href="x.md"&gt; href="/y"</code></pre>'
    assert resolved(source) == source


def test_a_moved_post_leaves_no_stale_link() -> None:
    """Content is kept before its links are resolved, so the same content follows the other post's address."""
    content = html("[x](2020-01-01-other.md) and [y]({% post_url 2020-01-01-other %})")
    before = resolved(content, {"2020-01-01-other.md": "https://blog.example/old/"})
    after = resolved(content, {"2020-01-01-other.md": "https://blog.example/new/"})
    assert before.count("/old/") == after.count("/new/") == 2


@pytest.mark.parametrize("engine", MarkdownEngine)
def test_L3_a_file_name_of_any_letters_is_encoded_once(engine: MarkdownEngine) -> None:
    out = resolved(html("![](</images/Bild ü^1 (2).png>)", engine=engine))
    assert 'src="https://blog.example/images/Bild%20%C3%BC%5E1%20(2).png"' in out
    assert "%25" not in resolved(html("![](/images/Bild%20%C3%BC.png)", engine=engine))


BLOG = {"2019-10-22-y.md": "https://blog.example/y/", "a/lua.md": "https://blog.example/lua/"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("[x]({{ site.baseurl }}{% post_url 2019-10-22-y %})", '<a href="https://blog.example/y/">x</a>'),
        ("[x]({{site.url}}{{ site.baseurl }}{% post_url 2019-10-22-y %}#z)", '<a href="https://blog.example/y/#z">x</a>'),
        ('<a href="{{ site.baseurl }}{% link _posts/2019-10-22-y.md %}">x</a>', '<a href="https://blog.example/y/">x</a>'),
        ("[x]\n\n[x]: {{ site.baseurl }}{% post_url 2019-10-22-y %}", '<a href="https://blog.example/y/">x</a>'),
        ("[x]({% link assets/x.pdf %})", '<a href="https://blog.example/assets/x.pdf">x</a>'),
        ("See {% post_url 2019-10-22-y %} now", "See https://blog.example/y/ now"),
        ('See {{< ref "2019-10-22-y.md" >}} now', "See https://blog.example/y/ now"),
        ("[x]({filename}/a/lua.md)", '<a href="https://blog.example/lua/">x</a>'),
        ("[x]({filename}a/lua.md#z)", '<a href="https://blog.example/lua/#z">x</a>'),
        ("![i]({static}/images/x.png)", 'src="https://blog.example/images/x.png"'),
        ("![i](|static|/images/x.png)", 'src="https://blog.example/images/x.png"'),
        ("![i]({attach}x.png)", 'src="https://blog.example/2024/a-post/x.png"'),
        ("[x]({tag}Open%20Data)", '<a href="https://blog.example/tag/open-data.html">x</a>'),
        ("[x]({index})", '<a href="https://blog.example/">x</a>'),
    ],
)  # fmt: skip
def test_L1_links_in_each_generators_way(body: str, expected: str) -> None:
    assert expected in resolved(html(body), BLOG)


@pytest.mark.parametrize(
    ("reference", "page", "expected"),
    [  # as Pelican 4.12.0 puts them
        ("dosa.jpg", "posts/2015/dosa/", "posts/2015/dosa/dosa.jpg"),
        ("pics/a.jpg", "posts/2015/dosa/", "posts/2015/dosa/pics/a.jpg"),
        ("../other/b.jpg", "posts/2015/dosa/", "posts/2015/dosa/b.jpg"),
        ("/top.jpg", "posts/2015/dosa/", "posts/2015/dosa/top.jpg"),
        ("/food/pics/a.jpg", "misc/dosa.html", "misc/pics/a.jpg"),
        ("dosa.jpg", "dosa.html", "dosa.jpg"),
    ],
)
def test_L1_what_pelican_attaches_lies_beside_the_page(reference: str, page: str, expected: str) -> None:
    made, _, _ = resolve(
        html(f"![p]({{attach}}{reference})"),
        base_url=f"https://blog.example/{page}",
        links=links(),
        path="food/2015-06-07_dosa.md",
    )
    assert f'src="https://blog.example/{expected}"' in made


def test_L1_what_pelican_attaches_to_a_post_on_top_keeps_its_folders() -> None:
    made, _, _ = resolve(
        html("![p]({attach}photos/x.jpg)"),
        base_url="https://blog.example/misc/root.html",
        links=links(),
        path="root.md",
    )
    assert 'src="https://blog.example/misc/photos/x.jpg"' in made


def test_L1_no_scheme_of_ours_is_ever_seen() -> None:
    one = html("See {% post_url 2001-01-01-gone %} and [x]({% post_url 2001-01-01-gone %}).")
    assert "x-publisher" not in resolved(one, BLOG)
    assert "x-publisher" not in rendered(parsed("---\ntitle: x\n---\nSee {% post_url 2019-10-22-y %}."))[0].excerpt


def test_pictures_are_where_the_post_says_that_they_are() -> None:
    one = post("media_subpath: /assets/2024/\nimage: cover.png")
    assert one.metadata.image is not None
    assert one.metadata.image.url == "https://blog.example/assets/2024/cover.png"
    made, _, _ = resolve(
        html("![i](a.png) [x](y/)"),
        base_url=one.metadata.url,
        media_url=one.metadata.media_base,
        links=links(),
        path="x.md",
    )
    assert 'src="https://blog.example/assets/2024/a.png"' in made
    assert f'href="{one.metadata.url}y/"' in made


def test_pictures_of_other_hosts_are_told_once_each() -> None:
    source = html("![](https://img.blog.example/a.png) ![](https://x.example/b.png) ![](https://x.example/c.png)")
    found = resolve(source, base_url="https://blog.example/a/", links=links(), path="x.md")[1]
    assert [(one.id, one.severity) for one in found] == [("image-elsewhere", "note")]
    assert "x.example" in found[0].message


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("@/blog/_index.md", "https://blog.example/blog/"),
        ("@/blog/_index.md#x", "https://blog.example/blog/#x"),
        ("@/_index.md", "https://blog.example/"),
        ("../docs/_index.md", "https://blog.example/docs/"),
        (f"{POST_SCHEME}:news/_index.md", "https://blog.example/news/"),
    ],
)
def test_a_folders_own_page_is_where_the_folder_is(written: str, address: str) -> None:
    assert resolved(f'<a href="{written}">x</a>', path="blog/a.md") == f'<a href="{address}">x</a>'
