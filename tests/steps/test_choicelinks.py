"""The links by mail of what a reader holds."""

from publisher.mail.ways import TopicWay
from publisher.steps.choicelinks import Links, holdings
from publisher.steps.shown import Section, Shown
from tests.mail.samples import a_newsletter


def topics(got: str) -> list[tuple[str, bool, bool, bool]]:
    """`got`: a letter for each topic, a capital where the reader gets it."""
    shown = [Shown(name=one.lower(), label=one.lower(), chosen=one.isupper()) for one in got]
    section = Section(name="main", title="Main", state="active", topics=shown)
    (holding,) = holdings(Links(to=a_newsletter()), [section])
    return [ways(one) for one in holding.topics]


def ways(one: TopicWay) -> tuple[str, bool, bool, bool]:
    return one.label, bool(one.also), bool(one.only), bool(one.without)


def test_a_topic_is_listed_where_something_can_be_done_about_it() -> None:
    assert topics("ABc") == [
        ("a", False, True, True),
        ("b", False, True, True),
        ("c", True, False, False),
    ]
    assert topics("Ab") == [("b", True, False, False)], "the only one that they get cannot go"
    assert topics("A") == []
