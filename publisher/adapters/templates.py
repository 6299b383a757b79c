"""Template files, the site's own before ours -> a Jinja2 environment that hides no mistake.

Sandboxed and strict: a theme from somewhere else reaches no secrets (CVE-2025-49136 in another program),
and a typo is an error, not a blank. Posts and subjects are data and never template source.
"""

import sys
from pathlib import Path
from traceback import extract_tb
from typing import NoReturn

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    FileSystemLoader,
    StrictUndefined,
    TemplateSyntaxError,
    select_autoescape,
)
from jinja2 import TemplateError as JinjaError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from publisher.errors import TemplateError


class Environment(ImmutableSandboxedEnvironment):
    """Jinja2's, with errors that name file and line."""

    def handle_exception(self, source: str | None = None) -> NoReturn:
        """Raise TemplateError for a mistake in a template; any other error keeps its traceback."""
        try:
            super().handle_exception(source)
        except TemplateSyntaxError as error:
            msg = f"{error.filename or error.name}:{error.lineno}: {error.message}"
            raise TemplateError(msg) from error
        except Exception as error:
            last = extract_tb(sys.exc_info()[2])[-1]
            lines = [frame for frame in extract_tb(error.__traceback__) if frame.name.startswith(_FRAMES)]
            # an error from deeper down than the template is ours
            if not lines or not (isinstance(error, JinjaError) or last in lines):
                raise
            msg = f"{lines[-1].filename}:{lines[-1].lineno}: {error}"
            raise TemplateError(msg) from error


_FRAMES = ("top-level template code", "block ", "template")


def our_templates() -> Path:
    """Where the templates that come with the program are: in the package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    packed = package / "templates"
    return packed if packed.is_dir() else package.parent / "templates"


def environment(site_folder: Path | None) -> Environment:
    """Templates by name (`mail/digest.html`), looked for in *site_folder*, then among ours, file by file."""
    folders = [folder for folder in (site_folder, our_templates()) if folder is not None]
    loaders: list[BaseLoader] = [FileSystemLoader(folder) for folder in folders]
    return Environment(
        loader=ChoiceLoader(loaders),
        undefined=StrictUndefined,
        autoescape=select_autoescape(enabled_extensions=("html",), default=False, default_for_string=True),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
