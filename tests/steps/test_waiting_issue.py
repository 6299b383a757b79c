"""An issue of which a post cannot be rendered waits for it; after an hour it is the owner's to decide."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from publisher.adapters.renderer import RenderProcesses, Result
from publisher.doors import rounds
from publisher.doors.cli.running import lines, standing
from publisher.errors import TemplateError
from publisher.model.issue import Issue, IssueState, Newsletter, Pick, Rendered
from publisher.posts.findings import found
from publisher.posts.rendering import Manuscript, Rendering
from publisher.steps.compose import PATIENCE, Cards, finish_all
from publisher.steps.occasions import digest_order, open_digest
from publisher.steps.tick import Ticked
from tests.owning import FRIDAY, MONDAY, Owned, an_owned_site
from tests.sites import Site, make_site
from tests.world import PlainPress, World

DUE = datetime(2026, 11, 9, 8, 0, tzinfo=UTC)  # 09:00 in Berlin
MINUTE = timedelta(minutes=1)


@pytest.fixture
def world(engine: Engine) -> World:
    """Two posts are new on the Monday on which the digest is due, and nothing is composed yet."""
    made = World(engine)
    made.now = DUE - timedelta(days=3)
    made.collect()
    for name in ("ann", "bob"):
        made.add_reader(name)
    made.tick()
    for name in ("one", "two"):
        made.add_post(name)
    made.now = DUE
    return made


def entry(world: World, name: str) -> str:
    return next(one.id for one in world.entries.live() if one.path == f"{name}.md")


def the_issue(world: World) -> Issue:
    (issue,) = (one for one in world.issues.listed() if one.frequencies != ("each",))
    return issue


def posts_of(world: World, reader: str) -> list[str]:
    return [one for one, _ in world.received(reader)]


def test_it_waits_and_goes_whole_with_a_later_round(world: World) -> None:
    world.press.broken.add(entry(world, "two"))
    world.tick()
    world.deliver()
    assert (the_issue(world).state, world.server.taken) == (IssueState.COMPOSING, [])
    world.press.broken.clear()
    world.now += 5 * MINUTE
    world.tick()
    world.deliver()
    for reader in ("ann", "bob"):
        assert sorted(posts_of(world, reader)) == sorted([entry(world, "one"), entry(world, "two")])


def test_after_an_hour_the_owner_may_let_it_go_without(world: World) -> None:
    world.press.broken.add(entry(world, "two"))
    world.tick()
    world.now += PATIENCE
    world.tick()
    issue = the_issue(world)
    assert (issue.state, issue.waits_for_approval) == (IssueState.PAUSED, False)
    assert issue.reason == f"a post is missing: {entry(world, 'two')}: it took longer"
    world.deliver()
    assert world.server.taken == []
    world.issues.move(issue.id, "resume", now=world.now)
    world.deliver()
    assert posts_of(world, "ann") == [entry(world, "one")]
    world.press.broken.clear()
    world.now += timedelta(weeks=1)
    world.tick()
    world.deliver()
    assert posts_of(world, "ann") == [entry(world, "one"), entry(world, "two")], "with the next, and nothing twice"


def test_one_that_has_nothing_else_is_held_as_well(world: World) -> None:
    world.press.broken |= {entry(world, "one"), entry(world, "two")}
    world.tick()
    world.now += PATIENCE
    world.tick()
    issue = the_issue(world)
    assert issue.state is IssueState.PAUSED, "that nobody gets anything is no end that the owner need not hear of"
    assert world.issues.move(issue.id, "resume", now=world.now).state is IssueState.DONE
    world.press.broken.clear()
    world.now += timedelta(weeks=1)
    world.tick()
    world.deliver()
    assert len(posts_of(world, "ann")) == 2


def test_a_post_that_nobody_is_to_get_holds_nothing_up(world: World) -> None:
    """Nobody gets each post at once, so an issue of that kind has nothing to wait for."""
    world.press.broken.add(entry(world, "two"))
    world.tick()
    assert {one.state for one in world.issues.listed() if one.frequencies == ("each",)} == {IssueState.DONE}


def test_by_hand_somebody_is_there_to_decide(world: World) -> None:
    world.press.broken.add(entry(world, "two"))
    world.announce()
    issue = world.digest()
    assert issue is not None
    assert issue.state is IssueState.PAUSED
    assert "a post is missing" in issue.reason


# --- what the owner hears


class Busy(RenderProcesses):
    """On a machine so busy that every time limit is over before anything is rendered."""

    def render(self, sources: Iterable[Manuscript], rendering: Rendering) -> Generator[Result, None, None]:
        del rendering
        for source in sources:
            yield source.path, None, (found("given-up", source.path, "rendering was given up: it took longer"),)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Owned]:
    """A post more is there than was ever rendered."""
    with an_owned_site(tmp_path) as made:
        (tmp_path / "posts" / "2026-11-20-new.md").write_text("---\ntitle: New\n---\nWords.\n", "utf-8")
        yield made


def busy_round(site: Owned, now: datetime) -> Ticked:
    return rounds.one(replace(site.at(now), shared_renderer=Busy(timeout=1, processes=1)), build=False)


def said(site: Owned, ticked: Ticked) -> str:
    return "\n".join((*lines(site.house, ticked), *standing(ticked, site.house.overview.doubtful(), ())))


def test_the_output_says_so_at_once_and_a_mail_when_it_is_held(site: Owned) -> None:
    ticked = busy_round(site, FRIDAY + MINUTE)
    assert "Left out of feeds: 2026-11-20-new.md: rendering was given up" in said(site, ticked)
    assert any("1 post cannot be read" in str(one) for one in site.to_owner())
    ticked = busy_round(site, MONDAY)
    assert "Not composed yet: issue 2 (weekly/2026-W48): a post is missing: 2026-11-20-new.md" in said(site, ticked)
    assert "ann@example.net" not in site.caught.recipients()
    ticked = busy_round(site, MONDAY + PATIENCE)
    assert "Held: issue 2 (weekly/2026-W48): a post is missing: 2026-11-20-new.md" in said(site, ticked)
    alarm = str(site.to_owner()[-1])
    assert "Issue 2 of main is paused" in alarm
    assert "publisher issues resume 2" in alarm


def test_when_the_machine_has_time_again_nothing_is_missing(site: Owned) -> None:
    busy_round(site, FRIDAY + MINUTE)
    busy_round(site, MONDAY)
    ticked = site.tick(MONDAY + MINUTE)
    assert ticked.unmade == ()
    assert "2 of 2 sent" in said(site, ticked)
    assert all("New" in str(mail) for mail in site.caught.parsed("ann@example.net"))


def test_a_command_ends_with_a_code_that_scripts_see(tmp_path: Path) -> None:
    site = slow_site(tmp_path)
    ran = site.run("digest", "--yes")
    assert ran.code == 20
    assert ran.line("is held: a post is missing: 2024-05-03-slow.md: rendering was given up", "issues resume 1")
    assert site.run("issues", "resume", "1").code == 0
    assert site.states() == {"sent": 1}


def slow_site(folder: Path) -> Site:
    """With a post that takes Markdown minutes."""
    site = make_site(folder, readers=("ada@example.net",), config='[posts]\nrender_timeout = "1s"\n')
    site.post("2024-05-03-slow.md", f"---\ntitle: Slow\n---\n{'[' * 60_000}](x)\n")
    return site


class FailsOnce(PlainPress):
    """A press that a template's mistake keeps from one issue."""

    def variant(
        self, newsletter: Newsletter, cards: Cards, picks: Sequence[Pick], *, issue: Issue | None = None, **more: Any
    ) -> Rendered:
        if issue is not None and issue.frequencies == ("weekly",):
            raise TemplateError("digest.html", 3, "no such name")
        return super().variant(newsletter, cards, picks, issue=issue, **more)


def test_a_template_that_cannot_be_rendered_keeps_no_other_issue_from_being_composed(world: World) -> None:
    world.add_reader("cid", frequency="daily")
    world.announce()
    weekly, daily = (
        open_digest(world.occasions, digest_order(world.newsletter, one), now=world.now) for one in ("weekly", "daily")
    )
    finished = finish_all(replace(world.desk, press=FailsOnce()))
    assert list(map(str, finished.problems)) == ["digest.html:3: no such name"]
    assert world.issues.get(weekly.id).state is IssueState.COMPOSING
    assert world.issues.get(daily.id).state is IssueState.READY
    assert finish_all(world.desk).problems == ()
    world.deliver()
    assert [len(world.received(name)) for name in ("ann", "bob", "cid")] == [2, 2, 2], "with the next round all is well"


def test_an_issue_whose_newsletter_is_gone_is_composed_when_it_is_back(world: World) -> None:
    world.announce()
    order = digest_order(world.newsletter, "weekly")
    issue = open_digest(world.occasions, order, now=world.now)
    (problem,) = finish_all(replace(world.desk, newsletters={})).problems[-1:]
    assert f"issue {issue.id} ({issue.occasion}): newsletter 'main' is not in the configuration" in str(problem)
    assert finish_all(world.desk).problems == ()
    world.deliver()
    assert [len(world.received(name)) for name in ("ann", "bob")] == [2, 2]
