"""Pelican's pelicanconf.py and publishconf.py, read as text -> our settings."""

import re
from collections.abc import Mapping

from publisher.blogs.data import several, words
from publisher.blogs.draft import Draft
from publisher.blogs.script import read_python
from publisher.blogs.tree import Tree
from publisher.blogs.values import ALL
from publisher.model.blog import Blog, Generator

_DATE_ALONE = r"(?P<date>\d{4}-\d{2}-\d{2}).*"  # Pelican's own FILENAME_METADATA
_DATE_AND_SLUG = re.compile(
    r"\^?\(\?P<date>[^()]*\)(?:[-_. ]|\[[-_. ]+\])\(\?P<slug>(?:\.|\[\^\.\]|\[\\w-\])[*+]\)(?:\(\\?\.\.?\*\)\??)?\$?"
)
_COPIED = ("STATIC_PATHS", "ARTICLE_EXCLUDES", "PAGE_EXCLUDES")  # else their .html are read, and then not copied
_CONF, _PUBLISH = "pelicanconf.py", "publishconf.py"


def read_pelican(tree: Tree) -> Blog | None:
    """None where there is no pelicanconf.py."""
    text = tree.text(_CONF)
    if text is None:
        return None
    conf = read_python(text)
    publish = read_python(tree.text(_PUBLISH) or "", conf)
    draft = Draft(Generator.PELICAN)
    if publish.get("SITEURL") != conf.get("SITEURL"):
        draft.url(publish.get("SITEURL"), f"{_PUBLISH}: SITEURL")
    draft.url(conf.get("SITEURL"), f"{_CONF}: SITEURL")
    content = (words(conf.get("PATH")) or ".").strip("/") or "."
    draft.public_address(tree, "", content, f"{content}/extra")
    draft.take("site.title", words(publish.get("SITENAME")), f"{_CONF}: SITENAME")
    draft.take("site.description", words(publish.get("SITESUBTITLE")), f"{_CONF}: SITESUBTITLE")
    draft.author(publish.get("AUTHOR"), f"{_CONF}: AUTHOR")
    draft.language(publish.get("DEFAULT_LANG"), f"{_CONF}: DEFAULT_LANG")
    draft.zone(publish.get("TIMEZONE"), f"{_CONF}: TIMEZONE")
    _folders(draft, conf, content)
    _addresses(draft, publish)
    _metadata(draft, publish, f"{text}\n{tree.text(_PUBLISH) or ''}")
    draft.take("posts.markdown", "extra", "what Pelican speaks")
    draft.take("posts.ids", "pelican", "Pelican's own")
    draft.take("output.folder", f"{content}/feeds" if content != "." else "feeds", "beside its posts")
    if lacking := [name for name in _COPIED if "feeds" not in several(publish.get(name))]:
        draft.remarks.append(
            f"add 'feeds' to {', '.join(lacking)} in {_CONF}, so that Pelican copies the feeds, and takes their pages"
            " for no posts"
        )
    output = words(publish.get("OUTPUT_PATH")) or "output"
    feeds = (words(publish.get("FEED_ALL_ATOM")) or "feeds/all.atom.xml", "feeds/all.rss.xml", "atom.xml", "feed.xml")
    return draft.done(output=output.strip("/"), feeds=feeds)


def _folders(draft: Draft, conf: Mapping[str, object], content: str) -> None:
    draft.take("posts.folder", content, f"{_CONF}: PATH")
    articles = [path.strip("/") for path in several(conf.get("ARTICLE_PATHS") or conf.get("ARTICLE_DIR"))]
    draft.take("posts.include", tuple(path for path in articles if path), f"{_CONF}: ARTICLE_PATHS")
    pages = several(conf.get("PAGE_PATHS") or conf.get("PAGE_DIR")) or ["pages"]
    left_out = [*pages, *several(conf.get("ARTICLE_EXCLUDES")), "feeds"]
    if content == ".":
        left_out += ["output", "theme", "themes", "plugins", "README.md"]
    draft.take(
        "posts.exclude", tuple(dict.fromkeys(f"/{path.strip('/')}" for path in left_out)), f"{_CONF}: PAGE_PATHS"
    )


def _addresses(draft: Draft, publish: Mapping[str, object]) -> None:
    word, known = _slug(publish)
    for key, setting, usual in (
        ("posts.permalink", "ARTICLE_URL", "{slug}.html"),
        ("posts.translated", "ARTICLE_LANG_URL", "{slug}-{lang}.html"),
    ):
        own = words(publish.get(setting))
        draft.take(key, (own or usual).replace("{slug}", word), f"{_CONF}: {setting}" if own else "Pelican's own")
    for name in ("FILENAME_METADATA", "PATH_METADATA", "SLUG_REGEX_SUBSTITUTIONS"):
        if publish.get(name) and not (known and name == "FILENAME_METADATA"):
            draft.remarks.append(f"{name} of {_CONF} is not carried over: look whether addresses and dates are right")


def _metadata(draft: Draft, publish: Mapping[str, object], text: str) -> None:
    """What posts say where they say nothing themselves. To Pelican a folder's name goes before such a category."""
    everywhere, by_path = publish.get("DEFAULT_METADATA"), publish.get("EXTRA_PATH_METADATA")
    for name, value in (("DEFAULT_METADATA", everywhere), ("EXTRA_PATH_METADATA", by_path)):
        if not isinstance(value, Mapping) and re.search(rf"^\s*{name}\b", text, re.MULTILINE):
            draft.remarks.append(f"{name} of {_CONF} is not carried over: write it into [posts.defaults]")
    folders = {ALL: everywhere} | {
        f"/{place.strip('/')}": values for place, values in (by_path if isinstance(by_path, Mapping) else {}).items()
    }
    for pattern, values in folders.items():
        if not isinstance(values, Mapping):
            continue
        said = {str(key).lower(): value for key, value in values.items()}
        if said.pop("category", None):
            draft.remarks.append(f"the category that {_CONF} gives to posts is not carried over: look at addresses")
        plain = {key: value for key, value in said.items() if key not in {"path", "save_as"}}
        draft.default(pattern, plain, f"{_CONF}: DEFAULT_METADATA")


def _slug(publish: Mapping[str, object]) -> tuple[str, bool]:
    """The word for what Pelican means by {slug}, and whether that is all that FILENAME_METADATA says."""
    names = str(publish.get("FILENAME_METADATA") or _DATE_ALONE)
    by_name = words(publish.get("SLUGIFY_SOURCE")) == "basename"
    if _DATE_AND_SLUG.fullmatch(names) is not None:
        return ":slugorcontentbasename" if by_name else ":slugorundated", True
    if names == "(?P<slug>.*)":
        return ":slugorfilename", True
    return ":slugorfilename" if by_name else "{slug}", names == _DATE_ALONE
