"""Catalogs of translations (`languages/de.po`), the site's own before ours -> words in a language.

English is the source: what a catalog does not say is said in English. A `.po` file needs no compiling.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from gettext import NullTranslations
from pathlib import Path
from typing import TypedDict

from babel.numbers import format_decimal
from jinja2 import pass_context
from jinja2.exceptions import TemplateRuntimeError
from jinja2.runtime import Context
from markupsafe import Markup, escape

from publisher.adapters.templatefiles import LANGUAGES
from publisher.mail.locales import locale
from publisher.posts.labels import LABELS, Labels

SOURCE = "en"


class Words(TypedDict):
    """What a template says words with."""

    gettext: object
    ngettext: object


class Languages:
    """The catalogs of some folders of templates; those of the first come first."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = [folder / LANGUAGES for folder in folders]
        self.of = cache(self._of)
        self.labels = cache(self._labels)

    def known(self) -> tuple[str, ...]:
        """The languages that mails and pages can be in, English first."""
        found = {_tag(file) for folder in self._folders for file in _catalogs(folder)}
        return (SOURCE, *sorted(found - {SOURCE}))

    def speak(self, language: str) -> bool:
        """Whether mails and pages can be in it."""
        return language.lower().split("-")[0] == SOURCE or any(self._files(language))

    def closest(self, language: str) -> str:
        """The language itself, where mails and pages can be in it; else English."""
        return language if self.speak(language) else SOURCE

    def _of(self, language: str) -> NullTranslations:
        """Words in a language: `de-AT` is what it says itself, then `de`, then English. Raises TemplateError."""
        found: NullTranslations = NullTranslations()
        for file in self._files(language):
            # many sites are in English, and read none
            from publisher.adapters.catalogs import read_catalog, to_translations  # noqa: PLC0415

            catalog = to_translations(read_catalog(file), file)
            catalog.add_fallback(found)
            found = catalog
        return found

    def _labels(self, language: str) -> Labels:
        """Words of ours in posts of a language, where they are not English."""
        words = self.of(language)
        return {label: said for label in LABELS if (said := words.gettext(label)) != label}

    def _files(self, language: str) -> Iterator[Path]:
        """The catalogs that have a say, the last the most."""
        parts = language.replace("_", "-").lower().split("-")
        for end in range(1, len(parts) + 1):
            name = "-".join(parts[:end])
            for folder in reversed(self._folders):
                yield from (file for file in _catalogs(folder) if _tag(file).lower() == name)

    def words(self) -> Words:
        """For the globals of templates: each says its words in the `language` that it is rendered in."""

        @pass_context
        def gettext(context: Context, message: str, /, **values: object) -> str:
            language = _language(context)
            return _filled(context, message, self.of(language).gettext(message), values, language)

        @pass_context
        def ngettext(context: Context, one: str, many: str, num: int, /, **values: object) -> str:
            language = _language(context)
            said = self.of(language).ngettext(one, many, num)
            return _filled(context, one, said, {"num": num, **values}, language)

        return Words(gettext=gettext, ngettext=ngettext)


def _catalogs(folder: Path) -> list[Path]:
    return sorted(file for file in folder.glob("*.po") if not file.name.startswith("."))


def _tag(file: Path) -> str:
    return file.stem.replace("_", "-")


def _language(context: Context) -> str:
    language = context.resolve("language")
    return language if isinstance(language, str) else SOURCE


def _filled(context: Context, source: str, said: str, values: Mapping[str, object], language: str) -> str:
    """Words with values in their places, which are escaped where those of the template are.

    A translation is text, as it goes into mails' text parts too: only where the English has markup, it may.
    """
    words = said
    if context.eval_ctx.autoescape:
        words = Markup(said) if source == said or set(source) & set("<&") else escape(said)  # noqa: S704  # a template's
    try:
        return words % {name: _written(value, language) for name, value in values.items()}
    except KeyError as error:
        raise TemplateRuntimeError(f"{source!r} has a place for {error}, and nothing was given for it") from None
    except (ValueError, TypeError):
        raise TemplateRuntimeError(f"{source!r} has a % that is no placeholder; write %% for the sign") from None


def _written(value: object, language: str) -> object:
    """A number as it is written in the language."""
    return format_decimal(value, locale=locale(language)) if type(value) is int else value
