"""Settings that are right each by itself, and wrong together."""

from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from publisher.config.lines import KeyPath
from publisher.config.model import Config
from publisher.config.patterns import check_permalink
from publisher.config.signing import dkim_contradictions
from publisher.posts.generators import Generator
from publisher.posts.globs import path_test
from publisher.posts.ownaddress import OTHERS


def contradictions(config: Config) -> Iterator[tuple[KeyPath, str]]:
    """The key to blame, and what to write there."""
    generator = Generator(config.posts.generator)
    for place, pattern in (
        (("posts", "permalink"), config.posts.permalink),
        (("posts", "translated"), (config.posts.translated or "").replace(OTHERS, config.posts.permalink)),
        *((("posts", "permalinks", folder), one) for folder, one in config.posts.permalinks.items()),
    ):
        if pattern and (wrong := check_permalink(pattern, generator)) is not None:
            yield place, f"{wrong}; see docs/POSTS.md"
    posts, output = config.posts.folder.resolve(), config.output.folder.resolve()
    if output == posts or output in posts.parents or (posts in output.parents and _is_read(config, output)):
        yield ("output", "folder"), f"{output} and the posts in {posts} are in each other; write a folder of its own"
    if config.web.url and config.web.url.startswith("http:") and not _is_here(config.web.url):
        # RFC 8058 3.1: the List-Unsubscribe of one click is an https URI.
        yield ("web", "url"), f"{config.web.url} is not https, so no mail program offers to leave; write https://…"
    for name, newsletter in config.newsletters.items():
        if "@" in (shown := newsletter.from_.name or newsletter.title):
            sentence = f"{shown!r} is the name that readers see, and with an @ it looks like another address (H16)"
            yield ("newsletters", name, "from"), f'{sentence}; write from = "Field Notes <news@example.org>"'
    yield from dkim_contradictions(config.dkim, config.newsletters)
    plan = config.smtp.warmup
    if plan is not None and plan.until is not None and plan.until <= plan.first:
        sentence = f"{plan.until} is not more than first, {plan.first}, so there would be no warm-up; write more"
        yield ("smtp", "warmup", "until"), sentence


def _is_read(config: Config, output: Path) -> bool:
    """Whether a page in the output folder would be taken for a post."""
    page = f"{output.relative_to(config.posts.folder.resolve()).as_posix()}/feeds.html"
    included = not config.posts.include or path_test(config.posts.include)(page)
    return included and not path_test(config.posts.exclude)(page)


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
