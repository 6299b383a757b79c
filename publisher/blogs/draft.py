"""The settings of a blog while they are found, each with its source."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError

from publisher.blogs.data import words
from publisher.blogs.tree import Tree
from publisher.blogs.values import kept
from publisher.model.blog import Blog, Generator, Guess

_TAG = re.compile(r"<[^<>]*>")
_REPOSITORY = re.compile(r"github\.com[:/]([\w.-]+)/([\w.-]+?)(?:\.git)?\s*$", re.MULTILINE)
_EXAMPLE = re.compile(r"https?://(?!www\.)(?:[a-z0-9-]+\.)+example\.(?:com|org|net)(?:/|\Z)")  # a name below it: meant


@dataclass(slots=True)
class Draft:
    """What is known so far. A setting that is there already stays: say the surest first."""

    generator: Generator
    settings: dict[str, Guess] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    _defaults: dict[str, Mapping[str, object]] = field(default_factory=dict)
    _example: tuple[str, str] | None = None  # an address of example.org, and where it stands

    def take(self, key: str, value: object, source: str, *, sure: bool = True) -> None:
        """A setting, unless the value says nothing. Text is one line without markup."""
        if isinstance(value, str) and key.startswith("site."):
            value = " ".join(unescape(_TAG.sub("", value)).split())
        if value not in (None, "", ()):
            self.settings.setdefault(key, Guess(value=value, source=source, sure=sure))

    def url(self, value: object, source: str, base: object = None) -> None:
        """The site's address, with the folder that it lies in."""
        text = words(value)
        if text is not None:
            self.take("site.url", _address(text, base), source)
        elif isinstance(value, str) and _EXAMPLE.match(value.strip()) and self._example is None:
            self._example = (_address(value.strip(), base) or "", source)

    def language(self, value: object, source: str) -> None:
        """A language that Babel knows."""
        text = (words(value) or "").partition(".")[0].replace("_", "-")
        if _is_language(text):
            self.take("site.language", text, source)

    def translations(self, languages: Sequence[str], own: str, source: str) -> None:
        """Translations beside the posts (`post.de.md`) stay out, and all is set for when they come in.

        Say the addresses of posts first; those of translations begin with their language.
        """
        if not languages:
            return
        self.take("posts.exclude", tuple(f"*.{name}.*" for name in languages), source)
        self.take("posts.languages", tuple(name for name in (own, *languages) if _is_language(name)), source)
        remark = (
            f"posts in {', '.join(languages)} are left out; take them from posts.exclude if one newsletter is for all"
        )
        if "posts.translated" not in self.settings:
            remark += ", and set posts.translated: it is one pattern for all folders"
        if unknown := [name for name in languages if not _is_language(name)]:
            remark += f"; {', '.join(unknown)} is no language that we know, so it is not in posts.languages"
        self.remarks.append(remark)

    def zone(self, value: object, source: str) -> None:
        """A zone that there is."""
        try:
            self.take("site.timezone", ZoneInfo(words(value) or "").key, source)
        except (ValueError, OSError, LookupError):
            return

    def author(self, value: object, source: str) -> None:
        """A name, or a mapping with one."""
        if isinstance(value, Mapping):
            self.take("site.author", words(value.get("name")), source)
            email = words(value.get("email"))
            if email and re.fullmatch(r"[^@\s<>]+@[^@\s<>]+\.[a-z]+", email):
                self.take("site.email", email, source)
        elif isinstance(value, list) and value:
            self.author(value[0], source)
        else:
            self.take("site.author", words(value), source)

    def default(self, pattern: str, values: Mapping[str, object], source: str) -> None:
        """What posts in a folder say where they say nothing themselves. Of two words on one folder the last counts."""
        if found := kept(values):
            self._defaults[pattern] = {**self._defaults.get(pattern, {}), **found}
            self.settings["posts.defaults"] = Guess(value=dict(self._defaults), source=source)

    def public_address(self, tree: Tree, *folders: str) -> None:
        """The address by what lies about: a CNAME of GitHub Pages, or the repository itself."""
        for folder in folders:
            text = tree.text(f"{folder}/CNAME".lstrip("/"))
            if text is not None and words(text):
                self.url(text.strip().split()[0], f"{folder}/CNAME".lstrip("/"))
        found = _REPOSITORY.search(tree.text(".git/config") or "")
        if found is not None:
            user, name = found[1].lower(), found[2]
            home = f"{user}.github.io"
            address = home if name.lower() == home else f"{home}/{name}"
            if "site.url" not in self.settings:
                self.take("site.url", f"https://{address}/", ".git/config", sure=False)

    def done(self, *, output: str | None = None, feeds: tuple[str, ...] = ()) -> Blog:
        """The blog. A blog of an example is at its address, for want of another."""
        if self._example is not None:
            self.take("site.url", *self._example, sure=False)
        return Blog(
            generator=self.generator,
            settings=self.settings,
            output=output,
            feeds=feeds,
            remarks=tuple(self.remarks),
        )


def _is_language(text: str) -> bool:
    try:
        Locale.parse(text, sep="-")
    except (UnknownLocaleError, ValueError, TypeError):
        return False
    return True


def _address(text: str, base: object) -> str | None:
    """None for what is no address of a site."""
    if text == "/":
        return None
    parts = urlsplit(text if "://" in text else f"https://{text.lstrip('/')}")
    if not parts.hostname or "." not in parts.hostname:
        return None
    path = parts.path.rstrip("/")
    folder = (words(base) or "").strip("/")
    if folder and not path.endswith(f"/{folder}"):
        path = f"{path}/{folder}"
    return urlunsplit((parts.scheme, parts.netloc, f"{path}/", "", ""))
