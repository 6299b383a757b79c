"""A vault of Obsidian's as a blog: its links are links, its comments are nobody's, its signs are never shown raw."""

import pytest

from publisher.model.blog import Generator
from publisher.posts.links import Links, resolve
from publisher.posts.rendering import MarkdownEngine, Rendering
from tests.posts.make import parsed, rendered

BOTH = pytest.mark.parametrize("engine", MarkdownEngine)
LINKS = Links(site_url="https://blog.example/", by_source={"Other.md": "https://blog.example/other/"})
HERE = "https://blog.example/post/"


def shown(
    body: str, engine: MarkdownEngine = MarkdownEngine.EXTRA, generator: Generator = Generator.NONE
) -> tuple[str, str]:
    """As HTML, and its beginning."""
    one = parsed(f"---\ntitle: A title\n---\n{body}")
    content, _ = rendered(one, Rendering(engine=engine, generator=generator))
    return resolve(content.html, base_url=HERE, links=LINKS, path="post.md").html, content.excerpt


@BOTH
@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("![[Other]]", '<a href="https://blog.example/other/">Other</a>'),
        ("![[Other#Part|words]]", '<a href="https://blog.example/other/#Part">words</a>'),
        ("![[paper.pdf]]", f'<a href="{HERE}paper.pdf">paper.pdf</a>'),
        ("![[Gone]]", "Gone"),
        ("[[#A part]]", f'<a href="{HERE}#A%20part">A part</a>'),
        ("[[Other#^a1b2c3]]", '<a href="https://blog.example/other/">Other</a>'),
        ("Words. ^a1b2c3", "Words."),
        ("Very ==good== news, a==b and c == d == e", "Very <mark>good</mark> news, a==b and c == d == e"),
        ("a %%secret `code` one%% b", "a  b"),
        ("a 100%% b `%%c%%`", "a 100%% b <code>%%c%%</code>"),
    ],
)
def test_what_a_note_means_is_what_a_reader_sees(engine: MarkdownEngine, body: str, html: str) -> None:
    assert shown(body, engine)[0] == f"<p>{html}</p>"


@BOTH
def test_a_picture_has_its_words_and_not_its_size(engine: MarkdownEngine) -> None:
    html, _ = shown("![[a.png|A caption|300x200]] ![[b.png|300]]", engine)
    assert 'alt="A caption"' in html
    assert 'alt=""' in html
    assert "300" not in html


@BOTH
def test_a_link_in_a_table_keeps_to_its_cell(engine: MarkdownEngine) -> None:
    html, _ = shown("| [[Other\\|words]] | b |\n|---|---|\n| x | y |", engine)
    assert '<th><a href="https://blog.example/other/">words</a></th>' in html


def test_a_film_is_played_and_linked() -> None:
    assert f'<a href="{HERE}a.mp4">A cat</a></video>' in shown("![[a.mp4|A cat]]")[0]


@BOTH
def test_a_comment_over_many_lines_is_in_no_feed_and_no_excerpt(engine: MarkdownEngine) -> None:
    html, excerpt = shown("%%\nsecret\n\n```\ncode\n```\n%%\n\nWords.", engine)
    assert html == "<p>Words.</p>"
    assert excerpt == "Words."


def test_a_comment_is_no_title() -> None:
    assert parsed("---\ndate: 2020-01-01\n---\n%%secret%%\n\nWords.", "note.md").post.metadata.title == "Words."
    assert parsed("%%\n# Secret\n%%\n\n# Real\n", "2020-01-01-a.md").post.metadata.title == "Real"


def test_a_line_of_tags_is_no_title() -> None:
    for body in ("#status/draft #writing\n\n# Real\n\nWords.", "#draft\nReal"):
        assert parsed(f"---\ndate: 2020-01-01\n---\n{body}", "note.md").post.metadata.title == "Real"


def test_to_a_generator_that_does_not_know_these_signs_they_are_words() -> None:
    body = "a ==b== %%c%% ^a1b2c3"
    assert shown(body, generator=Generator.JEKYLL)[0] == f"<p>{body}</p>"
