"""Mail that comes in: by the round, by a pipe, and what the owner sees of it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from publisher.delivery.bounces import Kind
from publisher.doors import rounds
from publisher.mail.tokens import Purpose, sign
from publisher.model.subscriber import Consent, SubscriberId
from publisher.store.schema import suppression
from publisher.wiring import House
from tests.bouncing import a_bounce, a_letter, sent, verp_of
from tests.doors.browser import browser
from tests.house import a_house, add_readers, consents, dump, outbox, reopened
from tests.sites import Ran, run_program

MORE = '[mailbox]\nurl = "maildir:came"\n'


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    a_house(tmp_path).close()
    config = tmp_path / "config.toml"
    owner = 'postal_address = "1 Field Lane'
    config.write_text(config.read_text().replace(owner, f'email = "owner@example.org"\n{owner}') + MORE)
    for name in ("new", "cur", "tmp"):
        (tmp_path / "came" / name).mkdir(parents=True)
    made = reopened(tmp_path)
    add_readers(made, "ann@example.net", "bob@example.net")
    yield made
    made.close()


def filed(house: House, data: bytes, name: str = "1.x") -> Path:
    path = house.config.secrets.file.parent / "came" / "new" / name
    path.write_bytes(data)
    return path


def cli(house: House, *words: str) -> Ran:
    return run_program("--config", str(house.config.secrets.file.parent / "config.toml"), *words)


def piped(house: House, data: bytes, *words: str, **environ: str) -> subprocess.CompletedProcess[bytes]:
    config = str(house.config.secrets.file.parent / "config.toml")
    command = [sys.executable, "-m", "publisher", "--config", config, *(words or ("receive",))]
    return subprocess.run(command, input=data, env=os.environ | environ, capture_output=True, timeout=120, check=False)


def to_owner(house: House) -> list[str]:
    texts = [mail.get_body(("plain",)) for mail in outbox(house) if mail["Delivered-To"] == "owner@example.org"]
    return [text.get_content() for text in texts if text is not None]


def suppressed(house: House) -> list[str]:
    with house.engine.connect() as connection:
        return list(connection.scalars(select(suppression.c.key)))


def test_the_round_reads_the_mailbox_and_leaves_it_as_it_is(house: House) -> None:
    ann = SubscriberId(1)
    path = filed(house, a_bounce(verp_of(house, ann, sent(house).id)))
    ticked = rounds.one(house, build=False)
    assert not ticked.problems
    assert [one.kind for one in ticked.received.received] == [Kind.BOUNCE]
    assert suppressed(house) == ["ann@example.net"]
    assert path.exists()
    path.rename(path.parent.parent / "cur" / "1.x:2,S")  # as mail programs mark what was read
    assert not rounds.one(house, build=False).received.received


def test_who_left_by_mail_gets_nothing_of_the_round_that_reads_it(house: House) -> None:
    token = sign(house.keyring, Purpose.UNSUBSCRIBE, newsletter="main", subscriber=SubscriberId(1))
    filed(house, a_letter(Subject=f"unsubscribe {token}"))
    rounds.one(house, build=False)
    issue = sent(house)
    assert house.issues.tally(issue.id).total == 1
    assert consents(house)["ann@example.net"] is Consent.LEFT


def test_a_mailbox_that_is_none_stops_nothing_else(house: House) -> None:
    came = house.config.secrets.file.parent / "came"
    (came / "new").rmdir()
    ticked = rounds.one(house, build=False)
    assert [str(problem) for problem in ticked.problems] == [f"{came}: this is no Maildir; mend mailbox.url"]
    assert ticked.collected is not None


def test_two_readers_of_one_mailbox_act_once(house: House) -> None:
    filed(house, a_bounce(verp_of(house, SubscriberId(1), sent(house).id), status="5.2.2", said="smtp; 552 5.2.2 full"))
    other = reopened(house.config.secrets.file.parent)
    box, again = house.mailbox, other.mailbox
    assert box is not None
    assert again is not None
    # both have read it before either writes
    mine = [one for one, _ in box.since(house.incoming.cursor(box.name), house.incoming.known)]
    theirs = [one for one, _ in again.since(other.incoming.cursor(again.name), other.incoming.known)]
    took = [house.receive(mine[0].data), other.receive(theirs[0].data)]
    assert [one is None for one in took] == [False, True]
    other.close()


def test_the_pipe_takes_a_message_and_keeps_what_is_not_understood(house: House) -> None:
    ended = piped(house, a_bounce(verp_of(house, SubscriberId(1), sent(house).id)))
    assert (ended.returncode, ended.stdout) == (0, b"Taken: bounce, reader 1, issue 1, 5.1.1.\n")
    ended = piped(house, b"\xff\x00 this is no mail")
    assert (ended.returncode, ended.stdout) == (0, b"Taken: unknown.\n")
    assert piped(house, b"", "received", "show", "2", "--raw").stdout == b"\xff\x00 this is no mail"
    assert suppressed(house) == ["ann@example.net"]


def test_the_pipe_asks_the_mail_server_to_come_again_where_nothing_can_be_written(house: House) -> None:
    folder = house.config.secrets.file.parent
    (folder / "broken.db").write_bytes(b"this is no database" * 100)
    ended = piped(house, a_letter("x"), PUBLISHER_DATABASE_URL=f"sqlite:///{folder}/broken.db")
    assert ended.returncode == 75
    assert b"Traceback" not in ended.stderr
    (folder / "config.toml").write_text("[site]\ntitel = 1\n")
    assert piped(house, a_letter("x")).returncode == 75


def test_a_plea_is_told_with_a_link_that_takes_off_with_one_press(house: House) -> None:
    filed(house, a_letter("Please remove me from your list.\n", In_Reply_To="<x@example.org>"))
    rounds.one(house, build=False)
    text = "\n".join(to_owner(house))
    assert "ann@example.net asks to be taken off" in text
    assert "publisher subscribers remove ann@example.net" in text
    link = urlsplit(next(line.strip() for line in text.splitlines() if "/r/" in line)).path
    client = browser(house)
    before = dump(house.engine)
    for method in ("GET", "HEAD", "OPTIONS"):
        client.request(method, link)
    assert dump(house.engine) == before
    assert "ann@example.net" in client.get(link).text
    assert client.post(link, data={"press": "1"}).status_code == 200
    assert client.post(link, data={"press": "1"}).status_code == 200  # twice is once
    assert consents(house) == {"ann@example.net": Consent.LEFT, "bob@example.net": Consent.ACTIVE}
    assert not house.incoming.open_counts()
    for token in (link[:-1], link[:-3] + "aaa", "/r/x"):
        answer = client.post(token, data={"press": "1"})
        assert (answer.status_code, "ann@" in answer.text) == (404, False)


def test_a_token_to_leave_is_none_to_take_off(house: House) -> None:
    client = browser(house)
    token = sign(house.keyring, Purpose.UNSUBSCRIBE, newsletter="main", subscriber=SubscriberId(1))
    assert client.get(f"/r/{token}").status_code == 404


def test_what_is_not_understood_is_listed_shown_and_settled(house: House) -> None:
    filed(house, a_letter("Lovely ferns!\n\n> Field Notes\n", In_Reply_To="<x@example.org>"), "1.reply")
    filed(house, b"From: x@example.com\nSubject: Cheap\n\nwatches \x1b[31m\n", "2.spam")
    filed(house, a_letter("away", Auto_Submitted="auto-replied"), "3.away")
    rounds.one(house, build=False)
    listed = json.loads(cli(house, "received", "list", "--json").out)
    assert {one["kind"] for one in listed} == {"reply", "unknown"}
    reply = next(one["id"] for one in listed if one["kind"] == "reply")
    shown = cli(house, "received", "show", str(reply))
    assert shown.line("ann@example.net")
    assert shown.line("Lovely ferns!")
    assert json.loads(cli(house, "received", "show", str(reply), "--json").out)["text"].startswith("Lovely")
    assert cli(house, "received", "list").line("Cheap")
    assert "\x1b" not in cli(house, "received", "list").out
    assert len(json.loads(cli(house, "received", "list", "--all", "--json").out)) == 3
    assert cli(house, "status").line("2 messages", "wait")
    assert cli(house, "received", "settle", str(reply)).line("1 message settled")
    assert cli(house, "received", "settle", "--all").line("1 message settled")
    assert cli(house, "received", "list").line("Nothing waits for you")
    assert cli(house, "received", "settle").code == 2
    assert cli(house, "received", "show", "99").line("there is no message 99")
    assert cli(house, "received", "show", "99").code == 6


def test_the_story_of_a_reader_tells_what_came_back(house: House) -> None:
    issue = sent(house)
    filed(house, a_bounce(verp_of(house, SubscriberId(1), issue.id)))
    rounds.one(house, build=False)
    ran = cli(house, "why", "ann@example.net")
    assert ran.line("On the do-not-mail list", "bounced", "no such user")
    assert ran.line("manual/1", "bounced", "550")
    assert ran.line("there is no such mailbox: it is written to no more")
    assert ran.line("bounce", "came back")
    facts = json.loads(cli(house, "why", "ann@example.net", "--json").out)
    assert facts["received"][0]["kind"] == "bounce"
