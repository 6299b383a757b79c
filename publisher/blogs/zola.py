"""Zola's config.toml -> our settings."""

from publisher.blogs.cascade import carry_draft_sections
from publisher.blogs.data import get, read_data, table, words
from publisher.blogs.dated import dated, sections
from publisher.blogs.draft import Draft
from publisher.blogs.tree import Tree, first_text
from publisher.model.blog import Blog, Generator


def read_zola(tree: Tree) -> Blog | None:
    """None where nothing looks like Zola."""
    found = first_text(tree, "zola.toml", "config.toml")
    if found is None:
        return None
    path, text = found
    data = read_data(path, text)
    if "base_url" not in data:
        return None
    draft = Draft(Generator.ZOLA)
    draft.url(data.get("base_url"), f"{path}: base_url")
    draft.public_address(tree, "static")
    draft.take("site.title", words(data.get("title")), f"{path}: title")
    draft.take("site.title", words(get(data, "extra", "title")), f"{path}: extra.title")
    draft.take("site.description", words(data.get("description")), f"{path}: description")
    draft.author(data.get("author") or get(data, "extra", "author"), f"{path}: author")
    draft.language(data.get("default_language"), f"{path}: default_language")
    chosen = sections(tree, "content")
    draft.take("posts.folder", "content", "Zola's own")
    if chosen:
        draft.take("posts.include", tuple(chosen), "what has dates in content", sure=len(chosen) == 1)
    elif dated(tree, "content", 0)[0]:
        draft.take("posts.include", ("/*.md",), "what has dates in content")
    carry_draft_sections(draft, tree, "content")
    languages = [name for name in table(data, "languages") if name != words(data.get("default_language"))]
    if languages:
        draft.take("posts.translated", "/:lang/:permalink", "Zola's own")
        draft.translations(languages, words(data.get("default_language")) or "en", f"{path}: languages")
    if words(get(data, "slugify", "paths")) not in {None, "on"}:
        draft.remarks.append(
            f"{path} sets slugify.paths: addresses of files with capitals or other letters will differ"
        )
    draft.take("posts.permalink", "/:sections/:slug/", "Zola's own")
    draft.take("posts.markdown", "commonmark", "what Zola speaks")
    draft.take("posts.ids", "permalink", "Zola's own: an id is the address")
    draft.take("output.folder", "static/feeds", "a folder that Zola copies as it is")
    feeds = [words(data.get("feed_filename")) or "atom.xml", "rss.xml", *(f"{name}/atom.xml" for name in chosen)]
    return draft.done(output=words(data.get("output_dir")) or "public", feeds=tuple(feeds))
