"""Tags of other tools become what their readers saw: words, links, pictures, code, notes; never the tag itself."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.mail.article import to_mail
from publisher.model.blog import Generator
from publisher.posts.links import Links, resolve
from publisher.posts.rendering import MarkdownEngine, Policy, Rendering
from publisher.posts.stash import Stash
from publisher.posts.tags import expand
from publisher.posts.tags.embeds import EMBEDS
from publisher.posts.tags.known import WAYS
from publisher.posts.text import plain_text
from tests.posts.make import parsed, rendered

SITE = "https://blog.example/"
POST = "https://blog.example/post/"
OTHER = "https://blog.example/other/"
LINKS = Links(site_url=SITE, by_source={"2020-01-01-other.md": OTHER, "Some Note.md": "https://blog.example/note/"})
BOTH = pytest.mark.parametrize("engine", MarkdownEngine)


def shown(
    body: str,
    *,
    engine: MarkdownEngine = MarkdownEngine.EXTRA,
    generator: Generator = Generator.NONE,
    unknown: Policy = "drop",
    front: str = "",
) -> tuple[str, list[str]]:
    """The HTML with its links, and what was told."""
    one = parsed(f"---\ntitle: A title\n{front}\n---\n{body}")
    rendering = Rendering(engine=engine, generator=generator, unknown_shortcodes=unknown, site="The Blog")
    content, findings = rendered(one, rendering)
    html, unresolved, _ = resolve(content.html, base_url="https://blog.example/post/", links=LINKS, path="post.md")
    return html, [finding.message for finding in (*findings, *unresolved)]


def squeezed(html: str) -> str:
    """Without blanks, and with the attributes of pictures in one order."""
    html = re.sub(r'<img alt="([^"]*)" src="([^"]*)">', r'<img src="\2" alt="\1">', html)
    return "".join(html.split())


# --- what it becomes --------------------------------------------------------------------------------------------------

CASES = [
    # other posts and files
    ("[x]({% post_url 2020-01-01-other %})", f'<p><a href="{OTHER}">x</a></p>'),
    ("[x]({{ site.baseurl }}{% post_url 2020-01-01-other %})", f'<p><a href="{OTHER}">x</a></p>'),
    ("[x]({{ site.url }}{{ site.baseurl }}{% link _posts/2020-01-01-other.md %})", f'<p><a href="{OTHER}">x</a></p>'),
    ("[x]({% link assets/a.pdf %})", f'<p><a href="{SITE}assets/a.pdf">x</a></p>'),
    ('[x]({{< ref "2020-01-01-other" >}})', f'<p><a href="{OTHER}">x</a></p>'),
    ('[x]({{ get_url(path="@/2020-01-01-other.md") }})', f'<p><a href="{OTHER}">x</a></p>'),
    ('![x]({{ get_url(path="a.png") }})', f'<p><img src="{SITE}a.png" alt="x"></p>'),
    ('![x]({{ resize_image(path="a.png", width=1, op="fit_width") }})', f'<p><img src="{SITE}a.png" alt="x"></p>'),
    ("{% post_link 2020-01-01-other Words of it %}", f'<p><a href="{OTHER}">Words of it</a></p>'),
    ("{% asset_img a.png A cat %}", '<figure><img src="https://blog.example/post/a.png" alt="A cat"></figure>'),
    ("{% img left /a.png 100 100 Alt text %}", f'<figure><img src="{SITE}a.png" alt="Alt text"></figure>'),
    ("{% picture hero /h.jpg --img class=x --alt Hero alt --link /y %}",
     f'<figure><a href="{SITE}y"><img src="{SITE}h.jpg" alt="Hero alt"></a></figure>'),
    ('![x]({% asset_path "a.png" %})', f'<p><img src="{SITE}a.png" alt="x"></p>'),
    # outputs
    ("{{ page.title }} of {{ site.title }}", "<p>A title of The Blog</p>"),
    ("[x]({{ page.url }}#y)", '<p><a href="https://blog.example/post/#y">x</a></p>'),
    ("Find {{ page.url }}, or {{ site.url }}{{ page.url }}, or {{ page.url | absolute_url }}.",
     f"<p>Find {POST}, or {POST}, or {POST}.</p>"),
    ("[x]({{ site.url }}/{{ site.baseurl }}{{ page.url }})", f'<p><a href="{POST}">x</a></p>'),
    ("[x](https://t.example/share?url={{ site.url }}{{ page.url }}&text={{ page.title | url_encode }})",
     f'<p><a href="https://t.example/share?url={POST}&amp;text=A+title">x</a></p>'),
    ("[x](https://t.example/share?url={{ site.url }}{% post_url 2020-01-01-other %})",
     f'<p><a href="https://t.example/share?url={OTHER}">x</a></p>'),
    ("[x](https://m.example{{ page.url }}#y)", '<p><a href="https://m.example/post/#y">x</a></p>'),
    ("See https://t.example/?u={{ page.url }} and https://t.example/?u={{ site.url }}",
     (f'<p>See <a href="https://t.example/?u={POST}">https://t.example/?u={POST}</a> and '
      f'<a href="https://t.example/?u={SITE[:-1]}">https://t.example/?u={SITE[:-1]}</a></p>')),
    ("x-post: {{ page.url | upcase }}", f"<p>x-post: {POST}</p>"),
    ('[x]({{ "/y" | relative_url }})', f'<p><a href="{SITE}y">x</a></p>'),
    ('[x]({{ "/y" | prepend: site.baseurl | prepend: site.url }})', f'<p><a href="{SITE}y">x</a></p>'),
    ('[x]({{ site.baseurl | append: "/y" }})', f'<p><a href="{SITE}y">x</a></p>'),
    ('![x]({{ "/a.png" | url }})', f'<p><img src="{SITE}a.png" alt="x"></p>'),
    ('{{ "words" }} and {{ "{{ page.title }}" }}', "<p>words and {{ page.title }}</p>"),
    ("{{ 'Words' | upcase }}", "<p>WORDS</p>"),
    ('{{ page.nothing | default: "else" }}', "<p>else</p>"),
    ('{{ "https://youtu.be/abcdef12345" | embed: "A film" }}',
     '<p><a href="https://youtu.be/abcdef12345">A film</a></p>'),
    ("${{ secrets.TOKEN }}", "<p>${{ secrets.TOKEN }}</p>"),
    # names for words
    ('{% assign n = "World" %}Hello {{ n }}!', "<p>Hello World!</p>"),
    ("{% capture x %}*hello*{% endcapture %}Say {{ x }} there", "<p>Say <em>hello</em> there</p>"),
    ('{% set n = "Bob" %}Hi {{ n }}', "<p>Hi Bob</p>"),
    ('{% assign p = "/a.png" %}![x]({{ p | relative_url }})', f'<p><img src="{SITE}a.png" alt="x"></p>'),
    # code, formulas, what is not for reading
    ("{% highlight html %}\n{% raw %}<b>{{ x }}</b>{% endraw %}\n{% endhighlight %}",
     "<pre><code>&lt;b&gt;{{ x }}&lt;/b&gt;</code></pre>"),
    ('a {{< highlight sh "hl_inline=true" >}}ls{{< /highlight >}} b', "<p>a <code>ls</code> b</p>"),
    ('{{< code-toggle file="config" >}}\na: 1\n{{< /code-toggle >}}', "<pre><code>a: 1</code></pre>"),
    ("{{< mermaid >}}\ngraph TD; A-->B\n{{< /mermaid >}}", "<pre><code>graph TD; A--&gt;B</code></pre>"),
    ("{{< katex >}}a_1 * b_2{{< /katex >}}", "<p>a_1 * b_2</p>"),
    ("a {# note to self #} b {{/* and this */}} c{% comment %} no {{ x }} {% endcomment %}", "<p>a b c</p>"),
    ("{::comment}\nno\n{:/comment}\n\nyes", "<p>yes</p>"),
    ("* TOC\n{:toc}\n\nText", "<p>Text</p>"),
    ("1. x\n{:toc .no_toc}\n\nText", "<p>Text</p>"),
    ("[TOC]\n\nText", "<p>Text</p>"),
    ("{% toc %}\n\n{{< icon heart >}} Text", "<p>Text</p>"),
    # one branch, no loop
    ("{% if site.x %}one{% elsif y %}two{% else %}three{% endif %}", "<p>one</p>"),
    ("{% if false %}one{% else %}two{% endif %}", "<p>two</p>"),
    ("{% case x %}{% when 1 %}one{% when 2 %}two{% endcase %}", "<p>one</p>"),
    ("{% unless x %}{% if y %}in{% else %}no{% endif %}{% else %}out{% endunless %}", "<p>in</p>"),
    ("a {% for p in site.posts %}{{ p.title }}{% endfor %} b", "<p>a b</p>"),
    # notes, quotes, layout
    ('{{< details "Why *Node*?" >}}\nBody\n{{< /details >}}',
     "<blockquote><p><strong>Why <em>Node</em>?</strong></p><p>Body</p></blockquote>"),
    ('{% note(title="Mind") %}\n- a\n- b\n{% end %}',
     "<blockquote><p><strong>Mind</strong></p><ul><li>a</li><li>b</li></ul></blockquote>"),
    ('{% note info "Read" %}Words{% endnote %}', "<blockquote><p><strong>Read</strong></p><p>Words</p></blockquote>"),
    ('{{< alert text="Mind the gap" >}}', "<blockquote><p>Mind the gap</p></blockquote>"),
    ('{% include note.html content="Words" %}', "<blockquote><p><strong>Note</strong></p><p>Words</p></blockquote>"),
    ("{% blockquote Jane, Her Book https://b.example/x Page 3 %}\nWords\n{% endblockquote %}",
     '<blockquote><p>Words</p><p>— Jane, Her Book, <a href="https://b.example/x">Page 3</a></p></blockquote>'),
    ('{{< tabs >}}{{< tab "One" >}}a{{< /tab >}}{{< tab "Two" >}}b{{< /tab >}}{{< /tabs >}}',
     "<p><strong>One</strong></p><p>a</p><p><strong>Two</strong></p><p>b</p>"),
    ("{% tabs x %}{% tab x One two %}a{% endtab %}{% endtabs %}", "<p><strong>One two</strong></p><p>a</p>"),
    ("{{< columns >}}\nleft\n<--->\nright\n{{< /columns >}}", "<p>left</p><p>right</p>"),
    ("{% details Click *me* %}\nin\n{% enddetails %}",
     "<blockquote><p><strong>Click <em>me</em></strong></p><p>in</p></blockquote>"),
    ('{{< alert "circle-info" >}}\nBody\n{{< /alert >}}', "<blockquote><p>Body</p></blockquote>"),
    ('{{< alert "Mind" >}}\nBody\n{{< /alert >}}',
     "<blockquote><p><strong>Mind</strong></p><p>Body</p></blockquote>"),
    # attributes
    ("![d](/d.png)\n{.wide #fig1}\n\nText\n{.note}\n\nMore",
     f'<p><img src="{SITE}d.png" alt="d"></p><p>Text</p><p>More</p>'),
    ('> Words\n{class="wide"}', "<blockquote><p>Words</p></blockquote>"),
    ("|a|\n|-|\n|1|\n{.wide}", "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>"),
    ('{:ref: style="x"}\n{::comment}\nno\n{:/}\n\n{::options parse="x" /}\nyes', "<p>yes</p>"),
    ("```\n{.wide}\n```", "<pre><code>{.wide}</code></pre>"),
    ('{{< tabs >}}\n{{< tab "One" >}}\na\n{{< /tab >}}\n{{< /tabs >}}', "<p><strong>One</strong></p><p>a</p>"),
    ("> [!WARNING]\n> Hot", "<blockquote><p><strong>Warning</strong></p><p>Hot</p></blockquote>"),
    ("> [!note]- Folded\n> Hot", "<blockquote><p><strong>Folded</strong></p><p>Hot</p></blockquote>"),
    ("::: tip Read\na\n\n- b\n:::\n\nc",
     "<blockquote><p><strong>Read</strong></p><p>a</p><ul><li>b</li></ul></blockquote><p>c</p>"),
    (":::note[Read]\na\n:::", "<blockquote><p><strong>Read</strong></p><p>a</p></blockquote>"),
    ('::: {.callout-tip title="Read"}\na\n:::', "<blockquote><p><strong>Read</strong></p><p>a</p></blockquote>"),
    ('!!! note "Read"\n    a\n\n    b\n\nc',
     "<blockquote><p><strong>Read</strong></p><p>a</p><p>b</p></blockquote><p>c</p>"),
    ("!!! warning\n    a", "<blockquote><p><strong>Warning</strong></p><p>a</p></blockquote>"),
    # words in a line
    ('Press {{< kbd "Ctrl+C" >}} now', "<p>Press <kbd>Ctrl+C</kbd> now</p>"),
    ('{{ abbr(text="HTML", title="x") }} is', "<p>HTML is</p>"),
    ('A {{< color red "word" >}} here', "<p>A word here</p>"),
    ('{{< button href="https://x.example" >}}**Here**{{< /button >}}',
     '<p><a href="https://x.example"><strong>Here</strong></a></p>'),
    ('See {{ button(text="Click", url="/x") }}', f'<p>See <a href="{SITE}x">Click</a></p>'),
    ("{% link Words of it https://x.example %}", '<p><a href="https://x.example">Words of it</a></p>'),
    # from elsewhere
    ('{{< figure src="/a.png" title="Ti" caption="[l](/x)" attr="by X" >}}',
     (f'<figure><img src="{SITE}a.png" alt="l">'
      f'<figcaption><strong>Ti</strong> <a href="{SITE}x">l</a> by X</figcaption></figure>')),
    ('{{ figure(\n  src="a.png",\n  alt="x"\n) }}',
     '<figure><img src="https://blog.example/post/a.png" alt="x"></figure>'),
    ("{% img left /a.png 300 200 'A title' 'A cat' %}", f'<figure><img src="{SITE}a.png" alt="A title"></figure>'),
    ('{% include video id="123456789" provider="vimeo" %}',
     '<p><a href="https://vimeo.com/123456789">Video on Vimeo</a></p>'),
    ("{% gist 0123abcd a.rb %}",
     '<p><a href="https://gist.github.com/0123abcd">Code on GitHub Gist: https://gist.github.com/0123abcd</a></p>'),
    ("{% gist jane/0123abcd a.rb %}",
     '<p><a href="https://gist.github.com/jane/0123abcd">Code on GitHub Gist: https://gist.github.com/jane/0123abcd</a></p>'),
    ("{% iframe https://x.example/y %}", '<p><a href="https://x.example/y">Embedded content: x.example</a></p>'),
    ('[audio mp3="/a.mp3"][/audio]', f'<p><a href="{SITE}a.mp3">Embedded content: /a.mp3</a></p>'),
    ('[caption id="a"][![x](/a.jpg)](/b) Cap[/caption]',
     f'<figure><a href="{SITE}b"><img src="{SITE}a.jpg" alt="x"></a><figcaption>Cap</figcaption></figure>'),
    # editors
    ("[[Some Note]] and [[Some Note|this]]",
     '<p><a href="https://blog.example/note/">Some Note</a> and <a href="https://blog.example/note/">this</a></p>'),
    ("![[a.png]]", '<p><img src="https://blog.example/post/a.png" alt=""></p>'),
    ("![x](/a.png =300x200)", f'<p><img src="{SITE}a.png" alt="x"></p>'),
    ('![x](/a.png){: width="70" .left}\n{: .lead }', f'<p><img src="{SITE}a.png" alt="x"></p>'),
]  # fmt: skip


@BOTH
@pytest.mark.parametrize(("body", "expected"), CASES, ids=[body[:40] for body, _ in CASES])
def test_L9_a_tag_becomes_what_its_readers_saw(engine: MarkdownEngine, body: str, expected: str) -> None:
    html, told = shown(body, engine=engine)
    assert squeezed(html) == squeezed(expected)
    assert not [message for message in told if "not known here; it was left out" in message]


@BOTH
@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('[unheard a="b"]words[/unheard]', ["words"]),
        ("[unheard]words[/unheard]", ["words"]),
        ('{{% def id="x" name="Account key" %}}Body{{% /def %}}', ["Account key", "Body"]),
        ('By {{ "shawn" | team_link }}.', ["By shawn."]),
        ('{{< unheard "some words of it" >}}', ["some words of it"]),
        ('{{< unheard caption="words" >}}', ["words"]),
        ('{{< unheard src="https://x.example/y" >}}', ['<a href="https://x.example/y">']),
        ("{% unheard %}\n\n**words**\n\n{% endunheard %}", ["<strong>words</strong>"]),
        ("[youtube https://youtu.be/abcdef12345]\n\nwords\n\n[youtube]abcdef12345[/youtube]", ["words"]),
    ],
)
def test_L9_words_are_kept_whatever_the_tag_around_them(engine: MarkdownEngine, body: str, words: list[str]) -> None:
    html, _ = shown(body, engine=engine)
    assert [one for one in words if one not in html] == []
    assert "unheard" not in html
    assert "[/" not in html


def test_L9_attributes_hold_nothing_and_are_not_told() -> None:
    html, told = shown('![d](/d.png){:height="36px"}\n\n{::nomarkdown}<b>x</b>{:/}')
    assert html == f'<p><img alt="d" src="{SITE}d.png"></p>\n<p><b>x</b></p>'
    assert told == []


def test_L9_text_that_is_no_tag_stays() -> None:
    for text in (
        "trim_{left,right} and Sum_{k=1..n}",
        "a [this] and [/etc] and [video] and [that][]",
        "The set {a, b} and {{a}} and f{x}",
        "{:key => 1} in Ruby",
        "{% and then nothing",
    ):
        html, told = shown(text, engine=MarkdownEngine.COMMONMARK)
        assert html == f"<p>{text.replace('>', '&gt;')}</p>"
        assert told == []
    assert shown("*{number}* and `x`{string}")[0] == "<p><em>{number}</em> and <code>x</code>{string}</p>"


def test_L9_tags_of_a_tool_that_would_show_them_are_shown() -> None:
    vue = "Vue writes {{ message }}."
    assert shown(vue, generator=Generator.HUGO) == ("<p>Vue writes {{ message }}.</p>", [])
    assert shown(vue, generator=Generator.PELICAN)[0] == "<p>Vue writes {{ message }}.</p>"
    assert shown(vue, generator=Generator.JEKYLL)[0] == "<p>Vue writes .</p>"
    assert len(shown(vue, generator=Generator.JEKYLL)[1]) == 1


def test_L9_the_front_matter_has_the_values_of_a_page() -> None:
    assert shown("{{ page.mood }}, {{ mood }}", front="mood: fine")[0] == "<p>fine, fine</p>"
    assert shown('{{< param "mood" >}}', front="mood: fine", generator=Generator.HUGO)[0] == "<p>fine</p>"


def test_L9_with_code_as_policy_unknown_tags_are_shown_as_code() -> None:
    html, told = shown('{{< unheard a="b" >}}words{{< /unheard >}}', unknown="code")
    assert html == '<p><code>{{&lt; unheard a="b" &gt;}}</code>words</p>'
    assert len(told) == 1
    assert "shown as code" in told[0]


def test_L9_each_name_is_told_once_and_what_was_done() -> None:
    told = shown(
        '{% unheard %} {% unheard %} {% other "two words" %}\n\n{% if x %}a{% endif %}\n\n{% for x in y %}{% endfor %}'
    )[1]
    assert [message.split("`")[2].split("; write")[0] for message in told] == [
        " is a tag that is not known here; it was left out",
        " is a tag that is not known here; only its words were kept",
        " depends on what is not known here; its first part is shown",
        " makes text of data that is not here; it was left out",
    ]


@BOTH
@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("a [shop]({{ site.shop_url }}) b", "a shop b"),
        ("a [shop]({{site.shop_url}}/x) b", "a shop b"),
        ("a [shop]({{ site.url }}/{{ page.folder }}/x) b", "a shop b"),
        ('a <a href="{{ site.shop_url }}">shop</a> b', "a shop b"),
        ("a ![shop]({{ page.images }}/c.png) b", "a shop b"),
        ('a <img src="{{ page.images }}/c.png" alt="shop"> b', "a shop b"),
        ("a [shop][1] b\n\n[1]: {{ site.shop_url }}", "a shop b"),
        ("a [shop]({{ url }}) b", "a shop b"),
        ("a [shop]({% shop_url %}) b", "a shop b"),
        ("a ![shop]({{ page.films }}/c.mp4) b", "a shop b"),
        ("a [shop](https://x.example/?ref={{ site.ref }}) b", 'a <a href="https://x.example/?ref=">shop</a> b'),
    ],
)  # fmt: skip
def test_L9_an_address_that_nobody_knows_leads_nowhere_and_is_told(
    engine: MarkdownEngine, body: str, words: str
) -> None:
    html, told = shown(body, engine=engine, generator=Generator.JEKYLL)
    assert html == f"<p>{words}</p>"
    assert len(told) == 1
    assert "is a tag that is not known here; it was left out" in told[0]


@pytest.mark.parametrize(
    ("tag", "address"),
    [
        ('{{< codepen user="jane" pen="abc" >}}', "https://codepen.io/jane/pen/abc"),
        ('{{< codepen user="jane" slug_hash="abc" >}}', "https://codepen.io/jane/pen/abc"),
        ('{{< mastodon status="https://m.example/@jane/1" >}}', "https://m.example/@jane/1"),
        ('{{< instagram post_id="abc" >}}', "https://www.instagram.com/p/abc/"),
        ('{{< github repo="a/b" >}}', "https://github.com/a/b"),
        ('{{< github user="a" repo="b" >}}', "https://github.com/a/b"),
        ('{{< spotify type="album" id="abc" >}}', "https://open.spotify.com/album/abc"),
        ("{{< spotify abc >}}", "https://open.spotify.com/track/abc"),
        ('{{< bilibili bvid="BV1x" >}}', "https://www.bilibili.com/video/BV1x"),
    ],
)
def test_L9_what_themes_call_an_id_is_one(tag: str, address: str) -> None:
    html, told = shown(tag)
    assert f'href="{address}"' in html
    assert told == []


@pytest.mark.parametrize(
    "tag",
    ['{{< tiktok data="1" >}}', '{{< spotify type="track" >}}', "{{< bilibili >}}", "{{< soundcloud >}}",
     '{{< codepen pen="abc" >}}'],
)  # fmt: skip
def test_L9_a_site_s_tag_that_names_nothing_is_told(tag: str) -> None:
    html, told = shown(f"Before.\n\n{tag}\n\nAfter.")
    assert html == "<p>Before.</p>\n<p>After.</p>"
    assert len(told) == 1
    assert "not known here; it was left out" in told[0]


# --- the excerpt ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "mark", ["<!--more-->", "<!-- more -->", "<!-- TEASER_END -->", "<!-- truncate -->", "{{< more >}}"]
)
def test_M5_what_stands_above_the_mark_is_the_excerpt(mark: str) -> None:
    one = parsed(f"---\ntitle: x\n---\n# x\n\nFirst. Second.\n\n{mark}\n\nThird.")
    content, told = rendered(one)
    assert content.excerpt == "First. Second."
    assert content.html == "<p>First. Second.</p>\n<p>Third.</p>"
    assert told == ()


def test_M5_a_mark_in_code_is_code_and_one_in_a_line_ends_there() -> None:
    assert (
        rendered(parsed("---\ntitle: x\n---\nUse `<!--more-->` here. Text."))[0].excerpt
        == "Use <!--more--> here. Text."
    )
    assert rendered(parsed("---\ntitle: x\n---\nFirst. <!--more--> Second."))[0].excerpt == "First."
    own = parsed("---\ntitle: x\nexcerpt_separator: '---8<---'\n---\nFirst.\n\n---8<---\n\nSecond.")
    assert rendered(own)[0].excerpt == "First."


# --- whatever the text ------------------------------------------------------------------------------------------------

PIECES = [
    "{% if x %}", "{% else %}", "{% endif %}", "{{< a >}}", "{{< /a >}}", "{{< note >}}", "{{< /note >}}", "{% raw %}",
    "{% endraw %}", "{{ x.y }}", '[b c="d"]', "[/b]", "[caption]", "[/caption]", "{{", "}}", "{%", "%}", '"', "'", "`",
    "\n\n", "\n    ", "\n> ", "\n- ", "words ", "{% capture v %}", "{% endcapture %}", "{{ v }}", "{% end %}",
    "{% n() %}", "{{< highlight x >}}", "{{< /highlight >}}", "{% comment %}", "{% endcomment %}", ":::", "\n::: tip\n",
    "\n!!! note\n", "<!--more-->", "[[x]]", "{: .a}", "{#", "#}", "```\n",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join), st.sampled_from(["drop", "code"]))
def test_any_mixture_of_tags_becomes_text_without_marks(text: str, policy: Policy) -> None:
    one = parsed(f"---\ntitle: x\n---\n{text}")
    content, _ = rendered(one, Rendering(unknown_shortcodes=policy))
    assert not any("\ufdd0" <= sign <= "\ufdef" for sign in content.html + content.excerpt)


NAMES = sorted({*WAYS, *EMBEDS, "responsive_image", "wikipedia"})
KEYS = (
    "url",
    "id",
    "src",
    "type",
    "user",
    "title",
    "caption",
    "provider",
    "link",
    "author",
    "path",
    "source",
    "alt",
    "x",
)
VALUES = st.sampled_from(
    [
        "",
        " ",
        "a",
        "a/b",
        "https://x.example/y",
        "//x",
        "@a",
        "1",
        "{x}",
        "{user}",
        "%",
        "é",
        "\ud800",
        "a b",
        "youtube",
        "audio",
    ]
) | st.text(max_size=5)
ARGUMENTS = st.lists(st.tuples(st.sampled_from(("", *KEYS)), VALUES, st.sampled_from(["", '"', "'", "`"])), max_size=4)
FORMS = (
    "{{%% %s %s %%}}", "{%% %s %s %%}", "{{< %s %s >}}", "{{ %s(%s) }}", "[%s %s]", "a {{< %s %s >}} b",
    "[x]({%% %s %s %%})", "{%% include %s.html %s %%}",
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(NAMES), ARGUMENTS, st.sampled_from(FORMS), st.sampled_from(["", "{{< /%s >}}", "{%% end%s %%}"]))
def test_no_arguments_of_any_tag_are_too_odd(
    name: str, arguments: list[tuple[str, str, str]], form: str, closing: str
) -> None:
    written = " ".join((f"{key}=" if key else "") + quote + value + quote for key, value, quote in arguments)
    html, _ = shown(form % (name, written) + (f"in{closing % name}" if closing else ""))
    assert not any("\ufdd0" <= sign <= "\ufdef" for sign in html)


PLACES = (
    "{{ page.url }}", "{{ site.url }}", "{{ site.baseurl }}", "{{page.url|absolute_url}}", '{{ "/y" | absolute_url }}',
    "{% post_url 2020-01-01-other %}", "{% post_url gone %}", "{% link a.pdf %}", '{{ page.url | replace: "-", " " }}',
    "{{ site.url | upcase }}", '{{ page.url | append: "a" }}', "{{ page.url | prepend: site.url }}", "{{ page.id }}",
    "{{ page.url | title | slice: 3 }}", "{{ site.url | url_encode }}", '{{ page.url | remove: ":" }}',
)  # fmt: skip
AROUND = (
    "[x](", ")", "(", "<", ">", "https://t.example/?u=", "https://", "//", "#y", "/", "&", " ", ".", "`", "![", "]",
    "a", "http://a", "{{ site.x }}", "{% x %}",
    '<a href="', '">', "<img src=", "mailto:x?body=", "\n\n", "**", "[y]: ", "    ", "~", "@", ":", "www.", "'",
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.sampled_from(PLACES) | st.sampled_from(AROUND), max_size=12).map("".join),
    st.sampled_from(MarkdownEngine),
)
def test_L1_nobody_sees_how_we_write_addresses_that_are_not_known_yet(text: str, engine: MarkdownEngine) -> None:
    one = parsed(f"---\ntitle: x\n---\n{text}")
    content, _ = rendered(one, Rendering(engine=engine, generator=Generator.JEKYLL))
    html = resolve(content.html, base_url=POST, links=LINKS, path="post.md").html
    for seen in (html, content.excerpt, plain_text(html), to_mail(html, title="x", url=POST, column=544)):
        assert not re.search("x-(post|site|publisher)", seen, re.IGNORECASE)


@pytest.mark.parametrize(
    "piece",
    [
        "{% ", "{{< ", "{{% ", "{{ ", "{{/* ", "{# ", "{% raw %}", "{% highlight x %}", "{% comment %}", "{% if x %}",
        "[ab k=v", "[ab http://x", '[ab k="v', "[caption]", '{{ "', "{% capture x %}", "{{< note >}}", "[[a",
        "!!! note\n", "::: tip\n", "<!--more", '{% x "', '{{ a | b: "', "{: ",
    ],
)  # fmt: skip
def test_what_is_opened_without_end_takes_no_time(piece: str) -> None:
    text = piece * (300_000 // len(piece))
    _, told = expand(text, Rendering(), Stash(), path="x.md", first_line=1, page={})
    assert len(told) <= 100
