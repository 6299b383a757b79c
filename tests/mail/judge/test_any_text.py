"""Whatever a post says, our mail of it has no error; whatever the judge is given, it says so and goes on."""

from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.mail.judge.fault import Kind
from publisher.mail.judge.judge import judge
from publisher.posts.text import plain_text
from tests.mail.judge.made import ADDRESS, DIGEST
from tests.mail.samples import a_digest, a_message, a_post, a_reader

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
_LINES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=60)
_PIECES = st.sampled_from(
    [
        "<p>Words.</p>",
        '<p><a href="https://a.example/"></a></p>',
        '<p><a href="#x">there</a></p>',
        '<p><a href="ftp://a.example/x">file</a></p>',
        '<p><a href="https://a.example/"><img src="https://a.example/a.png"></a></p>',
        '<p><img src="https://a.example/1.gif" width="1" height="1"></p>',
        '<img src="http://a.example/a.svg" alt="s">',
        '<img src="data:image/png;base64,AA">',
        "<h1>Top</h1><h5>Deep</h5>",
        "<h2></h2>",
        "<table><tr><td>1</td></tr></table>",
        "<table><tr><th>a</th></tr><tr><td><table><tr><td>b</td></tr></table></td></tr></table>",
        "<pre><code>&lt;b&gt; {{ x }}\n    y</code></pre>",
        "<ul><li>a<ul><li>b</li></ul></li></ul><li>stray</li>",
        "<video src='https://a.example/a.mp4'></video><form><input></form>",
        '<p style="float:left" onclick="x()">styled</p>',
    ]
)


@given(title=_LINES, html=st.lists(_PIECES, max_size=6).map("".join), name=_LINES)
@settings(max_examples=40, deadline=None)
def test_what_we_write_has_no_error(title: str, html: str, name: str) -> None:
    for mail in (a_post(title=title, html=html, text=plain_text(html)), a_digest(2, title=title)):
        found = judge(a_message(mail, a_reader(name=name)), postal_address=ADDRESS)
        assert [one for one in found if one.kind is not Kind.DOUBTFUL] == []


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_judged(data: bytes) -> None:
    assert judge(data)


@given(st.integers(0, 40_000), st.integers(0, 60), _TEXT)
@settings(max_examples=60, deadline=None)
def test_any_damage_is_judged(start: int, length: int, put_in: str) -> None:
    data = a_message(DIGEST)
    judge(data[:start] + put_in.encode() + data[start + length :])
    head, gap, body = data.partition(b"\r\n\r\n")
    judge(head.replace(b": ", b": " + put_in.encode()) + gap + body)
