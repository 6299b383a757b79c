"""Real blogs: every file is a post or a reason; nothing of them is lost in silence, and nothing raw comes out."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from publisher.errors import PostError
from publisher.posts.filename import looks_like_post
from publisher.posts.findings import FINDINGS
from publisher.posts.links import Links, resolve
from publisher.posts.parse import Parsed, parse_post
from publisher.posts.rendering import MarkdownEngine, Rendering
from publisher.posts.text import plain_text
from tests.posts.make import SHARED, rendered, rules

CORPORA = {
    "18f": ("18f/content/posts", MarkdownEngine.EXTRA, 503, 503),
    "redox": ("redox/content/news", MarkdownEngine.COMMONMARK, 143, 143),
    "letsencrypt": ("letsencrypt/content/en/post", MarkdownEngine.COMMONMARK, 122, 121),
    "right to left": ("letsencrypt/content/fa", MarkdownEngine.COMMONMARK, 40, 0),
}
_ADDRESS = re.compile(r'\s(?:href|src|poster|cite)="([^"]*)"')
_CODE = re.compile(r"<(pre|code)>.*?</\1>", re.DOTALL)


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for file in sorted(folder.rglob("*")):
        path = file.relative_to(folder).as_posix()
        if file.is_file() and looks_like_post(path):
            yield path, file.read_bytes()


@pytest.mark.parametrize("name", CORPORA)
def test_K7_a_real_blog(name: str) -> None:
    place, engine, some, posts_in_it = CORPORA[name]
    folder = SHARED / "corpora" / place
    if not folder.is_dir():
        pytest.skip("the real blogs are not here")
    posts: list[Parsed] = []
    refused = []
    for path, data in files(folder):
        try:
            posts.append(parse_post(data, path, rules()))
        except PostError as error:
            refused.append(error.finding)
    assert set(refused) <= FINDINGS.keys()
    assert len(posts) + len(refused) >= some - 5
    assert len(posts) >= posts_in_it
    links = Links(site_url="https://blog.example/", by_source={one.post.path: one.post.metadata.url for one in posts})
    for read in posts[:: max(1, len(posts) // 60)]:  # every one takes seconds, and tells no more
        one = read.post
        content, _ = rendered(read, Rendering(engine=engine))
        html, _, _ = resolve(content.html, base_url=one.metadata.url, links=links, path=one.path)
        assert content.excerpt or "<" not in html, one.path
        assert all(re.match(r"https?://|mailto:|tel:", address) for address in _ADDRESS.findall(html)), one.path
        assert not re.search(r"\{%|\{\{[<%]|<script|<iframe|style=", _CODE.sub("", html)), one.path
        assert plain_text(html).strip() or not html
