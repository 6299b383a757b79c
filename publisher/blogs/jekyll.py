"""Jekyll's _config.yml, and that of Octopress -> our settings."""

import re
from collections.abc import Iterator, Mapping

from publisher.blogs.data import get, read_data, several, table, words
from publisher.blogs.dated import dated
from publisher.blogs.draft import Draft
from publisher.blogs.tree import Tree, first_text
from publisher.blogs.values import ALL, kept
from publisher.model.blog import Blog, Generator

CONFIGS = ("_config.yml", "_config.yaml", "_config.toml")
_FEEDS = ("feed.xml", "atom.xml", "rss.xml", "feed/index.xml", "index.xml")
_ID = re.compile(r"<(?:id|guid)\b[^<>]*>([^<]*)</")


def read_jekyll(tree: Tree) -> Blog | None:
    """None where nothing looks like Jekyll."""
    found = first_text(tree, *CONFIGS)
    folders = list(_post_folders(tree, "", 4))
    if found is None and (not folders or _elsewhere(tree, folders)):
        return None
    path, text = found or ("", "")
    data = read_data(path or "x.yml", text)
    draft = Draft(Generator.JEKYLL)
    draft.url(data.get("url"), f"{path}: url", data.get("baseurl") or data.get("root"))
    draft.public_address(tree, "", "source")
    draft.take("site.title", words(data.get("title")) or words(data.get("name")), f"{path}: title")
    draft.take(
        "site.description", words(data.get("description")) or words(data.get("subtitle")), f"{path}: description"
    )
    everywhere = [values for scope, values in _defaults(data) if words(scope.get("path")) in {None, "_posts"}]
    for values in everywhere:
        draft.author(values.get("author"), f"{path}: defaults")
    draft.author(data.get("author"), f"{path}: author")
    draft.author(table(data, "social").get("name"), f"{path}: social.name")
    for key in ("lang", "locale", "language"):
        for one in (data, *everywhere):
            draft.language(one.get(key), f"{path}: {key}")
    draft.zone(data.get("timezone"), f"{path}: timezone")
    if not folders:
        _collection(draft, tree, data, path)
    _folders(draft, folders)
    _permalink(draft, data, path)
    _carry(draft, data, path)
    _exclude(draft, data, path, folders)
    commonmark = "commonmark" in (words(data.get("markdown")) or "").lower()
    draft.take(
        "posts.markdown", "commonmark" if commonmark else "extra", f"{path}: markdown" if path else "Jekyll's own"
    )
    draft.take("posts.ids", *_ids(tree, data, path))
    draft.take("output.folder", "feeds", "a folder that Jekyll copies as it is")
    return draft.done(output="_site", feeds=_FEEDS)


def _elsewhere(tree: Tree, folders: list[str]) -> bool:
    """Whether the blog lies a folder down, with its configuration: GitHub's `docs`."""
    tops = {folder.partition("/")[0] for folder in folders}
    return all(first_text(tree, *(f"{top}/{name}" for name in CONFIGS)) is not None for top in tops)


def _post_folders(tree: Tree, folder: str, depth: int) -> Iterator[str]:
    for name in tree.folders(folder):
        path = f"{folder}/{name}".lstrip("/")
        if name == "_posts":
            yield path
        elif depth and (not name.startswith("_") or name in {"_collections", "_source"}) and name != "node_modules":
            yield from _post_folders(tree, path, depth - 1)


def _collection(draft: Draft, tree: Tree, data: Mapping[str, object], path: str) -> None:
    """Of a blog without _posts: the collection of its own that has the most dates."""
    top = (words(data.get("collections_dir")) or "").strip("/")
    folders = {name: f"{top}/_{name}".lstrip("/") for name in table(data, "collections")}
    counts = {name: dated(tree, folder) for name, folder in folders.items()}
    holding = {name: count for name, (count, seen) in counts.items() if count and count * 2 >= seen}
    if not holding:
        return
    name = max(holding, key=lambda name: (holding[name], name))
    pattern = words(get(data, "collections", name, "permalink")) or f"/:collection/:path{_ending(data)}"
    draft.take("posts.folder", folders[name], f"{path}: collections", sure=len(holding) == 1)
    draft.take("posts.permalink", pattern.replace(":collection", name), f"{path}: collections.{name}")


def _ending(data: Mapping[str, object]) -> str:
    """What the site's permalink says of how addresses of collections end."""
    style = words(data.get("permalink")) or ""
    return "/" if style == "pretty" or style.endswith("/") else ":output_ext"


def _folders(draft: Draft, folders: list[str]) -> None:
    """The folders above _posts are categories to Jekyll, so they stay in sight where there are any."""
    if len(folders) == 1 and folders[0] in {"_posts", "source/_posts", "src/_posts"}:
        draft.take("posts.folder", folders[0], "the folder of its posts")
    elif folders:
        draft.take("posts.folder", ".", "its posts are in several folders")
        draft.take("posts.include", ("_posts",), "its posts are in several folders")
    else:
        draft.take("posts.folder", "_posts", "Jekyll's own", sure=False)


def _defaults(data: Mapping[str, object]) -> Iterator[tuple[Mapping[str, object], Mapping[str, object]]]:
    """Scope and values of what the configuration says of all posts, or of those below a folder."""
    defaults = data.get("defaults")
    for one in defaults if isinstance(defaults, list) else ():
        scope = table(one, "scope") if isinstance(one, Mapping) else {}
        if isinstance(one, Mapping) and words(scope.get("type")) in {"posts", None}:
            yield scope, table(one, "values")


def _permalink(draft: Draft, data: Mapping[str, object], path: str) -> None:
    """What the defaults say is the post's own word, and goes before its collection's, and that before the site's."""
    folder = str(draft.settings["posts.folder"].value)
    each = {}
    for scope, values in _defaults(data):
        pattern, place = words(values.get("permalink")), (words(scope.get("path")) or "").strip("/")
        if pattern is not None and place in {"", "_posts"}:
            draft.take("posts.permalink", pattern, f"{path}: defaults")
        elif pattern is not None and "*" not in place and (folder == "." or place.startswith(f"{folder}/")):
            each[place.removeprefix(f"{folder}/")] = pattern
    draft.take("posts.permalinks", each or None, f"{path}: defaults")
    draft.take("posts.permalink", words(get(data, "collections", "posts", "permalink")), f"{path}: collections.posts")
    draft.take("posts.permalink", words(data.get("permalink")), f"{path}: permalink")
    draft.take("posts.permalink", "date", "Jekyll's own")


def _carry(draft: Draft, data: Mapping[str, object], path: str) -> None:
    """All else that the defaults say of posts; among it what is not for everybody."""
    source = (words(data.get("source")) or "").strip("./")
    folder = str(draft.settings["posts.folder"].value).removeprefix(f"{source}/")
    for scope, values in _defaults(data):
        place = (words(scope.get("path")) or "").strip("/")
        pattern = _below(place, folder, (words(data.get("collections_dir")) or "").strip("/"))
        said = {key: value for key, value in values.items() if key != "permalink" or "*" in place}
        if pattern == ALL and isinstance(said.get("author"), str):
            del said["author"]  # the site's
        if pattern is not None:
            draft.default(pattern, said, f"{path}: defaults")
        elif "*" in place and kept(said):
            draft.remarks.append(f"what {path} says of {place} is not carried over: write it into [posts.defaults]")


def _below(place: str, folder: str, collections: str) -> str | None:
    """The pattern in the folder of posts for a path of Jekyll's; None for one that is elsewhere."""
    if not place or place == folder or folder.startswith(f"{place}/"):
        return ALL
    if folder == ".":
        return f"**/{place.removeprefix(f'{collections}/')}" if collections else f"/{place}"
    return f"/{place.removeprefix(f'{folder}/')}" if place.startswith(f"{folder}/") else None


def _exclude(draft: Draft, data: Mapping[str, object], path: str, folders: list[str]) -> None:
    """Of what Jekyll does not read, that which lies where posts are."""
    folder = str(draft.settings["posts.folder"].value)
    start = "" if folder == "." else f"{folder}/"
    left_out = [one.strip("/") for one in several(data.get("exclude"))]
    among = [
        one
        for one in left_out
        if any(f"{one}/".startswith(f"{top}/") or f"{top}/".startswith(f"{one}/") for top in folders)
    ]
    patterns = tuple(f"/{one.removeprefix(start)}" for one in among if one.startswith(start) and one != folder)
    draft.take("posts.exclude", patterns, f"{path}: exclude")


def _ids(tree: Tree, data: Mapping[str, object], path: str) -> tuple[str, str]:
    """jekyll-feed's, or those of the blog's own template."""
    template = first_text(tree, "feed.xml", "atom.xml", "rss.xml", "source/atom.xml", "assets/feed.xml")
    if template is not None:
        marks = _ID.findall(template[1])
        if any("post.id" in mark for mark in marks):
            return "jekyll", f"{template[0]}: <id>"
        if any("post.url" in mark or "page.url" in mark for mark in marks):
            return "permalink", f"{template[0]}: <id>"
    if "chirpy" in (words(data.get("theme")) or words(data.get("remote_theme")) or ""):
        return "permalink", "the feed of the theme chirpy"
    plugins = [*_words(data.get("plugins")), *_words(data.get("gems"))]
    source = f"{path}: plugins" if "jekyll-feed" in plugins else "jekyll-feed's own"
    return "jekyll", source


def _words(value: object) -> list[str]:
    return [text for one in (value if isinstance(value, list) else [value]) if (text := words(one)) is not None]
