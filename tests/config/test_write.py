"""What `init` writes can be read again, whatever a blog is called; and it says what was found."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.config import Config, parse_config
from publisher.config.write import config_text
from publisher.model.blog import Blog, Generator, Guess
from publisher.steps.init import with_defaults

_LINE = st.text(st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=40).filter(str.strip)


def read(**found: object) -> Config:
    guesses = {key.replace("__", "."): Guess(value=value, source="x") for key, value in found.items()}
    blog = with_defaults(Blog(generator=Generator.HUGO, settings=guesses))
    return parse_config(config_text(blog), Path("config.toml"), {})


@settings(deadline=None)
@given(title=_LINE, description=st.text(max_size=40), author=_LINE)
def test_any_title_can_be_read_again(title: str, description: str, author: str) -> None:
    config = read(site__title=title, site__description=description, site__author=author)
    assert config.site.title == title.strip()
    assert config.site.author == author.strip()
    assert config.newsletters["main"].from_.address.domain == "example.org"


def test_every_kind_of_setting_comes_back() -> None:
    config = read(
        site__title="T",
        site__url="https://www.words.dev/blog/",
        site__email="ada@words.dev",
        posts__include=("a", "b/**"),
        posts__permalinks={"news": "/n/:slug/", "a b": "/x/:slug/"},
        posts__permalink="/:path/",
        posts__ids="permalink",
        output__folder="static/feeds",
    )
    assert (config.posts.include, config.posts.generator, config.posts.ids) == (("a", "b/**"), "hugo", "permalink")
    assert dict(config.posts.permalinks) == {"news": "/n/:slug/", "a b": "/x/:slug/"}
    assert config.output.url == "https://www.words.dev/blog/feeds/"
    assert str(config.newsletters["main"].from_.address) == "news@words.dev"
    assert str(config.owner.email) == "ada@words.dev"


def test_what_must_not_get_out_lies_in_one_hidden_folder() -> None:
    config = read(site__title="T")
    places = (config.secrets.file, Path(config.database.url.get_secret_value().removeprefix("sqlite:///")))
    assert {place.parent.name for place in places} == {".publisher"}
