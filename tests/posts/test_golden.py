"""Golden pairs: `post.md` beside the HTML and the text that come of it. Reading them is reading the format."""

from pathlib import Path

import pytest

from publisher.posts.links import Links, resolve
from publisher.posts.parse import parse_post
from publisher.posts.rendering import MarkdownEngine, Rendering
from publisher.posts.text import plain_text
from tests.posts.make import DATA, rendered, rules

POSTS = sorted(DATA.glob("*.md"))
LINKS = Links(
    site_url="https://blog.example/",
    by_source={file.name: f"https://blog.example/{file.stem[11:]}/" for file in POSTS},
)


def made(file: Path, engine: MarkdownEngine) -> tuple[str, str, str]:
    """HTML, text, and the findings, a line each."""
    parsed = parse_post(file.read_bytes(), file.name, rules(permalink="/:title/"))
    content, found = rendered(parsed, Rendering(engine=engine))
    html, unresolved, _ = resolve(content.html, base_url=parsed.post.metadata.url, links=LINKS, path=file.name)
    report = "".join(f"{one.id}: {one}\n" for one in (*parsed.findings, *found, *unresolved))
    return html + "\n", plain_text(html), report


@pytest.mark.parametrize("file", POSTS, ids=lambda file: file.stem)
@pytest.mark.parametrize("engine", MarkdownEngine)
def test_a_post_becomes_its_html_and_its_text(file: Path, engine: MarkdownEngine) -> None:
    html, text, report = made(file, engine)
    assert html == file.with_suffix(f".{engine}.html").read_text("utf-8")
    assert text == file.with_suffix(f".{engine}.txt").read_text("utf-8")
    assert report == file.with_suffix(f".{engine}.findings").read_text("utf-8")
