"""What a post says of who may see it -> published, or a draft; when in doubt it stays in."""

from collections.abc import Mapping

from publisher.model.entry import Status
from publisher.posts.filename import FileName, read_name
from publisher.posts.frontmatter import Dialect
from publisher.posts.values import Header, header_of, keys, line, mapping, truth

_OUT_IF_TRUE = keys(
    "draft", "is_draft", "drafted", "wip", "unlisted", "hidden", "is_hidden", "hide", "private",
    "headless", "eleventy_exclude_from_collections",
)  # fmt: skip
_OUT_IF_FALSE = keys("published", "publish", "is_published", "is_publish", "permalink", "online", "visible", "render")
_WORDS = frozenset({
    "draft", "drafts", "hidden", "hide", "private", "unlisted", "pending", "trash", "skip", "unpublished", "wip",
    "archived",
    "members", "paid", "tiers", "only_paid", "only_free", "founding",  # Ghost's and Substack's: for subscribers
})  # fmt: skip
_SAYS = keys("status", "post_status", "state", "visibility", "publish", "audience")
_BUILD = keys("build", "_build")
_HUGO_OUT = frozenset({"never", "false", "link", "no"})


def keeps_back(values: Mapping[str, object]) -> bool:
    """Whether posts that say this are drafts."""
    return status_of(header_of(values, Dialect.YAML), read_name("x.md")) is Status.DRAFT


def status_of(header: Header, file: FileName) -> Status:
    """Whatever generator's word for it: one that keeps a post in is enough."""
    out = (
        any(truth(value) is True for _, value in header.those(_OUT_IF_TRUE))
        or any(truth(value) is False for _, value in header.those(_OUT_IF_FALSE))
        or any((line(value) or "").lower() in _WORDS for _, value in header.those(_SAYS))
        or any(_is_not_built(value) for _, value in header.those(_BUILD))
        or "_drafts" in file.folders
    )
    return Status.DRAFT if out else Status.PUBLISHED


def _is_not_built(value: object) -> bool:
    """Hugo's `build: {render: never}`, and `{list: never}`, which keeps a page out of feeds."""
    build = mapping(value)
    return build is not None and any((line(build.get(key)) or "").lower() in _HUGO_OUT for key in ("render", "list"))
