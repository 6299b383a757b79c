"""HTML as people and Markdown write it -> HTML that is safe in any reader: an allow-list, nothing else."""

import re
from collections.abc import Iterator
from html import escape, unescape

import nh3

from publisher.posts.depth import flattened
from publisher.posts.source import NOT_XML
from publisher.posts.strays import without_strays
from publisher.posts.urls import SCHEMES

# Ours, and nobody's words: `x-post:` alone is also what people write above a text that they posted twice.
OURS = "x-publisher-"
POST_SCHEME = f"{OURS}post"  # a link to another post's source, until `links.resolve` finds its address
SITE_SCHEME = f"{OURS}site"  # below the site's own address
NOWHERE = f"{OURS}nowhere"  # an address that nobody knows: the words of its link stay, and of its picture
SELF = f"{OURS}self:/"  # the address of the post itself, wherever it stands
DATA_SCHEME = "data"

_TAGS = frozenset({
    "a", "abbr", "address", "article", "aside", "audio", "b", "bdi", "bdo", "blockquote", "br", "caption",
    "cite", "code", "col", "colgroup", "dd", "del", "details", "dfn", "div", "dl", "dt", "em", "figcaption",
    "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "i", "img", "ins", "kbd", "li",
    "main", "mark", "ol", "p", "picture", "pre", "q", "rp", "rt", "ruby", "s", "samp", "section", "small",
    "source", "span", "strike", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th",
    "thead", "time", "tr", "tt", "u", "ul", "var", "video", "wbr", "center", "big",
})  # fmt: skip
# Their text is no text of the post.
_DROPPED = frozenset({
    "script", "style", "template", "noscript", "textarea", "select", "option", "title", "svg", "math", "object",
    "embed", "canvas", "applet", "map", "head",
})  # fmt: skip
_ATTRIBUTES = {
    "*": {"dir", "lang", "title", "id"},
    "a": {"href", "hreflang"},
    "abbr": {"title"},
    "audio": {"src", "controls", "aria-label"},
    "blockquote": {"cite"},
    "del": {"cite", "datetime"},
    "img": {"src", "srcset", "sizes", "alt", "width", "height"},
    "ins": {"cite", "datetime"},
    "li": {"value"},
    "ol": {"start", "reversed", "type"},
    "q": {"cite"},
    "source": {"src", "srcset", "type", "media", "sizes"},
    "td": {"align", "valign", "colspan", "rowspan"},
    "th": {"align", "valign", "colspan", "rowspan", "scope"},
    "col": {"span", "align"},
    "colgroup": {"span"},
    "time": {"datetime"},
    "video": {"src", "poster", "controls", "width", "height", "aria-label"},
    "details": {"open"},
}
# Mail shows footnotes where they belong, so it must be able to tell them.
_CLASSES = {
    "a": {"footnote-ref", "footnote-backref"},
    "div": {"footnote"},
    "section": {"footnotes"},
    "sup": {"footnote-ref"},
}
_CLEANER = nh3.Cleaner(
    tags=set(_TAGS),
    clean_content_tags=set(_DROPPED),
    attributes={name: set(names) for name, names in _ATTRIBUTES.items()},
    allowed_classes={name: set(names) for name, names in _CLASSES.items()},
    url_schemes={*SCHEMES, POST_SCHEME, SITE_SCHEME, NOWHERE, SELF.partition(":")[0], DATA_SCHEME},
    link_rel=None,
    strip_comments=True,
)

_FRAME = re.compile(r"<(iframe|embed|object)\b([^<>]*)>", re.IGNORECASE)
_FRAME_END = {name: re.compile(rf"<(/?){name}\b\s*>?", re.IGNORECASE) for name in ("iframe", "embed", "object")}
_LONGEST_FRAME = 4000
_ADDRESS = re.compile(r"\b(?:src|data)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
_TITLE = re.compile(r"\btitle\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_VIDEOS = re.compile(
    r"(?:https?:)?//(?:www\.)?(?:youtube(?:-nocookie)?\.com/embed/(?P<tube>[\w-]{5,20})|player\.vimeo\.com/video/(?P<vimeo>\d+))"
)
_LAZY = re.compile(r"(<(?:img|source|video)\b[^<>]*?\s)data-(src(?:set)?)\s*=", re.IGNORECASE)
_INPUT = re.compile(r"<input\b[^<>]*>", re.IGNORECASE)
_CHECKBOX = re.compile(r"\btype=\"?checkbox\b", re.IGNORECASE)
_ALIGN = re.compile(r"<(t[dh])\b([^<>]*?)\sstyle=\"text-align:\s*(left|right|center)[^\"]*\"", re.IGNORECASE)
_NO_CLASS = re.compile(r"(<[a-z][^<>]*?) class=\"\"")  # what is left of one that is not allowed
_DEEPEST = 500  # as it was written; what is left after cleaning may be less deep
_UNENDED = frozenset(
    {"colgroup", "dd", "dt", "li", "option", "p", "rp", "rt", "tbody", "td", "tfoot", "th", "thead", "tr"}
)


def sanitise(html: str) -> str:
    """Only what the allow-list has, well nested, without a script, a style, a form, a frame or a handler."""
    html = without_strays(html, shown=_TAGS, hidden=_DROPPED)
    if "<iframe" in html or "<IFRAME" in html or "<embed" in html or "<object" in html:
        html = "".join(_without_frames(html))
    if "data-src" in html:
        html = _LAZY.sub(_loaded, html)
    if "<input" in html:
        html = _INPUT.sub(_task, html)
    if "text-align" in html:
        html = _ALIGN.sub(r'<\1\2 align="\3"', html)
    html, _ = flattened(html, _DEEPEST, unended=_UNENDED)  # its time grows with the square of the depth
    html = NOT_XML.sub("", _CLEANER.clean(html))
    return _NO_CLASS.sub(r"\1", html) if 'class=""' in html else html


def _loaded(match: re.Match[str]) -> str:
    """A picture that a script would load: the true address instead of the placeholder."""
    return re.sub(r"\ssrc(?:set)?\s*=\s*(?:\"[^\"]*\"|'[^']*')", " ", match[1]) + match[2] + "="


def _task(match: re.Match[str]) -> str:
    """A box of a task list, as a sign; any other input is for the sanitiser."""
    if not _CHECKBOX.search(match[0]):
        return match[0]
    return "☑" if "checked" in match[0] else "☐"


def _without_frames(html: str) -> Iterator[str]:
    done = 0
    while (start := _FRAME.search(html, done)) is not None:
        yield html[done : start.start()]
        done = start.end()
        end = _FRAME_END[start[1].lower()].search(html, done, done + _LONGEST_FRAME)
        if end is not None and end[1]:
            done = end.end()
        yield _frame(start, html[start.start() : done])
    yield html[done:]


def _frame(start: re.Match[str], whole: str) -> str:
    """An embedded page as a link: its picture would tell its host who reads."""
    source = _ADDRESS.search(start[2]) or (_ADDRESS.search(whole) if start[1].lower() == "object" else None)
    if source is None:
        return ""
    address = unescape(source[1] or source[2] or source[3] or "").strip()
    title = _TITLE.search(start[2])
    link = embed_link(address, unescape((title[1] or title[2] or "") if title else ""))
    return f"<p>{link}</p>" if link else ""


def embed_link(address: str, title: str = "") -> str:
    """A link in place of something embedded."""
    if (video := _VIDEOS.match(address)) is not None:
        address = (
            f"https://www.youtube.com/watch?v={video['tube']}"
            if video["tube"]
            else f"https://vimeo.com/{video['vimeo']}"
        )
    if address.startswith("//"):
        address = "https:" + address
    if not address or address.lower().startswith(("javascript:", "data:", "about:")):
        return ""
    host = re.sub(r"^https?://(?:www\.)?([^/?#]*).*", r"\1", address, flags=re.DOTALL)
    words = title.strip() or f"Embedded content: {host or address}"
    return f'<a href="{escape(address)}">{escape(words)}</a>'
