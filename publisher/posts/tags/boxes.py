"""Notes, warnings and quotes -> Markdown quotes, which every reader and every mailbox shows as such."""

import re

from publisher.posts.labels import KINDS_OF_BOX, Labels, label
from publisher.posts.tags.known import plain_name
from publisher.posts.tags.pair import Pair
from publisher.posts.tags.scan import Kind

_ADDRESS = re.compile(r"https?://\S+")
_ICON = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")  # `circle-info`: how a box looks, not what it is called
_FOLDED = frozenset({
    "details", "detail", "spoiler", "collapse", "collapsed", "collapsible", "expand", "expandable", "toggle",
})  # fmt: skip  # what a click would open is called something in any case
_STATES = frozenset({"open", "close", "closed", "true", "false"})


def in_quote(markdown: str, indent: str = "") -> str:
    """The text in a quote, a paragraph of its own. Blanks that all its lines share are the writer's layout."""
    lines = markdown.strip("\n").rstrip().split("\n")
    shared = min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=0)
    inner = "\n".join(f"{indent}> {line[shared:]}".rstrip() for line in lines)
    return f"\n\n{inner}\n\n"


def titled(title: str, inner: str) -> str:
    """Words under a title, which may say all that there is."""
    return f"**{title}**\n\n{inner.strip(chr(10))}" if title and inner.strip() else title or inner


def title_of(name: str, given: str, labels: Labels) -> str:
    """What a box is called: by its author, else by its kind where that says something."""
    kind = plain_name(name).removesuffix("s") if name.lower() in {"notes", "tips"} else plain_name(name)
    return given or (label(labels, kind.capitalize()) if kind in KINDS_OF_BOX else "")


def box(pair: Pair) -> str | None:
    """A quote under the title that it has, or that its kind gives it: `{% note %}`, `{{< alert "warning" >}}`."""
    arguments = pair.arguments
    listed = [word for word in arguments.listed if word.strip()]
    kind = arguments.get("type", "kind", "style", "level", "status") or next(iter(listed), "")
    title = arguments.get("title", "heading", "header", "summary", "name", "label", "caption")
    title = title or _listed_title(pair)
    inner = pair.inner if pair.inner is not None else arguments.get("text", "content", "message", "msg", "body")
    if pair.inner is None and not inner:
        inner, title = title, ""
    if not inner.strip():
        return None
    if pair.in_text:
        return inner.strip()
    named = title_of(pair.name, title, pair.labels) or title_of(kind, "", pair.labels)
    return in_quote(titled(named, inner), pair.indent)


def _listed_title(pair: Pair) -> str:
    """`{% details Click me %}`, `{{< alert "Mind the gap" >}}`."""
    arguments = pair.arguments
    words = [word for word in arguments.listed if word.strip()]
    quoted = [word for word in words if word in arguments.quoted]
    if pair.name in _FOLDED:
        if not quoted and pair.tag.kind is Kind.LIQUID:
            return " ".join(words)
        return next((word for word in quoted or words if word not in _STATES), "")
    return next((word for word in quoted if plain_name(word) not in KINDS_OF_BOX and not _ICON.match(word)), "")


def quote(pair: Pair) -> str | None:
    """A quote and who said it: Octopress's `blockquote Author, Source https://... Title`, or by names."""
    arguments = pair.arguments
    inner = pair.inner if pair.inner is not None else arguments.get("text", "quote", "content", at=0)
    if not inner.strip():
        return None
    if pair.in_text:
        return inner.strip()
    return in_quote(inner.strip("\n") + _credit(pair), pair.indent)


def _credit(pair: Pair) -> str:
    arguments = pair.arguments
    who = arguments.get("author", "by", "person", "cite", "attribution")
    where = arguments.get("source", "title", "work")
    address = arguments.get("url", "link", "href", "attrlink")
    if not arguments.named and pair.inner is not None and (rest := pair.tag.rest.strip().strip("\"'")):
        match = _ADDRESS.search(rest)
        address = match[0] if match else ""
        who = rest[: match.start()].strip() if match else rest
        where = rest[match.end() :].strip() if match else ""
    if _ADDRESS.fullmatch(where) and not address:
        where, address = "", where
    said = ", ".join(part for part in (who, where) if part)
    if address:
        said = f"{who}, [{where}]({address})" if who and where else f"[{who or where or address}]({address})"
    return f"\n\n— {said}" if said else ""
