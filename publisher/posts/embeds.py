"""The shortcodes that many blogs share -> plain HTML: a figure, a link, a block of code."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from urllib.parse import quote

from publisher.posts.html import POST_SCHEME, embed_link

_ARGUMENT = re.compile(
    r"(?P<key>[\w-]+)(?:\s*=\s*|:\s+|:(?=[\"']))(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^\s,\"']+))"
    r"|\"(?P<one>[^\"]*)\"|'(?P<two>[^']*)'|`(?P<tick>[^`]*)`|(?P<word>[^\s,\"']+)"
)
_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|webp|svg|avif)(?:[?#].*)?\Z", re.IGNORECASE)
_TUBE = re.compile(r"(?:v=|youtu\.be/|embed/|shorts/|live/)([\w-]{6,20})")
_ID = re.compile(r"[\w-]{1,60}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """What stands behind a shortcode's name."""

    named: Mapping[str, str] = field(default_factory=dict)
    listed: tuple[str, ...] = ()

    def get(self, *names: str, at: int | None = None) -> str:
        """The first of the named ones, else the one at that place, else nothing."""
        for name in names:
            if value := self.named.get(name, "").strip():
                return value
        return self.listed[at].strip() if at is not None and at < len(self.listed) else ""


def read_arguments(text: str) -> Arguments:
    """`a "b c" d=e` in the ways of Liquid, Hugo, Zola and WordPress."""
    named: dict[str, str] = {}
    listed: list[str] = []
    for match in _ARGUMENT.finditer(text[:4000]):
        if match["key"] is not None:
            named.setdefault(match["key"].lower(), match["double"] or match["single"] or match["bare"] or "")
        else:
            listed.append(match["one"] or match["two"] or match["tick"] or match["word"] or "")
    return Arguments(named=named, listed=tuple(listed))


def post_link(reference: str) -> str:
    """The address of another post, to be found when links are resolved."""
    target, hash_, fragment = reference.strip().partition("#")
    return f"{POST_SCHEME}:{quote(target, safe='/@.-_~')}{hash_}{quote(fragment, safe='-._~:')}"


def figure(source: str, alt: str, caption: str, link: str = "") -> str:
    """A picture, with its caption if it has one."""
    picture = f'<img src="{escape(source)}" alt="{escape(alt)}">'
    if link:
        picture = f'<a href="{escape(link)}">{picture}</a>'
    words = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return f"<figure>{picture}{words}</figure>"


def _figure(arguments: Arguments) -> str | None:
    source = arguments.get("src", "url", "image", "image_path", "image_url", "path", "file", "link_src")
    words = list(arguments.listed)
    if not source:
        source = next((word for word in words if _PICTURE.search(word)), "")
        words = words[words.index(source) + 1 :] if source else words
    if not source:
        return None
    sentence = next((word for word in words if " " in word), "")
    title = arguments.get("caption", "title", "figcaption")
    return figure(source, arguments.get("alt") or sentence or title, title, arguments.get("link", "href"))


def _youtube(arguments: Arguments) -> str | None:
    given = arguments.get("id", "url", "src", "video", "video_id", "youtubeid", "videoid", at=0)
    match = _TUBE.search(given)
    number = match[1] if match else given
    if not _ID.match(number):
        return None
    return _paragraph(
        embed_link(f"https://www.youtube.com/watch?v={number}", arguments.get("title") or "Video on YouTube")
    )


def _vimeo(arguments: Arguments) -> str | None:
    given = arguments.get("id", "url", "src", "video", "vimeoid", at=0)
    match = re.search(r"(\d{4,15})", given)
    if match is None:
        return None
    return _paragraph(embed_link(f"https://vimeo.com/{match[1]}", arguments.get("title") or "Video on Vimeo"))


def _tweet(arguments: Arguments) -> str | None:
    given = arguments.get("url", "id", "link", "src", at=-1 if arguments.listed else None)
    user = arguments.get("user") or (arguments.listed[0] if len(arguments.listed) > 1 else "i")
    if given.isascii() and given.isdigit():
        given = f"https://twitter.com/{quote(user.lstrip('@'))}/status/{given}"
    return _link(given, "Post on Twitter")


def _gist(arguments: Arguments) -> str | None:
    given = arguments.get("url", "id", "src") or "/".join(arguments.listed[:2])
    if not given.startswith(("http://", "https://", "//")):
        given = f"https://gist.github.com/{quote(given)}"
    return _link(given.removesuffix(".js"), "Code on GitHub Gist")


def _instagram(arguments: Arguments) -> str | None:
    given = arguments.get("url", "id", at=0)
    return _link(
        given if "/" in given else f"https://www.instagram.com/p/{quote(given)}/" if given else "", "Post on Instagram"
    )


def _media(arguments: Arguments) -> str | None:
    given = arguments.get("src", "url", "mp4", "mp3", "m4a", "webm", "ogg", "file", "link", at=0)
    return _link(given, arguments.get("title", "caption"))


def _link(address: str, words: str = "") -> str | None:
    if not address or " " in address:
        return None
    made = embed_link(address, f"{words}: {address}" if words else "")
    return _paragraph(made) if made else None


def _paragraph(html: str) -> str:
    return f"<p>{html}</p>" if html else ""


EMBEDS: Mapping[str, Callable[[Arguments], str | None]] = {
    **dict.fromkeys(("figure", "image", "img", "picture", "photo", "figimg", "imgproc", "image_with_class"), _figure),
    **dict.fromkeys(("youtube", "youtube_embed", "youtubeplayer", "yt", "lite_youtube", "youtube_lite"), _youtube),
    **dict.fromkeys(("vimeo", "vimeo_simple"), _vimeo),
    **dict.fromkeys(("tweet", "twitter", "twitter_simple", "x", "x_simple"), _tweet),
    "gist": _gist,
    **dict.fromkeys(("instagram", "instagram_simple"), _instagram),
    **dict.fromkeys(
        ("video", "audio", "embed", "wpvideo", "soundcloud", "spotify", "playlist", "podcast", "mastodon"), _media
    ),
}
_KINDRED = ("youtube", "vimeo", "tweet", "twitter", "gist", "figure", "image", "img", "video", "audio")


def embed(name: str, arguments: Arguments) -> str | None:
    """The shortcode as HTML; None where its name or its arguments say too little."""
    name = name.lower().replace("-", "_")
    known = EMBEDS.get(name)
    if known is None:  # `responsive_image`, `youtube_player`: a theme's own, that says what it is
        kindred = next((word for word in _KINDRED if word in name), None)
        known = EMBEDS[kindred] if kindred else None
    return known(arguments) if known is not None else None
