"""Catalogs of translations (`languages/de.po`), the site's own before ours -> words in a language.

English is the source: what a catalog does not say is said in English. A `.po` file needs no compiling.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import TypedDict

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from publisher.errors import TemplateError

FOLDER = "languages"  # among the templates
SOURCE = "en"


class Words(TypedDict):
    """What a template says words with."""

    gettext: object
    ngettext: object


class Languages:
    """The catalogs of some folders of templates; those of the first come first."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = [folder / FOLDER for folder in folders]
        self.of = cache(self._of)

    def known(self) -> tuple[str, ...]:
        """The languages that mails and pages can be in, English first."""
        found = {file.stem.replace("_", "-") for folder in self._folders for file in folder.glob("*.po")}
        return (SOURCE, *sorted(found - {SOURCE}))

    def closest(self, language: str) -> str:
        """The language itself, where mails and pages can be in it; else English."""
        spoken = language.lower().split("-")[0]
        return language if spoken in {one.lower().split("-")[0] for one in self.known()} else SOURCE

    def _of(self, language: str) -> NullTranslations:
        """Words in a language: `de-AT` is what it says itself, then `de`, then English. Raises TemplateError."""
        found: NullTranslations = NullTranslations()
        for file in self._files(language):
            catalog = _read(file)
            catalog.add_fallback(found)
            found = catalog
        return found

    def _files(self, language: str) -> Iterator[Path]:
        """The catalogs that have a say, the last the most."""
        parts = language.replace("_", "-").lower().split("-")
        for end in range(1, len(parts) + 1):
            name = "-".join(parts[:end])
            for folder in reversed(self._folders):
                yield from (file for file in folder.glob("*.po") if file.stem.replace("_", "-").lower() == name)

    def words(self) -> Words:
        """For the globals of templates: each says its words in the `language` that it is rendered in."""

        @pass_context
        def gettext(context: Context, message: str, /, **values: object) -> str:
            return _filled(context, self._in(context).gettext(message), values)

        @pass_context
        def ngettext(context: Context, one: str, many: str, num: int, /, **values: object) -> str:
            return _filled(context, self._in(context).ngettext(one, many, num), {"num": num, **values})

        return Words(gettext=gettext, ngettext=ngettext)

    def _in(self, context: Context) -> NullTranslations:
        language = context.resolve("language")
        return self.of(language if isinstance(language, str) else SOURCE)


def _filled(context: Context, message: str, values: Mapping[str, object]) -> str:
    # as Jinja's own "newstyle" gettext: values are escaped where the template's are, the message is trusted
    return (Markup(message) if context.eval_ctx.autoescape else message) % values  # noqa: S704  # a catalog's


def _first(message: str | Sequence[str]) -> str:
    return message if isinstance(message, str) else message[0]


def _read(file: Path) -> NullTranslations:
    # many sites are in English, and read none
    from babel.messages.mofile import write_mo  # noqa: PLC0415
    from babel.messages.pofile import PoFileError, read_po  # noqa: PLC0415

    try:
        with file.open("rb") as opened:
            catalog = read_po(opened, locale=None, abort_invalid=True)
        for message, errors in catalog.check():  # placeholders that the source does not have, plurals too few
            raise TemplateError(str(file), message.lineno or 1, f"{_first(message.id)!r}: {errors[0]}")
        compiled = BytesIO()
        write_mo(compiled, catalog)
        compiled.seek(0)
        return GNUTranslations(compiled)
    except PoFileError as error:
        raise TemplateError(str(file), error.lineno + 1, f"is no catalog of translations: {error}") from None
    except (OSError, ValueError, LookupError) as error:
        raise TemplateError(str(file), 1, f"is no catalog of translations: {error}") from None
