"""Films and sounds: played in a feed, followed as a link from a mail; never nothing, and never a broken picture."""

import re

import pytest

from publisher.mail.article import to_mail
from publisher.model.entry import Body
from publisher.posts.labels import VIDEO_FILE
from publisher.posts.links import resolve
from publisher.posts.markdown import render_content
from publisher.posts.rendering import MarkdownEngine, Rendering
from publisher.posts.text import plain_text
from tests.posts.make import links

HERE = "https://blog.example/post/"
BOTH = pytest.mark.parametrize("engine", MarkdownEngine)


def made(
    body: str, engine: MarkdownEngine = MarkdownEngine.EXTRA, media_url: str | None = None
) -> tuple[str, str, str]:
    """As a feed has it, as a mail, as its text."""
    content, _ = render_content(Body(text=body), Rendering(engine=engine), path="a.md", title="A")
    html = resolve(content.html, base_url=HERE, links=links(), path="a.md", media_url=media_url).html
    return html, to_mail(html, title="A", url=HERE, column=544), plain_text(html)


CASES = {
    '<video src="/c.mp4" controls title="A cat jumps"></video>': "A cat jumps",
    '<video src="/c.mp4" aria-label="A cat jumps">Your browser does not support video.</video>': "A cat jumps",
    '<video><source src="/c.mp4" type="video/mp4">A cat jumps</video>': "A cat jumps",
    '<video controls><source src="/c.mp4"><a href="/c.mp4">A cat jumps</a></video>': "A cat jumps",
    '<video src="/c.mp4">Votre navigateur ne sait pas.</video>': "Video: c.mp4",
    '<audio src="/c.mp4"></audio>': "Audio: c.mp4",
    "![A cat jumps](/c.mp4)": "A cat jumps",
    '![](/c.mp4 "A cat jumps")': "A cat jumps",
    '{{< figure src="/c.mp4" alt="A cat jumps" >}}': "A cat jumps",
}


@BOTH
@pytest.mark.parametrize(("body", "words"), CASES.items(), ids=CASES)
def test_a_mail_leads_to_what_a_feed_plays(engine: MarkdownEngine, body: str, words: str) -> None:
    html, mail, text = made(f"Before.\n\n{body}\n\nAfter.", engine)
    assert re.search(r'<(?:video|audio)[^>]* controls=""', html)
    assert f'<a href="https://blog.example/c.mp4">{words}</a></' in html
    assert mail.count(f'<a href="https://blog.example/c.mp4">{words}</a>') == 1
    assert not re.search("<(?:img|video|audio|source)", mail)
    assert f"{words} [1]" in text
    assert text.endswith("[1] https://blog.example/c.mp4\n")


def test_the_picture_of_a_film_leads_to_it() -> None:
    html, mail, _ = made('<video poster="/p.jpg" title="A cat"><source src="/c.mp4"></video>')
    assert 'poster="https://blog.example/p.jpg"' in html
    assert re.search(
        r'<a href="https://blog.example/c.mp4"><img src="https://blog.example/p.jpg" alt=""[^>]*><br>A cat</a>', mail
    )


def test_no_link_stands_in_another() -> None:
    html, mail, _ = made("[![A cat](/c.mp4)](/more/)")
    assert html.count("<a ") == mail.count("<a ") == 1
    assert '<a href="https://blog.example/more/">A cat</a>' in mail


def test_what_plays_nothing_leaves_its_words() -> None:
    assert made("<p><video>Only words</video></p>")[0] == "<p>Only words</p>"


def test_a_link_in_a_film_leads_where_the_film_is() -> None:
    html, _, _ = made("![A cat](c.mp4)", media_url="https://cdn.example/x/")
    assert html.count("https://cdn.example/x/c.mp4") == 2


def test_pictures_stay_pictures() -> None:
    assert made("![A cat](/c.webp)")[0] == '<p><img alt="A cat" src="https://blog.example/c.webp"></p>'


def test_a_film_is_no_word_of_an_excerpt_and_its_name_is_in_the_post_s_language() -> None:
    content, _ = render_content(
        Body(text="![](/c.mp4)\n\nWords."), Rendering(), path="a.md", title="A", labels={VIDEO_FILE: "Vídeo"}
    )
    assert content.excerpt == "Words."
    assert ">Vídeo: c.mp4</a>" in content.html
