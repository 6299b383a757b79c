"""Markdown -> raw HTML, by Python-Markdown; only the parts of it that the text needs are set to work."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import markdown
from markdown.extensions.abbr import AbbrExtension
from markdown.extensions.footnotes import FootnoteExtension
from markdown.util import Registry

from publisher.posts.inline import heal
from publisher.posts.stash import Stash
from publisher.posts.tree import TreeBuilder

_ESCAPED = list("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")  # CommonMark 6.1; Markdown.pl knows half of them


@dataclass(frozen=True, slots=True)
class _Feature:
    """An extension, and how to tell that a text needs it: each one costs time on every post."""

    extension: str
    needed: Callable[[str], object]
    settings: dict[str, Any]


_FEATURES: tuple[_Feature, ...] = (
    _Feature("footnotes", lambda text: "[^" in text, {"BACKLINK_TITLE": "↩"}),
    _Feature("abbr", lambda text: "*[" in text, {}),
    _Feature("pymdownx.betterem", lambda text: "~~" in text, {}),  # so that emphasis and `~~` nest
    _Feature("pymdownx.tilde", lambda text: "~~" in text, {"subscript": False}),
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
    "linebreak": ("\n",),
    "html": ("<",),
    "entity": ("&",),
}


@dataclass(frozen=True, slots=True)
class _Converter:
    """A Markdown instance that can be used again and again, for one text at a time."""

    markdown: markdown.Markdown
    builder: TreeBuilder
    patterns: Sequence[tuple[object, tuple[str, ...]]]

    def convert(self, text: str, stash: Stash, unique: str) -> str:
        """Raw HTML."""
        self.builder.stash = stash
        needed = [pattern for pattern, triggers in self.patterns if all(sign in text for sign in triggers)]
        inline: Any = self.markdown.treeprocessors["inline"]
        inline.inlinePatterns = needed
        if self.builder.notes is not None:
            self.builder.notes.setConfig("SEPARATOR", f"-{unique}-")
        try:
            return self.markdown.convert(text)
        finally:
            self.markdown.reset()


def _made(features: Sequence[_Feature]) -> _Converter:
    made = markdown.Markdown(
        extensions=[feature.extension for feature in features],
        extension_configs={feature.extension: feature.settings for feature in features if feature.settings},
        output_format="html",
    )
    made.ESCAPED_CHARS = _ESCAPED
    heal(made)
    made.preprocessors = Registry()  # white space and raw HTML are dealt with when blocks are read
    builder = made.parser = TreeBuilder(made)
    for extension in made.registeredExtensions:
        if isinstance(extension, FootnoteExtension):
            builder.notes = extension
            extension.parser = builder
        elif isinstance(extension, AbbrExtension):
            builder.abbreviations = extension.abbrs  # type: ignore[attr-defined]  # the stubs are older
    triggers = {id(made.inlinePatterns[name]): signs for name, signs in _TRIGGERS.items()}
    patterns = [(pattern, triggers.get(id(pattern), ())) for pattern in made.inlinePatterns]
    return _Converter(made, builder, patterns)


# A converter is taken out while it works: two threads never share one, and none is made twice without need.
_idle: dict[tuple[str, ...], list[_Converter]] = {}


def convert(text: str, stash: Stash, unique: str) -> str:
    """Raw HTML, not yet safe. Raises RecursionError for what is nested too deeply."""
    features = tuple(feature for feature in _FEATURES if feature.needed(text))
    free = _idle.setdefault(tuple(feature.extension for feature in features), [])
    converter = free.pop() if free else _made(features)
    html = converter.convert(text, stash, unique)
    free.append(converter)
    if converter.builder.notes is not None:
        html = html.replace(' title="↩"', "")
    return html
