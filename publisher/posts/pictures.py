"""Images and enclosures in every form that blogs give them -> absolute addresses with their types."""

from collections.abc import Iterator, Mapping

from publisher.model.entry import Enclosure, Image
from publisher.posts.urls import absolute
from publisher.posts.values import Header, items, line, mapping

# The system's table of types differs from machine to machine; the same input must give the same bytes.
_TYPES = {
    "mp3": "audio/mpeg", "m4a": "audio/mp4", "aac": "audio/aac", "ogg": "audio/ogg", "oga": "audio/ogg",
    "opus": "audio/ogg", "wav": "audio/wav", "flac": "audio/flac", "mp4": "video/mp4", "m4v": "video/mp4",
    "webm": "video/webm", "mov": "video/quicktime", "ogv": "video/ogg", "pdf": "application/pdf",
    "epub": "application/epub+zip", "zip": "application/zip", "jpg": "image/jpeg", "jpeg": "image/jpeg",
    "png": "image/png", "gif": "image/gif", "webp": "image/webp", "svg": "image/svg+xml", "avif": "image/avif",
}  # fmt: skip
_IMAGE_KEYS = (
    "image", "cover", "cover_image", "coverimage", "thumbnail", "featured_image", "featuredimage", "feature_image",
    "hero", "hero_image", "og_image", "banner", "teaser", "images",
)  # fmt: skip
_ADDRESS_KEYS = (
    "url",
    "src",
    "href",
    "path",
    "image",
    "file",
    "feature",
    "og_image",
    "teaser",
    "thumbnail",
    "relative",
)


def image_of(header: Header, base: str) -> Image | None:
    """The picture that stands for the post; a broken address is no picture."""
    for key in (*_IMAGE_KEYS, "header"):
        for value in items(header.values.get(key)):
            inner = mapping(value)
            address = line(_one(inner, _ADDRESS_KEYS)) if inner is not None else line(value)
            url = _web(address, base)
            if url is not None:
                alt = line(_one(inner, ("alt", "caption", "title"))) if inner is not None else None
                return Image(url=url, alt=alt or header.text("image_alt", "image_description", "cover_alt") or "")
    return None


def enclosures_of(header: Header, base: str) -> tuple[Enclosure, ...]:
    """The files that come with the post."""
    found = (_enclosure(value, base) for key in ("enclosures", "enclosure") for value in items(header.values.get(key)))
    return tuple({one.url: one for one in found if one is not None}.values())


def _enclosure(value: object, base: str) -> Enclosure | None:
    inner = mapping(value)
    if inner is None:
        inner = _wordpress(value)
    url = _web(line(_one(inner, ("url", "href", "src", "file", "path", "link"))), base)
    if url is None:
        return None
    kind = line(_one(inner, ("type", "mime_type", "mimetype"))) or _type_of(url)
    length = line(_one(inner, ("length", "size", "bytes", "size_in_bytes"))) or ""
    return Enclosure(url=url, type=kind, length=int(length) if length.isascii() and length.isdigit() else None)


def _wordpress(value: object) -> Mapping[str, object]:
    """WordPress keeps an enclosure as three lines: address, length, type; others give the address alone."""
    words: Iterator[str] = iter(str(value).split() if isinstance(value, str) else ())
    return {"url": next(words, None), "length": next(words, None), "type": next(words, None)}


def _type_of(url: str) -> str:
    return _TYPES.get(url.partition("?")[0].rpartition(".")[2].lower(), "application/octet-stream")


def _one(inner: Mapping[str, object], keys: tuple[str, ...]) -> object:
    return next((inner[key] for key in keys if inner.get(key)), None)


def _web(address: str | None, base: str) -> str | None:
    if not address or address.lower() in {"true", "false", "none"}:
        return None
    url = absolute(address, base)
    return url if url and url.startswith(("http://", "https://")) else None
