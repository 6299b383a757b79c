"""Cards, frames, readers and stationery, valid by default."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from jinja2 import Environment

from publisher.adapters.templates import environment
from publisher.mail.message import Attached, Letter, Reader, Stationery, boundary
from publisher.mail.notices import (
    Command,
    Plan,
    Receipt,
    Rhythm,
    Trouble,
    Wanted,
    render_address,
    render_alarm,
    render_changed,
    render_choices,
    render_confirmation,
    render_manage,
    render_moved,
    render_preview,
    render_receipt,
    render_reconfirmation,
    render_welcome,
)
from publisher.mail.render import Card, Frame, render_card, render_digest, render_post
from publisher.mail.schedule import Cadence
from publisher.mail.ways import Ways
from publisher.model.entry import EntryId, Image
from publisher.model.issue import Newsletter, Rendered, Section
from publisher.model.subscriber import parse_address
from publisher.steps import samples
from publisher.steps import shown as choices
from publisher.steps.choicelinks import Links, all_ways
from tests.builders import a_site

TEMPLATES = environment(None)
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MESSAGE_ID = "<0123456789abcdef@news.example.org>"
URL = "https://news.example.org/u/k1-" + "a" * 48
MAILTO = "mailto:unsub+k1-" + "a" * 48 + "@example.org?subject=unsubscribe"
ARTICLE = """
<p>Zoom was having an <em>excellent</em> quarantine<sup
id="fnref:1"><a class="footnote-ref" href="#fn:1">1</a></sup>.
News from <a href="https://www.bloomberg.com/news/">Bloomberg</a>.</p>
<p><img src="https://blog.example/wide.png" alt="A street"></p>
<h1 id="wrong">Doing the right thing, wrong</h1>
<p>A line with <code>inline_code()</code>, and
https://blog.example/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa</p>
<pre><code class="language-python">def wait(attempts):
    return min(first * 2 ** attempts, ceiling)  # a long line that has to be broken somewhere, or scrolls
</code></pre>
<h4>A table</h4>
<table width="900"><thead><tr><th>Tool</th><th style="text-align: right">Time in ms</th>
<th>What it says</th></tr></thead>
<tbody><tr><td>premailer</td><td style="text-align: right">23.5</td>
<td>Turns CSS blocks into style attributes</td></tr></tbody></table>
<blockquote><p>I cannot emphasise enough.</p></blockquote>
<ul><li>One</li><li><input type="checkbox" checked disabled> done</li></ul>
<figure><img src="https://blog.example/small.png" width="300" height="150"><figcaption>Small.</figcaption></figure>
<hr><p>See <a href="#wrong">above</a>. The end.</p>
<div class="footnote"><hr><ol><li id="fn:1"><p>On 8 April.
<a class="footnote-backref" href="#fnref:1">↩</a></p></li></ol></div>
"""
ARTICLE_TEXT = "Zoom was having an excellent quarantine[1].\n\nSee https://www.bloomberg.com/news/\n\nThe end."


def a_newsletter(**changes: Any) -> Newsletter:
    values: dict[str, Any] = {
        "name": "main",
        "title": "Findings & Notes",
        "sender": parse_address("news@example.org"),
        "sender_name": "Findings & Notes",
        "frequencies": {"weekly": "mondays 09:00"},
        "zone": "Europe/Brussels",
        "language": "en",
    }
    return Newsletter(**values | changes)


def a_frame(**changes: Any) -> Frame:
    values: dict[str, Any] = {
        "newsletter": a_newsletter(),
        "site": a_site(),
        "language": "en",
        "postal_address": "Findings Ltd, 1 High Street, 9000 Ghent",
        "feed_url": "https://blog.example/feed.atom",
        "view_url": "https://blog.example/issues/47/",
        "date": NOON,
        "manage": True,
    }
    return Frame(**values | changes)


def a_card(number: int = 1, **changes: Any) -> Card:
    values: dict[str, Any] = {
        "id": EntryId(f"tag:blog.example,2026:{number}"),
        "title": f"The thing with Zoom, part {number}",
        "url": f"https://blog.example/zoom-{number}/",
        "published": NOON,
        "updated": None,
        "minutes": 11,
        "labels": ("privacy", "security"),
        "summary": "Zoom was having an excellent quarantine, until it wasn’t. How did we get here?",
        "html": ARTICLE,
        "text": ARTICLE_TEXT,
        "image": Image(url=f"https://blog.example/{number}.png", alt="A street at dusk"),
        "language": "en",
        "section": Section.NEW,
    }
    return Card(**values | changes)


def a_post(**changes: Any) -> Rendered:
    return render_post(TEMPLATES, a_frame(), a_card(**changes))


def a_digest(count: int = 3, *, frame: Frame | None = None, titles: int = 0, **changes: Any) -> Rendered:
    frame = frame or a_frame()
    cards = [render_card(TEMPLATES, frame, a_card(number, **changes)) for number in range(1, count + 1)]
    rest = [a_card(number) for number in range(count + 1, count + 1 + titles)]
    return render_digest(TEMPLATES, frame, cards, titles_only=rest)


def many_ways(count: int, topics: int) -> Ways:
    """What somebody can do who gets half of the topics of each newsletter."""
    shown = [
        choices.Shown(name=f"topic-{one}", label=f"Topic number {one}", chosen=one % 2 == 0) for one in range(topics)
    ]
    sections = [
        choices.Section(name=f"nl{one}", title=f"Notes {one}", state="active", topics=shown) for one in range(count)
    ]
    return all_ways(Links(to=a_newsletter()), None, sections, [])


WEEKLY = Rhythm(cadence=Cadence.WEEK, next=datetime(2026, 11, 30, 8, tzinfo=UTC))
WANTED = (
    Wanted(title="Bread", rhythm=WEEKLY),
    Wanted(title="Birds", rhythm=Rhythm(cadence=None), topics=("Weather", "Bread")),
)
COMMANDS = (Command(line="publisher issues resume 12", does="To send it as it is"),)
RECEIPT = Receipt(
    subject="The thing with Zoom, and 3 more",
    sent=298,
    total=300,
    refused=2,
    joined=3,
    left=1,
    reasons=[(2, "550 5.1.1 no such user")],
    next=WEEKLY.next,
)
TROUBLES = (
    Trouble(
        what="Issue 12 is paused: the server refused us", details=["gmail.com said 550 5.7.26."], commands=COMMANDS
    ),
    Trouble(what="3 new posts are held, because they are older than 14 days"),
)
A_PLAN = Plan(readers=298, due=WEEKLY.next, reason="It is the first issue, so it waits for you.", commands=COMMANDS)
NOTICES: Mapping[str, Callable[[Environment, Frame], Rendered]] = {
    "confirmation": lambda templates, frame: render_confirmation(templates, frame, WEEKLY, days=7),
    "confirmation of two, by mail": lambda templates, frame: render_confirmation(
        templates, replace(frame, by_mail=True), WEEKLY, days=7, wanted=WANTED
    ),
    "reconfirmation": lambda templates, frame: render_reconfirmation(templates, frame, WEEKLY, days=30),
    "reconfirmation, by mail": lambda templates, frame: render_reconfirmation(
        templates, replace(frame, by_mail=True), WEEKLY, days=30
    ),
    "welcome": lambda templates, frame: render_welcome(templates, frame, WEEKLY, [a_card(1), a_card(2)]),
    "welcome, with the last issue": lambda templates, frame: render_welcome(
        templates, frame, WEEKLY, issue=[a_card(1), a_card(2)]
    ),
    "fresh link": lambda templates, frame: render_manage(templates, frame, days=1),
    "choices": lambda templates, frame: render_choices(templates, frame, samples.ways(frame.newsletter), days=1),
    "choices, of many topics": lambda templates, frame: render_choices(templates, frame, many_ways(5, 40), days=1),
    "changed": lambda templates, frame: render_changed(
        templates, frame, "done", holdings=samples.held(frame.newsletter), undo=MAILTO
    ),
    "all that is stored": lambda templates, frame: render_changed(templates, frame, "export"),
    "new address": lambda templates, frame: render_address(templates, frame, days=7),
    "new address, by mail": lambda templates, frame: render_address(templates, replace(frame, by_mail=True), days=7),
    "old address": render_moved,
    "receipt": lambda templates, frame: render_receipt(templates, frame, RECEIPT),
    "alarm": lambda templates, frame: render_alarm(templates, frame, TROUBLES),
    "preview": lambda templates, frame: render_preview(templates, frame, a_digest(2, frame=frame), A_PLAN),
}
TO_THE_OWNER = ("receipt", "alarm", "preview")
TO_READERS = tuple(name for name in NOTICES if name not in TO_THE_OWNER)
LIST_MAILS = frozenset({"welcome", "welcome, with the last issue", "preview"})  # the others are one person's own


def a_notice(name: str, **changes: Any) -> Rendered:
    return NOTICES[name](TEMPLATES, a_frame(**changes))


def a_notice_message(name: str, rendered: Rendered | None = None, **changes: Any) -> bytes:
    """As it would be sent: what is no newsletter has no List headers (L11)."""
    rendered = rendered or a_notice(name, **changes)
    if name in LIST_MAILS:
        return a_message(rendered)
    return a_message(
        rendered, alone_reader(), list_id=None, bulk=False, list_help=None, list_owner=None, list_archive=None
    )


def alone_reader() -> Reader:
    """Of one person's own mail, which has nothing to leave by."""
    return replace(a_reader(), name="", unsubscribe_url=None, unsubscribe_mailto=None, manage_url=None, since="")


def a_reader(**changes: Any) -> Reader:
    values: dict[str, Any] = {
        "address": parse_address("zoe@example.net"),
        "name": "Zoe Example",
        "unsubscribe_url": URL,
        "unsubscribe_mailto": MAILTO,
        "confirm_url": "https://news.example.org/c/k1-" + "c" * 48,
        "request_token": "k1-" + "d" * 48,
        "manage_url": "https://news.example.org/m/k1-" + "b" * 48,
        "since": "3 May 2026",
    }
    return Reader(**values | changes)


def stationery(**changes: Any) -> Stationery:
    values: dict[str, Any] = {
        "sender": parse_address("news@example.org"),
        "sender_name": "Findings & Notes",
        "domain": "news.example.org",
        "language": "en",
        "list_id": "main.example.org",
        "list_name": "Findings & Notes",
        "reply_to": parse_address("anna@example.org"),
        "list_help": "https://blog.example/newsletter/",
        "list_owner": "mailto:anna@example.org",
        "list_archive": "https://blog.example/issues/",
        "feedback_id": "main:digest::findings",
    }
    return Stationery(**values | changes)


def a_message(
    rendered: Rendered | None = None,
    reader: Reader | None = None,
    *,
    attached: Attached | None = None,
    **changes: Any,
) -> bytes:
    letter, mark = Letter.compile(rendered or _digest(), stationery(**changes)), boundary(MESSAGE_ID)
    return letter.to(reader or a_reader(), message_id=MESSAGE_ID, date=NOON, boundary=mark, attached=attached)


@lru_cache
def _digest() -> Rendered:
    return a_digest()
