"""Tags that bring something in from elsewhere -> HTML for a line of text: a picture, or a link to the rest."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from publisher.posts.html import POST_SCHEME, SELF, SITE_SCHEME, embed_link
from publisher.posts.labels import (
    CODE,
    NOTEBOOK,
    POST,
    PROJECT,
    RECORDING,
    SLIDES,
    SOUND,
    TALK,
    VIDEO,
    Labels,
    label_on,
)
from publisher.posts.tags.arguments import Arguments
from publisher.posts.tags.known import plain_name

_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|webp|svg|avif)(?:[?#].*)?\Z", re.IGNORECASE)
_TUBE = re.compile(r"(?:v=|youtu\.be/|embed/|shorts/|live/)([\w-]{6,20})")
_ID = re.compile(r"[\w-]{1,60}\Z")
_GIST_ID = re.compile(r"[0-9a-fA-F]{5,40}\Z")
_SIZE = re.compile(r"(?:auto|\d+(?:px|%)?)\Z")
_MARKDOWN = re.compile(r"\]\([^)]*\)|[*_`\[\]]")
_WEB = ("http://", "https://", "//")


@dataclass(frozen=True, slots=True, kw_only=True)
class Embed:
    """Something embedded. `address` stands for it in a place that wants one; `caption` is Markdown."""

    html: str
    address: str = ""
    caption: str = ""
    figure: bool = False


def _figure(arguments: Arguments, labels: Labels) -> Embed | None:
    """Hugo's `figure`, and what other tools made of it. `title`, `caption` and `attr` are all shown below it."""
    del labels
    source = arguments.get(
        "src", "url", "image", "image_path", "image_url", "path", "file", "link_src", "img", "source", "href_src"
    )
    words, flags = _parted(arguments.listed)
    if not source:
        source = next((word for word in words if _PICTURE.search(word)), "")
        words = words[words.index(source) + 1 :] if source else words
    if not source and arguments.quoted and _looks_like_path(arguments.quoted[0]):
        source, words = arguments.quoted[0], [word for word in words if word != arguments.quoted[0]]
    if not source:
        return None
    sentence = flags.get("alt") or next((word for word in words if " " in word), "") or _unquoted(words, arguments)
    title, caption = arguments.get("title"), arguments.get("caption", "figcaption", "desc", "description", "legend")
    alt = arguments.get("alt", "alt_text") or sentence or _MARKDOWN.sub("", caption or title)
    picture = f'<img src="{escape(source)}" alt="{escape(alt)}">'
    if link := arguments.get("link", "href") or flags.get("link", ""):
        picture = f'<a href="{escape(link)}">{picture}</a>'
    credit = arguments.get("attr", "attribution", "credit", "source_text", "author")
    if credit and (where := arguments.get("attrlink", "credit_url", "source_url")):
        credit = f"[{credit}]({where})"
    heading = f"**{title}**" if title and caption and title != caption else title or ""
    parts = [heading, "" if caption == title else caption, credit]
    return Embed(html=picture, address=source, caption=" ".join(part for part in parts if part), figure=True)


def _parted(listed: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Words, and what jekyll_picture_tag has behind a `--name`."""
    words: list[str] = []
    flags: dict[str, list[str]] = {}
    for word in listed:
        if word.startswith("--") and len(word) > 2:
            flags[word[2:]] = []
        elif flags:
            flags[next(reversed(flags))].append(word)
        else:
            words.append(word)
    return words, {name: " ".join(said) for name, said in flags.items()}


def _unquoted(words: Sequence[str], arguments: Arguments) -> str:
    """What Octopress and Hexo have behind a picture and its size, if it is more than a class."""
    said = [word for word in words if word not in arguments.quoted and not _SIZE.match(word)]
    return " ".join(said) if len(said) > 1 else ""


def _looks_like_path(word: str) -> bool:
    return "/" in word and " " not in word


def _youtube(arguments: Arguments, labels: Labels) -> Embed | None:
    given = arguments.get("id", "url", "src", "video", "video_id", "youtubeid", "videoid", "v", at=0)
    match = _TUBE.search(given)
    number = match[1] if match else given
    if not _ID.match(number):
        return None
    return _link(
        f"https://www.youtube.com/watch?v={number}", arguments.get("title", "alt") or label_on(labels, VIDEO, "YouTube")
    )


def _vimeo(arguments: Arguments, labels: Labels) -> Embed | None:
    match = re.search(r"(\d{4,15})", arguments.get("id", "url", "src", "video", "vimeoid", at=0))
    if match is None:
        return None
    return _link(f"https://vimeo.com/{match[1]}", arguments.get("title", "alt") or label_on(labels, VIDEO, "Vimeo"))


def _tweet(arguments: Arguments, labels: Labels) -> Embed | None:
    given = arguments.get("url", "id", "link", "src", at=-1)
    user = arguments.get("user") or (arguments.listed[0] if len(arguments.listed) > 1 else "i")
    if given.isascii() and given.isdigit():
        given = f"https://twitter.com/{quote(user.lstrip('@'))}/status/{given}"
    return _told(given, label_on(labels, POST, "Twitter"))


def _gist(arguments: Arguments, labels: Labels) -> Embed | None:
    """`user id` (Hugo), `id file` and `user/id file` (Jekyll, Hexo), or an address."""
    given = arguments.get("url", "id", "src", "gist_id")
    listed = [word for word in arguments.listed if word]
    if not given and listed:
        alone = "/" in listed[0] or (_GIST_ID.match(listed[0]) and not _GIST_ID.match(listed[-1]))
        given = listed[0] if alone else "/".join(listed[:2])
    if given and not given.startswith(_WEB):
        given = f"https://gist.github.com/{quote(given)}"
    return _told(given.removesuffix(".js"), label_on(labels, CODE, "GitHub Gist"))


def _media(arguments: Arguments, labels: Labels) -> Embed | None:
    """A sound or a film; Minimal Mistakes names who has it: `video id="x" provider="vimeo"`."""
    host = EMBEDS.get(plain_name(arguments.get("provider", "type", "service")))
    if host is not None and host is not _media:
        return host(arguments, labels)
    given = arguments.get("src", "url", "mp4", "mp3", "m4a", "webm", "ogg", "file", "link", "path", "webm_src", at=0)
    if "." not in given and not given.startswith(_WEB):
        return None
    return _told(given, arguments.get("title", "caption"))


def _frame(arguments: Arguments, labels: Labels) -> Embed | None:
    del labels
    given = arguments.get("src", "url", "href", "link", at=0)
    return _link(given, arguments.get("title")) if given.startswith((*_WEB, "/")) else None


_IDS = (  # what themes call the id of a thing, or its whole address
    "url", "src", "link", "id", "slug", "hash", "slug_hash", "pen", "video", "video_id", "videoid", "bvid", "post",
    "post_id", "postid", "shortcode", "status", "track", "track_id", "repo", "repository", "project",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Host:
    """A site that keeps things under ids."""

    words: str
    site: str
    address: str  # with `{id}`, or `{user}` and `{id}`; `{kind}` is one of *kinds*, the first where none is named
    kinds: tuple[str, ...] = ("",)
    owned: bool = False  # an id is `user/name`, whose user may be named apart

    def __call__(self, arguments: Arguments, labels: Labels) -> Embed | None:
        given = arguments.get(*_IDS, at=-1)
        if given.startswith(_WEB):
            return _told(given, arguments.get("title") or label_on(labels, self.words, self.site))
        user = arguments.get("user", "username", "author", "account", "owner", "instance", "host")
        user = user or (arguments.listed[0] if len(arguments.listed) > 1 else "")
        if not given or ("{user}" in self.address and not user):
            return None
        if self.owned and user and "/" not in given:
            given = f"{user}/{given}"
        kind = next((kind for kind in self.kinds if kind == arguments.get("type")), self.kinds[0])
        address = self.address.format(id=quote(given, safe="/@"), user=quote(user.lstrip("@")), kind=kind)
        return _told(address, arguments.get("title") or label_on(labels, self.words, self.site))


_SOUNDS = ("track", "album", "artist", "playlist", "show", "episode")
_HOSTS = {
    "instagram": _Host(POST, "Instagram", "https://www.instagram.com/p/{id}/"),
    "codepen": _Host(CODE, "CodePen", "https://codepen.io/{user}/pen/{id}"),
    "jsfiddle": _Host(CODE, "JSFiddle", "https://jsfiddle.net/{id}/"),
    "codesandbox": _Host(CODE, "CodeSandbox", "https://codesandbox.io/s/{id}"),
    "stackblitz": _Host(CODE, "StackBlitz", "https://stackblitz.com/edit/{id}"),
    "replit": _Host(CODE, "Replit", "https://replit.com/{id}"),
    "glitch": _Host(CODE, "Glitch", "https://glitch.com/edit/#!/{id}"),
    "asciinema": _Host(RECORDING, "asciinema", "https://asciinema.org/a/{id}"),
    "speakerdeck": _Host(SLIDES, "Speaker Deck", "https://speakerdeck.com/player/{id}"),
    "slideshare": _Host(SLIDES, "SlideShare", "https://www.slideshare.net/slideshow/embed_code/{id}"),
    "spotify": _Host(
        SOUND,
        "Spotify",
        "https://open.spotify.com/{kind}/{id}",
        ("track", "album", "artist", "playlist", "show", "episode"),
    ),
    "soundcloud": _Host(SOUND, "SoundCloud", "https://api.soundcloud.com/tracks/{id}"),
    "bandcamp": _Host(SOUND, "Bandcamp", "https://bandcamp.com/EmbeddedPlayer/album={id}/"),
    "bilibili": _Host(VIDEO, "Bilibili", "https://www.bilibili.com/video/{id}"),
    "dailymotion": _Host(VIDEO, "Dailymotion", "https://www.dailymotion.com/video/{id}"),
    "twitch": _Host(VIDEO, "Twitch", "https://www.twitch.tv/videos/{id}"),
    "loom": _Host(VIDEO, "Loom", "https://www.loom.com/share/{id}"),
    "wistia": _Host(VIDEO, "Wistia", "https://fast.wistia.net/embed/iframe/{id}"),
    "streamable": _Host(VIDEO, "Streamable", "https://streamable.com/{id}"),
    "ted": _Host(TALK, "TED", "https://www.ted.com/talks/{id}"),
    "tiktok": _Host(VIDEO, "TikTok", "https://www.tiktok.com/@{user}/video/{id}"),
    "telegram": _Host(POST, "Telegram", "https://t.me/{id}"),
    "reddit": _Host(POST, "Reddit", "https://www.reddit.com/{id}"),
    "bluesky": _Host(POST, "Bluesky", "https://bsky.app/profile/{user}/post/{id}"),
    "mastodon": _Host(POST, "Mastodon", "https://{user}/{id}"),
    "toot": _Host(POST, "Mastodon", "https://{user}/{id}"),
    "threads": _Host(POST, "Threads", "https://www.threads.net/@{user}/post/{id}"),
    "github": _Host(PROJECT, "GitHub", "https://github.com/{id}", owned=True),
    "gitlab": _Host(PROJECT, "GitLab", "https://gitlab.com/{id}", owned=True),
    "github_card": _Host(PROJECT, "GitHub", "https://github.com/{id}", owned=True),
    "observable": _Host(NOTEBOOK, "Observable", "https://observablehq.com/{id}"),
}


def _told(address: str, words: str = "") -> Embed | None:
    """A link that shows where it leads."""
    shown = f"https:{address}" if address.startswith("//") else address
    return _link(address, f"{words}: {shown}" if words else "")


def _link(address: str, words: str) -> Embed | None:
    if not address or " " in address:
        return None
    made = embed_link(address, words)
    return Embed(html=made, address=address) if made else None


EMBEDS: Mapping[str, Callable[[Arguments, Labels], Embed | None]] = {
    **_HOSTS,
    **dict.fromkeys(
        ("figure", "image", "img", "picture", "photo", "figimg", "imgproc", "image_with_class", "asset_img", "fig"),
        _figure,
    ),
    **dict.fromkeys(("youtube", "youtube_embed", "youtubeplayer", "yt", "lite_youtube", "youtube_lite"), _youtube),
    **dict.fromkeys(("vimeo", "vimeo_simple"), _vimeo),
    **dict.fromkeys(("tweet", "twitter", "twitter_simple", "x", "x_simple"), _tweet),
    "gist": _gist,
    "instagram_simple": _HOSTS["instagram"],
    **dict.fromkeys(("video", "audio", "embed", "wpvideo", "playlist", "podcast", "mp3", "mp4", "dplayer"), _media),
    **dict.fromkeys(("iframe", "frame", "embed_url", "oembed", "googlemap", "google_map", "map"), _frame),
}
_KINDRED = (
    "youtube", "vimeo", "tweet", "twitter", "gist", "instagram", "figure", "image", "img", "picture", "photo",
    "video", "audio", "iframe", *(name for name in _HOSTS if len(name) > 5),
)  # fmt: skip


def embed(name: str, arguments: Arguments, labels: Labels) -> Embed | None:
    """What a tag of that name embeds; None where its name or its arguments say too little."""
    known = EMBEDS.get(name)
    if known is None:  # `responsive_image`, `youtube_player`: a theme's own, that says what it is
        kindred = next((word for word in _KINDRED if word in name), None)
        known = EMBEDS[kindred] if kindred else None
    return known(arguments, labels) if known is not None else None


def site_address(path: str) -> str:
    """An address below the site's, to be found when links are resolved; another site's stays."""
    if path.startswith((*_WEB, "#", "mailto:", f"{SITE_SCHEME}:", f"{POST_SCHEME}:", SELF)):
        return path
    return f"{SITE_SCHEME}:/{path.lstrip('/')}"
