"""A newsletter that is taken out of the settings, or renamed, while mail of it is open: it stops nobody else's."""

from pathlib import Path

import pytest

from publisher.errors import Exit
from publisher.store.engine import make_engine
from publisher.store.generation import Generation
from publisher.store.issues import Issues
from tests.scripted import Scripted
from tests.sites import ANNOUNCE, NEWSLETTER, OWNER, SITE, Site, make_site, smtp
from tests.world import START

ADA, BOB = "ada@example.net", "bob@example.net"
BOSS = "boss@example.org"
OLD = NEWSLETTER.replace("main", "old").replace("news@", "old@")
LATER = "450 4.2.0 later"


def settings(server: Scripted, *newsletters: str) -> str:
    owner = f'{OWNER}email = "{BOSS}"\n'
    return SITE + ANNOUNCE + owner + "".join(newsletters) + smtp(server.port) + '[web]\nurl = "https://t.example/"\n'


def put(site: Site, server: Scripted, *newsletters: str) -> None:
    site.write("config.toml", settings(server, *newsletters))


@pytest.fixture
def site(tmp_path: Path, server: Scripted) -> Site:
    """Ada reads both newsletters, Bob one."""
    made = make_site(tmp_path)
    put(made, server, OLD, NEWSLETTER)
    for address, name in ((ADA, "old"), (ADA, "main"), (BOB, "main")):
        ran = made.run("subscribers", "add", address, "--newsletter", name, "--confirmed", "--note", "paper, 3 May")
        assert ran.code == 0, ran.said
    return made


def test_its_issue_is_held_in_words_and_the_others_go_out(site: Site, server: Scripted) -> None:
    server.rules["rcpt", ADA] = LATER
    site.run("digest", "old", "--yes")
    server.rules.clear()
    put(site, server, NEWSLETTER)
    site.hours_pass()
    assert site.run("digest", "main", "--yes").line("2 of 2 sent")
    assert server.recipients() == [ADA, BOB]
    ran = site.run("tick")
    assert ran.code == Exit.HELD, ran.said
    told = ("issue 1 (manual/1)", "newsletter 'old' is not in the configuration", "put [newsletters.old] back")
    assert ran.line("Held:", *told, "issues cancel 1")
    assert site.run("status").line(*told, "issues cancel 1")
    assert BOSS in server.recipients(), "and the owner has it by mail"


def test_its_issue_goes_on_when_it_is_back_and_not_before(site: Site, server: Scripted) -> None:
    server.rules["rcpt", ADA] = LATER
    site.run("digest", "old", "--yes")
    server.rules.clear()
    put(site, server, NEWSLETTER)
    site.run("tick")
    assert site.run("issues", "resume", "1").line("Paused:", "put [newsletters.old] back")
    put(site, server, NEWSLETTER, OLD)
    site.hours_pass()
    assert site.run("issues", "resume", "1").line("Issue 1 (manual/1): 1 of 1 sent")
    assert ADA in server.recipients()


def test_a_mail_of_it_to_one_reader_stops_no_other(site: Site, server: Scripted) -> None:
    new = "new@example.net"
    server.rules["rcpt", new] = LATER
    assert site.run("subscribers", "add", new, "--newsletter", "old").code == 0
    site.run("tick")
    assert site.states() == {"deferred": 1}
    server.rules.clear()
    put(site, server, NEWSLETTER)
    site.hours_pass()
    assert site.run("digest", "main", "--yes").line("2 of 2 sent")
    assert site.run("tick").line("Held: issue 1 (confirm/", "put [newsletters.old] back")
    put(site, server, OLD, NEWSLETTER)
    site.hours_pass()
    assert site.run("issues", "resume", "1").line("1 of 1 sent")


def test_a_mail_to_the_owner_is_the_sites_and_comes_from_another_newsletter(site: Site, server: Scripted) -> None:
    server.rules["rcpt", BOSS] = LATER
    site.run("digest", "old", "--yes")
    site.run("tick")
    assert site.states() == {"sent": 1, "deferred": 1}
    server.rules.clear()
    put(site, server, NEWSLETTER)
    site.hours_pass()
    site.run("tick")
    (receipt,) = (message for recipient, message in server.messages if recipient == BOSS)
    assert receipt.startswith(b"From: Field Notes <news@example.org>\r\n")


def test_its_issue_that_is_being_composed_is_told_and_the_others_are_composed(site: Site, server: Scripted) -> None:
    engine = make_engine(f"sqlite:///{site.folder / 'publisher.db'}")
    begun = Issues(engine, Generation(engine))
    assert begun.open("old", None, "digest", frequencies=["weekly"], token_key="k1", now=START)
    engine.dispose()
    put(site, server, NEWSLETTER)
    told = ("issue 1 (manual/1)", "put [newsletters.old] back", "issues cancel 1")
    ran = site.run("digest", "main", "--yes")
    assert ran.line("Not done:", *told)
    assert ran.line("2 of 2 sent")
    ran = site.run("tick")
    assert ran.code == Exit.REFUSED, ran.said
    assert ran.line("Not done:", *told)
    assert site.run("status").line("the last round could not do all", *told)
