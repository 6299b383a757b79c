"""A blog of no generator that we know well -> what can be told of it: where its posts are, what it is called."""

from publisher.blogs.data import read_data, words
from publisher.blogs.dated import NO_POSTS, dated
from publisher.blogs.draft import Draft
from publisher.blogs.script import find_in_script, read_python
from publisher.blogs.tree import Tree, first_text
from publisher.model.blog import Blog, Generator

_SCRIPTS = (
    "astro.config.mjs", "astro.config.js", "astro.config.ts", "src/consts.ts", "src/config.ts", "src/site.config.ts",
    "gatsby-config.js", "gatsby-config.ts", "docusaurus.config.js", "docusaurus.config.ts", "nuxt.config.ts",
    "next.config.js", "site.config.js",
)  # fmt: skip
_FOLDERS = (
    "posts", "post", "blog", "_posts", "articles", "content/posts", "content/blog", "content/post", "content/articles",
    "content", "src/content/blog", "src/content/posts", "src/content/post", "src/data/blog", "data/blog", "src/posts",
    "src/pages/blog", "src/pages/posts", "src/blog", "source",
)  # fmt: skip


def read_other(tree: Tree) -> Blog:
    """Always something: at least an empty folder for the posts that are to come."""
    draft = Draft(Generator.NONE)
    for path in _SCRIPTS:
        text = tree.text(path)
        if text is not None:
            draft.url(find_in_script(text, "site", "siteUrl", "url", "website", "SITE_URL"), path)
            draft.take("site.title", words(find_in_script(text, "title", "SITE_TITLE", "siteTitle")), path)
            draft.take("site.description", words(find_in_script(text, "description", "SITE_DESCRIPTION")), path)
            draft.author(find_in_script(text, "author"), path)
    _nikola(draft, tree)
    draft.public_address(tree, "", "public", "static")
    package = first_text(tree, "package.json")
    if package is not None:
        draft.url(read_data(*package).get("homepage"), "package.json: homepage")
    counts = {folder: dated(tree, folder) for folder in _FOLDERS}
    holding = {folder: count for folder, (count, seen) in counts.items() if count and count * 2 >= seen}
    found = max(holding, key=lambda folder: (holding[folder], folder.count("/"), folder)) if holding else None
    if found is None and (dated(tree, "", 0)[0] or _is_vault(tree)):
        found = "."
        _on_top(draft, tree)
    draft.take("posts.folder", found, "the folder that has the most dates", sure=False)
    draft.take("posts.folder", "posts", "a new blog", sure=False)
    return draft.done()


def _is_vault(tree: Tree) -> bool:
    """Obsidian's."""
    return bool(tree.files(".obsidian"))


def _on_top(draft: Draft, tree: Tree) -> None:
    """Posts in this very folder: with those below it, where there are any."""
    folders = tree.folders("")
    apart = [name for name in folders if name.lower() in NO_POSTS]
    if not any(dated(tree, name)[0] for name in folders if name not in apart):
        draft.take("posts.include", ("/*.md", "/*.markdown"), "what has dates in this folder")
        return
    left_out = dict.fromkeys(f"/{name}" for name in ("public", *apart))
    notes = ("Templates", "templates") if _is_vault(tree) else ()
    draft.take("posts.exclude", (*left_out, *notes, "README.md"), "what is no post, whatever its ending", sure=False)


def _nikola(draft: Draft, tree: Tree) -> None:
    text = tree.text("conf.py")
    if text is None:
        return
    conf = read_python(text)
    draft.url(conf.get("SITE_URL") or conf.get("blog_baseurl"), "conf.py: SITE_URL")
    draft.take("site.title", words(conf.get("BLOG_TITLE") or conf.get("blog_title")), "conf.py: BLOG_TITLE")
    draft.take("site.description", words(conf.get("BLOG_DESCRIPTION")), "conf.py: BLOG_DESCRIPTION")
    draft.author(conf.get("BLOG_AUTHOR"), "conf.py: BLOG_AUTHOR")
    draft.language(conf.get("DEFAULT_LANG"), "conf.py: DEFAULT_LANG")
    draft.zone(conf.get("TIMEZONE"), "conf.py: TIMEZONE")
