"""7: what people may ask for: shown, downloaded, erased, by the owner's command and by the reader's own fresh link."""

import json
import logging
import re
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import uvicorn
from sqlalchemy import insert, select

from publisher.adapters.lastround import LastRound, keep, last
from publisher.doors.rounds import deliver_now
from publisher.doors.web.server import application
from publisher.mail.tokens import Purpose, sign
from publisher.model.issue import Delivery, IssueId, State
from publisher.model.subscriber import SubscriberId, parse_address
from publisher.ports import Scribe
from publisher.steps.privacy import days
from publisher.store.schema import issue, metadata, request
from publisher.store.subscribers import reader_of
from publisher.wiring import House, round_file
from tests.doors.browser import browser
from tests.house import NOW, a_house, add_readers, digest, dump, reopened
from tests.owning import MONDAY, an_owned_site
from tests.sites import run_program

BOB, ANN = "bob@example.net", "ann@example.net"
DAY = timedelta(days=1)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    found = a_house(tmp_path)
    add_readers(found, BOB, ANN)
    yield found
    found.engine.dispose()


def reader(house: House, address: str = BOB) -> SubscriberId:
    return next(one.subscription.subscriber for one in house.subscribers.listed() if one.address.display == address)


def fresh(house: House, *, of: str = BOB, kind: str = "manage", number: int = 7) -> str:
    """The token of a link that was mailed because somebody asked for it, and works for a day."""
    who = reader(house, of)
    with house.engine.begin() as connection:
        connection.execute(
            insert(request).values(kind=kind, subscriber_id=who, issue_id=number, wishes=[], at=NOW, until=NOW + DAY)
        )
    return sign(house.keyring, Purpose.FRESH, newsletter="main", subscriber=who, issue=IssueId(number))


# --- by the reader's own link


def test_a_reader_downloads_all_that_is_stored(house: House) -> None:
    client = browser(house)
    answer = client.get(f"/m/{fresh(house)}/export")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == 'attachment; filename="my-data.json"'
    assert answer.headers["cache-control"] == "no-store"
    found = answer.json()
    assert found["person"]["address"] == BOB
    assert [one["newsletter"] for one in found["subscriptions"]] == ["main"]
    assert found["consents"][0]["note"] == "on paper"
    assert ANN not in answer.text


def test_a_reader_is_forgotten_by_one_press(house: House) -> None:
    client, token = browser(house), fresh(house)
    before = dump(house.engine)
    for method in ("GET", "HEAD"):
        assert client.request(method, f"/m/{token}/forget").status_code == 200
    client.request("OPTIONS", f"/m/{token}/forget")
    assert dump(house.engine) == before
    page = client.get(f"/m/{token}/forget")
    assert BOB not in page.text
    done = client.post(f"/m/{token}/forget", data={"x": "1"})
    assert (done.status_code, "erased" in done.text) == (200, True)
    assert BOB not in "\n".join(dump(house.engine))
    assert ANN in "\n".join(dump(house.engine))
    again = client.post(f"/m/{token}/forget", data={"x": "1"})
    assert again.status_code == 404, "the link is dead with its reader"
    assert client.get(f"/m/{token}/export").status_code == 404


def test_only_a_fresh_link_does_it(house: House) -> None:
    """Of another purpose, of another kind, of somebody else, of yesterday: as for a link that is none."""
    who, keyring = reader(house), house.keyring
    asked = fresh(house)
    wrong = [
        "k1-" + "a" * 40,
        asked[:-3],
        sign(keyring, Purpose.FRESH, newsletter="main", subscriber=who),
        sign(keyring, Purpose.FRESH, newsletter="main", subscriber=reader(house, ANN), issue=IssueId(7)),
        *(
            sign(keyring, purpose, newsletter="main", subscriber=who, issue=IssueId(7))
            for purpose in Purpose
            if purpose is not Purpose.FRESH
        ),
        fresh(house, kind="subscribe", number=8),
    ]
    client = browser(house)
    unknown = client.get("/m/no-token/export").text
    before = dump(house.engine)
    for token in wrong:
        for answer in (
            client.get(f"/m/{token}/export"),
            client.get(f"/m/{token}/forget"),
            client.post(f"/m/{token}/forget", data={"x": "1"}),
        ):
            assert (answer.status_code, answer.text) == (404, unknown), token
    assert dump(house.engine) == before
    late = browser(reopened(house.config.secrets.file.parent, now=NOW + DAY))
    assert late.get(f"/m/{asked}/export").status_code == 404


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b"{}", 415),
        ("application/x-www-form-urlencoded", b"x" * (65 << 10), 413),
        ("application/x-www-form-urlencoded", b"\xff=%ff", 400),
    ],
)
def test_a_body_that_is_no_form_forgets_nobody(house: House, kind: str, body: bytes, status: int) -> None:
    token = fresh(house)
    answer = browser(house).post(f"/m/{token}/forget", content=body, headers={"Content-Type": kind})
    assert answer.status_code == status
    assert BOB in "\n".join(dump(house.engine))


# --- in the middle of an issue


def test_who_is_forgotten_while_an_issue_goes_out_gets_nothing_of_it(tmp_path: Path) -> None:
    """By a real sender, to a real server: the row is gone between its turn and its dot, and the others get theirs."""
    with an_owned_site(tmp_path, readers=("ann", "bob", "cid")) as site:
        house = site.at(MONDAY)
        made = digest(house)
        assert made is not None
        written = house.letters.of

        def of(delivery: Delivery) -> Scribe:
            if delivery.address.display == "bob@example.net":
                other = site.at(MONDAY)
                assert other.forget(parse_address("bob@example.net")).known
            return written(delivery)

        house.letters.of = of  # type: ignore[method-assign, assignment]  # the moment in which it happens
        done = deliver_now(house)
        assert done is not None
        tally = house.issues.tally(made.id)
        assert (tally[State.SENT], tally[State.SKIPPED], tally.total) == (2, 1, 3)
        assert house.issues.get(made.id).state == "done"
        assert site.caught.parsed("bob@example.net") == []
        assert len(site.caught.parsed("ann@example.net")) == 1
        assert "bob@example.net" not in "\n".join(dump(house.engine))


# --- by the owner's commands


def test_the_commands_tell_the_story_and_end_it(house: House, tmp_path: Path) -> None:
    digest(house)
    deliver_now(house)
    house.close()
    at = ("--config", str(tmp_path / "config.toml"))
    told = run_program(*at, "subscribers", "show", BOB)
    assert told.code == 0
    assert told.line("confirm", "main", "on paper")
    assert told.line("main", "active", "weekly")
    assert json.loads(run_program(*at, "subscribers", "export", BOB).out)["person"]["address"] == BOB
    assert run_program(*at, "subscribers", "export").out.count("\n") == 3
    refused = run_program(*at, "subscribers", "forget", BOB)
    assert refused.code == 2, "nobody is there to answer"
    (tmp_path / "publisher.db.0006.20261101T000000.bak").write_bytes(b"..." + BOB.encode())
    gone = run_program(*at, "subscribers", "forget", BOB, "--yes")
    assert gone.code == 0
    assert gone.line("publisher.db.0006", "delete it")
    assert gone.line("do-not-mail list", "erased")
    for words in (("subscribers", "forget", BOB, "--yes"), ("subscribers", "export", "eve@example.net")):
        assert run_program(*at, *words).code in {0, 6}
    assert run_program(*at, "subscribers", "show", "eve@example.net").code == 6
    assert run_program(*at, "subscribers", "show", "no address").code == 2
    back = run_program(*at, "subscribers", "add", BOB, "--confirmed", "--note", "an old list")
    assert (back.code, "do-not-mail" in back.said) == (6, True)
    proof = run_program(*at, "privacy", "proof", BOB)
    assert proof.line("confirm", "on paper")
    assert run_program(*at, "privacy", "proof", ANN).code == 6


def test_what_the_last_round_said_of_somebody_goes_too(house: House) -> None:
    file = round_file(house.config)
    said = LastRound(at=NOW, seconds=1, problems=[f"<{BOB}>: no", "the disk is full"], unreachable=f"{BOB} refused")
    keep(file, said)
    house.forget(parse_address(BOB))
    found = last(file)
    assert found is not None
    assert (found.problems, BOB in found.unreachable) == (["the disk is full"], False)


# --- by time alone


def test_a_round_puts_away_what_is_old_once_a_day(tmp_path: Path) -> None:
    with an_owned_site(tmp_path, readers=("ann", "bob")) as site:
        ticked = site.tick(MONDAY)
        assert ticked.delivered is not None
        (sent,) = site.issues()
        eve = parse_address("eve@example.net")
        house = site.house
        with house.engine.begin() as connection:
            who = reader_of(connection, eve, "Eve", None, MONDAY)
            connection.execute(
                insert(request).values(
                    kind="subscribe", subscriber_id=who, wishes=[], at=MONDAY, until=MONDAY + 7 * DAY
                )
            )
        before = site.house.issues.tally(sent.id)
        soon = site.tick(MONDAY + 29 * DAY)
        assert soon.tidied is not None
        assert (soon.tidied.people, soon.tidied.deliveries) == (0, 0)
        month = site.tick(MONDAY + 31 * DAY)
        assert month.tidied is not None
        assert (month.tidied.requests, month.tidied.people) == (1, 1)
        assert "eve@example.net" not in "\n".join(dump(site.house.engine))
        assert site.tick(MONDAY + 31 * DAY + timedelta(hours=1)).tidied is None, "once a day"
        year = site.tick(MONDAY + 366 * DAY)
        assert year.tidied is not None
        assert year.tidied.deliveries >= 2
        assert site.house.issues.tally(sent.id) == before
        with site.house.engine.connect() as connection:
            assert connection.scalar(select(issue.c.folded_at).where(issue.c.id == sent.id)) is not None
        assert "owner@example.org" in "\n".join(dump(site.house.engine)), "the owner is in no list, and stays"
        assert (
            run_program("--config", str(tmp_path / "config.toml"), "issues", "resend", str(sent.id), "--missed").code
            == 6
        )


def test_nothing_is_put_away_while_an_issue_goes_out(tmp_path: Path) -> None:
    with an_owned_site(tmp_path, readers=("ann", "bob")) as site:
        house = site.at(MONDAY + 400 * DAY)
        assert digest(house) is not None
        assert house.tidy() is None


# --- no address of a machine anywhere


def test_no_ip_address_in_any_log_or_table(
    house: House, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """A real server, with what proxies say of whom they ask for; good links and bad ones, and bodies that are none."""
    caplog.set_level(logging.DEBUG)
    token = fresh(house)
    server = uvicorn.Server(
        uvicorn.Config(application(house), port=0, access_log=False, log_level="warning", server_header=False)
    )
    listening = socket.create_server(("127.0.0.1", 0))  # whoever comes before it answers waits in its queue
    port = listening.getsockname()[1]
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        said = {
            "X-Forwarded-For": "203.0.113.77, 2001:db8::77",
            "X-Real-IP": "203.0.113.77",
            "Forwarded": "for=203.0.113.77",
        }
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=said) as client:
            for path in ("/health", "/u/nothing", f"/m/{token}/export", "/feeds/none.xml"):
                client.get(path)
            client.post(f"/m/{token}/forget", content=b"\xff", headers={"Content-Type": "text/plain"})
            client.post(f"/m/{token}/forget", data={"x": "1"})
    finally:
        server.should_exit = True
        thread.join()
    out = capfd.readouterr()
    everything = "\n".join([out.out, out.err, *dump(house.engine)])
    everything += "".join(
        path.read_bytes().decode("latin-1") for path in house.config.secrets.file.parent.glob("*.*") if path.is_file()
    )
    ours = [
        record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore", "asyncio"))
    ]
    everything += "\n".join(ours)
    for address in ("203.0.113.77", "2001:db8::77", "127.0.0.1:"):
        assert address not in everything, address


# --- what readers are told


def test_the_record_names_every_table_that_knows_people(house: House) -> None:
    named = {name for one in house.privacy_facts().data for name in one.tables.split(", ")}
    known = {table.name for table in metadata.sorted_tables if "subscriber_id" in table.c}
    assert known <= named
    assert {"subscriber", "sealed", "suppression"} <= named


def test_the_notice_says_what_the_settings_say(tmp_path: Path) -> None:
    house = a_house(tmp_path)
    house.close()
    file = tmp_path / "config.toml"
    file.write_text(file.read_text("utf-8") + '[retention]\ndeliveries = "100d"\n', "utf-8")
    at = ("--config", str(file))
    english = run_program(*at, "privacy", "notice")
    assert english.line("100 days")
    assert english.line("1 Field Lane, 12345 Example")
    assert "[your mail address]" in english.out
    assert "no legal advice" in english.err
    german = run_program(*at, "privacy", "notice", "--language", "de")
    assert german.line("100 Tage")
    assert run_program(*at, "privacy", "notice", "--language", "xx").code == 2
    record = run_program(*at, "privacy", "record")
    assert re.search(r"\| delivery, reply, strike \| 100 days", record.out)
    assert days(1) == "1 day"
