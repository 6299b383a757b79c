"""Template files, the site's own before ours -> a Jinja2 environment that hides no mistake.

Sandboxed and strict: a theme from somewhere else reaches no secrets (CVE-2025-49136 in another program),
and a typo is an error, not a blank. Posts and subjects are data and never template source.
"""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from traceback import extract_tb
from typing import NoReturn

import jinja2
from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    FileSystemLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
    select_autoescape,
)
from jinja2 import TemplateError as JinjaError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from publisher.adapters.languages import Languages
from publisher.adapters.templatefiles import LANGUAGES, our_templates
from publisher.errors import TemplateError
from publisher.mail.inline import Inliner, by_premailer
from publisher.mail.theme import Theme


class Environment(ImmutableSandboxedEnvironment):
    """Jinja2's, with errors that name file and line."""

    def handle_exception(self, source: str | None = None) -> NoReturn:
        """Raise TemplateError for a mistake in a template; any other error keeps its traceback."""
        try:
            super().handle_exception(source)
        except TemplateSyntaxError as error:
            raise TemplateError(error.filename or error.name or "", error.lineno, error.message or "") from error
        except Exception as error:
            last = extract_tb(sys.exc_info()[2])[-1]
            lines = [frame for frame in extract_tb(error.__traceback__) if frame.name.startswith(_FRAMES)]
            # an error from deeper down than the template, or a filter that it misused, is ours
            theirs = isinstance(error, JinjaError) or last in lines or last.filename.startswith(_JINJA)
            if not lines or not theirs:
                raise
            said = str(error)
            if isinstance(error, TemplateNotFound):  # whose words are its name alone
                said = f"there is no template {error.name}; `publisher templates list` names all"
            raise TemplateError(lines[-1].filename, lines[-1].lineno or 1, said) from error


_FRAMES = ("top-level template code", "block ", "template")
_JINJA = str(Path(jinja2.__file__).parent)


class _Files(FileSystemLoader):
    """Jinja2's, for files that may be anything."""

    def get_source(self, environment: jinja2.Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """The text of one. Raises TemplateError where it is not UTF-8 or cannot be read."""
        try:
            return super().get_source(environment, template)
        except TemplateNotFound:  # an OSError too: the next folder may have it
            raise
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            raise TemplateError(self._place(template), line, "is not UTF-8; save it as UTF-8") from None
        except OSError as error:
            raise TemplateError(self._place(template), 1, f"cannot be read: {error.strerror}") from None

    def _place(self, template: str) -> str:
        return str(Path(self.searchpath[0], template))


def template_names(folder: Path) -> tuple[str, ...]:
    """The files of a folder by the names that templates have; hidden files and editors' copies are none."""
    names = (name for name in FileSystemLoader(folder).list_templates() if not name.startswith(f"{LANGUAGES}/"))
    return tuple(name for name in names if not name.rpartition("/")[2].startswith(".") and not name.endswith("~"))


def environment(site_folder: Path | None, theme: Theme | None = None, inliner: Inliner = by_premailer) -> Environment:
    """Templates by name (`mail/digest.html`), looked for in *site_folder*, then among ours, file by file.

    All of them know the `theme`, and say `_("words")` and `ngettext("One word", "%(num)s words", number)` in their
    `language`. The press puts styles on elements with `inliner`.
    """
    folders = [folder for folder in (site_folder, our_templates()) if folder is not None]
    loaders: list[BaseLoader] = [_Files(folder) for folder in folders]
    made = Environment(
        loader=ChoiceLoader(loaders),
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
        autoescape=select_autoescape(enabled_extensions=("html",), default=False, default_for_string=True),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.newstyle_gettext = True  # type: ignore[attr-defined]  # the extension's
    made.globals.update(Languages(folders).words())
    made.filters["bdi"] = isolated
    made.filters["around"] = around
    made.filters["css"] = in_css
    made.globals["theme"] = theme or Theme()
    made.globals["inliner"] = inliner
    return made


def isolated(text: str) -> Markup:
    """A value in a sentence that may run the other way: its direction is its own, and the sentence keeps its order."""
    return Markup('<span dir="auto">{}</span>').format(text)


# What a token's words may not have: the mail's own marks, and what HTML would have to escape a second time
_PLAIN = str.maketrans({"'": "’", '"': "”", "(": "", ")": "", "@": "", "<": "", ">": "", "&": "", "\n": " "})


def around(words: str, token: str) -> Markup:
    """Words that appear only for a reader who has a value for *token*; the value stands where they say `%`."""
    return Markup("@@{}({})@@").format(token, str(words).translate(_PLAIN))


def in_css(words: str) -> str:
    """Words in a string of a style sheet (CSS Syntax 4.3.5)."""
    return re.sub(r'["\\\n\f\r<]', lambda found: f"\\{ord(found[0]):x} ", words)
