"""The `_index.md` of Hugo's and Zola's folders -> what they say of all posts below."""

from collections.abc import Iterator, Mapping

from publisher.blogs.data import read_head, several, table, words
from publisher.blogs.draft import Draft
from publisher.blogs.tree import Tree

_DEPTH = 12
_TARGETS = ("target", "_target")
_PAGES = {"page", "*", "{page,section}", "{section,page}"}


def carry_cascades(draft: Draft, tree: Tree, folder: str, site: Mapping[str, object], path: str, language: str) -> None:
    """Hugo's `cascade`, of the site and of its folders."""
    _carry(draft, site.get("cascade"), "**", f"{path}: cascade", language)
    for below, head in _heads(tree, folder, "", _DEPTH):
        _carry(draft, head.get("cascade"), f"/{below}" if below else "**", f"{folder}{below}/_index", language)


def carry_draft_sections(draft: Draft, tree: Tree, folder: str) -> None:
    """Zola's folders that are drafts, with all in them."""
    for below, head in _heads(tree, folder, "", _DEPTH):
        if head.get("draft") is True:
            draft.default(f"/{below}" if below else "**", {"draft": True}, "the _index.md of folders")


def _heads(tree: Tree, folder: str, below: str, depth: int) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The folders in the folder of posts, itself first, with the front matter of their pages."""
    place = f"{folder}/{below}".rstrip("/")
    for name in tree.files(place):
        if name in {"_index.md", "_index.markdown", "_index.html"}:
            yield below, read_head(tree.text(f"{place}/{name}") or "")
    for name in tree.folders(place) if depth else ():
        yield from _heads(tree, folder, f"{below}/{name}".lstrip("/"), depth - 1)


def _carry(draft: Draft, cascade: object, pattern: str, source: str, language: str) -> None:
    for one in cascade if isinstance(cascade, list) else [cascade]:
        if not isinstance(one, Mapping):
            continue
        target = next((table(one, name) for name in _TARGETS if name in one), {})
        values = {key: value for key, value in one.items() if key not in _TARGETS}
        if not _is_meant(target, language):
            continue
        place = words(target.get("path"))
        if place is not None and any(sign in place for sign in "{}[]"):
            draft.remarks.append(f"what {source} says of {place} is not carried over: write it into [posts.defaults]")
        else:
            draft.default(pattern if place is None else f"/{place.strip('/')}", values, "cascade")


def _is_meant(target: Mapping[str, object], language: str) -> bool:
    """Whether it says anything of posts in the site's language, as the public sees them."""
    kinds, languages = several(target.get("kind")), several(target.get("lang"))
    environments = several(target.get("environment"))
    return (
        (not kinds or any(kind in _PAGES for kind in kinds))
        and (not languages or any(one in {language, "*"} for one in languages))
        and (not environments or any(one in {"production", "*"} for one in environments))
    )
