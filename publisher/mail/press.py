"""Templates and values -> pieces of HTML with their styles inlined.

Inlining takes 20 ms and more, so a piece is inlined with slots in it (`@@title@@`), kept, and filled as often
as needed. A slot is filled once; what is put in is not looked at again.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import cast

from jinja2 import Environment
from markupsafe import Markup, escape

from publisher.errors import TemplateError
from publisher.mail.inline import Inliner, StyleError, inline_fragment
from publisher.mail.message import TOKEN

_SLOT = re.compile(r"@@([a-z]+)@@")


@lru_cache(maxsize=64)
def _inline(inliner: Inliner, html: str) -> str:
    return inliner(html)


_inline_fragment = lru_cache(maxsize=256)(inline_fragment)


def literal(html: str) -> str:
    """HTML of a post that happens to have a reader's token in it: shown, not filled in."""
    return TOKEN.sub(lambda match: match[0].replace("@", "&#64;"), html)


def literal_text(text: str) -> str:
    """The same for plain text, which has no other way to say it."""
    return TOKEN.sub(lambda match: match[0].replace("@@", "@ @"), text)


def document(templates: Environment, name: str, values: Mapping[str, object], slots: Mapping[str, str]) -> str:
    """A whole mail. The values are for its template; the slots, which differ more often, come in afterwards."""
    html = _rendered(templates, name, values, slots)
    with _blamed(name):
        inlined = _inline(_engine(templates), html)
    return _fill(inlined, slots)


def piece(
    templates: Environment, name: str, values: Mapping[str, object], slots: Mapping[str, str] | None = None
) -> Markup:
    """A part of a mail's body, styles inlined."""
    css = templates.get_template("mail/base.css").render()
    slots = slots or {}
    html = _rendered(templates, name, values, slots)
    with _blamed(name):
        inlined = _inline_fragment(_engine(templates), html, css)
    return Markup(_fill(inlined, slots))  # noqa: S704  # escaped by the template


@contextmanager
def _blamed(name: str) -> Iterator[None]:
    """What an engine cannot read is a mistake in the template, or in one that it includes."""
    try:
        yield
    except StyleError as error:
        raise TemplateError(name, 1, str(error)) from error


def _engine(templates: Environment) -> Inliner:
    return cast("Inliner", templates.globals["inliner"])


def _rendered(templates: Environment, name: str, values: Mapping[str, object], slots: Mapping[str, str]) -> str:
    marks = {slot: Markup(f"@@{slot}@@") for slot in slots}  # noqa: S704  # a constant word
    return templates.get_template(name).render({**values, **marks})


def _fill(skeleton: str, slots: Mapping[str, str]) -> str:
    return _SLOT.sub(lambda slot: str(escape(slots[slot[1]])) if slot[1] in slots else slot[0], skeleton)
