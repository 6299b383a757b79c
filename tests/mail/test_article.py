import itertools
import re
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from publisher.mail.article import plain, to_mail
from tests.mail.samples import ARTICLE

URL = "https://blog.example/zoom/"


def mail(html: str, title: str = "T") -> str:
    return to_mail(html, title=title, url=URL, column=544)


@pytest.mark.parametrize(
    ("levels", "expected"),
    [("12", "23"), ("2", "2"), ("35", "23"), ("3434", "2323"), ("132", "233"), ("123456", "234566"), ("42", "22")],
)
def test_A7_headings_begin_below_the_title_and_skip_none(levels: str, expected: str) -> None:
    html = mail("<p>x</p>" + "".join(f"<h{level}>x</h{level}>" for level in levels))
    assert re.findall(r"<h(\d)", html) == list(expected)


def test_A7_a_heading_that_repeats_the_title_is_dropped() -> None:
    assert mail("<h1>The  Thing</h1><p>x</p>", title="the thing") == "<p>x</p>"
    assert "<h2>The Thing</h2>" in mail("<p>x</p><h1>The Thing</h1>", title="The Thing")


def test_A2_A4_pictures_have_words_and_a_width() -> None:
    html = mail(ARTICLE)
    for picture in lxml_html.fragment_fromstring(html, create_parent="div").iter("img"):
        assert picture.get("alt") is not None
        assert 0 < int(picture.get("width", "0")) <= 544


@pytest.mark.parametrize(
    ("given_size", "expected"),
    [
        ('width="300" height="150"', 'width="300" height="150"'),
        ('width="1088px" height="100"', 'width="544" height="50"'),
        ('width="50%"', 'width="544"'),
        ('style="width: 10px" align="left"', 'width="544"'),
    ],
)
def test_A4_widths_are_those_of_the_sheet(given_size: str, expected: str) -> None:
    html = mail(f'<img src="https://a.example/x.png" alt="" {given_size}>')
    assert expected in html
    assert "style" not in html
    assert "align" not in html


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (
            '<p><img src="https://a.example/x.svg" alt="A plan"></p>',
            '<p><a href="https://a.example/x.svg">A plan</a></p>',
        ),
        ('<p><img src="https://a.example/x.avif"></p>', '<p><a href="https://a.example/x.avif">x.avif</a></p>'),
        ('<p>a<img src="data:image/png;base64,AAAA" alt="dot">b</p>', "<p>adotb</p>"),
        ('<p><img src="/relative.png" alt="r"></p>', "<p>r</p>"),
        (
            '<p><a href="https://b.example/"><img src="https://a.example/x.svg" alt="A plan"></a></p>',
            '<p><a href="https://b.example/">A plan</a></p>',
        ),
    ],
)
def test_A3_A5_a_picture_that_mail_cannot_show_becomes_its_words(html: str, expected: str) -> None:
    assert mail(html) == expected


@pytest.mark.parametrize("size", ['width="1" height="1"', 'width="1px"', 'height="0"'])
def test_R1_a_picture_that_counts_readers_is_left_out(size: str) -> None:
    pixel = f'<img src="https://vg.example/na/1" {size} alt="">'
    assert mail(f"<p>Words.{pixel}</p>") == "<p>Words.</p>"
    assert mail(f'<p>Words.<a href="https://vg.example/">{pixel}</a></p>') == "<p>Words.</p>"


def test_A6_a_linked_picture_has_words() -> None:
    html = mail('<a href="https://b.example/x"><img src="https://a.example/x.png" alt=""></a>')
    assert 'alt="b.example"' in html


def test_K9_K7_footnotes_are_end_notes_and_no_link_stays_inside() -> None:
    html = mail(ARTICLE)
    assert "<sup>1</sup>" in html
    assert "↩" not in html
    assert '<div class="notes">' in html
    assert not re.search(r'href="#|\bid=|<hr></div>', html)
    assert f'<a href="{URL}#wrong">above</a>' in html


@pytest.mark.parametrize("base", ["", URL])
def test_K9_the_other_dialect_of_footnotes_too(base: str) -> None:
    html = mail(
        f'<p>x<sup class="footnote-ref"><a href="{base}#fn1" id="fnref1">[1]</a></sup></p><hr class="footnotes-sep">'
        f'<section class="footnotes"><ol><li id="fn1"><p>note <a href="{base}#fnref1">↩︎</a></p></li></ol></section>'
    )
    assert "<sup>[1]</sup>" in html
    assert '<section class="notes">' in html
    assert "href" not in html


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<a href="javascript:alert(1)">x</a>', "x"),
        ('<a href="relative/">x</a>', "x"),
        ('<a href="https://a.example/a b">x</a>', '<a href="https://a.example/ab">x</a>'),
        ('<a href="https://a.example/"> </a>', " "),
        ('<a href="mailto:a@b.example" onclick="x()" target="_blank">x</a>', '<a href="mailto:a@b.example">x</a>'),
    ],
)
def test_K1_K2_links_go_somewhere_and_say_where(html: str, expected: str) -> None:
    assert mail(f"<p>{html}</p>") == f"<p>{expected}</p>"


def test_C2_C5_nothing_runs() -> None:
    html = mail(
        '<!-- x --><p onclick="x()">a</p><script>x()</script><style>p{}</style><iframe src="https://x.example"></iframe>'
        '<form action="https://x.example"><button>b</button></form><svg><circle></circle></svg>'
        '<picture><source srcset="x.webp"><img src="https://a.example/x.png" srcset="y 2x" loading="lazy"></picture>'
    )
    assert not re.search(r"<(script|style|iframe|form|svg|source|button|picture|!)|on\w+=|srcset|loading", html)
    assert "a</p>" in html
    assert "x.png" in html


def test_A1_tables_say_what_heads_what_and_scroll_by_themselves() -> None:
    html = mail(ARTICLE)
    assert '<div class="scroll"><table class="data">' in html
    assert html.count('scope="col"') == 3
    assert '<td style="text-align: right">23.5</td>' in html
    assert 'role="presentation"' in mail("<table><tr><td>a</td></tr></table>")
    assert 'scope="row"' in mail("<table><tr><th>a</th><td>b</td></tr></table>")


def test_task_lists_and_folded_parts_are_words() -> None:
    assert "☑ done" in mail('<ul><li><input type="checkbox" checked disabled> done</li></ul>')
    assert "☐ open" in mail('<ul><li><input type="checkbox"> open</li></ul>')
    assert mail("<details><summary>More</summary><p>x</p></details>") == "<div><p>More</p><p>x</p></div>"


def test_code_reads_from_left_to_right_in_every_language() -> None:
    assert '<pre dir="ltr">' in mail("<pre>x</pre>")


TAGS = [
    "p",
    "div",
    "h1",
    "h3",
    "h6",
    "a href='#x'",
    "a",
    "ul",
    "ol",
    "li",
    "sup",
    "table",
    "tr",
    "th",
    "td",
    "pre",
    "details",
]
HTML = st.recursive(
    st.text('ab <>&"é\n', max_size=8).map(escape),  # the sanitiser leaves no bare < in text
    lambda inner: st.builds(
        lambda tag, parts: f"<{tag} id='i'>{''.join(parts)}</{tag.split()[0]}>",
        st.sampled_from(TAGS),
        st.lists(inner, max_size=3),
    ),
    max_leaves=12,
)


@given(HTML)
def test_A7_K7_K9_hold_for_any_html(html: str) -> None:
    made = mail(html)
    assert not re.search(r'href="#|\sid=', made)
    levels = [1, *map(int, re.findall(r"<h(\d)", made))]
    assert all(1 < later <= earlier + 1 for earlier, later in itertools.pairwise(levels))


def test_plain_keeps_words_and_addresses() -> None:
    html = '<p>Hello <a href="https://a.example/">there</a>.</p><ul><li>One &amp; two</li></ul>'
    assert plain(html) == "Hello there <https://a.example/>.\n\nOne & two"
    assert plain("") == ""
