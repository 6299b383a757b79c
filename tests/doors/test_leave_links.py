"""Every link of every mail, followed as scanners do, changes nothing; the one press that leaves does, at once."""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from lxml import html

from publisher.doors.rounds import deliver_now
from publisher.mail.tokens import Purpose, read
from publisher.model.issue import State
from publisher.model.subscriber import Consent
from publisher.wiring import House
from tests.bymail import mail_only_choice, round_of, write, write_subject
from tests.choosing import a_reader
from tests.doors.browser import BASE, browser
from tests.house import NOW, a_house, add_readers, consents, digest, dump, outbox, reopened, single

READERS = ("bob@example.net", "ann@example.net")
URL = re.compile(r"(?:https?|mailto):[^\s<>\"]+")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    found = a_house(tmp_path)
    add_readers(found, *READERS)
    yield found
    found.engine.dispose()


def to(house: House, address: str) -> list[EmailMessage]:
    return [mail for mail in outbox(house) if mail["Delivered-To"] == address]


def links(mail: EmailMessage) -> Sequence[str]:
    """All that a mail program or a scanner could open: header fields, HTML, text."""
    found: set[str] = set()
    for name, value in mail.items():
        if name.startswith("List-"):
            found.update(URL.findall(value))
    for kind in ("html", "plain"):
        part = mail.get_body((kind,))
        assert part is not None
        text = part.get_content()
        found.update(URL.findall(text))
        if kind == "html":
            tree = html.fromstring(text)
            found.update(tag.get(name, "") for tag in tree.iter("*") for name in ("href", "src", "background"))
            found.discard("")
    return sorted(found)


def ours(mail: EmailMessage) -> list[str]:
    return [link for link in links(mail) if link.startswith(BASE)]


def one_click(mail: EmailMessage) -> str:
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    found = re.findall(r"<(https:[^>]+)>", mail["List-Unsubscribe"])
    assert len(found) == 1
    return str(found[0])


def both(house: House) -> None:
    """A digest and a single post, to everybody."""
    assert digest(house) is not None
    deliver_now(house)
    single(house, "2026-10-01-swifts.md")
    deliver_now(house)
    assert len(outbox(house)) == 4


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_E5_no_link_of_a_mail_changes_anything_by_being_followed(house: House, method: str) -> None:
    both(house)
    client = browser(house)
    before = dump(house.engine)
    followed = 0
    for mail in outbox(house):
        assert one_click(mail) in ours(mail), "the link that people see is the one in the header"
        for link in links(mail):
            answer = client.request(method, link if link.startswith("http") else f"/{link}")
            assert answer.status_code in {200, 404, 405}
            followed += 1
    assert followed > 20
    assert dump(house.engine) == before
    assert set(consents(house).values()) == {Consent.ACTIVE}


def test_R3_L6_no_link_holds_an_address_and_each_leads_to_its_reader(house: House) -> None:
    both(house)
    for mail in outbox(house):
        reader = str(mail["Delivered-To"])
        for link in links(mail):
            assert "example.net" not in unquote(link)
        leave, manage, ask = sorted(ours(mail), key=lambda link: urlsplit(link).path, reverse=True)
        assert urlsplit(ask).path == "/manage", "List-Help: the same for everybody"
        claim = read(house.keyring, Purpose.UNSUBSCRIBE, urlsplit(leave).path.removeprefix("/u/"))
        assert claim is not None
        assert read(house.keyring, Purpose.MANAGE, urlsplit(manage).path.removeprefix("/p/")) == claim
        found = house.subscribers.subscription(claim.subscriber, claim.newsletter)
        assert found is not None
        listed = {one.subscription.subscriber: one.address.display for one in house.subscribers.listed()}
        assert listed[claim.subscriber] == reader


def test_E1_who_leaves_by_a_mail_gets_no_other(house: House) -> None:
    both(house)
    client = browser(house)
    answer = client.post(one_click(to(house, "bob@example.net")[0]), data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert consents(house) == {"bob@example.net": Consent.LEFT, "ann@example.net": Consent.ACTIVE}
    file = house.config.posts.folder / "2026-11-22-new.md"
    file.write_text("---\ntitle: New\n---\nNews.\n")
    later = reopened(house.config.secrets.file.parent, now=NOW + timedelta(days=1))
    assert digest(later) is not None
    deliver_now(later)
    assert (len(to(later, "bob@example.net")), len(to(later, "ann@example.net"))) == (2, 3)
    later.engine.dispose()


def test_E10_what_is_queued_already_is_skipped(house: House) -> None:
    both(house)
    file = house.config.posts.folder / "2026-11-22-new.md"
    file.write_text("---\ntitle: New\n---\nNews.\n")
    later = reopened(house.config.secrets.file.parent, now=NOW + timedelta(days=1))
    issue = digest(later)
    assert issue is not None
    assert later.issues.tally(issue.id)[State.PENDING] == 2
    assert browser(later).post(one_click(to(later, "bob@example.net")[0])).status_code == 200
    deliver_now(later)
    tally = later.issues.tally(issue.id)
    assert (tally[State.SENT], tally[State.SKIPPED], tally.total) == (1, 1, 2)
    assert len(to(later, "bob@example.net")) == 2
    later.engine.dispose()


def test_who_leaves_has_left_with_all_mails(house: House) -> None:
    both(house)
    client = browser(house)
    first, second = (one_click(mail) for mail in to(house, "bob@example.net"))
    assert first != second, "each issue has its own link"
    assert client.post(second).status_code == 200
    after = dump(house.engine)
    assert client.post(first).status_code == 200
    assert dump(house.engine) == after


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_E5_the_links_of_the_mail_with_all_choices_do_nothing_by_being_followed(tmp_path: Path, method: str) -> None:
    house = mail_only_choice(tmp_path)
    a_reader(house)
    write_subject(house, "choices", sender="bob@example.net")
    round_of(house)
    pause = next(link for link in links(outbox(house)[-1]) if "subject=pause" in link)
    write(house, pause, sender="bob@example.net")
    round_of(house)
    choices, answer = outbox(house)
    client, before = browser(house), dump(house.engine)
    by_mail = [link for mail in (choices, answer) for link in links(mail) if link.startswith("mailto:")]
    assert len(by_mail) > 20
    for link in by_mail:
        assert "bob" not in unquote(link), "no link holds an address"
        token = link.rpartition("%20")[2]
        for path in (link, f"m/{token}", f"m/{token}/export", f"m/{token}/forget", f"undo/{token}"):
            assert client.request(method, f"/{path}").status_code in {200, 404, 405}
    assert dump(house.engine) == before
    house.engine.dispose()
