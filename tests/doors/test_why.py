"""The story of a reader, told to the owner."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.scripted import Act, Scripted
from tests.sites import READERS, Site, a_post, make_site, smtp

ADA, BOB, CLEO = READERS
MAILDIR = '[smtp]\nurl = "maildir:outbox"\n'


def story(site: Site, address: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(site.run("why", address, "--json").out)
    return found


def test_nobody(tmp_path: Path) -> None:
    site = make_site(tmp_path, readers=READERS, config=MAILDIR)
    ran = site.run("why", "nobody@example.net")
    assert ran.code == 6
    assert ran.line("nobody is known as nobody@example.net")
    ran = site.run("why", "no address")
    assert ran.code == 2
    assert ran.line("'no address' is not an address")


@pytest.mark.parametrize("spelt", ["zoë@münchen.example", "ZOË@MÜNCHEN.example", "Zoë@xn--mnchen-3ya.example"])
def test_however_the_address_is_spelt(tmp_path: Path, spelt: str) -> None:
    site = make_site(tmp_path, readers=["Zoë@münchen.example"], config=MAILDIR)
    assert site.run("why", spelt).line("Zoë@münchen.example: reader 1")


def test_what_came_what_comes_and_what_does_not(tmp_path: Path) -> None:
    site = make_site(tmp_path, readers=READERS, config=MAILDIR)
    site.run("digest", "--yes")
    site.post("2024-05-03-bread.md", a_post("Bread"))
    site.run("subscribers", "add", "dan@example.net", "--confirmed", "--note", "paper form", "--topics", "birds")
    site.run("collect")
    ran = site.run("why", ADA)
    assert ran.code == 0
    assert ran.line("main: active, weekly, all topics")
    assert ran.line("Next: Monday", "09:00 UTC: 0 posts so far")
    assert ran.line("Not announced yet: Bread")
    assert ran.line("· Frost: issue 1, sent")
    assert ran.line("1 ", "manual/1", "Frost", "sent")
    dan = site.run("why", "dan@example.net")
    assert dan.line("main: active, weekly, topics birds")
    assert dan.line("· Frost: is in none of the reader's topics")
    assert dan.line("No issue was ever for this reader")
    assert dan.line("confirm", "paper form")


def test_what_a_server_said_and_what_comes_of_it(tmp_path: Path, server: Scripted) -> None:
    site = make_site(tmp_path, readers=READERS, config=smtp(server.port))
    server.rules["rcpt", ADA] = "550 5.2.2 full"
    server.rules["rcpt", BOB] = "550 5.1.1 nobody"
    server.rules["rcpt", CLEO] = "450 4.2.0 Greylisted"
    site.run("digest", "--yes")
    ada = site.run("why", ADA)
    assert ada.line("Next: Monday", "1 post so far")
    assert ada.line("· Frost; issue 1 did not bring it: failed")
    assert ada.line("Issue 1: the mailbox is full")
    bob = site.run("why", BOB)
    assert bob.line("On the do-not-mail list since", "bounced: 550 5.1.1 nobody")
    assert bob.line("Gets nothing: the address is on the do-not-mail list (bounced)")
    assert site.run("why", CLEO).line("deferred, next try", "450 4.2.0 Greylisted")
    (issue,) = story(site, CLEO)["issues"]
    assert (issue["state"], issue["attempts"], issue["answers"], issue["reply"]["code"]) == ("deferred", 1, 1, 450)
    (subscription,) = story(site, BOB)["subscriptions"]
    assert "do-not-mail" in subscription["obstacle"]


def test_a_message_in_doubt(tmp_path: Path, server: Scripted) -> None:
    site = make_site(tmp_path, readers=READERS, config=smtp(server.port) + '[delivery]\non_doubt = "hold"\n')
    server.rules["dot", ADA] = Act.DROP
    site.run("digest", "--yes")
    assert site.run("why", ADA).line("Issue 1: sent, but the answer was lost", "settle 1 --arrived")


def test_who_left_and_whose_frequency_is_no_more(tmp_path: Path) -> None:
    site = make_site(tmp_path, readers=READERS, config=MAILDIR)
    site.run("subscribers", "remove", ADA)
    assert site.run("why", ADA).line("Gets nothing: the reader has left; only they can come back")
    site.write("config.toml", site.read("config.toml").replace("weekly =", "monthly ="))
    assert site.run("why", BOB).line("Gets nothing: newsletter 'main' has no frequency 'weekly' any more", "monthly")
    site.write("config.toml", site.read("config.toml").replace("newsletters.main", "newsletters.other"))
    assert site.run("why", BOB).line("Gets nothing: newsletter 'main' is not in the configuration")
