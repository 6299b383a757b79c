"""A tag that is known -> Markdown. What could not be made of its arguments is None, and unknown after all."""

import re
from collections.abc import Callable, Mapping
from html import escape
from urllib.parse import quote as percent

from publisher.posts import teaser
from publisher.posts.html import POST_SCHEME
from publisher.posts.stash import TIGHT, Stash
from publisher.posts.tags.arguments import Arguments
from publisher.posts.tags.boxes import box, quote
from publisher.posts.tags.embeds import Embed, embed, site_address
from publisher.posts.tags.known import Way
from publisher.posts.tags.pair import Pair
from publisher.posts.tags.scan import Kind

WORDS = ("text", "title", "caption", "label", "name", "content", "message", "summary", "description", "body", "value")
WEB = ("http://", "https://")

_RAW_TAGS = re.compile(r"\{%-?\s*(?:end)?raw\s*-?%\}\n?")
_IMAGE = re.compile(
    r"\s*((?:<a\b[^<>]*>\s*)?<img\b[^<>]*>(?:\s*</a>)?|(?:\[\s*)?!\[[^\]\n]*\]\([^()\n]*\)(?:\s*\]\([^()\n]*\))?)(.*)\Z",
    re.DOTALL,
)
_TABS = ("tab", "tabitem")
_BETWEEN_COLUMNS = re.compile(r"^[ \t]*<--->[ \t]*$", re.MULTILINE)  # hugo-book's
_ELEMENTS = frozenset({"kbd", "mark", "sup", "sub", "del", "ins", "u", "s", "em", "strong", "b", "i", "cite", "small"})
_ELEMENT = {"key": "kbd", "keys": "kbd", "hl": "mark", "marker": "mark", "underline": "u", "strike": "s"}


def post_address(reference: str) -> str:
    """The address of another post, to be found when links are resolved."""
    target, hash_, fragment = reference.strip().partition("#")
    return f"{POST_SCHEME}:{percent(target, safe='/@.-_~')}{hash_}{percent(fragment, safe='-._~:')}"


# --- by what is written -----------------------------------------------------------------------------------------------


def _raw(pair: Pair, stash: Stash) -> str:
    del stash
    literal = pair.raw or ""
    return literal[1:] if literal.startswith("\n") and not pair.before else literal


def _dropped(pair: Pair, stash: Stash) -> str:
    del pair, stash
    return ""


def _code(pair: Pair, stash: Stash) -> str:
    """A block; in a line of text a span."""
    code = _RAW_TAGS.sub("", pair.raw or "")
    if "\n" not in code and (pair.in_text or "hl_inline" in pair.tag.rest):
        return stash.keep(f"<code>{escape(code, quote=False)}</code>")
    return pair.alone(stash.keep(f"<pre><code>{escape(code.strip(chr(10)), quote=False)}</code></pre>"))


def _math(pair: Pair, stash: Stash) -> str:
    return stash.keep(escape((pair.raw or "").strip(), quote=False))


AS_WRITTEN: Mapping[Way, Callable[[Pair, Stash], str]] = {
    Way.RAW: _raw,
    Way.DROP: _dropped,
    Way.CODE: _code,
    Way.MATH: _math,
}

# --- by what it means -------------------------------------------------------------------------------------------------


def _teaser(pair: Pair, stash: Stash) -> str:
    del stash
    return teaser.MARK + (pair.inner or "")


def _silent(pair: Pair, stash: Stash) -> str:
    del stash
    return pair.inner or ""


def _around(pair: Pair, stash: Stash) -> str | None:
    """Layout goes, words stay; a tab has a title."""
    del stash
    arguments = pair.arguments
    if pair.inner is None:
        return None if arguments.get(*WORDS) else ""
    title = arguments.get("title", "name", "label", "tabname", "header")
    if not title and pair.name in {*_TABS, "sample"}:
        more = arguments.listed[1:] if pair.tag.kind is Kind.LIQUID else ()  # jekyll-tabs: behind the group's name
        title = arguments.get("lang") or " ".join(more) or arguments.get(at=0)
    inner = _BETWEEN_COLUMNS.sub("", pair.inner)
    if title and pair.name in _TABS:  # one stands beside the other, and in no sentence
        return f"{pair.alone(f'**{title}**')}{inner.lstrip(' ')}\n\n"
    return f"\n\n**{title}**\n\n{inner}" if title and not pair.in_text else inner


def _link(pair: Pair, stash: Stash) -> str | None:
    """`button href="x"`, `link words https://...`, and words between two of them."""
    arguments = pair.arguments
    address = arguments.get("href", "url", "link", "to", "src", "page", "file", "relref", "ref", "path")
    listed = [word for word in arguments.listed if word]
    if not address:
        address = next((word for word in listed if word.startswith((*WEB, "/", "#", "mailto:"))), "")
    address = address or next((word for word in listed if "/" in word or "." in word[1:-1]), "")
    said = (pair.inner or "").strip() or arguments.get(*WORDS)
    said = said or " ".join(word for word in listed if word not in {address, "true", "false"})
    if pair.in_address or not address:
        return address or said or None
    opened = f'<a href="{escape(address)}">'
    return f"{stash.keep(opened)}{said or address}{stash.keep('</a>')}"


def _words(pair: Pair, stash: Stash) -> str | None:
    """Words in a line; of `color red "words"` those in quotes."""
    arguments = pair.arguments
    said = pair.inner if pair.inner is not None else arguments.get(*WORDS, "key", "keys", "abbr", "term")
    element = _ELEMENT.get(pair.name, pair.name)
    if not said:
        said = "+".join(arguments.listed) if element == "kbd" else (arguments.quoted or arguments.listed or ("",))[-1]
    if not said:
        return None
    return f"{stash.keep(f'<{element}>')}{said}{stash.keep(f'</{element}>')}" if element in _ELEMENTS else said


def _post(pair: Pair, stash: Stash) -> str:
    del stash
    reference = pair.arguments.get("path", at=0)
    return post_address(reference) if reference else ""


def _file(pair: Pair, stash: Stash) -> str:
    del stash
    path = pair.arguments.get("path", "src", "url", "file", at=0)
    return post_address(path) if path.startswith("@/") else site_address(path) if path else ""


def _post_link(pair: Pair, stash: Stash) -> str:
    """Hexo's `post_link slug words`."""
    del stash
    target, *more = pair.arguments.listed or ("",)
    words = (pair.inner or "").strip() or " ".join(word for word in more if word not in {"true", "false"})
    return f"[{words or target.partition('#')[0]}](<{post_address(target)}>)" if target else words


def _file_link(pair: Pair, stash: Stash) -> str:
    del stash
    target, *more = pair.arguments.listed or ("",)
    return f"[{' '.join(more) or target}](<{target}>)" if target else ""


def _boxed(pair: Pair, stash: Stash) -> str | None:
    del stash
    return box(pair)


def _quoted(pair: Pair, stash: Stash) -> str | None:
    del stash
    return quote(pair)


AS_MEANT: Mapping[Way, Callable[[Pair, Stash], str | None]] = {
    Way.TEASER: _teaser,
    Way.SILENT: _silent,
    Way.INNER: _around,
    Way.BOX: _boxed,
    Way.QUOTE: _quoted,
    Way.LINK: _link,
    Way.WORDS: _words,
    Way.POST: _post,
    Way.FILE: _file,
    Way.POST_LINK: _post_link,
    Way.FILE_LINK: _file_link,
}

# --- from elsewhere ---------------------------------------------------------------------------------------------------


def embedded(pair: Pair, stash: Stash) -> str | None:
    """A picture or a link in its place. What such a tag holds is a caption, or words of the text."""
    if pair.name == "caption" and pair.tag.kind is Kind.PRESS:
        return _caption(pair, stash)
    arguments, inner = pair.arguments, (pair.inner or "").strip()
    address_inside = bool(inner) and pair.tag.kind is Kind.PRESS  # [embed]https://...[/embed]
    if address_inside and not arguments.named:
        arguments = Arguments(listed=(*arguments.listed, inner), quoted=arguments.quoted)
    one = embed(pair.name, arguments, pair.labels)
    if one is None:
        return None
    if one.figure and inner and not one.caption:
        one = Embed(html=one.html, address=one.address, caption=" ".join(inner.split()), figure=True)
        inner = ""
    return _placed(pair, one, stash) + ("" if address_inside or not inner else pair.inner or "")


def _caption(pair: Pair, stash: Stash) -> str:
    """WordPress's: a picture, in HTML or Markdown, and words."""
    caption, inner = pair.arguments.get("caption"), pair.inner or ""
    image = _IMAGE.match(inner)
    if image is None:
        return f"{inner}\n\n{caption}" if caption else inner
    words = " ".join((image[2].strip() or caption).split())
    picture = stash.keep(image[1]) if image[1].startswith("<") else image[1]
    return _framed(picture, words, stash)


def _framed(picture: str, words: str, stash: Stash) -> str:
    """A figure around Markdown: blanks, so that it is read as it would be anywhere."""
    inner = f"{stash.keep(f'<figcaption>{TIGHT}')} {words} {stash.keep(f'{TIGHT}</figcaption>')}" if words else ""
    return f"{stash.keep('<figure>')}{picture}{inner}{stash.keep('</figure>')}"


def _placed(pair: Pair, one: Embed, stash: Stash) -> str:
    """A block where the tag has its lines for itself; in a line of text only what can stand there."""
    if pair.in_address:
        return one.address
    if pair.in_text:
        return stash.keep(one.html) + (f" *{one.caption}*" if one.caption else "")
    if one.figure:
        whole = f"<figure>{one.html}</figure>"
        return pair.alone(_framed(stash.keep(one.html), one.caption, stash) if one.caption else stash.keep(whole))
    return pair.alone(stash.keep(f"<p>{one.html}</p>"))
