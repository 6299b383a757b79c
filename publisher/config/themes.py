"""Colours and typefaces as somebody wrote them -> values that can stand in a style sheet."""

import re
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Annotated

from pydantic import AfterValidator

from publisher.config.kinds import nearest
from publisher.mail.theme import COLOURS

_FONTS = frozenset({"font", "small_font"})
_COLOUR = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
_FONT = re.compile(r"[\w ,'-]{1,200}")  # nothing that could end a declaration, or fetch anything


def check_theme(values: Mapping[str, str]) -> Mapping[str, str]:
    """Each value is a colour or a list of typefaces, by its name; colours as `#rrggbb`."""
    return {name: _checked(name, value) for name, value in values.items()}


def _checked(name: str, value: str) -> str:
    if name in _FONTS:
        if not _FONT.fullmatch(value):
            raise ValueError(f"{name}: {value!r} is no list of typefaces, as \"Verdana, 'Open Sans', sans-serif\"")
        return value
    if name not in COLOURS:
        raise ValueError(f"{name} is nothing of a theme{nearest(name, COLOURS | _FONTS)}; there are: {_all()}")
    if not _COLOUR.fullmatch(value):
        raise ValueError(f"{name}: {value!r} is no colour as #1d1c1a")
    digits = value[1:].lower()
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))


def _all() -> str:
    return ", ".join(sorted(COLOURS | _FONTS))


def check_inliner(engine: str) -> str:
    """An engine that is not part of every installation is there."""
    if engine == "css-inline" and find_spec("css_inline") is None:
        raise ValueError("css-inline is not installed; run `pip install css-inline`, or leave this key out")
    return engine


ThemeValues = Annotated[Mapping[str, str], AfterValidator(check_theme)]
