"""Cards and titles -> the body of a digest, in sections, small enough to arrive whole."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby

from jinja2 import Environment
from markupsafe import Markup

from publisher.mail.card import Card, Frame, RenderedCard, direction_of, frame_values
from publisher.mail.lengths import ROOM, SEAMS, size
from publisher.mail.press import piece
from publisher.model.issue import Section

PICTURES = 3  # cards with a picture; more make a mail long and heavy
CONTENTS = 6  # cards; with more, a list of titles comes first
PICTURE = "<!--picture-->"  # where a card's picture goes; no post can say this, it has no comments


@dataclass(frozen=True, slots=True)
class Layout:
    """How many cards stand whole, how many titles follow them, and how many entries are only counted."""

    whole: int
    titles: int
    left: int


class Body:
    """The parts of one digest. Sizes are added up, so that fitting costs no second rendering."""

    def __init__(
        self, templates: Environment, frame: Frame, cards: Sequence[RenderedCard], titles: Sequence[Card]
    ) -> None:
        self._templates = templates
        self._frame = frame
        self._cards = cards
        self.entries = (*(rendered.card for rendered in cards), *titles)
        self._lines = [self._line(card) for card in self.entries]

    def fit(self, frame_size: int) -> Layout:
        """The most that a mail has room for beside its frame: fewer cards before fewer titles (S1)."""
        lines = [size(line) for line in self._lines]
        cards = [size(rendered.html + rendered.picture) for rendered in self._cards]
        whole = list(accumulate(cards, initial=frame_size + SEAMS + 2 * size(self._list("contents", []))))
        for shown in range(len(cards), 0, -1):
            listed = sum(lines[:shown]) if shown > CONTENTS else 0
            if whole[shown] + listed + sum(lines[shown:]) <= ROOM:
                return Layout(shown, len(lines) - shown, 0)
        titles = sum(taken <= ROOM - whole[1] for taken in accumulate(lines[1:]))
        return Layout(1, titles, len(lines) - 1 - titles)

    def slots(self, layout: Layout) -> dict[str, Markup]:
        """The parts, by the names that `mail/digest.html` has for them."""
        whole, end = layout.whole, layout.whole + layout.titles
        rest = self._list("rest", self._lines[whole:end]) if layout.titles else Markup()
        if layout.left:
            rest += self._piece("mail/left.html", left=layout.left)
        return {
            "contents": self._list("contents", self._lines[:whole]) if whole > CONTENTS else Markup(),
            "cards": self._sections(self._cards[:whole]),
            "rest": rest,
        }

    def texts(self, layout: Layout) -> dict[str, object]:
        """The same for the text, by the names that `mail/cards.txt` has for them."""
        sections = groupby(self._cards[: layout.whole], key=_section)
        return {
            "sections": [(section, [card.text for card in cards]) for section, cards in sections],
            "rest": self.entries[layout.whole : layout.whole + layout.titles],
            "left": layout.left,
        }

    def _sections(self, cards: Sequence[RenderedCard]) -> Markup:
        pictured = [
            rendered.html.replace(PICTURE, rendered.picture if place < PICTURES else "", 1)
            for place, rendered in enumerate(cards)
        ]
        parts: list[str] = []
        sections = [_section(rendered) for rendered in cards]
        for place, section in enumerate(sections):
            first = place == 0 or sections[place - 1] is not section
            if first and (sections[0] is not sections[-1]):
                parts.append(self._piece("mail/section.html", section=str(section)))
            parts.append(pictured[place])
        return Markup("\n".join(parts))  # noqa: S704  # made of pieces

    def _list(self, section: str, lines: Iterable[str]) -> Markup:
        heading = self._piece("mail/section.html", section=section)
        values = frame_values(self._frame)
        slots = {"lines": Markup("").join(lines)}
        return heading + piece(self._templates, "mail/titles.html", values, slots)

    def _line(self, card: Card) -> Markup:
        values = {"language": card.language, "direction": direction_of(card)}
        return piece(self._templates, "mail/line.html", values, {"url": card.url, "title": card.title})

    def _piece(self, name: str, **values: object) -> Markup:
        return piece(self._templates, name, frame_values(self._frame) | values)


def _section(rendered: RenderedCard) -> Section:
    return rendered.card.section
