"""Tags in order -> which belong together: an opening one, and what closes it."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence

from publisher.posts.tags.known import is_opaque
from publisher.posts.tags.scan import Kind, Tag

SINGLE = -1


def paired(tags: Sequence[Tag]) -> list[int]:
    """For each tag the index of the one that closes it, `SINGLE` where none does. No two pairs overlap by half.

    What a tag shows as it is written (`raw`, `highlight`) holds no tags, and goes to the next one that closes it.
    """
    closes = [SINGLE] * len(tags)
    closers: defaultdict[tuple[Kind, str], list[int]] = defaultdict(list)
    for at, tag in enumerate(tags):
        if tag.closing:
            closers[_key(tag)].append(at)
    stack: list[int] = []
    waiting: Counter[tuple[Kind, str]] = Counter()
    at = 0
    while at < len(tags):
        tag = tags[at]
        if tag.closing:
            _close(tags, at, stack, waiting, closes)
        elif (end := _opaque_end(tag, at, closers)) is not None:
            closes[at] = end
            at = end
        elif not tag.in_code and tag.kind is not Kind.NOTE and not _alone(tag):
            stack.append(at)
            waiting[_key(tag)] += 1
        at += 1
    return closes


def _opaque_end(tag: Tag, at: int, closers: defaultdict[tuple[Kind, str], list[int]]) -> int | None:
    """Liquid reads before Markdown does, so its `raw` and `comment` count in code as well."""
    before_markdown = tag.kind is Kind.LIQUID and tag.name in {"raw", "verbatim", "comment"}
    if not is_opaque(tag.name) or (tag.in_code and not before_markdown):
        return None
    those = closers.get(_key(tag), ())
    found = bisect_left(those, at)
    return those[found] if found < len(those) else None


def _key(tag: Tag) -> tuple[Kind, str]:
    """Zola's `{% name() %}` is closed by `{% end %}`, whatever its name; kramdown's `{::name}` by `{:/}`."""
    if tag.kind is Kind.KRAMDOWN:
        return (tag.kind, "")
    return (tag.kind, "end" if tag.kind is Kind.LIQUID and tag.call else tag.name)


def _alone(tag: Tag) -> bool:
    """Attributes of kramdown, `{: .x}`, and `{::options x="y" /}`: neither holds anything."""
    return tag.kind is Kind.KRAMDOWN and (not tag.name or tag.raw.endswith("/}"))


def _close(
    tags: Sequence[Tag], at: int, stack: list[int], waiting: Counter[tuple[Kind, str]], closes: list[int]
) -> None:
    """Close the innermost of that name; what was opened within it, and never closed, stands alone."""
    wanted = _key(tags[at])
    if tags[at].in_code or not waiting[wanted]:
        return
    while stack:
        opened = stack.pop()
        key = _key(tags[opened])
        waiting[key] -= 1
        if key == wanted:
            closes[opened] = at
            return
