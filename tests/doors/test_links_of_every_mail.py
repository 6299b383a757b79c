"""Scanners open every link of every mail, by GET, HEAD and OPTIONS: nothing changes (E5, E11)."""

import re
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest

from publisher.doors import rounds
from publisher.mail.notices import Rhythm, render_confirmation, render_welcome
from publisher.mail.schedule import Cadence
from publisher.model.issue import CONFIRM, WELCOME
from publisher.wiring import House
from publisher.wiring.reporting import notices
from tests.choosing import a_choice, a_fresh_link, a_reader, all_mails, button, later, mails_to
from tests.doors.browser import BASE, browser
from tests.doors.test_leave_links import links, one_click
from tests.house import NOW, digest, dump, single

BOB = "bob@example.net"
KINDS = (
    *("bread 0", "and 7 more", "Please confirm: ", "Welcome to ", "Your link: ", "confirm your address"),
    *("goes to another address", "Preview: ", "held", "That is done: ", "All that is stored of you: "),
)
PAGES = {"u", "p", "m", "a", "c", "manage"}


def a_site(folder: Path) -> House:
    """One whose owner is told of things, and approves the first issue."""
    house = a_choice(folder)
    file = folder / "config.toml"
    words = file.read_text(encoding="utf-8").replace("[owner]\n", '[owner]\nemail = "owner@example.org"\n')
    file.write_text(words.replace('approve = "never"', 'approve = "always"'), encoding="utf-8")
    return later(house, NOW)


def send_all(house: House) -> list[EmailMessage]:
    """Every kind of mail that there is."""
    bob = a_reader(house)
    a_reader(house, newsletter="birds")
    single(house, "2026-11-10-bread.md")
    digest(house)
    newsletter, words = house.newsletters["main"], Rhythm(cadence=Cadence.WEEK)
    frame = house.press.frame(newsletter, "en")
    confirm = render_confirmation(house.templates, frame, words, days=7)
    token_key = house.keyring.current
    notices(house).open("main", f"{CONFIRM}/{bob}/1", bob, confirm, token_key=token_key, now=NOW)
    welcome = render_welcome(house.templates, frame, words)
    notices(house).open("main", f"{WELCOME}/{bob}/1", bob, welcome, token_key=token_key, now=NOW)
    page = a_fresh_link(house)
    browser(house).post(page, data={"action": "address", "address": "bob@new.example"})
    ann = a_reader(house, "ann@example.net")
    fresh = a_fresh_link(house, "ann@example.net")
    for asked in ("pause main 4", "export"):  # where there are pages too, a mail does what they do
        house.receive(f"From: ann@example.net\nSubject: {asked} {fresh.rpartition('/')[2]}\n\n".encode())
    soon = later(house, NOW + timedelta(minutes=11))
    browser(soon).post(fresh, data={"action": "address", "address": "ann@new.example"})
    browser(soon).post(button(mails_to(soon, "ann@new.example")[-1]))
    assert str(house.subscribers.address(ann)) == "ann@new.example"
    (house.config.posts.folder / "2020-01-01-old.md").write_text("---\ntitle: Old\n---\nOld.\n", encoding="utf-8")
    rounds.one(house, build=False)  # receipts, and a post that is held
    after = later(house, NOW + timedelta(days=7))
    (after.config.posts.folder / "2026-11-29-new.md").write_text("---\ntitle: New\n---\nWords.\n", encoding="utf-8")
    rounds.one(after, build=False)
    rounds.one(later(house, NOW + timedelta(days=8)), build=False)  # an issue that waits for approval: its preview
    return all_mails(house)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    found = a_site(tmp_path)
    yield found
    found.engine.dispose()


def test_E5_E11_every_link_of_every_mail_is_followed_and_nothing_changes(house: House) -> None:
    mails = send_all(house)
    subjects = [str(mail["Subject"]) for mail in mails]
    assert [kind for kind in KINDS if not any(kind in subject for subject in subjects)] == []
    found = {link for mail in mails for link in links(mail) if link.startswith(BASE)}
    found |= {one_click(mail) for mail in mails if mail["List-Unsubscribe-Post"]}
    paths = {urlsplit(link).path for link in found}
    assert {path.split("/")[1] for path in paths} == PAGES
    client, before = browser(house), dump(house.engine)
    for path in paths:
        for method in ("GET", "HEAD", "OPTIONS"):
            assert client.request(method, path).status_code in {200, 404, 405}, path
            assert dump(house.engine) == before, (method, path)


def test_the_pages_of_those_links_have_links_that_change_nothing_either(house: House) -> None:
    """A scanner that goes on from there, and one that follows where a form leads."""
    mails = send_all(house)
    paths = {urlsplit(link).path for mail in mails for link in links(mail) if link.startswith(BASE)}
    client, before = browser(house), dump(house.engine)
    for path in paths:
        for found in re.findall(r'(?:href|action)="([^"]+)"', client.get(path).text):
            client.get(urlsplit(urljoin(f"{BASE}{path}", found)).path)
            assert dump(house.engine) == before
