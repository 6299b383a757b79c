"""A promise: whatever is in the folder, a post comes out or a PostError that says why; and what comes out is safe."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from lxml import html as lxml_html

from publisher.errors import PostError
from publisher.posts.findings import FINDINGS
from publisher.posts.html import POST_SCHEME, SELF, SITE_SCHEME
from publisher.posts.links import Links, resolve
from publisher.posts.parse import Parsed, parse_post
from publisher.posts.rendering import MarkdownEngine, Rendering
from publisher.posts.source import NOT_XML
from publisher.posts.text import plain_text
from tests.posts.make import rendered, rules

_PIECES = st.sampled_from(
    [
        "---\n", "+++\n", "...\n", "{", "}", "[", "]", "(", ")", "```\n", "~~~\n", "\n", "\n\n", "    ", "\t", "  ",
        "- ", "* ", "1. ", "> ", "# ", "## ", "| a | b |\n|---|--:|\n| 1 | 2 |\n", "`", "``", "**", "_", "~~", "<",
        ">", "&", "<div>", "</div>", "<pre>", "</pre>", "<script>", "</script>", "<!--", "-->", "<iframe src=",
        "<img src=x onerror=y>", "<a href='javascript:x'>", "<td>", "<svg>", "<math>", "[^1]", "[^1]: ", "[x]: ",
        "[x](y)", "![a](/b.png)", "![](data:image/png;base64,xx)", "http://a.example/b_c", "www.b.example", "title: ",
        "date: 2020-02-30\n", "date: 2020-02-03\n", "date = 2020-01-01\n", "Title: x\nDate: 2020-01-01\n\n",
        "{% raw %}", "{% endraw %}", "{% highlight x %}", "{% endhighlight %}", '{{< figure src="/a b.png" >}}',
        '{{< ref "x.md#y" >}}', "{{ site.url }}", '[twitter url="https://t.example/1"]', "[caption]", "[/caption]",
        "{: .x}", "$$", "$a_b$", "\\", "\\(", ": ", "=", "é", "\u202e", "漢字", "\ufdd0", "\ufdd00\ufdd1", "\x00",
        "\x02", "\x03", "\r\n", "\r", "\ud800", "‚Äî", "🖼", "id: x:y\n", "tags: [a, [b]]\n",
        "permalink: /:x/:title\n", "a", "b c", "\u2028", "\x85", "//c.example/d",
        f"{POST_SCHEME}:y", f"{SITE_SCHEME}:/z", SELF,
    ]
)  # fmt: skip
_TEXTS = st.lists(_PIECES | st.text(max_size=8), max_size=40).map("".join)
_FILES = st.one_of(
    st.binary(max_size=300),
    _TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass")),
    _TEXTS.map(lambda text: b"---\ndate: 2020-01-01\n---\n" + text.encode("utf-8", "surrogatepass")),
    _TEXTS.map(lambda text: b"---\ndate: 2020-01-01\n" + text.encode("utf-8", "surrogatepass") + b"\n---\nText."),
    _TEXTS.map(lambda text: text.encode("utf-16", "surrogatepass")),
)
_PATHS = st.sampled_from(
    ["a.md", "2020-01-01-b.md", "x/2016-03-00-c.markdown", "d.html", "2020/01/01/e.md", "f/index.md"]
)
_LINKS = Links(site_url="https://blog.example/", by_source={"x.md": "https://blog.example/x/"})
_FORBIDDEN = re.compile(
    r"<(?:script|style|iframe|form|object|embed|svg|math|input)\b|\son\w+=|javascript:", re.IGNORECASE
)


def _read(data: bytes, path: str) -> tuple[Parsed | None, PostError | None]:
    try:
        return parse_post(data, path, rules()), None
    except PostError as error:
        return None, error


@settings(max_examples=250, deadline=None)
@given(data=_FILES, path=_PATHS)
def test_any_bytes_at_all_are_a_post_or_a_reason(data: bytes, path: str) -> None:
    one, refused = _read(data, path)
    if one is None:
        assert refused is not None
        assert refused.finding in FINDINGS
        assert refused.path == path
        assert not refused.line or refused.line >= 1
        return
    meta = one.post.metadata
    assert meta.title == " ".join(meta.title.split())
    assert meta.url.startswith(("https://", "http://"))
    assert meta.url.isascii()
    assert not NOT_XML.search(one.body.text + meta.title + (meta.summary or "") + "".join(meta.labels))
    assert all(finding.id in FINDINGS for finding in one.findings)
    assert one == parse_post(data, path, rules())


@settings(max_examples=250, deadline=None)
@given(text=_TEXTS, engine=st.sampled_from(MarkdownEngine), path=st.sampled_from(["a.md", "a.html"]))
def test_any_text_at_all_renders_safe_and_whole(text: str, engine: MarkdownEngine, path: str) -> None:
    data = b"---\ntitle: T\ndate: 2020-01-01\n---\nx" + text.encode("utf-8", "surrogatepass")
    one = parse_post(data, path, rules())
    content, findings = rendered(one, Rendering(engine=engine))
    out, more, _ = resolve(content.html, base_url="https://blog.example/t/", links=_LINKS, path=path)

    assert all(finding.id in FINDINGS for finding in (*findings, *more))
    assert not NOT_XML.search(out)
    assert "\ufdd0" not in out
    tree = lxml_html.fromstring(f"<div>{out}</div>")
    etree.fromstring(etree.tostring(tree))  # as XML it is well-formed, too
    for element in tree.iter(etree.Element):
        assert not _FORBIDDEN.match("<" + str(element.tag))
        for name, value in ((str(key), str(value)) for key, value in element.items()):
            assert not _FORBIDDEN.match(f" {name}=")
            if name in {"href", "src", "poster", "cite"}:
                assert re.match(r"(?:https?|mailto|tel|sms|xmpp|ircs?|ftp|gopher|gemini|news):", value), value
                assert value.isascii()
                assert " " not in value
    assert (content, findings) == rendered(one, Rendering(engine=engine))
    assert content.minutes >= 1
    assert len(content.excerpt) <= 280
    text_part = plain_text(out)
    assert not text_part or text_part.endswith("\n")
