"""K1: what a blog's generator keeps back by a file's name is no post here either, and is told."""

import pytest

from publisher.errors import PostError
from publisher.posts.generators import Generator
from tests.posts.make import parsed

TEXT = "---\ntitle: Half done\ndate: 2020-03-03\n---\nNot yet for anybody."
JEKYLL = {"generator": Generator.JEKYLL, "folder": "_posts"}
BESIDE = {"generator": Generator.JEKYLL, "folder": "blog"}  # its posts are in several folders
HEXO = {"generator": Generator.HEXO, "folder": "_posts"}


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("_2020-03-03-hidden.md", JEKYLL),
        ("_wip/2020-03-04-wip.md", JEKYLL),
        ("a/b/_2020-03-04-wip.md", JEKYLL),
        ("half-done.md", JEKYLL),
        ("2020-03.md", JEKYLL),
        ("_posts/half-done.md", BESIDE),
        ("bikes/_posts/_wip/2020-03-04-wip.md", BESIDE),
        ("_hidden.md", HEXO),
        ("a/_wip/hidden.md", HEXO),
    ],
)
def test_what_the_generator_makes_no_post_of_is_none(path: str, where: dict[str, str]) -> None:
    with pytest.raises(PostError) as raised:
        parsed(TEXT, path, **where)
    assert raised.value.finding == "not-a-post"
    assert "makes no post of" in str(raised.value)


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("2020-03-03-done.md", JEKYLL),
        ("20-3-3-done.md", JEKYLL),
        ("2020/2020-03-03-done.md", JEKYLL),
        ("a/_wip/2020-03-04-done.md", JEKYLL),  # only the first folder counts to Jekyll
        ("_bikes/_posts/2020-03-04-done.md", BESIDE),
        ("_drafts/idea.md", BESIDE),
        ("soup.md", {"generator": Generator.JEKYLL, "folder": "_recipes"}),  # a collection needs no dates
        ("done.md", HEXO),
        ("_done.md", {"generator": Generator.ELEVENTY, "folder": "posts"}),
    ],
)
def test_what_the_generator_makes_a_post_of_is_read(path: str, where: dict[str, str]) -> None:
    assert parsed(TEXT, path, **where).post.metadata.title == "Half done"
