"""A small site with everything real: its files, its settings, its database, its steps."""

import atexit
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cache
from pathlib import Path

from sqlalchemy import Engine

from publisher.adapters.renderer import RenderProcesses
from publisher.config import load_config
from publisher.doors.cli.mails import foreseen, let_go
from publisher.mail.tokens import Purpose, sign
from publisher.model.issue import Issue, Newsletter
from publisher.model.subscriber import Consent, SubscriberId
from publisher.steps.announce import announce
from publisher.steps.compose import compose, draft, finish_all
from publisher.steps.occasions import digest_order, open_digest, open_post, post_order
from publisher.steps.subscribe import parse_wish, subscribe
from publisher.store import upgrade
from publisher.store.engine import make_engine
from publisher.wiring import House

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

CONFIG = """
[site]
title = "Field Notes"
url = "https://example.org/"
author = "Ada Field"
[posts]
folder = "posts"
[announce]
since = 2026-11-01
[smtp]
url = "{smtp}"
connections = {connections}
timeout = "{timeout}"
[web]
url = "{web}"
[owner]
postal_address = "1 Field Lane, 12345 Example"
privacy_url = "https://example.org/privacy/"
[newsletters.main]
title = "Field Notes"
from = "Field Notes <news@example.org>"
approve = "never"
frequencies = {{ weekly = "mondays 09:00" }}
"""
POSTS = {
    "2026-11-12-frost-ferns.md": """---
title: Frost ferns, and “why” they grow
categories: [weather]
---
They grow [along scratches](https://physics.example/ferns?a=1&b=2) in the glass.

.

.. a line that begins with dots

From here on it is colder. ![A fern](/images/fern.png)
""",
    "2026-11-19-bread.md": """---
title: Grüße aus der Backstube
---
More on [ferns](2026-11-12-frost-ferns.md), and `code`.

    .dots
    ..in code
""",
    "2026-10-01-swifts.md": "---\ntitle: Counting swifts\n---\nThey are gone.\n",
}


def a_house(
    folder: Path,
    *,
    smtp: str = "maildir:outbox",
    web: str = "https://news.example.org/",
    connections: int = 2,
    timeout: str = "60s",
    now: datetime = NOW,
) -> House:
    """Its posts are written, nothing is collected yet, nobody is subscribed."""
    (folder / "posts").mkdir()
    for name, text in POSTS.items():
        (folder / "posts" / name).write_text(text, encoding="utf-8")
    (folder / "config.toml").write_text(CONFIG.format(smtp=smtp, web=web, connections=connections, timeout=timeout))
    return reopened(folder, now=now)


def reopened(folder: Path, *, now: datetime = NOW) -> House:
    """The same site, by another process or at another time."""
    config = load_config(folder / "config.toml", {})
    engine = make_engine(config.database.url.get_secret_value())
    upgrade.prepare(engine)
    return House(config, engine, clock=lambda: now, shared_renderer=shared_renderer())


@cache
def shared_renderer() -> RenderProcesses:
    """The processes that render for all houses of a test process: starting them takes longer than most tests."""
    made = RenderProcesses(timeout=60, processes=1)
    atexit.register(made.close)
    return made


def add_readers(house: House, *addresses: str) -> list[SubscriberId]:
    for address in addresses:
        wish = parse_wish(house.newsletters, address=address, name="", note="on paper")
        subscribe(house.subscribers, wish, now=house.clock())
    found = {one.address.display: one.subscription.subscriber for one in house.subscribers.listed()}
    return [found[address] for address in addresses]


def newsletter(house: House) -> Newsletter:
    return house.newsletters["main"]


def digest(house: House) -> Issue | None:
    """As `publisher digest --yes` makes it, but not sent yet; None where nobody is to get anything."""
    house.collect()
    announce(house.entries, house.announcements, house.announce_rules, now=house.clock(), by_hand=True)
    assert finish_all(house.desk, approved={"main"}).problems == ()
    order = digest_order(newsletter(house), None)
    if not draft(house.desk, order).readers:
        return None
    return compose(house.desk, open_digest(house.occasions, order, now=house.clock()))


def single(house: House, path: str) -> Issue:
    """As `publisher send` makes it, but not sent yet."""
    house.collect()
    entry = house.entries.find(path)
    assert entry is not None
    post_order(house.desk, newsletter(house), foreseen(house, entry), again=False, missed=False)
    order = post_order(house.desk, newsletter(house), let_go(house, entry), again=False, missed=False)
    assert finish_all(house.desk, approved={"main"}).problems == ()
    return compose(house.desk, open_post(house.occasions, order, missed=False, now=house.clock()))


def outbox(house: House) -> list[EmailMessage]:
    """What has left, in that order."""
    folder = house.config.secrets.file.parent / "outbox" / "new"
    return [message_from_bytes(file.read_bytes(), policy=default) for file in sorted(folder.glob("*"), key=_age)]


def _age(file: Path) -> tuple[int, int]:
    """A Maildir's names do not sort by time: microseconds have no leading zeros. `Q` counts within a process."""
    return file.stat().st_mtime_ns, int(re.findall(r"Q(\d+)", file.name)[0])


def unsubscribe_token(house: House, reader: SubscriberId, *, purpose: Purpose = Purpose.UNSUBSCRIBE) -> str:
    return sign(house.keyring, purpose, newsletter="main", subscriber=reader)


def consents(house: House) -> dict[str, Consent]:
    return {one.address.display: one.subscription.state for one in house.subscribers.listed()}


def dump(engine: Engine) -> Sequence[str]:
    """All that the database holds."""
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        return list(raw.iterdump())
