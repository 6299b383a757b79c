"""The colours and typefaces of mails, light and dark."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import NamedTuple

MARGIN = 28  # px beside the text, left and right
ENOUGH = 4.5  # WCAG 2.2, 1.4.3, level AA


@dataclass(frozen=True, slots=True, kw_only=True)
class Colours:
    """`#rrggbb` each. `on_link`: words on a button, which has the colour of links."""

    page: str
    paper: str
    text: str
    heading: str
    muted: str
    link: str
    on_link: str
    code: str
    line: str
    accent: str


LIGHT = Colours(
    page="#f3f0e9",
    paper="#fffefb",
    text="#2a2926",
    heading="#1d1c1a",
    muted="#625e56",
    link="#0b5a70",
    on_link="#fffefb",
    code="#f5f2ea",
    line="#e2dccf",
    accent="#d9b26a",
)
DARK = Colours(
    page="#121416",
    paper="#1c1f22",
    text="#e5e1d9",
    heading="#f4f1ea",
    muted="#b3aea4",
    link="#8fcbdf",
    on_link="#10191c",
    code="#272b2f",
    line="#3a3f44",
    accent="#a98643",
)
FONT = "Georgia, 'Times New Roman', serif"
SMALL_FONT = "-apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"
COLOURS = frozenset(field.name for field in fields(Colours))


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """How mails look. `font` and `small_font` are CSS lists of typefaces; `logo` an absolute address."""

    light: Colours = LIGHT
    dark: Colours = DARK
    font: str = FONT
    small_font: str = SMALL_FONT
    logo: str = ""
    logo_width: int = 160  # px
    width: int = 600  # px, of the sheet

    @property
    def column(self) -> int:
        """How wide pictures can be: the sheet less its margins, in px."""
        return self.width - 2 * MARGIN


def themed(colours: Colours, chosen: Mapping[str, str]) -> Colours:
    """The colours with some others instead."""
    return replace(colours, **{name: value for name, value in chosen.items() if name in COLOURS})


class Faint(NamedTuple):
    """Words that hardly stand out: which colour on which, and their contrast."""

    words: str
    behind: str
    contrast: float


def faint(colours: Colours) -> Iterator[Faint]:
    """The pairs of colours that AA forbids."""
    for words, behind in (
        ("text", "paper"),
        ("heading", "paper"),
        ("muted", "paper"),
        ("muted", "page"),
        ("link", "paper"),
        ("on_link", "link"),
        ("text", "code"),
    ):
        found = contrast(getattr(colours, words), getattr(colours, behind))
        if found < ENOUGH:
            yield Faint(words, behind, found)


def contrast(one: str, other: str) -> float:
    """Of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
