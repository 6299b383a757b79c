"""HTML -> the same, where a tag that is none hides no words: `List<Object>` and `<your name>` are prose.

A browser shows nothing of an element like `<select>` or `<title>` up to its end tag; where none comes, the rest of the
text is gone. Of a name that it does not know it shows nothing either.
"""

import re
from collections.abc import Container, Iterator

from publisher.posts.tokens import VOID

_NAME = re.compile(r"<([A-Za-z][^\s<>/]*)")
_TAG = re.compile(r"<(/?)([A-Za-z][^\s<>/]*)([^<>]*)>")
# Around a whole page, or for looks: who leaves them open means no words.
_SILENT = frozenset({
    "basefont", "blink", "body", "font", "frameset", "head", "html", "marquee", "nobr", "param", "frame", "bgsound",
})  # fmt: skip
_SWALLOWING = frozenset({"listing", "noembed", "noframes", "plaintext", "xmp"})


def without_strays(html: str, *, shown: Container[str], hidden: Container[str]) -> str:
    """Tags that are never closed become words, if they are no more than a name; with attributes they are left out.

    *shown* elements are HTML in any case; what is in *hidden* ones a browser does not show.
    """
    names = {name.lower() for name in set(_NAME.findall(html))}
    odd = {name for name in names - _SILENT - VOID if name not in shown}
    if odd:
        html = "".join(_escaped(html, odd, hidden))
    end = html.rfind("-->")
    if html.rfind("<!--") > end:
        html = html[: end + 1] + html[end + 1 :].replace("<!--", "&lt;!--")
    return html


def _escaped(html: str, odd: Container[str], hidden: Container[str]) -> Iterator[str]:
    done = 0
    for tag in _unclosed(html, odd):
        name, rest = tag[2].lower(), tag[3].strip()
        if not rest or name in hidden or name in _SWALLOWING:
            yield html[done : tag.start()]
            yield "" if rest else f"&lt;{tag[2]}&gt;"
            done = tag.end()
    yield html[done:]


def _unclosed(html: str, odd: Container[str]) -> list[re.Match[str]]:
    """The start tags of those names that no end tag belongs to, in order."""
    opened: dict[str, list[re.Match[str]]] = {}
    for tag in _TAG.finditer(html):
        name = tag[2].lower()
        if name not in odd:
            continue
        if not tag[1]:
            opened.setdefault(name, []).append(tag)
        elif opened.get(name) and name != "plaintext":  # which has no end
            opened[name].pop()
    return sorted((tag for tags in opened.values() for tag in tags), key=re.Match.start)
