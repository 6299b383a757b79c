"""Rendered HTML, its links as their author wrote them -> the same with every address absolute."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from publisher.model.finding import Finding
from publisher.posts.filename import POST_SUFFIXES, read_name
from publisher.posts.findings import found
from publisher.posts.html import DATA_SCHEME, NOWHERE, OURS, POST_SCHEME, SELF, SITE_SCHEME
from publisher.posts.slugs import pelican_slug
from publisher.posts.tokens import Token, start_tag
from publisher.posts.urls import absolute, scheme_of

# {static}, also as Markdown and the sanitiser leave it, and Pelican's older |static|
_PELICAN = re.compile(
    r"(?:\{|%7B|\|)(filename|static|attach|index|category|tag|author)(?:\}|%7D|\|)(.*)\Z", re.IGNORECASE | re.DOTALL
)
_TAXONOMIES = frozenset({"category", "tag", "author"})
_SECTION = re.compile(r"(@?/|)((?:[^/]+/)*)_index\.(?:md|html)\Z")  # a folder's own page, to Hugo and Zola
_FILE = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}\Z")
_POST_IN_TEXT = re.compile(rf"{POST_SCHEME}:([^\s<>\"'&)]+)")
_SELF = re.compile(rf"(https?://[^\s/?#&\"'<>]+)?{SELF}")  # `https://host{{ page.url }}` means its path
_LEFT = re.compile(rf"{OURS}\w*(?::/?)?")
_ADDRESSES = ("href", "src", "poster", "cite")
_WEB = ("http://", "https://")
_WITH_ADDRESS = re.compile(
    r"<(?P<name>a|img|source|video|audio|blockquote|q|ins|del)(?P<attributes>(?: [^<>\"]*|\"[^\"]*\")*)>|</a>"
)
_CANDIDATE = re.compile(r"[\s,]*+(\S++)")
_DESCRIPTOR = re.compile(r"\s*+([^,]*+)")
_WIDTH = re.compile(r"[\d.]+[wxh]\s*\Z")
_MOST_CANDIDATES = 100  # of one picture
_MOST_FINDINGS = 200  # of one post: nobody reads more, and a text made to annoy has any number


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Where the posts of the site are: path relative to the posts folder -> address."""

    site_url: str
    by_source: Mapping[str, str]
    own_hosts: frozenset[str] = frozenset()  # beside the site's: where its pictures may be without being told
    _index: dict[str, str | None] = field(default_factory=dict, init=False, repr=False, compare=False)

    def _by_name(self) -> Mapping[str, str | None]:
        """Other names of each post; a name that two posts share finds neither. Made when first asked: it is large."""
        index = self._index
        if index:
            return index
        for path, url in self.by_source.items():
            file = read_name(path)
            stem = path.rpartition(".")[0]
            whole = "/".join((*file.folders, file.stem))
            for name in {stem, whole, file.stem, file.name, path.rpartition("/")[2]}:
                index[name] = url if index.get(name, url) == url else None
        return index

    def find(self, reference: str, path: str = "") -> str | None:
        """The address of a post by its path, seen from the file at *path* or from the top, or by its name."""
        reference = unquote(reference).replace("\\", "/")
        folder = path.rpartition("/")[0]
        for candidate in (_joined(folder, reference), _joined("", reference), *_tails(reference)):
            if candidate in self.by_source:
                return self.by_source[candidate]
            url = self._by_name().get(_bare(candidate))
            if url is not None:
                return url
        return None


def _joined(folder: str, reference: str) -> str:
    """The path against a folder, `.` and `..` worked out; above the top is the top."""
    parts: list[str] = [] if reference.startswith("/") else folder.split("/") if folder else []
    for part in reference.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts)


def _tails(reference: str) -> list[str]:
    """`content/blog/x.md` is `blog/x.md` or `x.md` to a site whose posts folder is further down."""
    parts = [part for part in reference.split("/") if part not in {"", ".", ".."}]
    return ["/".join(parts[at:]) for at in range(1, min(len(parts), 12))]


def _bare(path: str) -> str:
    lower = path.lower()
    for suffix in POST_SUFFIXES:
        if lower.endswith(suffix):
            path = path[: -len(suffix)]
            break
    return path.removesuffix("/index").strip("/")


@dataclass(slots=True, kw_only=True)
class _Resolving:
    base_url: str
    media_url: str  # what pictures are relative to
    links: Links
    path: str
    findings: dict[tuple[str, str], Finding] = field(default_factory=dict)
    media: dict[str, str] = field(default_factory=dict)  # films and sounds, as written: links in them lead there
    _found: dict[str, str | None] = field(default_factory=dict)

    @property
    def sought(self) -> bool:
        return bool(self._found)

    def note(self, finding: str, message: str) -> None:
        if (finding, message) not in self.findings and len(self.findings) < _MOST_FINDINGS:
            self.findings[finding, message] = found(finding, self.path, message)

    def find(self, reference: str) -> str | None:
        """As `Links.find` does, once for each reference."""
        if reference not in self._found:
            self._found[reference] = self.links.find(reference, self.path)
        return self._found[reference]

    def picture(self, url: str) -> None:
        """Note one that another host serves: it sees who opens the mail, and may take it away."""
        host = urlsplit(url).hostname or ""
        own = {urlsplit(self.links.site_url).hostname or "", *self.links.own_hosts}
        if not any(host == one or host.endswith(f".{one.removeprefix('www.')}") for one in own if one):
            self.note("image-elsewhere", f"a picture or sound comes from {host}, which sees who opens the mail")

    def address(self, written: str, base_url: str) -> str | None:
        """Absolute; None where there is no such place, which is noted."""
        written = written.strip()
        if (pelican := _PELICAN.match(written)) is not None:
            return self._pelican(pelican[1].lower(), pelican[2])
        scheme = scheme_of(written)
        if scheme == POST_SCHEME:
            return self.post(written.partition(":")[2])
        if scheme == SITE_SCHEME:
            written = written.partition(":")[2].lstrip("/")
            return absolute(written, self.links.site_url)
        if scheme == DATA_SCHEME:
            self.note("image-embedded", "a picture written into the text (data:) was left out; save it as a file")
        if scheme == DATA_SCHEME or NOWHERE in written:  # the tag in whose place that stands was told
            return None
        if not scheme and not written.startswith(("//", "#", "?")) and (url := self._source(written)) is not None:
            return url or None
        url = absolute(written, base_url)
        if url is None and written:
            self.note("link-broken", f"`{written[:200]}` is no address; its text was kept; mend the address")
        return url

    def _pelican(self, kind: str, rest: str) -> str | None:
        """`{static}/images/x.png`, `{filename}other.md`, `{tag}x` (Pelican's docs, "Linking to internal content")."""
        site = self.links.site_url
        if kind in _TAXONOMIES:
            return absolute(f"{kind}/{pelican_slug(unquote(rest))}.html", site)
        if kind == "index":
            return site
        target = re.split(r"[?#]", rest, maxsplit=1)[0]
        if kind == "filename" and target.lower().endswith(POST_SUFFIXES):
            return self._source(rest) or None
        folder = self.path.rpartition("/")[0]
        place, base = _joined("" if rest.startswith("/") else folder, target), site
        if kind == "attach":  # Pelican's Static.attach_to: beside the page, below it what is below the source
            inside = not folder or place.startswith(f"{folder}/")
            place, base = place.removeprefix(f"{folder}/") if inside else place.rpartition("/")[2], self.base_url
        return absolute(place + rest[len(target) :], base)

    def section(self, reference: str, *, from_top: bool = False) -> str | None:
        """The address of a folder whose own page is named: `@/blog/_index.md` is where the site has `/blog/`."""
        match = _SECTION.match(unquote(reference))
        if match is None:
            return None
        folder = _joined("" if match[1] or from_top else self.path.rpartition("/")[0], match[2])
        return absolute(f"{folder}/" if folder else "", self.links.site_url)

    def post(self, reference: str) -> str | None:
        """The address of a post by its source, or of a file; None where there is none, which is noted."""
        target, hash_, fragment = reference.partition("#")
        url = (
            (self.find(target) or self.section(target, from_top=not target.startswith(".")))
            if target
            else self.base_url
        )
        if url is None and _FILE.search(target) and not target.lower().endswith(POST_SUFFIXES):
            url = absolute(target.lstrip("/"), self.links.site_url)  # {% link assets/x.pdf %}
        if url is None:
            self.note("link-unresolved", f"there is no post `{unquote(target)[:200]}` to link to; its text was kept")
            return None
        return absolute(f"{url}{hash_}{fragment}", self.base_url)

    def _source(self, written: str) -> str | None:
        """The address of a post whose source file is named; "" where there is none; None: no source file."""
        name = re.split(r"[?#]", written, maxsplit=1)[0]
        if not name.lower().endswith(POST_SUFFIXES):
            return None
        url = self.find(name) or self.section(name)
        if url is not None:
            return absolute(url + written[len(name) :], self.base_url) or ""
        if name.lower().endswith((".html", ".htm")):  # a page of the site, most likely
            return None
        self.note("link-unresolved", f"there is no post `{unquote(name)[:200]}` to link to; its text was kept")
        return ""


class Resolved(NamedTuple):
    """HTML whose addresses are absolute, and what was found. `sought`: other posts were asked for their addresses."""

    html: str
    findings: tuple[Finding, ...]
    sought: bool


def resolve(html: str, *, base_url: str, links: Links, path: str, media_url: str | None = None) -> Resolved:
    """Every address absolute and encoded once, in HTML as `render_content` makes it.

    What leads nowhere goes, and its text stays. `base_url` is the entry's address, `media_url` what its pictures are
    relative to where that is another place; `path` its source, for links between sources and for the findings.
    """
    work = _Resolving(base_url=base_url, media_url=media_url or base_url, links=links, path=path)
    anchors: list[bool] = []  # whether each `a` that is open was kept

    def anew(match: re.Match[str]) -> str:
        name = match["name"]
        if name is None:
            return match[0] if not anchors or anchors.pop() else ""
        written = _resolved(Token(match[0], name, raw_attributes=match["attributes"]), work)
        if name == "a":
            anchors.append(bool(written))
        return written

    html = _with_own_address(html, base_url)
    html = _WITH_ADDRESS.sub(anew, html)
    if f"{POST_SCHEME}:" in html:  # written out in the text
        html = _POST_IN_TEXT.sub(lambda match: _escaped(work.post(match[1]) or ""), html)
    if f"{SITE_SCHEME}:" in html:
        html = html.replace(f"{SITE_SCHEME}:", links.site_url.rstrip("/"))
    if OURS in html:  # torn apart by what Markdown made of the text around it
        html = _LEFT.sub("", html)
    return Resolved(html, tuple(work.findings.values()), work.sought)


def _with_own_address(html: str, url: str) -> str:
    """The post's own address where it names itself: in its text, in a link, within another site's address."""
    if SELF not in html:
        return html
    path = url[url.find("/", url.find("://") + 3) :]
    return _SELF.sub(lambda match: _escaped(f"{match[1]}{path}" if match[1] else url), html)


def _resolved(token: Token, work: _Resolving) -> str:
    """The start tag anew; empty where it is a link or a picture to nowhere."""
    if token.name != "img" and not any(name in token.raw_attributes for name in _ADDRESSES):
        return token.raw if token.name != "a" or "id=" in token.raw_attributes else ""
    attributes = token.attributes()
    for name in [*_ADDRESSES, "srcset"]:
        if name in attributes:
            written = attributes[name]
            attributes[name] = _found(name, written, work) or ""
            if name == "src" and token.name != "img":
                work.media[written] = attributes[name]
            if not attributes[name]:
                del attributes[name]
    if token.name == "a" and "href" not in attributes and "id" not in attributes:
        return ""
    if token.name == "img" and "src" not in attributes:
        return _escaped(attributes.get("alt", ""))
    if token.name == "source" and not {"src", "srcset"} & attributes.keys():
        return ""
    return start_tag(token.name, attributes)


def _found(name: str, value: str, work: _Resolving) -> str | None:
    """The value of an attribute that holds addresses; only a link may be other than of the web."""
    if name == "srcset":
        return _srcset(value, work)
    if name == "href" and value in work.media:
        return work.media[value]
    url = work.address(value, work.base_url if name in {"href", "cite"} else work.media_url)
    if url is not None and name == "src":
        work.picture(url)
    return url if url is None or name == "href" or url.startswith(_WEB) else None


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _srcset(value: str, work: _Resolving) -> str:
    """Addresses with widths (HTML 4.8.4.2.1); those that lead nowhere go."""
    kept: list[str] = []
    position = 0
    while (match := _CANDIDATE.match(value, position)) is not None and len(kept) < _MOST_CANDIDATES:
        position, written, width = match.end(), match[1], ""
        if not written.endswith(",") and (descriptor := _DESCRIPTOR.match(value, position)) is not None:
            position = descriptor.end()
            width = descriptor[1].strip() if _WIDTH.match(descriptor[1]) else ""
        url = work.address(written.strip(","), work.media_url)
        if url is not None and url.startswith(_WEB):
            kept.append(f"{url.replace(',', '%2C')} {width}".rstrip())
    return ", ".join(kept)
