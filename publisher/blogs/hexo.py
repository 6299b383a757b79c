"""Hexo's _config.yml -> our settings."""

from collections.abc import Mapping

from publisher.blogs.data import read_data, several, words
from publisher.blogs.draft import Draft
from publisher.blogs.tree import Tree, first_text
from publisher.model.blog import Blog, Generator

_KEYS = frozenset({"new_post_name", "source_dir", "public_dir", "skip_render", "default_layout", "filename_case"})

_OF_CATEGORIES = {"category_map": (None, {}), "default_category": (None, "uncategorized"), "filename_case": (None, 0)}


def read_hexo(tree: Tree) -> Blog | None:
    """None where nothing looks like Hexo."""
    found = first_text(tree, "_config.yml", "_config.yaml")
    if found is None:
        return None
    path, text = found
    data = read_data(path, text)
    if not _KEYS & data.keys() and '"hexo"' not in (tree.text("package.json") or ""):
        return None
    draft = Draft(Generator.HEXO)
    draft.url(data.get("url"), f"{path}: url", data.get("root"))
    source = words(data.get("source_dir")) or "source"
    draft.public_address(tree, source)
    draft.take("site.title", words(data.get("title")), f"{path}: title")
    draft.take(
        "site.description", words(data.get("description")) or words(data.get("subtitle")), f"{path}: description"
    )
    draft.author(data.get("author"), f"{path}: author")
    for language in several(data.get("language"))[:1]:
        draft.language(language, f"{path}: language")
    draft.zone(data.get("timezone"), f"{path}: timezone")
    draft.take("posts.folder", f"{source}/_posts", f"{path}: source_dir")
    pattern = _permalink(data)
    draft.take("posts.permalink", pattern, f"{path}: permalink")
    for key, usual in _OF_CATEGORIES.items():
        if ":category" in pattern and data.get(key) not in usual:
            draft.remarks.append(f"{key} of {path} is not carried over: look whether addresses are right")
    draft.take("posts.markdown", "commonmark", "what hexo-renderer-marked speaks")
    draft.take("posts.ids", "permalink", "hexo-generator-feed's own")
    draft.take("output.folder", f"{source}/feeds", "a folder that Hexo copies as it is")
    output = words(data.get("public_dir")) or "public"
    return draft.done(output=output, feeds=("atom.xml", "rss2.xml", "rss.xml", "feed.xml"))


def _permalink(data: Mapping[str, object]) -> str:
    """`:title` is the file's path, less what `new_post_name` puts before it: folders, or a date."""
    pattern = words(data.get("permalink")) or ":year/:month/:day/:title/"
    name = words(data.get("new_post_name")) or ":title.md"
    if "/" in name:
        pattern = pattern.replace(":title", ":undated" if ":day" in name.rpartition("/")[2] else ":stem")
    elif any(word in name for word in (":year", ":month", ":day")):
        pattern = pattern.replace(":title", ":slugorundated")
    return pattern if pattern.startswith("/") else f"/{pattern}"
