"""K1: what the settings say of a folder's posts counts where a post says nothing, as in Jekyll's `defaults`."""

from typing import Any

import pytest

from publisher.errors import PostError
from publisher.model.entry import Status
from publisher.posts.generators import Generator
from tests.posts.make import parsed, post, rules

BIKES: dict[str, Any] = {
    "generator": Generator.JEKYLL,
    "permalink": "/:categories/:title.html",
    "defaults": {
        "**": {"categories": ["journal"], "author": "Ada", "image": {"path": "/a.png", "alt": "A"}},
        "/bikes": {"categories": "bikes spokes", "lang": "de"},
        "/wip": {"published": False},
    },
}


def test_a_post_says_what_its_folder_says() -> None:
    chain = post("date: 2018-01-01", path="bikes/2018-01-01-chain.md", **BIKES).metadata
    assert [one.label for one in chain.categories] == ["bikes", "spokes"]
    assert (chain.language, chain.authors[0].name) == ("de", "Ada")
    assert chain.url == "https://blog.example/bikes/spokes/chain.html"


def test_what_a_post_says_itself_counts() -> None:
    own = post("Lang: fr\nauthor: Bob\nimage: {path: /b.png}", path="bikes/2018-01-01-chain.md", **BIKES).metadata
    assert (own.language, own.authors[0].name) == ("fr", "Bob")
    assert own.image is not None
    assert (own.image.url, own.image.alt) == ("https://blog.example/b.png", "A")


def test_jekylls_categories_come_to_those_of_the_folder() -> None:
    own = post("categories: [food, bikes]", path="bikes/2018-01-01-chain.md", **BIKES).metadata
    assert [one.label for one in own.categories] == ["bikes", "spokes", "food"]
    others = BIKES | {"generator": Generator.NONE}
    own = post("categories: [food]", path="bikes/2018-01-01-chain.md", **others).metadata
    assert [one.label for one in own.categories] == ["food"]


@pytest.mark.parametrize(
    ("front", "path", "status"),
    [
        ("", "wip/2018-01-01-x.md", Status.DRAFT),
        ("published: true", "wip/2018-01-01-x.md", Status.PUBLISHED),
        ("published:", "wip/2018-01-01-x.md", Status.DRAFT),
        ("", "deep/wip/2018-01-01-x.md", Status.PUBLISHED),
        ("", "wipe/2018-01-01-x.md", Status.PUBLISHED),
    ],
)
def test_a_folder_keeps_its_posts_back(front: str, path: str, status: Status) -> None:
    assert post(front, path=path, **BIKES).metadata.status is status


def test_a_page_without_front_matter_is_no_post_by_its_folders_word() -> None:
    with pytest.raises(PostError) as raised:
        parsed("Read me.", "README.md", **BIKES)
    assert raised.value.finding == "not-a-post"


def test_the_text_may_ask_for_what_the_folder_says() -> None:
    assert parsed("---\ntitle: x\n---\nText.", "bikes/2018-01-01-x.md", **BIKES).body.metadata["lang"] == "de"
    assert dict(rules().defaults) == {}
