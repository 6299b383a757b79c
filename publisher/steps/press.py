"""Announced entries -> the cards and variants of an issue, rendered from what the site says now."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from jinja2 import Environment
from pydantic import TypeAdapter

from publisher.mail.archive import Archive
from publisher.mail.card import Card, Frame, RenderedCard
from publisher.mail.render import render_card, render_digest, render_post
from publisher.model.entry import Content, Entry, EntryId
from publisher.model.finding import Severity
from publisher.model.issue import Announcement, FrozenCard, Issue, Newsletter, Pick, Rendered, Section
from publisher.model.site import Site
from publisher.posts.text import plain_text
from publisher.steps.compose import Cards, Pressed
from publisher.steps.content import Bodies, say

_RENDERED = TypeAdapter(RenderedCard)


def thawed(frozen: str) -> RenderedCard:
    """A card as it was frozen."""
    return _RENDERED.validate_json(frozen)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailPress:
    """`compose.Press`: the templates of mail/ over the content of entries."""

    templates: Environment
    site: Site
    bodies: Bodies
    live: Callable[[], Mapping[EntryId, Entry]]
    postal_address: str = ""
    privacy_url: str | None = None
    feed_url: str | None = None
    archive: Archive | None = None
    manage: bool = False  # whether readers can ask for their choices: on a page, or by a mail that is read
    by_mail: bool = True  # readers answer by mail: there are no pages

    def cards(self, newsletter: Newsletter, announcements: Sequence[Announcement]) -> Pressed:
        """The cards of entries; one that cannot be rendered has none, one that was taken back is not missed."""
        entries = self.live()
        wanted = [entries[one.entry] for one in announcements if one.entry in entries]
        found = say(self.bodies, wanted)
        said = found.contents
        frame = self.frame(newsletter, newsletter.language)
        cards = tuple(
            FrozenCard(
                no=one.no,
                entry=one.entry,
                revision=one.revision,
                rendered=_RENDERED.dump_json(
                    render_card(self.templates, frame, card_of(entries[one.entry], said[one.entry], self.site))
                ).decode(),
            )
            for one in announcements
            if one.entry in said
        )
        why = {one.path: one for one in found.findings if one.severity is Severity.ERROR}
        return Pressed(cards, {one.id: why[one.path] for one in wanted if one.id not in said})

    def variant(
        self,
        newsletter: Newsletter,
        cards: Cards,
        picks: Sequence[Pick],
        *,
        language: str,
        note: str | None,
        date: datetime,
        issue: Issue | None = None,
    ) -> Rendered:
        """A digest; of one entry the whole post. Above the newsletter's maximum entries are titles."""
        frame = self.frame(newsletter, language, note=note, date=date)
        rendered = [self._card(frame, cards, pick) for pick in picks]
        if self.archive and newsletter.archive and any(one.card.public for one in rendered):
            # what is looked at before there is an issue leads to the list of them
            there = self.archive.page(newsletter, issue) if issue else self.archive.index(newsletter)
            frame = replace(frame, view_url=there)
        if len(rendered) == 1:
            return render_post(self.templates, frame, rendered[0].card)
        rest = [one.card for one in rendered[newsletter.maximum :]]
        return render_digest(self.templates, frame, rendered[: newsletter.maximum], titles_only=rest)

    def shown(self, entries: Sequence[Entry]) -> Sequence[Card]:
        """What entries say, as a mail needs it; one that cannot be rendered is left out."""
        said = say(self.bodies, entries).contents
        return [card_of(one, said[one.id], self.site) for one in entries if one.id in said]

    def _card(self, frame: Frame, cards: Cards, pick: Pick) -> RenderedCard:
        rendered = thawed(cards[pick.entry, pick.revision].rendered)
        if pick.section is Section.NEW and frame.language == frame.newsletter.language:
            return rendered
        # An updated entry tells its date of change, and another language its own words: few readers have either, so
        # it is made here, of what was frozen.
        return render_card(self.templates, frame, replace(rendered.card, section=pick.section))

    def frame(
        self, newsletter: Newsletter, language: str, *, note: str | None = None, date: datetime | None = None
    ) -> Frame:
        """What stands around all cards of a newsletter in a language."""
        return Frame(
            newsletter=newsletter,
            site=self.site,
            language=language,
            note_html=note,
            postal_address=self.postal_address,
            privacy_url=self.privacy_url,
            feed_url=self.feed_url,
            date=date,
            manage=self.manage,
            by_mail=self.by_mail,
        )


def card_of(entry: Entry, content: Content, site: Site) -> Card:
    """An entry and what it says, as a mail needs them."""
    meta = entry.metadata
    return Card(
        id=entry.id,
        title=meta.title,
        url=meta.url,
        published=meta.published,
        updated=meta.updated,
        minutes=content.minutes,
        labels=meta.labels,
        summary=meta.summary or content.excerpt,
        html=content.html,
        text=plain_text(content.html),
        image=meta.image,
        language=meta.language or site.language,
        section=Section.NEW,
        subject=meta.newsletter.subject,
        preheader=meta.newsletter.preheader,
        public=not meta.newsletter.mail_only,
    )
