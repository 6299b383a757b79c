"""What a reader gets, and a link by mail for each thing that they can change: the values of two mails.

A link that is "" stands for what cannot be done, or is so already.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RhythmWay:
    """How often a newsletter can come: cadence (each, moment, day, week, month); `also` tells two alike apart."""

    cadence: str
    also: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicWay:
    """A topic: to get it too, to get nothing else, to get it no more."""

    label: str
    also: str = ""
    only: str = ""
    without: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One newsletter. `state`: active, paused (until `paused`, "" where nobody knows), or none."""

    title: str
    state: str
    paused: str = ""
    rhythms: Sequence[RhythmWay] = ()
    narrowed: str = ""  # the topics that they get, where it is not all of them
    topics: Sequence[TopicWay] = ()
    names: str = ""  # of all topics, and one way for whichever they write in place of its label: where a mail has
    any_topic: TopicWay | None = None  # no room for a way for each
    everything: str = ""
    pause: str = ""
    weeks: int = 0  # of that pause
    resume: str = ""
    leave: str = ""
    join: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageWay:
    """A language of mails; without a name it is each newsletter's own."""

    name: str
    label: str
    chosen: bool
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """All that a reader can do. `address`: the word in the subject of `move` that they put the new one in place of.

    `name`: the same in the subject of `call`.
    """

    holdings: Sequence[Holding]
    languages: Sequence[LanguageWay]
    address: str
    move: str
    name: str
    call: str
    export: str
    erase: str
    leave_all: str = ""
