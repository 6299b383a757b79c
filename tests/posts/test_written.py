"""Markdown as people write it, where one Markdown or another loses their words; each was seen on a real blog."""

import pytest

from publisher.model.entry import Body
from publisher.posts.markdown import render_content
from publisher.posts.rendering import MarkdownEngine, Rendering

EXTRA, COMMONMARK = MarkdownEngine.EXTRA, MarkdownEngine.COMMONMARK

WRITTEN = [
    (
        "item after a paragraph of an item",
        EXTRA,
        "- a\n\n  para\n- b",
        "<ul>\n<li>\n<p>a</p>\n<p>para</p>\n</li>\n<li>\n<p>b</p>\n</li>\n</ul>",
    ),
    (
        "sublist after a paragraph of an item",
        EXTRA,
        "- a\n\n  para\n  - sub\n- b",
        "<ul>\n<li>\n<p>a</p>\n<p>para</p>\n<ul>\n<li>sub</li>\n</ul>\n</li>\n<li>\n<p>b</p>\n</li>\n</ul>",
    ),
    (
        "number after a paragraph of an item",
        EXTRA,
        "1. a\n\n   para\n2. b\n3. c",
        "<ol>\n<li>\n<p>a</p>\n<p>para</p>\n</li>\n<li>\n<p>b</p>\n</li>\n<li>\n<p>c</p>\n</li>\n</ol>",
    ),
    ("heading right after an item", EXTRA, "- a\n### H\n\nx", "<ul>\n<li>a</li>\n</ul>\n<h3>H</h3>\n<p>x</p>"),
    ("rule right after an item", EXTRA, "- a\n- b\n***\nx", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<hr>\n<p>x</p>"),
    (
        "code in an item, second line",
        EXTRA,
        "- a\n\n      docker run\n        x\n",
        "<ul>\n<li>\n<p>a</p>\n<pre><code>docker run\n  x\n</code></pre>\n</li>\n</ul>",
    ),
    (
        "backslash at the end of a line of code",
        EXTRA,
        "x\n\n    curl \\\n      -H a\n",
        "<p>x</p>\n<pre><code>curl \\\n  -H a\n</code></pre>",
    ),
    (
        "backslash at the end of a line of HTML",
        EXTRA,
        "<div>\n<pre>a \\\nb</pre></div>",
        "<div>\n<pre>a \\\nb</pre></div>",
    ),
    (
        "<script> in a code span",
        EXTRA,
        "Use a `<script>` tag\n\n```html\n<b>x</b>\n```\n\nThen *this*.",
        "<p>Use a <code>&lt;script&gt;</code> tag</p>\n<pre><code>&lt;b&gt;x&lt;/b&gt;</code></pre>\n<p>Then <em>this</em>.</p>",  # noqa: E501
    ),
    (
        "<style> in a heading",
        EXTRA,
        "### .`<style>`\n```js\na\n```\n",
        "<h3>.<code>&lt;style&gt;</code></h3>\n<pre><code>a</code></pre>",
    ),
    (
        "fence shown in indented code",
        EXTRA,
        "Write:\n\n    ```js\n    x\n    ```\n\nend",
        "<p>Write:</p>\n<pre><code>```js\nx\n```\n</code></pre>\n<p>end</p>",
    ),
    (
        "reference label with code",
        EXTRA,
        "[`a`] and [`b`][] and [t][`c`]\n\n[`a`]: http://a.example/\n[`b`]: http://b.example/\n[`c`]: http://c.example/",
        '<p><a href="http://a.example/"><code>a</code></a> and <a href="http://b.example/"><code>b</code></a> and <a href="http://c.example/">t</a></p>',
    ),
    ("#word is no heading", EXTRA, "#hashtag and more\n\n#427", "<p>#hashtag and more</p>\n<p>#427</p>"),
    (
        "no tag",
        EXTRA,
        "### f(a: Record<string, string>): Promise<Array[string]>",
        "<h3>f(a: Record&lt;string, string&gt;): Promise&lt;Array[string]&gt;</h3>",
    ),
    ("raw html holds a list", EXTRA, "<p>\nyear\n- dash\n</p>\n## H\n", "<p>\nyear\n- dash\n</p>\n<h2>H</h2>"),
    ("comment holds a fence", EXTRA, "<!-- ```\nx\n``` -->\n\ntext", "<p>text</p>"),
    (
        "badges after an image by reference",
        EXTRA,
        "![R][r]\n[![c][c]][d]\n\n[r]: r.svg\n[c]: c.svg\n[d]: dd",
        '<p><img alt="R" src="r.svg">\n<a href="dd"><img alt="c" src="c.svg"></a></p>',
    ),
    ("tab after the mark", EXTRA, "text\n-\ta\n-\tb", "<p>text</p>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
    (":::lang of codehilite", EXTRA, "    :::python\n    print(1)\n", "<pre><code>print(1)\n</code></pre>"),
    ("#!lang", EXTRA, "    #!python\n    print(1)\n", "<pre><code>print(1)\n</code></pre>"),
    (
        "kramdown table without head",
        EXTRA,
        "| a | b |\n| c | d |",
        "<table>\n<tbody>\n<tr>\n<td>a</td>\n<td>b</td>\n</tr>\n<tr>\n<td>c</td>\n<td>d</td>\n</tr>\n</tbody>\n</table>",
    ),
    ("kramdown hard break", EXTRA, "a\\\\\nb", "<p>a<br>\nb</p>"),
    ("backslash at the very end", EXTRA, "a\\", "<p>a\\</p>"),
    ("two rules", EXTRA, "-----\n-----\n", "<hr>\n<hr>"),
    ("empty item", EXTRA, "- a\n-\n- b", "<ul>\n<li>a</li>\n<li></li>\n<li>b</li>\n</ul>"),
    ("setext rule in list", EXTRA, "- a\n---\n- b", "<ul>\n<li>a</li>\n</ul>\n<hr>\n<ul>\n<li>b</li>\n</ul>"),
    (
        "definition with a blank in <>",
        EXTRA,
        "[ref]\n\n[ref]: <http://x.example/a b> 't'",
        '<p><a href="http://x.example/a b" title="t">ref</a></p>',
    ),
    ("autolink tel:", EXTRA, "<tel:+123>", '<p><a href="tel:+123">tel:+123</a></p>'),
    (
        "list in a definition",
        EXTRA,
        "Term\n:   Def\n    - x\n    - y\n",
        "<dl>\n<dt>Term</dt>\n<dd>Def<ul>\n<li>x</li>\n<li>y</li>\n</ul>\n</dd>\n</dl>",
    ),
    ("entity in code", EXTRA, "`&#123 x`", "<p><code>&amp;#123 x</code></p>"),
    ("\\[x\\] is no formula", EXTRA, "see \\[3\\] and f\\(x\\)", "<p>see [3] and f(x)</p>"),
    ("\\[x\\] is no formula", COMMONMARK, "see \\[3\\] and f\\(x\\)", "<p>see [3] and f(x)</p>"),
    ("\\\\(x\\\\) is shown with one backslash", EXTRA, "\\\\(a_1\\\\)", "<p>\\(a_1\\)</p>"),
    ("\\\\(x\\\\) is shown with one backslash", COMMONMARK, "\\\\(a_1\\\\)", "<p>\\(a_1\\)</p>"),
    (
        "link with escaped brackets",
        EXTRA,
        "[Stack](http://en.wikipedia.org/wiki/Stack_\\(abstract_data_type\\))",
        '<p><a href="http://en.wikipedia.org/wiki/Stack_(abstract_data_type)">Stack</a></p>',
    ),
    (
        "link with escaped brackets",
        COMMONMARK,
        "[Stack](http://en.wikipedia.org/wiki/Stack_\\(abstract_data_type\\))",
        '<p><a href="http://en.wikipedia.org/wiki/Stack_(abstract_data_type)">Stack</a></p>',
    ),
    (
        "dollars in an address",
        EXTRA,
        "[x](http://a.example/?q=$a_b$&r=1) and ![y](/i/$a_1$.png)",
        '<p><a href="http://a.example/?q=$a_b$&amp;r=1">x</a> and <img alt="y" src="/i/$a_1$.png"></p>',
    ),
    (
        "dollars in an address",
        COMMONMARK,
        "[x](http://a.example/?q=$a_b$&r=1) and ![y](/i/$a_1$.png)",
        '<p><a href="http://a.example/?q=$a_b$&amp;r=1">x</a> and <img src="/i/$a_1$.png" alt="y"></p>',
    ),
    (
        "formula over code or a link",
        EXTRA,
        "`a` ${`$x_1`}$ and [$$](#a) [$$](#b)",
        '<p><code>a</code> ${<code>$x_1</code>}$ and <a href="#a">$$</a> <a href="#b">$$</a></p>',
    ),
    (
        "formula over code or a link",
        COMMONMARK,
        "`a` ${`$x_1`}$ and [$$](#a) [$$](#b)",
        '<p><code>a</code> ${<code>$x_1</code>}$ and <a href="#a">$$</a> <a href="#b">$$</a></p>',
    ),
    (
        "code in a list or quote keeps its tags",
        EXTRA,
        "- a\n\n      {{ x.y }}\n\n>     {{ c.d }}",
        "<ul>\n<li>\n<p>a</p>\n<pre><code>{{ x.y }}\n</code></pre>\n</li>\n</ul>\n<blockquote>\n<pre><code>{{ c.d }}\n</code></pre>\n</blockquote>",  # noqa: E501
    ),
    (
        "code in a list or quote keeps its tags",
        COMMONMARK,
        "- a\n\n      {{ x.y }}\n\n>     {{ c.d }}",
        "<ul>\n<li>\n<p>a</p>\n<pre><code>{{ x.y }}\n</code></pre>\n</li>\n</ul>\n<blockquote>\n<pre><code>{{ c.d }}\n</code></pre>\n</blockquote>",  # noqa: E501
    ),
    (
        "yaml in indented code",
        EXTRA,
        "Text\n\n    steps:\n    - uses: a\n    - run: ${{ a.b }}\n",
        "<p>Text</p>\n<pre><code>steps:\n- uses: a\n- run: ${{ a.b }}\n</code></pre>",
    ),
    (
        "yaml in indented code",
        COMMONMARK,
        "Text\n\n    steps:\n    - uses: a\n    - run: ${{ a.b }}\n",
        "<p>Text</p>\n<pre><code>steps:\n- uses: a\n- run: ${{ a.b }}\n</code></pre>",
    ),
    (
        "a link of another scheme shows as its source",
        COMMONMARK,
        "[d](file:///x) [e](javascript:x)",
        "<p><a>d</a> <a>e</a></p>",
    ),
    (
        "<Object> in prose",
        EXTRA,
        "A List<Object> of things.\n\nSecond words.\n\nThird.",
        "<p>A List&lt;Object&gt; of things.</p>\n<p>Second words.</p>\n<p>Third.</p>",
    ),
    (
        "<Object> in prose",
        COMMONMARK,
        "A List<Object> of things.\n\nSecond words.\n\nThird.",
        "<p>A List&lt;Object&gt; of things.</p>\n<p>Second words.</p>\n<p>Third.</p>",
    ),
    (
        "<Select> in prose",
        EXTRA,
        "The <Select> component.\n\nSecond words.",
        "<p>The &lt;Select&gt; component.</p>\n<p>Second words.</p>",
    ),
    (
        "<Select> in prose",
        COMMONMARK,
        "The <Select> component.\n\nSecond words.",
        "<p>The &lt;Select&gt; component.</p>\n<p>Second words.</p>",
    ),
    ("task list item without words", COMMONMARK, "- [ ] \n- [x] a", "<ul>\n<li>☐</li>\n<li>☑ a</li>\n</ul>"),
    (
        "definition of two terms",
        COMMONMARK,
        "Term 1\nTerm 2\n: Def",
        "<dl>\n<dt>Term 1</dt>\n<dt>Term 2</dt>\n<dd>Def</dd>\n</dl>",
    ),
]


@pytest.mark.parametrize(("engine", "source", "html"), [row[1:] for row in WRITTEN], ids=[row[0] for row in WRITTEN])
def test_a_post_says_what_its_writer_meant(engine: MarkdownEngine, source: str, html: str) -> None:
    content, findings = render_content(Body(text=source), Rendering(engine=engine), path="post.md", title="A title")
    assert content.html == html
    assert not findings
