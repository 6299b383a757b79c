"""--json of what sends or decides: one document, whatever is said to people meanwhile, and what became of it."""

import json
from typing import Any

import pytest

from publisher.errors import Exit
from tests.scripted import Act, Scripted
from tests.sites import READERS, Ran, Site, a_post

ADA, BOB, CLEO = READERS


def answer(ran: Ran) -> Any:
    """All of its standard output."""
    return json.loads(ran.out)


def test_a_digest_tells_what_it_is_and_what_became_of_it(site: Site, server: Scripted) -> None:
    server.rules["rcpt", BOB] = "550 5.1.1 no such mailbox"
    ran = site.run("digest", "--yes", "--json")  # it collects first, and says so
    found = answer(ran)
    assert ran.code == Exit.PARTLY
    assert (found["readers"], found["titles"], found["dry_run"]) == (3, ["Frost"], False)
    assert found["issue"]["deliveries"] == {"sent": 2, "failed": 1}
    assert "2 of 3 sent" in ran.err
    assert BOB in ran.err


def test_a_dry_run_has_no_issue(site: Site) -> None:
    found = answer(site.run("digest", "--dry-run", "--json"))
    assert (found["dry_run"], found["issue"], found["readers"]) == (True, None, 3)


@pytest.mark.parametrize("what", [("digest",), ("send", "2024-05-02-frost.md")], ids=["digest", "post"])
def test_a_test_tells_what_the_server_said(site: Site, server: Scripted, what: tuple[str, ...]) -> None:
    found = answer(site.run(*what, "--test", "me@example.org", "--json"))
    reply = found["test"].pop("reply")
    assert found == {"test": {"to": "me@example.org", "subject": "Frost", "posts": 1}}
    assert reply.startswith("250 ")
    assert server.recipients() == ["me@example.org"]


def test_a_post_by_hand(site: Site) -> None:
    site.post("2026-11-20-moss.md", a_post("Moss"))
    found = answer(site.run("send", "2026-11-20-moss.md", "--yes", "--json"))
    assert (found["titles"], found["issue"]["state"], found["issue"]["deliveries"]) == (["Moss"], "done", {"sent": 3})


def test_what_is_refused_answers_nothing(site: Site) -> None:
    site.run("digest", "--yes")
    again = site.run("digest", "--yes", "--json")
    assert (again.code, again.out) == (Exit.REFUSED, "")
    assert again.line("publisher:", "nothing")


def test_words_on_an_issue(site: Site, server: Scripted) -> None:
    server.rules["dot", ADA] = Act.DROP
    site.run("digest", "--yes")
    settled = answer(site.run("issues", "settle", "1", "--arrived", "--json"))
    assert settled["settled"] == 1
    assert settled["issue"]["deliveries"] == {"sent": 3}


def test_an_issue_that_is_paused_resumed_and_cancelled(site: Site, server: Scripted) -> None:
    server.rules["rcpt", ADA] = "450 4.2.0 Greylisted"
    site.run("digest", "--yes")
    paused = answer(site.run("issues", "pause", "1", "--json"))
    assert (paused["issue"]["id"], paused["issue"]["state"]) == (1, "paused")
    resumed = site.run("issues", "resume", "1", "--json")
    assert answer(resumed)["issue"]["state"] == "ready"
    cancelled = answer(site.run("issues", "cancel", "1", "--json"))
    assert (cancelled["issue"]["state"], cancelled["issue"]["deliveries"]["sent"]) == ("cancelled", 2)


def test_once_more(site: Site, server: Scripted) -> None:
    server.rules["rcpt", ADA] = "552 5.2.2 full"
    site.run("digest", "--yes")
    rehearsed = answer(site.run("issues", "resend", "1", "--failed", "--dry-run", "--json"))
    assert (rehearsed["again"], rehearsed["dry_run"], rehearsed["issue"]["deliveries"]["failed"]) == (1, True, 1)
    del server.rules["rcpt", ADA]
    again = answer(site.run("issues", "resend", "1", "--failed", "--yes", "--json"))
    assert (again["again"], again["issue"]["deliveries"]) == (1, {"sent": 3})


def test_a_held_post_that_may_go(site: Site) -> None:
    site.post("2020-11-01-old.md", a_post("Old"))  # before [announce] since
    site.run("build")
    found = answer(site.run("announce", "2020-11-01-old.md", "--json"))
    assert found == {"post": "2020-11-01-old.md", "title": "Old", "dry_run": False}


def test_an_issue_that_waits_for_a_yes(site: Site) -> None:
    site.post("2026-11-20-moss.md", a_post("Moss"))
    site.run("digest", "--yes")
    unasked = site.run("issues", "approve", "1", "--json")
    assert (unasked.code, unasked.out) == (Exit.REFUSED, "")
    assert unasked.line("does not wait for approval")
