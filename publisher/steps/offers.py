"""What somebody ticked in a form -> choices among what there is."""

from collections.abc import Callable, Collection, Mapping, Sequence

from publisher.model.issue import Newsletter
from publisher.steps.signup import Choice

Topics = Callable[[Newsletter], Mapping[str, str]]
"""The topics of a newsletter: terms, and what people call them."""


def chosen(
    newsletters: Mapping[str, Newsletter],
    names: Sequence[str],
    frequency: Callable[[str], str],
    ticked: Callable[[str], Collection[str]],
    topics: Topics,
) -> tuple[Choice, ...]:
    """The choices of a form. A newsletter that is not public cannot be asked for, whoever knows its name (L#2296).

    Whatever is not offered is left out: a page that lay open while the settings changed is nobody's mistake.
    """
    return tuple(
        _choice(newsletters[name], frequency(name), ticked(name), topics)
        for name in dict.fromkeys(names)
        if name in newsletters and newsletters[name].public
    )


def _choice(newsletter: Newsletter, frequency: str, ticked: Collection[str], topics: Topics) -> Choice:
    if frequency not in newsletter.frequencies:
        frequency = newsletter.default_frequency
    offered = topics(newsletter) if ticked else {}
    found = tuple(sorted(term for term in offered if term in ticked))
    return Choice(newsletter.name, frequency, () if len(found) == len(offered) else found)
