"""Hugo's configuration, in any of its files -> our settings."""

import re
from collections.abc import Mapping

from publisher.blogs.cascade import carry_cascades
from publisher.blogs.data import get, read_data, several, table, words
from publisher.blogs.dated import dated, sections
from publisher.blogs.draft import Draft
from publisher.blogs.tree import Tree, first_text
from publisher.model.blog import Blog, Generator

_NAMES = tuple(f"{stem}.{ending}" for stem in ("hugo", "config") for ending in ("toml", "yaml", "yml", "json"))
_FOLDER = "config/_default"
_SURE = frozenset({
    "baseurl", "languagecode", "defaultcontentlanguage", "contentdir", "permalinks", "params", "markup", "taxonomies",
    "uglyurls", "enablerobotstxt", "paginate", "module", "languages", "outputs",
})  # fmt: skip


def read_hugo(tree: Tree) -> Blog | None:
    """None where nothing looks like Hugo. Zola has a config.toml, too: it calls the address `base_url`."""
    path, data = _read(tree)
    if not path or "base_url" in data or not (_SURE & data.keys()):
        return None
    draft = Draft(Generator.HUGO)
    language = words(data.get("defaultcontentlanguage")) or "en"
    own = table(data, "languages", language)
    params, own_params = table(data, "params"), table(own, "params")
    for where in (own, data):
        draft.url(where.get("baseurl"), f"{path}: baseURL")
        draft.take("site.title", words(where.get("title")), f"{path}: title")
        draft.take("site.rights", words(where.get("copyright")), f"{path}: copyright")
        for key in ("locale", "languagecode"):
            draft.language(where.get(key), f"{path}: {key}")
    draft.take("site.title", words(own_params.get("title")) or words(params.get("title")), f"{path}: params.title")
    draft.language(language, f"{path}: defaultContentLanguage")
    draft.public_address(tree, "static", "")
    draft.zone(own.get("timezone") or data.get("timezone"), f"{path}: timeZone")
    for where in (own_params, params):
        draft.author(_author(where.get("author"), language), f"{path}: params.author")
        draft.take(
            "site.description", words(where.get("description")) or words(where.get("subtitle")), f"{path}: params"
        )
    draft.author(data.get("author"), f"{path}: author")
    _posts(draft, tree, data, own, path, language)
    draft.take("posts.markdown", "commonmark", "what Hugo speaks")
    draft.take("posts.ids", "permalink", "Hugo's own: a guid is the address")
    draft.take("output.folder", "static/feeds", "a folder that Hugo copies as it is")
    included = several(draft.settings["posts.include"].value) if "posts.include" in draft.settings else []
    output = words(data.get("publishdir")) or "public"
    return draft.done(output=output, feeds=("index.xml", *(f"{name}/index.xml" for name in included), "feed.xml"))


def _read(tree: Tree) -> tuple[str, Mapping[str, object]]:
    """The file that says most, and all files together; one of config/_default is a table of its name."""
    found = first_text(tree, *_NAMES)
    data: dict[str, object] = dict(read_data(*found)) if found is not None else {}
    path = found[0] if found is not None else ""
    for name in tree.files(_FOLDER):
        stem, _, ending = name.lower().rpartition(".")
        if ending not in {"toml", "yaml", "yml", "json"}:
            continue
        inner = read_data(name, tree.text(f"{_FOLDER}/{name}") or "")
        if stem in {"hugo", "config"}:
            data |= inner
            path = path or f"{_FOLDER}/{name}"
        else:
            keys = stem.split(".")  # languages.fr.toml
            place = data
            for key in keys[:-1]:
                inner_table = place.get(key)
                place[key] = place = dict(inner_table) if isinstance(inner_table, Mapping) else {}
            place[keys[-1]] = {**table(place, keys[-1]), **inner}
            path = path or _FOLDER
    return path, data


def _author(value: object, language: str) -> object:
    """A name, a table with one, or a table of languages."""
    if isinstance(value, Mapping) and "name" not in value:
        return value.get(language)
    return value


def _posts(
    draft: Draft, tree: Tree, data: Mapping[str, object], own: Mapping[str, object], path: str, language: str
) -> None:
    folder = words(own.get("contentdir")) or words(data.get("contentdir")) or "content"
    draft.take("posts.folder", folder, f"{path}: contentDir" if folder != "content" else "Hugo's own")
    main = several(get(data, "params", "mainsections")) or several(get(own, "params", "mainsections"))
    main = main or several(data.get("mainsections"))
    found = sections(tree, folder, wanted=main)
    if found:
        draft.take("posts.include", tuple(found), f"what has dates in {folder}", sure=bool(main) or len(found) == 1)
    elif dated(tree, folder, 0)[0]:
        draft.take("posts.include", ("/*.md",), f"what has dates in {folder}")
    languages = [name for name in table(data, "languages") if name != language]
    by_suffix = [name for name in languages if words(get(data, "languages", name, "contentdir")) is None]
    carry_cascades(draft, tree, folder, data, path, language)
    prefix = f"/{language}" if data.get("defaultcontentlanguageinsubdir") is True else ""
    _permalinks(draft, data, own, path, found, prefix)
    if by_suffix and not prefix:
        draft.take("posts.translated", "/:lang/:permalink", f"{path}: languages")
    elif by_suffix and "posts.permalinks" not in draft.settings:
        pattern = str(draft.settings["posts.permalink"].value).removeprefix(prefix)
        draft.take("posts.translated", f"/:lang{pattern}", f"{path}: languages")
    draft.translations(by_suffix, language, f"{path}: languages")


def _permalinks(
    draft: Draft, data: Mapping[str, object], own: Mapping[str, object], path: str, found: list[str], prefix: str
) -> None:
    patterns = {**table(data, "permalinks"), **table(data, "permalinks", "page"), **table(own, "permalinks")}
    ugly = data.get("uglyurls")
    by_file = ":filename" in [one.lower() for one in several(get(data, "frontmatter", "date"))]
    each = {}
    for name in found or [""]:
        pattern = words(patterns.get(name.lower())) or "/:path/"
        pattern = _of_dated_files(pattern) if by_file else pattern
        is_ugly = ugly is True or (isinstance(ugly, Mapping) and ugly.get(name.lower()) is True)
        each[name] = prefix + _ended(pattern, ugly=is_ugly)
    source = f"{path}: permalinks" if any(name.lower() in patterns for name in found) else "Hugo's own"
    if len(set(each.values())) == 1:
        draft.take("posts.permalink", next(iter(each.values())), source)
    else:
        draft.take("posts.permalink", prefix + "/:path/", "Hugo's own")
        draft.take(
            "posts.permalinks", {name: pattern for name, pattern in each.items() if pattern != "/:path/"}, source
        )


def _of_dated_files(pattern: str) -> str:
    """The words of a site that takes dates from the names of files: what stands behind the date is the slug."""
    return re.sub(
        r":path\b", ":undatedpath", re.sub(r":slug(?:orfilename|orcontentbasename)?\b", ":slugorundated", pattern)
    )


def _ended(pattern: str, *, ugly: bool) -> str:
    """As Hugo ends it, whatever the pattern says: with a slash, or as a file."""
    pattern = f"/{pattern.strip('/')}"
    return f"{pattern.removesuffix('.html')}.html" if ugly else f"{pattern}/"
