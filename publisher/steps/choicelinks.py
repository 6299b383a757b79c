"""What a reader holds -> the links by mail that change it; steps/choosing.py does what they ask for."""

from collections.abc import Sequence
from dataclasses import dataclass

from publisher.mail.locales import locale
from publisher.mail.ways import Holding, LanguageWay, RhythmWay, TopicWay, Ways
from publisher.model.issue import Newsletter
from publisher.steps.choices import PAUSE
from publisher.steps.links import by_mail
from publisher.steps.person import Person
from publisher.steps.shown import Section
from publisher.steps.topicwords import word_of

TOKEN = "@@REQUEST@@"  # noqa: S105  # what a message has in its place: see mail/message.py
ADDRESS = "NEW@ADDRESS"  # that a reader puts theirs in place of; it is none, should they forget
NAME = "NEW-NAME"  # the same for a name
TOPIC = "THAT-TOPIC"  # the same for a topic, where there are too many for links of their own
ITS_OWN = "own"  # in place of a language: as each newsletter comes


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Makes links to the address of a newsletter. `live` is False in a mail that says only what is so."""

    to: Newsletter
    live: bool = True

    def of(self, word: str, *about: str) -> str:
        """A link whose mail asks for that."""
        return by_mail(self.to, word, *about, TOKEN) if self.live else ""


def all_ways(links: Links, person: Person | None, sections: Sequence[Section], languages: Sequence[str]) -> Ways:
    """All that a reader can do."""
    gets = [one for one in sections if one.state != "none"]
    spoken = person.language if person is not None else None
    return Ways(
        holdings=holdings(links, sections),
        languages=[
            LanguageWay(
                name=tag,
                label=(locale(tag).get_display_name() or tag) if tag else "",
                chosen=tag == (spoken or ""),
                link=links.of("language", tag or ITS_OWN),
            )
            for tag in ("", *languages)
        ]
        if len(languages) > 1
        else [],
        address=ADDRESS,
        move=links.of("move", ADDRESS),
        name=NAME,
        call=links.of("name", NAME),
        export=links.of("export"),
        erase=links.of("erase"),
        leave_all=links.of("leaveall") if len(gets) > 1 else "",
    )


def holdings(links: Links, sections: Sequence[Section]) -> list[Holding]:
    """Newsletters, each with its links."""
    return [_holding(links, one) for one in sections]


def _holding(links: Links, one: Section) -> Holding:
    if one.state == "none":
        return Holding(title=one.title, state="none", join=links.of("join", one.name))
    got = [topic.label for topic in one.topics if topic.chosen]
    narrowed = ", ".join(got) if len(got) < len(one.topics) else ""
    paused = one.state == "paused"
    return Holding(
        title=one.title,
        state=one.state,
        paused=one.paused,
        rhythms=_rhythms(links, one),
        narrowed=narrowed,
        topics=_topics(links, one, len(got)) if links.live else (),
        names=", ".join(topic.label for topic in one.topics),
        any_topic=_any_topic(links, one, len(got)) if links.live else None,
        everything=links.of("everything", one.name) if narrowed else "",
        pause="" if paused else links.of("pause", one.name, str(PAUSE)),
        weeks=PAUSE,
        resume=links.of("resume", one.name) if paused else "",
        leave=links.of("leave", one.name),
    )


def _rhythms(links: Links, one: Section) -> list[RhythmWay]:
    """All that there are; where nothing can be done, the one that they have."""
    return [
        RhythmWay(
            cadence=str(rhythm["cadence"]),
            also=str(rhythm["also"]),
            link="" if rhythm["chosen"] else links.of("rhythm", one.name, str(rhythm["name"])),
        )
        for rhythm in one.frequencies
        if links.live or rhythm["chosen"]
    ]


def _topics(links: Links, one: Section, got: int) -> list[TopicWay]:
    if len(one.topics) < 2:
        return []
    ways = [
        _topic(links, one, topic.label, word_of(topic.name), also=not topic.chosen, less=topic.chosen and got > 1)
        for topic in one.topics
    ]
    return [way for way in ways if way.also or way.only or way.without]  # the only one that they get has none


def _any_topic(links: Links, one: Section, got: int) -> TopicWay | None:
    if len(one.topics) < 2:
        return None
    return _topic(links, one, TOPIC, TOPIC, also=got < len(one.topics), less=got > 1)


def _topic(links: Links, one: Section, label: str, word: str, *, also: bool, less: bool) -> TopicWay:
    """To get it too; where it is not all that they get, to get nothing else, or all but that."""
    return TopicWay(
        label=label,
        also=links.of("also", one.name, word) if also else "",
        only=links.of("only", one.name, word) if less else "",
        without=links.of("without", one.name, word) if less else "",
    )
