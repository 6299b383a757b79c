"""People who sign up, as the tests need them: a site that is open, its forms, the mails that it sends."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lxml import html

from publisher.doors.rounds import deliver_now
from publisher.store.schema import request
from publisher.wiring import House
from tests.doors.browser import Browser, browser
from tests.house import NOW, a_house, outbox, reopened

ZOE = "zoe@example.net"

MORE = """
[newsletters.birds]
title = "Birds & Bread"
from = "Birds <birds@example.org>"
approve = "never"
languages = ["de"]
welcome = true
frequencies = { each = "at once", daily = "07:30" }
[newsletters.secret]
title = "For friends"
from = "Friends <friends@example.org>"
public = false
frequencies = { weekly = "mondays 09:00" }
[signup]
per_hour = 9
per_visitor = 3
refuse = ["spam.example"]
"""


class Clock:
    """One that a test turns."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def later(self, **more: float) -> None:
        self.now += timedelta(**more)


def an_open_house(folder: Path, *, more: str = MORE, smtp: str = "maildir:outbox") -> tuple[House, Clock]:
    """With two newsletters that are public and one that is not; its posts are collected."""
    made = a_house(folder, smtp=smtp)
    made.engine.dispose()
    file = folder / "config.toml"
    file.write_text(file.read_text() + more)
    clock = Clock()
    house = replace(reopened(folder), clock=clock)
    house.collect()
    return house, clock


def fields(page: str, number: int = 0) -> dict[str, list[str]]:
    """What a browser would send of a form that nobody touched."""
    tree: Any = html.fromstring(page)
    form = tree.xpath("//form")[number]
    found: dict[str, list[str]] = {}
    for name, value in form.form_values():
        found.setdefault(str(name), []).append(str(value))
    return found


def sign_up(client: Browser, clock: Clock, address: str = ZOE, *, path: str = "/subscribe/main", **more: object) -> str:
    """As a person does: look, type, press. The page that came back."""
    data: Mapping[str, object] = {**fields(client.get(path).text), "address": address, **more}
    clock.later(seconds=5)
    answer = client.post(path, data=data)
    assert answer.status_code == 200
    return answer.text


def press(client: Browser, clock: Clock, page: str, path: str = "/subscribe/main") -> str:
    """The one more button of the page that asks for it."""
    assert "One more press" in page
    clock.later(seconds=2)
    answer = client.post(path, data=fields(page))
    assert answer.status_code == 200
    return answer.text


def sent(house: House) -> list[EmailMessage]:
    """All mails so far, after what is due went out."""
    deliver_now(house)
    return outbox(house)


def link(mail: EmailMessage) -> str:
    """The path of the one link that answers a mail."""
    part = mail.get_body(("plain",))
    assert part is not None
    (found,) = re.findall(r"https://news\.example\.org/c/\S+", part.get_content())
    return str(urlsplit(found).path)


def a_client(house: House) -> Browser:
    return browser(house)


def requests(house: House) -> int:
    with house.engine.connect() as connection:
        return len(connection.execute(request.select()).all())
