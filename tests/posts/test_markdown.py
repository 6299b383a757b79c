"""Text becomes HTML as its author's generator makes it: lists, fences, links, formulas; safe, without doubles."""

import pytest

from publisher.posts.rendering import MarkdownEngine, Rendering, content_key
from tests.posts.make import found_in, html, parsed, rendered

BOTH = pytest.mark.parametrize("engine", MarkdownEngine)


def flat(source: str) -> str:
    return "".join(source.split())


@BOTH
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("- a\n  - b\n    - c", "<ul><li>a<ul><li>b<ul><li>c</li></ul></li></ul></li></ul>"),
        ("- a\n    - b", "<ul><li>a<ul><li>b</li></ul></li></ul>"),
        ("1. a\n   - b\n2. c", "<ol><li>a<ul><li>b</li></ul></li><li>c</li></ol>"),
        ("Text\n- a\n- b", "<p>Text</p><ul><li>a</li><li>b</li></ul>"),
        ("Text\n2020. was a year", "<p>Text2020.wasayear</p>"),
        ("- a\n\n  ```\n  x\n  ```", "<ul><li><p>a</p><pre><code>x</code></pre></li></ul>"),
        ("```js\na < b\n```", "<pre><code>a&lt;b</code></pre>"),
        ("Text\n```\nx\n```\nmore", "<p>Text</p><pre><code>x</code></pre><p>more</p>"),
        ("```\nnever closed", "<pre><code>neverclosed</code></pre>"),
        ("> - a\n> - b", "<blockquote><ul><li>a</li><li>b</li></ul></blockquote>"),
        ("~~x~~", "<p><del>x</del></p>"),
        ("- [ ] a\n- [x] b", "<ul><li>☐a</li><li>☑b</li></ul>"),
        ("a\\\nb", "<p>a<br>b</p>"),
        ("\\$5", "<p>$5</p>"),
        ("$a_b$ and $c_d$", "<p>$a_b$and$c_d$</p>"),
        ("$$\na_1 \\\\\nb^2\n$$", "<p>$$a_1\\\\b^2$$</p>"),
        ("5$ and 6$ _x_", "<p>5$and6$<em>x</em></p>"),
        ("snake_case_word", "<p>snake_case_word</p>"),
        ('"quotes" -- and...', '<p>"quotes"--and...</p>'),
        ("# A title\n\nText", "<p>Text</p>"),
        ("# Another\n\n## A title", "<h1>Another</h1><h2>Atitle</h2>"),
        ("## A title {#x}\n\nText", "<p>Text</p>"),
    ],
)
def test_both_engines_agree_where_writers_do(engine: MarkdownEngine, body: str, expected: str) -> None:
    made = flat(html(body, engine=engine)).replace("<s>", "<del>").replace("</s>", "</del>")
    assert made == expected.replace(" ", "")


@BOTH
@pytest.mark.parametrize(
    ("body", "address"),
    [
        ("https://a.example/x", "https://a.example/x"),
        ("See https://a.example/x.", "https://a.example/x"),
        ("(https://a.example/x_(y))", "https://a.example/x_(y)"),
        ("https://a.example/?a=1&b=2", "https://a.example/?a=1&amp;b=2"),
        ("<p>https://a.example/x</p>", "https://a.example/x"),
        ("www.a.example/x", "http://www.a.example/x"),
    ],
)
def test_bare_addresses_become_links(engine: MarkdownEngine, body: str, address: str) -> None:
    assert f'<a href="{address}">' in html(body, engine=engine)


@BOTH
@pytest.mark.parametrize(
    "body",
    ["`https://a.example/x`", "    https://a.example/x", "```\nhttps://a.example/x\n```", "http://", "https://x"],
)
def test_addresses_in_code_and_half_addresses_do_not(engine: MarkdownEngine, body: str) -> None:
    assert "<a " not in html(body, engine=engine)


@BOTH
def test_a_link_is_not_linked_twice(engine: MarkdownEngine) -> None:
    out = html("[https://a.example](https://b.example) <https://c.example>", engine=engine)
    assert out.count("<a ") == out.count("</a>") == 2


@BOTH
def test_L8_ids_of_footnotes_are_those_of_their_post(engine: MarkdownEngine) -> None:
    one, two = (html(f"{words}[^1]\n\n[^1]: Note.", engine=engine) for words in ("One", "Two"))
    ids = [part.partition('"')[0] for out in (one, two) for part in out.split(' id="')[1:]]
    assert len(ids) == len(set(ids)) == 4
    assert all(":" not in name for name in ids)


@BOTH
def test_L10_tables_keep_their_alignment_without_styles(engine: MarkdownEngine) -> None:
    out = html("Text\n| a | b |\n|---|--:|\n| 1 | 2 |", engine=engine)
    assert '<td align="right">2</td>' in out
    assert "style" not in out


def test_a_heading_that_says_the_title_in_other_signs_goes_too() -> None:
    assert html("# It’s a  “Title”\n\nText", title='It\'s a "Title"') == "<p>Text</p>"
    assert html("<h1>A title</h1>\n\nText") == "<p>Text</p>"
    assert html("# Not the title\n\nText").startswith("<h1>")
    assert html("Text\n\n# A title") == "<p>Text</p>\n<h1>A title</h1>"


def test_an_html_post_is_no_markdown() -> None:
    assert html("<p>*a* [b](c)</p>\n    <p>d</p>", path="2024-05-01-x.html") == "<p>*a* [b](c)</p>\n    <p>d</p>"


def test_too_deep_a_text_is_flattened_and_told() -> None:
    for body in ("<div>" * 3000 + "x", "> " * 3000 + "x", "".join("  " * n + "- x\n" for n in range(400))):
        made, found = rendered(parsed(f"---\ntitle: A title\n---\n{body}"))
        assert "x" in made.html
        assert made.html.count("<div>") + made.html.count("<blockquote>") <= 100
        assert not found or found[-1].id == "too-complex"


def test_content_is_named_by_bytes_and_settings() -> None:
    keys = {
        content_key(digest, title, Rendering(engine=engine, unknown_shortcodes=policy, made_by=made_by))
        for digest in ("a", "b")
        for title in ("One", "Other")
        for engine in MarkdownEngine
        for policy in ("drop", "code")
        for made_by in ("nh3 1", "nh3 2")
    }
    assert len(keys) == 32
    assert content_key("a", "One", Rendering()) == content_key("a", "One", Rendering())


def test_one_post_after_another_is_as_one_alone() -> None:
    bodies = ["[x]: https://x.example\n\n[x]", "[x]", "a[^1]\n\n[^1]: b", "a[^1]", "*[HTML]: Markup\n\nHTML", "HTML"]
    alone = [html(body) for body in bodies]
    assert [html(body) for body in reversed(bodies)] == alone[::-1]
    assert "abbr" not in alone[5]


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("`{{ page.title }}` and `{% x %}`", "<p><code>{{ page.title }}</code> and <code>{% x %}</code></p>"),
        ("```\n{% x %}\n{{< y >}}\n```", "<pre><code>{% x %}\n{{&lt; y &gt;}}</code></pre>"),
        ("    {% x %}", "<pre><code>{% x %}\n</code></pre>"),
        ("```\n{% raw %}\n{{ x }}\n{% endraw %}\n```", "<pre><code>{{ x }}\n</code></pre>"),
        ("The set {{a}} of $\\frac{{a}}{{b}}$", "<p>The set {{a}} of $\\frac{{a}}{{b}}$</p>"),
        ("[this] and [that][] and [video]", "<p>[this] and [that][] and [video]</p>"),
    ],
)
def test_L9_tags_in_code_and_text_that_is_no_tag_stay(body: str, shown: str) -> None:
    assert html(body).strip() == shown.strip()
    assert found_in(body) == []


@pytest.mark.parametrize(
    "tag",
    [
        "{% nobody %}",
        "{{< nobody x >}}",
        "{{% nobody %}}",
        "{{ nobody.knows }}",
        "{{ x | nobody }}",
        '[nobody a="b"]',
        "{{ nobody(a=1) }}",
    ],
)
def test_L9_unknown_tags_follow_the_policy_and_are_told(tag: str) -> None:
    body = f"Before {tag} after."
    assert html(body) == "<p>Before  after.</p>"
    assert found_in(body) == ["shortcode-unknown"]
    shown = html(body, unknown="code")
    assert shown.startswith("<p>Before <code>")
    assert "nobody" in shown
    assert found_in(body, "code") == ["shortcode-unknown"]


def test_L9_the_line_of_a_tag_is_its_line_in_the_file() -> None:
    made = rendered(parsed("---\ntitle: x\n---\n\n\nOne.\n\nTwo {% nobody %}."))[1]
    assert [one.line for one in made] == [8]


@BOTH
@pytest.mark.parametrize(
    "bad",
    [
        "<script>x</script>",
        "<style>x</style>",
        "<iframe src='https://a.example'></iframe>",
        "<form><input></form>",
        "<b onclick=x>y</b>",
        "<a href='javascript:x'>y</a>",
        "<p style='x'>y</p>",
        "<svg onload=x>",
        "<base href='/x'>",
        "<meta http-equiv=refresh>",
        "<noscript><p title='</noscript><img src=x onerror=y>'>",
        "<math><mtext><table><mglyph><style><img src=x onerror=y>",
    ],
)
def test_L5_nothing_that_acts_is_left(engine: MarkdownEngine, bad: str) -> None:
    out = html(f"Text {bad}\n\n{bad}\n\nend", engine=engine)
    for word in (
        "<script",
        "<style",
        "<iframe",
        "<form",
        "<input",
        "onclick",
        "onerror",
        "onload",
        "javascript:",
        "style=",
        "<svg",
        "<base",
        "<meta",
    ):
        assert word not in out.replace("&lt;", "")
    assert "end" in out or "<style>" in bad  # a style that is never closed takes the rest, as in a browser


def test_L5_an_embedded_video_is_a_link() -> None:
    out = html('<iframe src="https://player.vimeo.com/video/123456" title="A &quot;film&quot;"></iframe>')
    assert out == '<p><a href="https://vimeo.com/123456">A "film"</a></p>'
    assert 'href="https://a.example/x"' in html('<iframe src="//a.example/x"></iframe>')
    assert html('<iframe src="javascript:x"></iframe>x') == "<p>x</p>"


def test_L7_pictures_that_wait_for_a_script_are_shown() -> None:
    assert 'src="/x.png"' in html('<img class="lazy" src="data:image/gif;base64,xx" data-src="/x.png">')
