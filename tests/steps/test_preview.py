"""What a preview shows is what goes out: held against the issues that the program then makes."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from publisher.config import load_config
from publisher.model.issue import Rendered
from publisher.steps.occasions import next_issue
from publisher.steps.preview import PreviewMail, mails
from publisher.store import upgrade
from publisher.store.audiences import Audiences
from publisher.store.engine import make_engine
from publisher.wiring import House, open_house
from publisher.wiring.preview import Kept, preview_house
from tests.sites import ANNOUNCE, Site, a_post, make_site
from tests.world import START, World

NEWSLETTER = """
[newsletters.main]
approve = "never"
title = "Field Notes"
from = "Field Notes <news@example.org>"
frequencies = { weekly = "mondays 09:00", daily = "07:30", each = "at once" }
"""
READERS = """address,frequency,topics
ada@example.net,weekly,
bob@example.net,weekly,weather
cleo@example.net,weekly,weather
dora@example.net,daily,bread
emil@example.net,each,
fay@example.net,each,bread
"""
WEB = '[web]\nurl = "https://news.example.org/"\n'

Shown = dict[str, list[tuple[int, str, str, str]]]
"""By frequency: readers, subject, HTML and text of each variant, sorted."""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    found = make_site(
        tmp_path,
        posts={"2024-01-01-old.md": a_post("Old")},
        newsletter=NEWSLETTER,
        announce=ANNOUNCE.replace("2024-01-01", "2024-02-01").replace("[announce]", '[announce]\nafter = "0m"'),
        config=WEB,
    )
    found.write("readers.csv", READERS)
    assert found.run("subscribers", "import", str(tmp_path / "readers.csv"), "--basis", "told so").code == 0
    assert found.run("collect").code == 0
    for day, (topic, title) in enumerate([("weather", "Frost"), ("bread", "A loaf"), ("birds", "Swifts")], 1):
        found.post(
            f"2024-03-0{day}-{topic}.md", f"---\ntitle: {title}\ncategories: [{topic}]\n---\nWords on {topic}.\n"
        )
    return found


@pytest.fixture
def kept() -> Iterator[Kept]:
    found = Kept()
    yield found
    found.close()


def previewed(site: Site, kept: Kept) -> dict[str, PreviewMail]:
    house = preview_house(load_config(site.folder / "config.toml", {}), kept)
    house.collect()
    return {mail.key: mail for mail in mails(house.stage)}


def told(readers: int, rendered: Rendered) -> tuple[int, str, str, str]:
    return readers, rendered.subject, rendered.html, rendered.text


def shown(found: dict[str, PreviewMail], frequency: str) -> list[tuple[int, str, str, str]]:
    return sorted(
        told(variant.readers, variant.render())
        for key, mail in found.items()
        if key.split("/")[1] == frequency
        for variant in mail.look().variants
    )


def sent(site: Site, frequency: str) -> list[tuple[int, str, str, str]]:
    """The variants of the issues that there are."""
    house: House = open_house(load_config(site.folder / "config.toml", {}))
    audiences = Audiences(house.engine)
    found = sorted(
        told(readers, house.deliveries.variant(variant))
        for issue in house.issues.listed()
        if issue.frequencies == (frequency,)
        for variant, readers in audiences.of(issue.id)
    )
    house.close()
    return found


def anywhere(mail: tuple[int, str, str, str]) -> tuple[int, str, str, str]:
    """Without its name in the archive, which it has once it is an issue."""
    number, subject, html, text = mail
    html, text = (re.sub(r"(/issues/main/)[a-z0-9-]+\.html", r"\1", part) for part in (html, text))
    return number, subject, html, text


@pytest.mark.parametrize("frequency", ["weekly", "daily"])
def test_a_digest_is_the_one_that_goes_out(site: Site, kept: Kept, frequency: str) -> None:
    before = shown(previewed(site, kept), frequency)
    assert site.run("digest", "--frequency", frequency, "--yes").code == 0
    assert [anywhere(one) for one in before] == [anywhere(one) for one in sent(site, frequency)]
    assert len(before) == {"weekly": 2, "daily": 1}[frequency]


def test_posts_at_once_are_the_ones_that_a_round_sends(site: Site, kept: Kept) -> None:
    before = shown(previewed(site, kept), "each")
    assert site.run("collect").code == 0
    assert site.run("tick").code == 0  # a round takes what was seen before it began
    assert before == sent(site, "each")
    assert [(readers, subject) for readers, subject, _, _ in before] == [(1, "Frost"), (1, "Swifts"), (2, "A loaf")]


def test_readers_of_a_variant_are_named(site: Site, kept: Kept) -> None:
    found = previewed(site, kept)
    first = found["main/weekly"].look().variants[0]
    assert [str(address) for address in first.first()] == ["bob@example.net", "cleo@example.net"]
    assert first.titles == ("Frost",)
    assert first.paths == ("2024-03-01-weather.md",)
    at_once = found["main/each/2024-03-02-bread.md"].look().variants[0]
    assert [str(address) for address in at_once.first()] == ["emil@example.net", "fay@example.net"]


def test_a_post_by_hand_goes_to_everybody_and_is_not_automatic(site: Site, kept: Kept) -> None:
    mail = previewed(site, kept)["main/post/2024-01-01-old.md"]
    assert mail.look().readers == 6
    assert mail.by_hand
    assert not mail.sender.stationery(mail.newsletter, None).auto_submitted


def test_when_all_is_sent_there_are_samples_that_say_why(site: Site, kept: Kept) -> None:
    assert site.run("digest", "--yes").code == 0
    found = previewed(site, kept)
    for key in ("main/weekly", "main/daily", "main/each"):
        look = found[key].look()
        assert look.sample == "nothing new for the readers of 'main' since their last issue"
        assert look.readers == 0
        assert look.variants[0].render().subject


def test_a_digest_that_was_missed_is_due_already() -> None:
    engine = make_engine("sqlite://")
    upgrade.prepare(engine)
    world = World(engine)
    world.tick()

    def due() -> datetime:
        found = next_issue(world.occasions, "main", "weekly", now=world.now)
        assert found is not None
        return found.at

    assert due() == START + timedelta(days=7)
    world.now = START + timedelta(days=7, hours=1)
    assert due() == START + timedelta(days=7), "nobody has dealt with it"
    world.tick()
    assert due() == START + timedelta(days=14)
    assert next_issue(world.occasions, "main", "each", now=world.now) is None
    engine.dispose()
