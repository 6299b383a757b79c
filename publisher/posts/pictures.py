"""Images and enclosures in every form that blogs give them -> absolute addresses with their types."""

import re
from collections.abc import Iterator, Mapping

from publisher.model.entry import Enclosure, Image
from publisher.posts.urls import absolute
from publisher.posts.values import Header, items, keys, line, mapping, one_of

# The system's table of types differs from machine to machine; the same input must give the same bytes.
_TYPES = {
    "mp3": "audio/mpeg", "m4a": "audio/mp4", "aac": "audio/aac", "ogg": "audio/ogg", "oga": "audio/ogg",
    "opus": "audio/ogg", "wav": "audio/wav", "flac": "audio/flac", "mp4": "video/mp4", "m4v": "video/mp4",
    "webm": "video/webm", "mov": "video/quicktime", "ogv": "video/ogg", "pdf": "application/pdf",
    "epub": "application/epub+zip", "zip": "application/zip", "jpg": "image/jpeg", "jpeg": "image/jpeg",
    "png": "image/png", "gif": "image/gif", "webp": "image/webp", "svg": "image/svg+xml", "avif": "image/avif",
}  # fmt: skip
_IMAGE_KEYS = keys(
    "image", "cover", "cover_image", "cover_img", "thumbnail", "thumbnail_img", "featured_image", "featured_img",
    "feature_image", "feature_img", "hero", "hero_image", "hero_img", "og_image", "header_image", "header_img",
    "share_img", "share_image", "social_image", "social_share_image", "social_media_card", "social_card", "index_img",
    "banner", "banner_img", "banner_image", "teaser", "preview_image", "image_url", "photo", "photos", "photograph",
    "eyecatch", "poster", "splash", "card_image", "images", "header",
)  # fmt: skip
_ADDRESS_KEYS = keys(
    "url", "src", "href", "path", "image", "file", "feature", "og_image", "teaser", "overlay_image", "thumbnail",
    "relative", "filename",
)  # fmt: skip
_FILE_KEYS = keys("enclosures", "enclosure", "audio_url", "audio", "mp3", "podcast_file", "podcast", "video_url")
_BASES = keys("media_subpath", "img_path")  # jekyll-theme-chirpy: where a post's pictures are
_WORDS = keys("alt", "caption", "title")
_ALTS = keys("image_alt", "image_description", "cover_alt")
_PLACES = keys("url", "href", "src", "file", "path", "link", "mp3")
_KINDS = keys("type", "mime_type")
_LENGTHS = keys("length", "size", "bytes", "size_in_bytes")
_PELICAN = re.compile(r"(?:\{|\|)(?:static|attach|filename)(?:\}|\|)")
_GHOST = "__GHOST_URL__"


def media_base(header: Header, site_url: str) -> str | None:
    """Where the pictures of a post are, if it says so."""
    text = header.text(_BASES)
    base = absolute(text, site_url) if text else None
    return None if base is None else base.rstrip("/") + "/"


def image_of(header: Header, base: str, site_url: str) -> Image | None:
    """The picture that stands for the post; a broken address is no picture."""
    where = media_base(header, site_url) or base
    for _, written in header.those(_IMAGE_KEYS):
        for value in items(written):
            inner = mapping(value)
            address = line(one_of(inner, _ADDRESS_KEYS)) if inner is not None else line(value)
            url = _web(address, where, site_url)
            if url is not None:
                alt = line(one_of(inner, _WORDS)) if inner is not None else None
                return Image(url=url, alt=alt or header.text(_ALTS) or "")
    return None


def enclosures_of(header: Header, base: str) -> tuple[Enclosure, ...]:
    """The files that come with the post."""
    found = (
        _enclosure(value, base, sure=key.startswith("encl"))
        for key, written in header.those(_FILE_KEYS)
        for value in items(written)
    )
    return tuple({one.url: one for one in found if one is not None}.values())


def _enclosure(value: object, base: str, *, sure: bool) -> Enclosure | None:
    """`sure`: the key says that it is one; else its ending must."""
    inner = mapping(value)
    if inner is None:
        inner = _wordpress(value)
    url = _web(line(one_of(inner, _PLACES)), base, base)
    if url is None or not (sure or _type_of(url).startswith(("audio/", "video/"))):
        return None
    kind = line(one_of(inner, _KINDS)) or _type_of(url)
    length = line(one_of(inner, _LENGTHS)) or ""
    return Enclosure(url=url, type=kind, length=int(length) if length.isascii() and length.isdigit() else None)


def _wordpress(value: object) -> Mapping[str, object]:
    """WordPress keeps an enclosure as three lines: address, length, type; others give the address alone."""
    words: Iterator[str] = iter(str(value).split() if isinstance(value, str) else ())
    return {"url": next(words, None), "length": next(words, None), "type": next(words, None)}


def _type_of(url: str) -> str:
    return _TYPES.get(url.partition("?")[0].rpartition(".")[2].lower(), "application/octet-stream")


def _web(address: str | None, base: str, site_url: str) -> str | None:
    if not address or address.lower() in {"true", "false", "none"} or "<" in address:  # PaperMod's "<image path/url>"
        return None
    if _GHOST in address:
        address, base = address.replace(_GHOST, "").lstrip("/"), site_url
    url = absolute(_PELICAN.sub("", address), base)
    return url if url and url.startswith(("http://", "https://")) else None
