"""What lies about in an Eleventy project -> our settings. Its configuration is a program, which is only read."""

from collections.abc import Sequence

from publisher.blogs.data import read_data, words
from publisher.blogs.dated import sections
from publisher.blogs.draft import Draft
from publisher.blogs.script import block_in_script, find_in_script
from publisher.blogs.tree import Tree, first_text
from publisher.model.blog import Blog, Generator

_CONFIGS = (
    ".eleventy.js", "eleventy.config.js", "eleventy.config.mjs", "eleventy.config.cjs", "eleventy.config.ts",
)  # fmt: skip
_DATA = ("metadata", "site", "meta", "siteConfig", "config")
_ENDINGS = (".json", ".js", ".cjs", ".mjs", ".yaml", ".yml", ".toml", ".ts")
_FEEDS = ("feed.xml", "feed/feed.xml", "atom.xml", "rss.xml", "feed/index.xml", "index.xml")


def read_eleventy(tree: Tree) -> Blog | None:
    """None where nothing looks like Eleventy."""
    found = first_text(tree, *_CONFIGS)
    if found is None:
        return None
    path, text = found
    draft = Draft(Generator.ELEVENTY)
    source = find_in_script(block_in_script(text, "dir"), "input") or _called(text, "setInputDirectory") or "."
    source = source.strip("./") or "."
    data_folder = find_in_script(block_in_script(text, "dir"), "data") or "_data"
    _metadata(draft, tree, [_joined(source, data_folder), data_folder.strip("./")])
    draft.public_address(tree, "", source, "public", "static")
    prefix = find_in_script(text, "pathPrefix")
    if prefix and prefix != "/" and "site.url" not in draft.settings:
        draft.remarks.append(f"{path} has a pathPrefix, {prefix}: add it to site.url")
    _posts(draft, tree, source)
    draft.take("posts.markdown", "commonmark", "what Eleventy speaks")
    draft.take("posts.ids", "permalink", "the RSS plugin's own: an id is the address")
    draft.take("output.folder", _joined(source, "feeds"), "a folder beside its pages")
    feeds_folder = _joined(source, "feeds")
    draft.remarks.append(
        f'add eleventyConfig.addPassthroughCopy("{feeds_folder}") to {path}, so that it copies the feeds'
    )
    return draft.done(output=find_in_script(block_in_script(text, "dir"), "output") or "_site", feeds=_FEEDS)


def _joined(folder: str, name: str) -> str:
    return name if folder == "." else f"{folder}/{name.strip('./')}"


def _called(text: str, name: str) -> str | None:
    """The string in `name("…")`."""
    return find_in_script(text.replace(f"{name}(", f"{name}: "), name)


def _metadata(draft: Draft, tree: Tree, folders: Sequence[str]) -> None:
    paths = [f"{folder}/{stem}{ending}" for folder in folders for stem in _DATA for ending in _ENDINGS]
    found = first_text(tree, *paths, "package.json")
    if found is None:
        return
    path, text = found
    if path.endswith((".js", ".cjs", ".mjs", ".ts")):
        draft.url(find_in_script(text, "url", "siteUrl", "baseUrl", "domain", "base"), f"{path}: url")
        draft.take("site.title", words(find_in_script(text, "title", "name", "siteTitle")), f"{path}: title")
        draft.take("site.description", words(find_in_script(text, "description")), f"{path}: description")
        author = find_in_script(block_in_script(text, "author"), "name") or find_in_script(text, "author")
        draft.author(author, f"{path}: author")
        draft.language(find_in_script(text, "language", "lang", "locale"), f"{path}: language")
        return
    data = read_data(path, text)
    package = path == "package.json"
    for key in ("url", "siteurl", "baseurl", "domain", "homepage"):
        draft.url(data.get(key), f"{path}: {key}")
    if not package:
        draft.take("site.title", words(data.get("title")) or words(data.get("name")), f"{path}: title")
        for key in ("language", "lang", "locale"):
            draft.language(data.get(key), f"{path}: {key}")
    draft.take("site.description", words(data.get("description")), f"{path}: description")
    draft.author(data.get("author"), f"{path}: author")


def _posts(draft: Draft, tree: Tree, source: str) -> None:
    """Folders of posts lie in the input folder, or in one called content."""
    for folder in dict.fromkeys((_joined(source, "content"), "content", source)):
        chosen = sections(tree, folder)
        if chosen:
            break
    else:
        draft.take("posts.folder", source, "Eleventy's own", sure=False)
        draft.take("posts.exclude", ("node_modules", "_site", "README.md"), "what is no post")
        draft.take("posts.permalink", "/:path/", "Eleventy's own")
        return
    inside = folder.removeprefix(source).strip("/") if source != "." else folder.strip(".")
    names = [f"{inside}/{name}".strip("/") for name in chosen]
    draft.take("posts.folder", source, "its input folder")
    draft.take("posts.include", tuple(f"/{name}" for name in names), "what has dates", sure=len(names) == 1)
    patterns = {}
    for name in names:
        pattern = _of_folder(tree, _joined(source, name))
        if pattern is not None:
            patterns[name] = pattern
    if len(names) == 1 and patterns:
        draft.take("posts.permalink", *patterns[names[0]])
    elif patterns:
        draft.take(
            "posts.permalinks", {name: pattern for name, (pattern, _) in patterns.items()}, "their folders' data"
        )
    draft.take("posts.permalink", "/:path/", "Eleventy's own")


def _of_folder(tree: Tree, folder: str) -> tuple[str, str] | None:
    """The permalink in a folder's own data: `posts/posts.json`, `posts/posts.11tydata.js`."""
    name = folder.rpartition("/")[2]
    found = first_text(
        tree, *(f"{folder}/{name}{end}" for end in (".json", ".11tydata.json", ".11tydata.js", ".11tydata.cjs"))
    )
    if found is None:
        return None
    path, text = found
    pattern = (
        words_of(read_data(path, text).get("permalink"))
        if path.endswith(".json")
        else find_in_script(text, "permalink")
    )
    return (pattern, f"{path}: permalink") if pattern else None


def words_of(value: object) -> str | None:
    """A permalink's text, templates and all."""
    return value.strip() if isinstance(value, str) and value.strip() else None
