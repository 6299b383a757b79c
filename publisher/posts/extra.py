"""Markdown -> raw HTML, by Python-Markdown; only the parts of it that the text needs are set to work."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import markdown
from markdown.extensions.footnotes import FootnoteExtension

from publisher.posts.layout import laid_out
from publisher.posts.stash import Stash

_TABLE = re.compile(r"[-:][ ]*\||\|[ ]*[-:]")
_ESCAPED = list("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")  # CommonMark 6.1; Markdown.pl knows half of them


@dataclass(frozen=True, slots=True)
class _Feature:
    """An extension, and how to tell that a text needs it: each one costs time on every post."""

    extension: str
    needed: Callable[[str], object]
    settings: dict[str, Any]


_FEATURES: tuple[_Feature, ...] = (
    _Feature("footnotes", lambda text: "[^" in text, {"BACKLINK_TITLE": "↩"}),
    _Feature("tables", lambda text: "|" in text and _TABLE.search(text), {"use_align_attribute": True}),
    _Feature("def_list", lambda text: "\n:" in text or "\n  :" in text or "\n   :" in text, {}),
    _Feature("abbr", lambda text: "*[" in text, {}),
    _Feature("md_in_html", lambda text: "markdown=" in text, {}),
    _Feature("pymdownx.tilde", lambda text: "~~" in text, {"subscript": False}),
    _Feature("pymdownx.tasklist", lambda text: "[ ]" in text or "[x]" in text or "[X]" in text, {}),
)

# What must be in a text for a pattern to match anywhere in it: a third of all time goes into patterns that cannot.
_TRIGGERS = {
    "backtick": ("`",),
    "escape": ("\\",),
    "reference": ("]:",),
    "link": ("](",),
    "image_link": ("![",),
    "image_reference": ("![", "]:"),
    "short_reference": ("]:",),
    "short_image_ref": ("![", "]:"),
    "autolink": ("<",),
    "automail": ("<", "@"),
    "linebreak": ("  \n",),
    "html": ("<",),
    "entity": ("&",),
}


@dataclass(frozen=True, slots=True)
class _Converter:
    """A Markdown instance that can be used again and again, for one text at a time."""

    markdown: markdown.Markdown
    patterns: Sequence[tuple[object, tuple[str, ...]]]
    footnotes: FootnoteExtension | None

    def convert(self, text: str, unique: str) -> str:
        """Raw HTML."""
        needed = [pattern for pattern, triggers in self.patterns if all(sign in text for sign in triggers)]
        inline: Any = self.markdown.treeprocessors["inline"]
        inline.inlinePatterns = needed
        if self.footnotes is not None:
            self.footnotes.setConfig("SEPARATOR", f"-{unique}-")
        try:
            return self.markdown.convert(text)
        finally:
            self.markdown.reset()


def _made(features: Sequence[_Feature]) -> _Converter:
    made = markdown.Markdown(
        extensions=["sane_lists", *(feature.extension for feature in features)],
        extension_configs={feature.extension: feature.settings for feature in features if feature.settings},
        output_format="html",
    )
    made.ESCAPED_CHARS = _ESCAPED
    triggers = {id(made.inlinePatterns[name]): signs for name, signs in _TRIGGERS.items()}
    patterns = [(pattern, triggers.get(id(pattern), ())) for pattern in made.inlinePatterns]
    notes = next((one for one in made.registeredExtensions if isinstance(one, FootnoteExtension)), None)
    return _Converter(made, patterns, notes)


# A converter is taken out while it works: two threads never share one, and none is made twice without need.
_idle: dict[tuple[str, ...], list[_Converter]] = {}


def convert(text: str, stash: Stash, unique: str) -> str:
    """Raw HTML, not yet safe. Raises RecursionError for what is nested too deeply."""
    text = laid_out(text, stash)
    features = tuple(feature for feature in _FEATURES if feature.needed(text))
    free = _idle.setdefault(tuple(feature.extension for feature in features), [])
    converter = free.pop() if free else _made(features)
    html = converter.convert(text, unique)
    free.append(converter)
    if converter.footnotes is not None:
        html = html.replace(' title="↩"', "")
    return html.replace("\u200b</p>", "</p>").replace("\u200b", "") if "\u200b" in html else html
