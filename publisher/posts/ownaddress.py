"""What a post says of its address, and the site's pattern -> the address."""

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from publisher.posts.generators import MANNERS, Generator
from publisher.posts.permalink import STYLES, Facts, address
from publisher.posts.rules import PostRules
from publisher.posts.urls import absolute, below, scheme_of
from publisher.posts.values import Header, line, mapping, truth

OTHERS = ":permalink"
"""In the pattern of translations: what their address would be, were they none."""

Note = Callable[[str, str], None]
"""A finding's id, and its sentence."""


def address_of(header: Header, facts: Facts, path: str, rules: PostRules, note: Note) -> str:
    """The post's own address, else one by the site's pattern; always absolute."""
    for key in MANNERS[rules.generator].address_keys:
        value = header.get(key)
        if (built := mapping(value)) is not None:
            value = built.get("build")  # Eleventy's {build: …, serverless: …}
        if (text := line(value)) is None or truth(value) is not None:
            continue
        url = _own(text, facts, rules, note)
        if url is not None:
            return url
    if facts.slug is not None and facts.slug.startswith("/"):  # Docusaurus and Gatsby: a slug that is an address
        return below(rules.site_url, facts.slug) or rules.site_url
    pattern = _pattern(path, facts.language, rules)
    filled, unknown = address(pattern, facts)
    if unknown:
        note("permalink-unknown", f"the pattern {pattern} has {', '.join(unknown)}, which means nothing here")
    return below(rules.site_url, _ended(filled, rules.generator)) or rules.site_url


def _pattern(path: str, language: str, rules: PostRules) -> str:
    """That of the innermost folder that has one; a translation's is its own."""
    pattern = _of_folder(path, rules.permalinks) or rules.permalink
    if rules.translated is not None and language and not _is_own(language, rules.language):
        return rules.translated.replace(OTHERS, STYLES.get(pattern, pattern))
    return pattern


def _is_own(language: str, site: str) -> bool:
    """Whether it is the site's, of which the site may say more: `en`, in one of `en-US`."""
    return f"{site}-".lower().startswith(f"{language}-".lower())


def _of_folder(path: str, permalinks: Mapping[str, str]) -> str | None:
    folder = path
    while permalinks and "/" in folder:
        folder = folder.rpartition("/")[0]
        if folder in permalinks:
            return permalinks[folder]
    return None


def _own(own: str, facts: Facts, rules: PostRules, note: Note) -> str | None:
    """None where it is none of this site's, and for one that cannot be used, which is noted."""
    if scheme_of(own) in {"http", "https"}:
        url = absolute(own, rules.site_url)
        if url is not None and _host(url) != _host(rules.site_url):
            return None  # what the post is about, in a blog of links
    elif scheme_of(own):
        url = None
    else:
        filled, unknown = address(own, facts)
        if unknown:
            note("permalink-unknown", f"`{own}` has {', '.join(unknown)}, so the site's pattern was used instead")
            return None
        url = below(rules.site_url, _ended(filled, rules.generator))
    if url is None:
        note("url-unusable", f"`{own}` is no address of a page; the site's pattern was used instead")
    return url


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _ended(path: str, generator: Generator) -> str:
    """As the generator ends it: with a slash but for files, without the name of a folder's own page."""
    if generator in {Generator.HUGO, Generator.ZOLA} and not path.endswith("/"):
        file = generator is Generator.HUGO and "." in path.rpartition("/")[2]
        path = path if file else path + "/"
    if generator in {Generator.NONE, Generator.ELEVENTY} and path.endswith("/index.html"):
        path = path.removesuffix("index.html")
    return path
