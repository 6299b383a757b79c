"""Clean HTML becomes text for people: wrapped, links as notes, structure by marks; excerpts end with a sentence."""

import pytest

from publisher.posts.rendering import MarkdownEngine
from publisher.posts.text import excerpt, minutes, plain_text
from publisher.posts.wrap import columns
from tests.posts.make import html


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("", ""),
        ("<p>a\n  b</p>", "a b\n"),
        ("<p>a<br>b</p>", "a\nb\n"),
        ("<h1>Title</h1><p>x</p>", "Title\n=====\n\nx\n"),
        ("<h2>漢字</h2>", "漢字\n----\n"),
        ("<h3>Title</h3><p>x</p>", "Title\n\nx\n"),
        (
            '<p><a href="https://a.example/">a</a> b <a href="https://a.example/">c</a></p>',
            "a [1] b c [1]\n\n[1] https://a.example/\n",
        ),
        ('<p><a href="https://a.example/x">https://a.example/x</a></p>', "https://a.example/x\n"),
        ('<p><a href="mailto:a@b.example">a@b.example</a></p>', "a@b.example\n"),
        ('<p><img src="https://x.example/y.png" alt="A dog"> <img src="z" alt=""></p>', "[A dog]\n"),
        ("<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul><p>d</p>", "- a\n- b\n  - c\n\nd\n"),
        ('<ol start="9"><li>a</li><li>b</li></ol>', "9. a\n10. b\n"),
        (
            '<div class="footnote"><ol><li>a<ul><li>b</li></ul></li><li>c</li></ol></div><ol><li>d</li></ol>',
            "[^1] a\n     - b\n[^2] c\n\n1. d\n",
        ),
        ("<ul><li><p>a</p><p>b</p></li><li><p>c</p></li></ul>", "- a\n\n  b\n\n- c\n"),
        ("<blockquote><p>a</p><p>b</p></blockquote><p>c</p>", "> a\n>\n> b\n\nc\n"),
        ("<p>a</p><pre><code>x\n  y\n</code></pre><p>b</p>", "a\n\n    x\n      y\n\nb\n"),
        ("<p>a</p><hr><p>b</p>", "a\n\n* * *\n\nb\n"),
        ("<p>&lt;b&gt; &amp; c</p>", "<b> & c\n"),
        ("<table><tr><th>A</th><th>BB</th></tr><tr><td>1</td><td>2</td></tr></table>", "A  BB\n-  --\n1  2\n"),
        ("<figure><img alt='x' src='y'><figcaption>Words</figcaption></figure>", "[x]\n\nWords\n"),
    ],
)
def test_plain_text(source: str, text: str) -> None:
    assert plain_text(source) == text


def test_lines_fit_but_addresses_are_never_broken() -> None:
    address = "https://a.example/" + "x" * 100
    made = plain_text(f"<blockquote><p>{'word ' * 60}</p></blockquote><p>{'漢' * 100}</p><p>{address}</p>", width=40)
    lines = made.split("\n")
    assert address in lines
    assert all(columns(line) <= 40 for line in lines if line != address)
    assert made.count("漢") == 100


def test_a_wide_table_is_read_row_by_row() -> None:
    row = "<tr><td>Ada</td><td>" + "long words " * 20 + "</td></tr>"
    made = plain_text(f"<table><tr><th>Name</th><th>About</th></tr>{row}</table>", width=40)
    assert made.startswith("Name: Ada\nAbout: long words")
    assert all(len(line) <= 40 for line in made.split("\n"))


def test_an_excerpt_ends_with_a_sentence_or_between_words() -> None:
    html = "<h1>Head</h1><p>One sentence here. And another one! " + "word " * 100 + "</p><pre>code</pre>"
    assert excerpt(html, limit=40) == "One sentence here. And another one!"
    assert excerpt("<p>" + "word " * 100 + "</p>", limit=22) == "word word word word…"
    assert excerpt("<p>a &lt;b&gt;</p>") == "a <b>"
    assert excerpt("<h2>Only a heading</h2>") == "Only a heading"
    assert excerpt("<p>" + "漢字。" * 200 + "</p>", limit=30) == "漢字。" * 10
    assert excerpt("") == ""


@pytest.mark.parametrize("engine", MarkdownEngine)
def test_an_excerpt_has_neither_notes_nor_gaps_where_their_numbers_were(engine: MarkdownEngine) -> None:
    made = html("They came[^1], and *went*[^2].\n\n[^1]: In May.\n\n[^2]: In August.", engine=engine)
    assert excerpt(made) == "They came, and went."
    assert excerpt('<div class="footnote"><p>Notes alone.</p></div>') == "Notes alone."


@pytest.mark.parametrize(
    ("html", "expected"), [("", 1), ("<p>" + "word " * 231, 2), ("<p>" + "漢" * 801, 3), ("<p>" + "word " * 230, 1)]
)
def test_minutes(html: str, expected: int) -> None:
    assert minutes(html) == expected
