"""Sanitised HTML with films and sounds in it -> the same, a link in each for whoever cannot play it.

A reader that knows no `<video>` shows what it holds, and so do our mails and their text: what holds nothing is lost
there, and "your browser is too old" helps nobody who reads a mail.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape, unescape
from urllib.parse import unquote

from publisher.posts.html import DATA_SCHEME, NOWHERE
from publisher.posts.labels import AUDIO_FILE, VIDEO_FILE, Labels, label
from publisher.posts.tokens import Token, start_tag
from publisher.posts.urls import scheme_of

_ATTRIBUTES = r"(?: [^<>\"]*|\"[^\"]*\")*"
_PIECE = re.compile(
    rf"<(?P<name>video|audio)(?P<attributes>{_ATTRIBUTES})>(?P<inner>(?:(?!</?(?:video|audio)\b).)*)</(?P=name)>"
    rf"|<img(?P<picture>{_ATTRIBUTES})>|<a\b[^<>]*>|</a>",
    re.DOTALL,
)
_SOURCE = re.compile(rf"<source({_ATTRIBUTES})>")
_LINK = re.compile(r"<a\b[^<>]*\bhref=")
_TAG = re.compile(r"<[^<>]*>")
_FILMS = re.compile(r"\.(?:mp4|m4v|webm|mov|ogv)(?:[?#].*)?\Z", re.IGNORECASE)
_SOUNDS = re.compile(r"\.(?:mp3|m4a|ogg|oga|opus|wav|flac|aac)(?:[?#].*)?\Z", re.IGNORECASE)
# What is written for browsers of 2010: none of it says what is played.
_EXCUSE = re.compile(
    r"brows|navigat|navegad|naviga|html ?5|support|(?:video|audio)[- ]?(?:tag|element)"
    r"|ブラウザ|浏览器|瀏覽器|브라우저|браузер|متصفح",
    re.IGNORECASE,
)


def with_links(html: str, labels: Labels) -> str:
    """Each of them can be played, and be followed; a picture whose file is a film or a sound is one of them."""
    if not any(sign in html for sign in ("<video", "<audio", "<img")):
        return html
    return "".join(_Linking(labels).pieces(html))


@dataclass(slots=True)
class _Linking:
    """One text; no link stands in another."""

    labels: Labels
    in_link: bool = False

    def pieces(self, html: str) -> Iterator[str]:
        done = 0
        for match in _PIECE.finditer(html):
            yield html[done : match.start()]
            done = match.end()
            if match["name"]:
                yield self._player(match["name"], _attributes(match["attributes"]), match["inner"])
            elif match["picture"] is not None:
                yield self._picture(match[0], _attributes(match["picture"]))
            else:
                self.in_link = match[0] != "</a>"
                yield match[0]
        yield html[done:]

    def _picture(self, raw: str, attributes: dict[str, str]) -> str:
        """`![clip](/c.mp4)`, which no browser shows as a picture."""
        source = attributes.get("src", "")
        name = "video" if _FILMS.search(source) else "audio" if _SOUNDS.search(source) else ""
        if not name or scheme_of(source) == NOWHERE:
            return raw
        words = attributes.get("alt", "").strip() or attributes.get("title", "").strip()
        return self._made(name, {"src": source, **({"title": words} if words else {})}, source)

    def _player(self, name: str, attributes: dict[str, str], inner: str) -> str:
        sources = _SOURCE.findall(inner)
        address = attributes.get("src") or next((_attributes(one).get("src", "") for one in sources), "")
        held = _SOURCE.sub("", inner).strip()
        if not address or scheme_of(address) == NOWHERE:
            return held
        if spoken := attributes.pop("aria-label", ""):
            attributes.setdefault("title", spoken)
        whole = "".join(f"<source{one}>" for one in sources)
        if _LINK.search(held) and not self.in_link:
            return f"{_opened(name, attributes)}{whole}{held}</{name}>"
        said = " ".join(unescape(_TAG.sub(" ", held)).split())
        return self._made(name, attributes, address, whole, "" if _EXCUSE.search(said) else said)

    def _made(self, name: str, attributes: dict[str, str], address: str, sources: str = "", said: str = "") -> str:
        words = escape(attributes.get("title", "").strip() or said or self._named(name, address), quote=False)
        inner = words if self.in_link else f'<a href="{escape(address)}">{words}</a>'
        return f"{_opened(name, attributes)}{sources}{inner}</{name}>"

    def _named(self, name: str, address: str) -> str:
        """`Video: clip.mp4`."""
        kind = label(self.labels, VIDEO_FILE if name == "video" else AUDIO_FILE)
        file = unquote(re.split(r"[?#]", address, maxsplit=1)[0].rpartition("/")[2])
        return f"{kind}: {file}" if file and scheme_of(address) != DATA_SCHEME else kind


def _attributes(written: str) -> dict[str, str]:
    return Token("", raw_attributes=written).attributes()


def _opened(name: str, attributes: dict[str, str]) -> str:
    """With a button to begin: without one, no reader could."""
    return start_tag(name, {**attributes, "controls": ""})
