"""Styles onto elements by premailer, without its two ways out: `@import`, and linked style sheets."""

import logging
from functools import lru_cache
from typing import NoReturn

import cssutils
from premailer import Premailer

from publisher.mail.inline import StyleError

cssutils.log.setLevel(logging.CRITICAL)
cssutils.ser.prefs.minimizeColorHash = False  # Outlook reads #fff in bgcolor as something else

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
    """Premailer, which reads nothing but the HTML it is given."""

    def _parse_css_string(self, css_body: str, validate: bool = True) -> object:  # noqa: FBT001, FBT002  # theirs
        parser = cssutils.CSSParser(
            fetcher=lambda _url: (None, b""), loglevel=logging.CRITICAL, raiseExceptions=False, validate=validate
        )
        return parser.parseString(css_body, validate=validate)

    def _parse_style_rules(self, css_body: str, ruleset_index: int) -> _Rules:
        rules, leftover = _rules(css_body, ruleset_index)
        return list(rules), list(leftover)

    def _load_external(self, url: str) -> NoReturn:
        raise StyleError(f"it asks for {url}; put the style sheet into the template")


@lru_cache(maxsize=16)
def _rules(css: str, index: int) -> _Rules:
    # 19 of the 20 ms of an inlining go into reading a style sheet that is always the same
    rules: _Rules = Premailer._parse_style_rules(_SafePremailer("", **_OPTIONS), css, index)  # noqa: SLF001  # its seam
    return rules


def inline(html: str) -> str:
    """A whole document with its first style block put on the elements."""
    transformed: str = _SafePremailer(html, **_OPTIONS).transform(pretty_print=False)
    return transformed
