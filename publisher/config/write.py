"""What is known of a blog -> the text of a config.toml that says so, with a comment beside each guess."""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from publisher.config.show import show_toml
from publisher.model.blog import Blog, Generator, Guess

STATE = ".publisher"
"""The folder that `init` gives to all that must not get out: hidden, so no generator copies it into the site."""

_SITE = ("title", "url", "language", "timezone", "description", "author", "email", "rights")
_POSTS = (
    "folder", "include", "exclude", "generator", "permalink", "translated", "permalinks", "defaults", "languages",
    "markdown", "ids",
)  # fmt: skip
_BEHIND = 46  # the column of comments
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029<>\"@,;]")


def config_text(blog: Blog) -> str:
    """The file. `site.title` and `site.url` must be known."""
    return "\n".join(_lines(blog)) + "\n"


def _lines(blog: Blog) -> Iterator[str]:
    title, url = str(blog.value("site.title")), str(blog.value("site.url"))
    yield "# Written by `publisher init`. All keys: docs/CONFIG.md, and the config.toml of the example site."
    yield ""
    yield "[site]"
    yield from _keys(blog, "site", _SITE)
    yield ""
    yield "# Where posts are, and how they are read."
    yield "[posts]"
    yield from _keys(blog, "posts", _POSTS)
    yield ""
    yield "# Where feeds are written, and where that folder is served."
    yield "[output]"
    yield from _keys(blog, "output", ("folder", "url"))
    yield ""
    if "feeds.ids" in blog.settings:
        yield "# What the old feed was called, so that readers take ours for the same one."
        yield "[feeds]"
        yield from _keys(blog, "feeds", ("ids",))
        yield ""
    yield "# What people subscribe to, and when it comes."
    yield "[newsletters.main]"
    yield _line("title", title)
    yield _line(
        "from",
        f"{_UNSAFE.sub(' ', title).strip() or 'News'} <news@{_domain(url)}>",
        "an address that you may send from",
    )
    yield 'frequencies = { weekly = "mondays 09:00" }'
    yield ""
    yield "[owner]"
    email = blog.value("site.email")
    yield (
        _line("email", email)
        if email
        else '# email = "you@example.org"                # gets reports, and what is held'
    )
    yield '# postal_address = "1 Field Lane, 12345 Example"  # at the foot of every mail; many laws ask for it'
    yield ""
    yield "# Mails are filed in a folder until you name a mail server: smtp://user@host:587, its password in"
    yield "# PUBLISHER_SMTP_PASSWORD."
    yield "[smtp]"
    yield _line("url", f"maildir:{STATE}/outbox")
    yield ""
    yield f"# Readers, and what was sent to them: keep {STATE} out of Git and off the web, and make copies of it."
    yield "[database]"
    yield _line("url", f"sqlite:///{STATE}/publisher.db")
    yield ""
    yield "[secrets]"
    yield _line("file", f"{STATE}/secret")


def _keys(blog: Blog, table: str, keys: tuple[str, ...]) -> Iterator[str]:
    if table == "posts" and blog.generator is not Generator.NONE:
        blog_settings: Mapping[str, Guess] = {
            **blog.settings,
            "posts.generator": Guess(value=blog.generator.value, source=""),
        }
    else:
        blog_settings = blog.settings
    for key in keys:
        guess = blog_settings.get(f"{table}.{key}")
        if guess is not None:
            yield _line(key, guess.value, "" if guess.sure else "a guess: look at it")


def _line(key: str, value: object, comment: str = "") -> str:
    written = f"{key} = {show_toml(value)}"
    return f"{written:<{_BEHIND}} # {comment}" if comment else written


def _domain(url: str) -> str:
    """Where mail comes from: the host without its www; a sub-domain of somebody else's has no mail."""
    return (urlsplit(url).hostname or "example.org").removeprefix("www.")
