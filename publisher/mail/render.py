"""Entries -> subject, HTML and text of a mail.

A card (one entry) and a frame (one newsletter in one language) get their styles inlined once each; a variant
is then put together from them by filling slots. Values of one reader stay as tokens: see TOKENS.
"""

from collections.abc import Sequence
from functools import partial
from typing import cast

from jinja2 import Environment
from markupsafe import Markup, escape

from publisher.mail import subject as subjects
from publisher.mail.article import plain, to_mail
from publisher.mail.card import Card, Frame, RenderedCard, card_values, cleaned, direction_of, frame_values
from publisher.mail.figures import shows
from publisher.mail.layout import PICTURE, Body
from publisher.mail.lengths import ROOM, SEAMS, clean, cut_html, cut_text, one_line, size, tidy, wrap
from publisher.mail.message import TOKENS
from publisher.mail.press import document, literal, literal_text, piece
from publisher.mail.theme import Theme
from publisher.model.issue import Rendered, Section

__all__ = ["TOKENS", "Card", "Frame", "RenderedCard", "render_card", "render_digest", "render_post"]


def render_card(templates: Environment, frame: Frame, card: Card) -> RenderedCard:
    """An entry as it stands in a digest of any kind."""
    card = cleaned(card)
    values = card_values(frame, card) | {"direction": direction_of(card)}
    picture = ""
    if card.image and shows(card.image.url):
        picture = literal(piece(templates, "mail/picture.html", values | {"image": card.image}))
    html = piece(templates, "mail/card.html", values | {"picture": Markup(PICTURE)})  # noqa: S704  # a constant
    text = templates.get_template("mail/card.txt").render(values)
    return RenderedCard(card=card, html=str(html), picture=picture, text=tidy(text))


def render_digest(
    templates: Environment, frame: Frame, cards: Sequence[RenderedCard], *, titles_only: Sequence[Card] = ()
) -> Rendered:
    """A digest of one card or more, new ones first; `titles_only` are the entries beyond the maximum."""
    if not cards:
        msg = "a digest needs at least one card"
        raise ValueError(msg)
    ordered = sorted(cards, key=lambda rendered: rendered.card.section is Section.UPDATED)
    body = Body(templates, frame, ordered, [cleaned(card) for card in titles_only])
    values = frame_values(frame)
    head = _head(templates, frame, body.entries)
    empty = dict.fromkeys(("contents", "cards", "rest"), "")
    layout = body.fit(size(document(templates, "mail/digest.html", values, head | empty)))
    text = {"intro": head["intro"], "note": literal_text(plain(frame.note_html or ""))} | body.texts(layout)
    return Rendered(
        subject=head["subject"],
        preheader=head["preheader"],
        html=document(templates, "mail/digest.html", values, head | body.slots(layout)),
        text=tidy(templates.get_template("mail/digest.txt").render(values | text)) + "\n",
    )


def render_post(templates: Environment, frame: Frame, card: Card) -> Rendered:
    """One entry, whole; where it is too long for a mail, its first part and where the rest is."""
    card = cleaned(card)
    values = card_values(frame, card)
    subject = subjects.post_subject(card.subject or card.title)
    candidates = [card.preheader or "", card.summary, *_spare(frame, card)]
    article = _article(
        templates, values, card, to_mail(card.html, title=card.title, url=card.url, column=_column(templates))
    )
    slots = {
        "subject": subject,
        "preheader": subjects.preheader(subject, candidates),
        "note": _note(templates, frame),
        "article": Markup(),
    }
    frame_size = size(document(templates, "mail/post.html", values | {"cut": True}, slots))
    shown, cut = cut_html(article, ROOM - SEAMS - frame_size)
    text, text_cut = cut_text(wrap(card.text).strip("\n"), ROOM)
    # its first paragraph, or listing, may be too long by itself: then its beginning in words
    if cut and not plain(shown):
        shown = _article(templates, values, card, f"<p>{escape(card.summary)}</p>")
    if text_cut and not text:
        text = card.summary
    note = literal_text(plain(frame.note_html or ""))
    plain_text = templates.get_template("mail/post.txt").render(
        values | {"article": text, "cut": text_cut, "note": note}
    )
    return Rendered(
        subject=subject,
        preheader=slots["preheader"],
        html=document(templates, "mail/post.html", values | {"cut": cut}, slots | {"article": Markup(shown)}),  # noqa: S704  # sanitised
        text=tidy(plain_text) + "\n",
    )


def _article(templates: Environment, values: dict[str, object], card: Card, html: str) -> str:
    given = {"direction": direction_of(card), "html": Markup(html)}  # noqa: S704  # sanitised
    return literal(piece(templates, "mail/article.html", values | given))


def subject_of(templates: Environment, language: str, cards: Sequence[Card]) -> str:
    """The subject of a mail with these cards, one or more."""
    lead, more = cards[0], len(cards) - 1
    if not more:
        return subjects.post_subject(lead.subject or lead.title)
    said = partial(templates.get_template("mail/subject.txt").render, language=language)
    return subjects.digest_subject(lead.title, more, lambda lead, more: said(lead=lead, more=more))


def _head(templates: Environment, frame: Frame, cards: Sequence[Card]) -> dict[str, str]:
    lead = cards[0]
    subject = subject_of(templates, frame.language, cards)
    updated = sum(card.section is Section.UPDATED for card in cards)
    intro = templates.get_template("mail/intro.txt").render(
        new=len(cards) - updated,
        updated=updated,
        minutes=sum(card.minutes for card in cards),
        language=frame.language,
    )
    others = " · ".join(card.title for card in cards[1:])
    candidates = [lead.preheader or "", others, lead.summary, *_spare(frame, lead)]
    return {
        "subject": subject,
        "preheader": subjects.preheader(subject, candidates),
        "intro": one_line(intro),
        "note": _note(templates, frame),
    }


def _spare(frame: Frame, card: Card) -> tuple[str, ...]:
    """What a preheader says when the author has said little."""
    return (card.text[:200], frame.newsletter.title, frame.site.title, frame.site.description, card.url)


def _note(templates: Environment, frame: Frame) -> Markup:
    if not frame.note_html:
        return Markup()
    html = to_mail(clean(frame.note_html), title="", url=frame.site.url, column=_column(templates))
    note = Markup(html)  # noqa: S704  # sanitised
    values = frame_values(frame) | {"note": note}
    return Markup(literal(piece(templates, "mail/note.html", values)))  # noqa: S704  # the same


def _column(templates: Environment) -> int:
    return cast("Theme", templates.globals["theme"]).column
