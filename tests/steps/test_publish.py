"""Which feeds a build makes anew: those that are made of other things, and no feed is ever left that says the old."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from publisher.adapters.folder import OutputFolder
from publisher.config import load_config
from publisher.steps.publish import publish
from publisher.steps.unchanged import Published
from publisher.store.builds import Builds
from publisher.wiring import House, open_house

CONFIG = """
[site]
title = "Field Notes"
url = "https://blog.example/"
[feeds]
formats = ["atom"]
"""


class Recorded(OutputFolder):
    """A folder that knows which files were made, whether or not they said something new."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.made: list[str] = []

    def write(self, path: str, data: bytes) -> bool:
        if not path.startswith("."):
            self.made.append(path.removesuffix(".atom").removeprefix("categories/"))
        return super().write(path, data)


class Blog:
    def __init__(self, folder: Path, house: House) -> None:
        self.folder = folder
        self.house = house
        self.frame = "one"
        self.made: list[str] = []

    def write(self, name: str, category: str, words: str) -> None:
        text = f"---\ntitle: {name}\ndate: 2024-01-01\ncategories: [{category}]\n---\n{words}\n"
        (self.folder / "posts" / f"{name}.md").write_text(text, encoding="utf-8")

    def build(self) -> Published:
        self.house.collect()
        return self.publish()

    def publish(self) -> Published:
        """Afterwards `made` names the feeds that were made."""
        output = Recorded(self.folder / "public")
        published = publish(
            self.house.entries,
            self.house.bodies,
            output,
            Builds(self.house.engine),
            edition="",
            frame=self.frame,
            site=self.house.config.site_value(),
            rules=self.house.config.feed_rules(),
        )
        self.made = sorted(output.made)
        return published

    def feed(self, name: str) -> str:
        return (self.folder / "public" / "categories" / f"{name}.atom").read_text("utf-8")


@pytest.fixture
def blog(tmp_path: Path) -> Iterator[Blog]:
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "posts").mkdir()
    house = open_house(load_config(tmp_path / "config.toml", {}))
    made = Blog(tmp_path, house)
    made.write("robin", "birds", "It sings.")
    made.write("rye", "bread", "More on [robins](robin.md).")
    made.write("wren", "birds", "It is small.")
    made.build()
    assert made.made == ["birds", "bread", "feed"]
    yield made
    house.close()


def test_a_post_that_changed_changes_the_feeds_that_carry_it(blog: Blog) -> None:
    blog.write("wren", "birds", "It is very small.")
    published = blog.build()
    assert blog.made == ["birds", "feed"]
    assert (published.feeds, len(published.written), published.unchanged) == (3, 2, 1)
    assert "very small" in blog.feed("birds")
    assert blog.build().unchanged == 3
    assert blog.made == []


def test_a_post_that_moves_changes_the_feeds_of_those_that_link_to_it(blog: Blog) -> None:
    posts = blog.folder / "posts"
    text = (posts / "robin.md").read_text("utf-8").replace("title: robin", "title: robin\npermalink: /elsewhere/")
    (posts / "robin.md").write_text(text, encoding="utf-8")
    blog.build()
    assert blog.made == ["birds", "bread", "feed"]
    assert "https://blog.example/elsewhere/" in blog.feed("bread")


def test_a_category_s_last_post_leaves(blog: Blog) -> None:
    blog.write("rye", "birds", "It is food.")
    published = blog.build()
    assert published.removed == ("categories/bread.atom",)
    assert blog.made == ["birds", "feed"]


def test_other_settings_or_programs_make_all_anew(blog: Blog) -> None:
    blog.frame = "two"
    assert blog.build().unchanged == 3
    assert blog.made == ["birds", "bread", "feed"]


@pytest.mark.parametrize("name", ["bread", "birds"])
def test_a_file_that_somebody_edited_or_took_is_made_anew(blog: Blog, name: str) -> None:
    path = blog.folder / "public" / "categories" / f"{name}.atom"
    before = path.read_bytes()
    path.write_bytes(b"x") if name == "bread" else path.unlink()
    assert blog.build().written == (f"categories/{name}.atom",)
    assert blog.made == [name]
    assert path.read_bytes() == before


def test_after_a_build_that_left_something_out_all_is_made_anew(blog: Blog) -> None:
    blog.write("wren", "birds", "It is very small.")
    blog.house.collect()
    (blog.folder / "posts" / "wren.md").write_bytes(b"x")  # changed since it was collected
    assert [finding.id for finding in blog.publish().findings] == ["changed-meanwhile"]
    blog.write("wren", "birds", "It is very small.")
    blog.build()
    assert blog.made == ["birds", "bread", "feed"]
    assert "very small" in blog.feed("birds")
