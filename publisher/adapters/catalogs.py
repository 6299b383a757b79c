"""Templates -> the words that they say, and the catalogs (`languages/nl.po`) in which people translate them.

`python -m publisher.adapters.catalogs` brings ours up to date: `make messages`.
"""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from gettext import GNUTranslations, c2py
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, write_po
from jinja2 import TemplateSyntaxError

from publisher.adapters.templatefiles import LANGUAGES, our_templates
from publisher.errors import TemplateError
from publisher.posts.labels import LABELS

_SOURCES = frozenset({".html", ".txt", ".css"})
_NAME = re.compile(r"%\(([^()]+)\)s")
# Ours say nothing of these: what changes with each run makes no difference to anybody.
_KEPT = ("Last-Translator", "Language-Team")
_ENOUGH = 201  # numbers that a rule of plurals is tried with
# Babel has the last two the other way round than gettext's manual, Poedit and all Arabic catalogs
_ARABIC = "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);"
_EXAMPLE = re.compile(r"FULL NAME|EMAIL@ADDRESS|LL@li\.org|<LL@|PROJECT")


def read_catalog(file: Path) -> Catalog:
    """The catalog in a file. Raises TemplateError with the line where it is none, or a translation cannot be used."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
        catalog = read_po(io.StringIO(text), locale=None, abort_invalid=True)
        catalog.charset = "utf-8"  # whatever it says
        found = next(_faults(text, catalog), None)
    except PoFileError as error:
        raise TemplateError(str(file), error.lineno + 1, f"is no catalog of translations: {error}") from None
    except OSError as error:
        raise TemplateError(str(file), 1, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise TemplateError(str(file), line, "is not UTF-8; save it as UTF-8") from None
    except (ValueError, LookupError) as error:
        raise TemplateError(str(file), 1, f"is no catalog of translations: {error}") from None
    if found is not None:
        raise TemplateError(str(file), *found)
    return catalog


def _faults(text: str, catalog: Catalog) -> Iterator[tuple[int, str]]:
    """Lines, and what is wrong with them."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip() and not line.lstrip().startswith("#") and not line.rstrip().endswith('"'):
            yield number, "has no quotation mark at its end"  # Babel takes it for empty
    for message, errors in catalog.check():
        yield message.lineno or 1, f"{_first(message)!r}: {errors[0]}"
    for message in catalog:
        if message.id and (wrong := _wrong(message)):
            yield message.lineno or 1, f"{_first(message)!r}: {wrong}"


def to_translations(catalog: Catalog, file: Path) -> GNUTranslations:
    """What says the words of a catalog that was read from *file*. Raises TemplateError."""
    for message in catalog:
        # half of a plural is none: another catalog may have the whole of it
        if not all(_strings(message.string)):
            message.string = ""
    compiled = io.BytesIO()
    try:
        write_mo(compiled, catalog)
        compiled.seek(0)
        made = GNUTranslations(compiled)
        forms = {c2py(catalog.plural_expr)(number) for number in range(_ENOUGH)}
    except (ValueError, ArithmeticError) as error:
        raise TemplateError(str(file), 1, f"Plural-Forms cannot be used: {error}") from None
    if not forms <= set(range(catalog.num_plurals)):
        raise TemplateError(
            str(file), 1, f"Plural-Forms names form {max(forms)}, and nplurals is {catalog.num_plurals}"
        )
    return made


def placeholders(words: str) -> frozenset[str]:
    """The names of the values that words have a place for."""
    return frozenset(_NAME.findall(words))


def _wrong(message: Message) -> str | None:
    """Why its translation would fail when a mail is made; Babel looks only at those that it takes for formats."""
    values = dict.fromkeys(placeholders(" ".join(_strings(message.id))), "")
    for words in _strings(message.string):
        try:
            words % values
        except KeyError as error:
            return f"the English has no %({error.args[0]})s"
        except (ValueError, TypeError):
            return f"{words!r} has a % that is no placeholder; write %% for the sign"
    return None


def _strings(said: str | Iterable[str] | None) -> tuple[str, ...]:
    return (said or "",) if isinstance(said, str | None) else tuple(said)


def _first(message: Message) -> str:
    return _strings(message.id)[0]


def words_of(folders: Sequence[Path]) -> Catalog:
    """All words that templates in the folders say, and our labels in posts. Raises TemplateError."""
    found = Catalog(fuzzy=False)
    for label in LABELS:
        found.add(label, auto_comments=["in a post: what a box is, or what is embedded"])
    for file in (file for folder in folders for file in sorted(folder.rglob("*"))):
        if file.suffix in _SOURCES and file.is_file():
            for said in _words(file):
                found.add(said)
    return found


def _words(file: Path) -> Iterator[str | tuple[str, ...]]:
    try:
        with file.open("rb") as opened:
            for _, said, _, _ in extract("jinja2", opened, options={"silent": "false"}):
                yield said
    except TemplateSyntaxError as error:
        raise TemplateError(str(file), error.lineno, error.message or "") from None
    except OSError as error:
        raise TemplateError(str(file), 1, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise TemplateError(str(file), 1, "is not UTF-8; save it as UTF-8") from None


def refreshed(old: Catalog | None, language: str, words: Catalog) -> bytes:
    """A catalog that asks for all the words, and keeps what it had; what is said no more goes to its end.

    Raises ValueError for a language that nobody knows.
    """
    try:
        locale = Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        msg = f"{language!r} is no language code that we know; write one such as nl, or pt-BR"
        raise ValueError(msg) from None
    new = Catalog(locale=locale, header_comment=f"# {locale.english_name}", fuzzy=False)
    catalog = old or new
    catalog.update(words, no_fuzzy_matching=True, update_creation_date=False)
    body = io.BytesIO()
    write_po(body, catalog, width=0, no_location=True, omit_header=True, sort_output=True)
    said = dict(old.mime_headers).get("Plural-Forms") if old else None
    rule = said or (_ARABIC if locale.language == "ar" else new.plural_forms)
    return b"\n".join((_head(catalog, language, rule).encode(), body.getvalue().strip(b"\n"), b""))


def own_catalog(folder: Path, language: str) -> Path:
    """Where a site's catalog of a language is, or will be: `pt_BR.po` is one of pt-BR."""
    wanted = language.replace("_", "-").lower()
    there = (file for file in sorted((folder / LANGUAGES).glob("*.po")))
    found = next((file for file in there if file.stem.replace("_", "-").lower() == wanted), None)
    return found or folder / LANGUAGES / f"{language}.po"


def untranslated(catalog: Catalog) -> int:
    """How many of its words say nothing yet."""
    return sum(1 for message in catalog if message.id and (message.fuzzy or not all(_strings(message.string))))


def _head(catalog: Catalog, language: str, plural_forms: str) -> str:
    """The first entry, in which a catalog says what it is. No dates: they would differ each time."""
    fields = {name: value for name, value in catalog.mime_headers if name in _KEPT and not _EXAMPLE.search(value)}
    fields |= {"Language": language, "Plural-Forms": plural_forms, "MIME-Version": "1.0"}
    fields |= {"Content-Type": "text/plain; charset=utf-8", "Content-Transfer-Encoding": "8bit"}
    lines = "".join(f'"{name}: {fields[name]}\\n"\n' for name in sorted(fields))
    comment = "" if _EXAMPLE.search(catalog.header_comment) else catalog.header_comment.strip() + "\n"
    return f'{comment.lstrip()}msgid ""\nmsgstr ""\n{lines}'


def main() -> None:
    """Every catalog of ours, as the templates are now."""
    words = words_of([our_templates()])
    for file in sorted((our_templates() / LANGUAGES).glob("*.po")):
        file.write_bytes(refreshed(read_catalog(file), file.stem.replace("_", "-"), words))


if __name__ == "__main__":
    main()
