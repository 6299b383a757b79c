"""HTML with a style sheet -> HTML with styles on its elements, as mail programs need it.

The one place that knows premailer: used so that it never asks the network or the disk for anything,
whatever the CSS says. `data-premailer="ignore"` keeps a style block as it is.
"""

import logging
import re
from functools import lru_cache
from typing import NoReturn

import cssutils
from premailer import Premailer

cssutils.log.setLevel(logging.CRITICAL)
cssutils.ser.prefs.minimizeColorHash = False  # Outlook reads #fff in bgcolor as something else

_STYLE = re.compile(r"<style\b([^>]*)>(.*?)</style>", re.DOTALL | re.IGNORECASE)
_CONDITIONAL = re.compile(r"<!--\[if.*?<!\[endif\]-->", re.DOTALL)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_NESTED = re.compile(r"@[^{}]*\{[^{}]*(?:\{[^{}]*\}[^{}]*)*@")
_DECLARATIONS = re.compile(r"\{([^{}]*)\}")
_BODY = re.compile(r"<body[^>]*>(.*)</body>", re.DOTALL)

BLOCK = 8_192  # characters of one style block, and twice that of all: over it Gmail drops them (S3, S4)


_Rules = tuple[list[object], list[object]]
_OPTIONS: dict[str, object] = {
    "allow_network": False,
    "allow_loading_external_files": False,
    "base_url": None,
    "disable_link_rewrites": True,
    "strip_important": False,
    "keep_style_tags": False,
    "disable_leftover_css": False,
    "remove_classes": False,  # dark mode's rules need them
    "disable_validation": True,
    # the template says these itself; premailer's guesses break layouts
    "disable_basic_attributes": ["width", "height", "align", "valign", "bgcolor"],
    "align_floating_images": False,
    "cache_css_parsing": False,  # its cache would pass by `_parse_css_string`; we keep the rules, below
}


class _SafePremailer(Premailer):  # type: ignore[misc]  # premailer has no types
    """Premailer without its two ways out: `@import`, and linked style sheets."""

    def _parse_css_string(self, css_body: str, validate: bool = True) -> object:  # noqa: FBT001, FBT002  # theirs
        parser = cssutils.CSSParser(
            fetcher=lambda _url: (None, b""), loglevel=logging.CRITICAL, raiseExceptions=False, validate=validate
        )
        return parser.parseString(css_body, validate=validate)

    def _parse_style_rules(self, css_body: str, ruleset_index: int) -> _Rules:
        rules, leftover = _rules(css_body, ruleset_index)
        return list(rules), list(leftover)

    def _load_external(self, url: str) -> NoReturn:
        msg = f"a mail template asks for {url}; put the style sheet into the template"
        raise ValueError(msg)


@lru_cache(maxsize=16)
def _rules(css: str, index: int) -> _Rules:
    # 19 of the 20 ms of an inlining go into reading a style sheet that is always the same
    rules: _Rules = Premailer._parse_style_rules(_SafePremailer("", **_OPTIONS), css, index)  # noqa: SLF001  # its seam
    return rules


def inline(html: str) -> str:
    """A whole document with its first style block put on the elements. Reads nothing but *html*."""
    transformed: str = _SafePremailer(html, **_OPTIONS).transform(pretty_print=False)
    return transformed


def inline_fragment(fragment: str, css: str) -> str:
    """A piece of a body, with *css* put on its elements."""
    document = inline(f"<html><head><style>{css}</style></head><body>{fragment}</body></html>")
    found = _BODY.search(document)
    return found[1] if found else ""


def problems(html: str) -> list[str]:
    """What keeps a mail template's style blocks from being inlined or kept whole; [] for none."""
    found: list[str] = []
    blocks = _STYLE.findall(_CONDITIONAL.sub("", html))
    if sum(len(css) for _, css in blocks) > 2 * BLOCK or any(len(css) > BLOCK for _, css in blocks):
        found.append(f"style blocks are larger than {BLOCK} characters: Gmail drops them (S3, S4)")
    for attributes, css in blocks:
        text = _COMMENT.sub("", css)
        if "@import" in text:
            found.append("@import: mail carries its style sheet in itself (C3)")
        if "data-premailer" in attributes:
            found += _kept(text)
        else:
            found += _inlined(text)
    return found


def _inlined(css: str) -> list[str]:
    selectors = _DECLARATIONS.sub(" ", css)
    found = [
        f"{char!r} in a selector of the first style block: only elements and classes can be inlined"
        for char in "@:[*>+~#"
        if char in selectors
    ]
    if "!important" in css:
        found.append("!important in the first style block: inline it could not be overruled in dark mode (C10)")
    return found


def _kept(css: str) -> list[str]:
    found = []
    if _NESTED.search(css):
        found.append("an @ rule inside an @ rule: Gmail drops the whole block (C4)")
    found += [
        f"{declaration.strip()!r} without !important: it loses against the inlined styles (C7)"
        for declarations in _DECLARATIONS.findall(css)
        for declaration in declarations.split(";")
        if declaration.strip() and not declaration.strip().endswith("!important")
    ]
    return found
