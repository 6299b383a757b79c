"""A site whose readers have something to choose from, and the pages where they choose."""

import re
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from lxml import html
from sqlalchemy import select

from publisher.doors.rounds import deliver_now
from publisher.mail.tokens import Purpose, sign
from publisher.model.issue import IssueId
from publisher.model.subscriber import SubscriberId, Subscription
from publisher.steps.subscribe import parse_wish, subscribe
from publisher.store.schema import consent_event
from publisher.wiring import House
from tests.doors.browser import BASE, Browser, browser
from tests.house import NOW, a_house, outbox, reopened

RHYTHM = {"main": "weekly", "birds": "daily"}
POSTS = {"birds": 3, "bread": 2, "weather": 1}
MORE = """
[newsletters.birds]
title = "Birds & Bees"
from = "Birds <birds@example.org>"
frequencies = { daily = "07:30", monthly = "1st 09:00" }
"""


def a_choice(folder: Path, *, now: datetime = NOW) -> House:
    """Two newsletters; the first has three topics and three rhythms."""
    made = a_house(folder)
    made.engine.dispose()
    for topic, count in POSTS.items():
        for number in range(count):
            text = f"---\ntitle: {topic} {number}\ncategories: [{topic.title()}]\n---\nWords.\n"
            (folder / "posts" / f"2026-11-1{number}-{topic}.md").write_text(text, encoding="utf-8")
    file = folder / "config.toml"
    words = file.read_text(encoding="utf-8")
    rhythms = 'frequencies = { each = "at once", weekly = "mondays 09:00", monthly = "1st 09:00" }'
    words = words.replace('frequencies = { weekly = "mondays 09:00" }', rhythms)
    words = words.replace('title = "Field Notes"\nfrom', 'title = "Field Notes"\nlanguages = ["de", "ar"]\nfrom')
    file.write_text(words + MORE, encoding="utf-8")
    found = reopened(folder, now=now)
    found.collect()
    return found


def later(house: House, now: datetime) -> House:
    """The same site at another time."""
    return reopened(house.config.secrets.file.parent, now=now)


def a_reader(house: House, address: str = "bob@example.net", newsletter: str = "main") -> SubscriberId:
    wish = parse_wish(
        house.newsletters,
        address=address,
        newsletter=newsletter,
        frequency=RHYTHM.get(newsletter, "weekly"),
        note="on paper",
    )
    subscribe(house.subscribers, wish, now=NOW)
    return next(one.subscription.subscriber for one in house.subscribers.listed() if str(one.address) == address)


def link(
    house: House, reader: SubscriberId, purpose: Purpose = Purpose.MANAGE, *, newsletter: str = "main", issue: int = 7
) -> str:
    page = {Purpose.MANAGE: "p", Purpose.UNSUBSCRIBE: "u", Purpose.FRESH: "m", Purpose.CONFIRM: "a"}[purpose]
    return f"/{page}/{sign(house.keyring, purpose, newsletter=newsletter, subscriber=reader, issue=IssueId(issue))}"


def held(house: House, reader: SubscriberId, newsletter: str = "main") -> Subscription:
    found = house.choices.held(reader)[newsletter]
    assert found.newsletter == newsletter
    return found


def undo_link(answer: httpx.Response) -> str:
    """The address of the button to undo."""
    (token,) = re.findall(r'action="\.\./undo/([a-z0-9-]+)"', answer.text)
    return f"/undo/{token}"


def events(house: House, reader: SubscriberId) -> list[tuple[str, str, str]]:
    """Newsletter, event and source of all that was written down of a reader's consents."""
    columns = (consent_event.c.newsletter, consent_event.c.event, consent_event.c.source)
    statement = select(*columns).where(consent_event.c.subscriber_id == reader).order_by(consent_event.c.id)
    with house.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(statement)]


def join(client: Browser, page: str, newsletter: str) -> httpx.Response:
    """Press the button of a newsletter that the page offers, below the words that it shows."""
    return client.post(page, data={**form_of(client, page, newsletter), "action": "join"})


def form_of(client: Browser, page: str, newsletter: str) -> dict[str, str]:
    """What the form sends that joins a newsletter, but for its button."""
    tree: Any = html.fromstring(client.get(page).text)
    (form,) = tree.xpath(f"//form[input[@value='{newsletter}']][button[@value='join']]")
    return dict(form.form_values())


def choose(**fields: Any) -> dict[str, Any]:
    """What the form with topics and rhythm sends."""
    return {"action": "choose", "shown": list(POSTS), **fields}


def mails_to(house: House, address: str) -> list[EmailMessage]:
    """What has left for an address; all that is due leaves first."""
    return [mail for mail in all_mails(house) if mail["Delivered-To"] == address]


def all_mails(house: House) -> list[EmailMessage]:
    """What has left, all that is due among it."""
    deliver_now(house)
    return outbox(house)


def button(mail: EmailMessage) -> str:
    """Where the one button of a mail leads, without the host."""
    text = mail.get_body(("plain",))
    assert text is not None
    (found,) = {urlsplit(one).path for one in re.findall(rf"{BASE}/[amc]/\S+", text.get_content())}
    return str(found)


def a_fresh_link(house: House, address: str = "bob@example.net") -> str:
    """As a reader gets it who asks for it."""
    before = {mail["Message-ID"] for mail in mails_to(house, address)}
    answer = browser(house).post("/manage", data={"address": address})
    assert answer.status_code == 200
    (mail,) = (mail for mail in mails_to(house, address) if mail["Message-ID"] not in before)
    return button(mail)
