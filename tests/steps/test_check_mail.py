"""An issue whose mail has an error is held before anything leaves, whoever composes it, and waits for a word."""

from dataclasses import replace
from pathlib import Path

import pytest

from publisher.doors.rounds import deliver_now
from publisher.model.finding import Severity
from publisher.model.issue import Issue, IssueState, State
from publisher.steps.announce import announce
from publisher.steps.compose import compose, finish_all
from publisher.steps.occasions import digest_order, open_digest
from publisher.wiring import House
from tests.house import a_house, add_readers, digest, newsletter


def faulty(folder: Path) -> House:
    """Its own footer has no link to leave."""
    templates = folder / "templates" / "mail"
    templates.mkdir(parents=True)
    (templates / "footer.html").write_text("<p style='margin:0'>1 Field Lane, 12345 Example</p>")
    return a_house(folder)


def held(folder: Path) -> tuple[House, Issue]:
    house = faulty(folder)
    house.collect()
    add_readers(house, "ada@example.net", "bob@example.net")
    issue = digest(house)
    assert issue is not None
    return house, issue


def test_F1_an_issue_with_an_error_is_held_and_nothing_leaves(tmp_path: Path) -> None:
    house, issue = held(tmp_path)
    assert issue.state is IssueState.PAUSED
    assert "no link that can be seen leads where List-Unsubscribe does" in issue.reason
    deliver_now(house)
    assert house.issues.tally(issue.id).counts == {State.PENDING: 2}
    house.close()


def test_the_owners_word_lets_it_go(tmp_path: Path) -> None:
    house, issue = held(tmp_path)
    house.issues.move(issue.id, "resume")
    deliver_now(house)
    assert house.issues.tally(issue.id).counts == {State.SENT: 2}
    house.close()


def test_a_sound_issue_is_ready(tmp_path: Path) -> None:
    house = a_house(tmp_path)
    house.collect()
    add_readers(house, "ada@example.net")
    issue = digest(house)
    assert issue is not None
    assert issue.state is IssueState.READY
    assert [list(house.examine(newsletter(house), one)) for one in house.planning.rendered(issue.id)] == [[]]
    house.close()


class Died(Exception):
    pass


def test_variants_that_a_crash_left_are_judged_too(tmp_path: Path) -> None:
    def dies(*_: object) -> tuple[()]:
        raise Died

    house = faulty(tmp_path)
    house.collect()
    add_readers(house, "ada@example.net")
    announce(house.entries, house.announcements, house.announce_rules, now=house.clock(), by_hand=True)
    issue = open_digest(house.occasions, digest_order(newsletter(house), None), now=house.clock())
    with pytest.raises(Died):  # with its variants frozen, and none judged
        compose(replace(house.desk, examine=dies), issue)
    (finished,) = finish_all(house.desk).issues
    assert finished.state is IssueState.PAUSED
    house.close()


def test_what_is_doubtful_holds_nothing(tmp_path: Path) -> None:
    house = a_house(tmp_path, web="http://127.0.0.1:8080/")
    house.collect()
    add_readers(house, "ada@example.net")
    issue = digest(house)
    assert issue is not None
    found = [
        one for rendered in house.planning.rendered(issue.id) for one in house.examine(newsletter(house), rendered)
    ]
    assert {one.severity for one in found} == {Severity.WARNING}
    assert issue.state is IssueState.READY
    house.close()
