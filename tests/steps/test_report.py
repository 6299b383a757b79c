"""The owner hears of it: receipts, previews and alarms, by a real mail server; approval by command and by mail."""

import json
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage, Message
from pathlib import Path

import pytest
from sqlalchemy import select, update

from publisher.errors import Refused
from publisher.mail.judge.judge import judge
from publisher.model.issue import APPROVAL, IssueState, Rendered, State
from publisher.model.subscriber import SubscriberId, SuppressionReason, parse_address
from publisher.store.schema import issue, subscriber
from publisher.store.subscribers import suppress
from tests.house import add_readers, digest
from tests.owning import FRIDAY, MONDAY, OWNER, Owned, an_owned_site
from tests.sites import run_program

MINUTE, HOUR, DAY, WEEK = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Owned]:
    with an_owned_site(tmp_path) as found:
        yield found


@pytest.fixture
def approving(tmp_path: Path) -> Iterator[Owned]:
    (tmp_path / "box").mkdir()
    for name in ("new", "cur", "tmp"):
        (tmp_path / "box" / name).mkdir()
    with an_owned_site(tmp_path, approve="first", settings='[mailbox]\nurl = "maildir:box"') as found:
        yield found


def text_of(message: Message) -> str:
    assert isinstance(message, EmailMessage)
    part = message.get_body(["plain"])
    assert part is not None
    return " ".join(str(part.get_content()).split())


def subjects(site: Owned) -> list[str]:
    return [str(one["Subject"]) for one in site.to_owner()]


def test_a_receipt_comes_after_each_issue_in_the_same_round(site: Owned) -> None:
    ticked = site.tick(MONDAY)
    assert ticked.told is not None
    assert ticked.delivered is not None
    assert ticked.delivered.sent == 3, "the mail to the owner counts too"
    assert sorted(set(site.caught.recipients())) == ["ann@example.net", "bob@example.net", OWNER]
    (receipt,) = site.to_owner()
    assert str(receipt["Subject"]).startswith("Sent to 2 of 2: ")
    assert "next issue is due on Monday, November 30, 2026" in text_of(receipt)
    site.tick(MONDAY + MINUTE)
    assert len(site.to_owner()) == 1, "once"


def test_L11_a_mail_to_the_owner_is_no_list_mail_and_has_no_fault(site: Owned) -> None:
    site.tick(MONDAY)
    (receipt,) = site.to_owner()
    assert [name for name in receipt if name.lower().startswith("list-") or name == "Precedence"] == []
    assert receipt["Auto-Submitted"] == "auto-generated"
    data = next(data for to, data in site.caught.messages if to == OWNER)
    assert judge(data, newsletter=False, postal_address=None) == ()


def test_a_receipt_counts_who_was_refused_came_and_went(site: Owned) -> None:
    site.tick(MONDAY)
    house = site.at(MONDAY + DAY)
    (cid,) = add_readers(house, "cid@example.net")
    add_readers(house, "dan@example.net")
    house.subscribers.leave(cid, "main", note="", now=house.clock())
    (site.folder / "posts" / "2026-11-24-new.md").write_text("---\ntitle: New\n---\nWords.\n")
    site.tick(MONDAY + 2 * DAY)
    site.tick(MONDAY + WEEK)
    receipt = site.to_owner()[-1]
    assert str(receipt["Subject"]) == "Sent to 3 of 3: New"
    assert "Joined since the issue before: 2" in text_of(receipt)
    assert "Left since the issue before: 1" in text_of(receipt)


def test_the_owner_is_no_reader(site: Owned) -> None:
    site.tick(MONDAY)
    house = site.house
    assert OWNER not in [one.address.display for one in house.subscribers.listed()]
    assert house.subscribers.count("main") == 2
    assert [one.kind for one in house.issues.listed()] == ["digest"]
    assert [one.kind for one in house.issues.listed(notices=True)] == ["notice", "digest"]
    (site.folder / "posts" / "2026-11-24-new.md").write_text("---\ntitle: New\n---\nWords.\n")
    site.tick(MONDAY + 2 * DAY)
    site.tick(MONDAY + WEEK)
    assert all(one.startswith("Sent to") for one in subjects(site)), "and gets no newsletter"


def test_an_owner_who_reads_the_newsletter_keeps_it_whatever_becomes_of_the_reports(tmp_path: Path) -> None:
    with an_owned_site(tmp_path, readers=("ann",)) as site:
        (number,) = add_readers(site.house, OWNER)
        site.tick(MONDAY)
        assert sorted(subjects(site))[1].startswith("Sent to 2 of 2")
        covered = site.house.subscribers.subscription(number, "main")
        assert covered is not None
        notice = site.house.issues.listed(notices=True)[0]
        with site.house.engine.begin() as connection:
            connection.execute(update(issue).where(issue.c.id == notice.id).values(state=IssueState.READY))
        site.house.issues.move(notice.id, "cancel")
        assert site.house.subscribers.subscription(number, "main") == covered, "no watermark moved"


def test_a_suppressed_owner_is_told_all_the_same_and_any_other_is_not(site: Owned) -> None:
    house = site.house
    with house.engine.begin() as connection:
        for address in (OWNER, "ann@example.net"):
            key = parse_address(address).key
            suppress(connection, [key], SuppressionReason.BOUNCED, "", house.clock())
    site.tick(MONDAY)
    assert [one[:16] for one in subjects(site)] == ["Sent to 1 of 1: "]
    notices = house.reporting.notices
    with house.engine.connect() as connection:
        rows = connection.execute(select(subscriber.c.address, subscriber.c.id))
        ids = {str(address): SubscriberId(number) for address, number in rows}
    rendered = Rendered(subject="s", preheader="", html="<p>@@CONFIRM@@</p>", text="@@CONFIRM@@")
    opened = [
        notices.open("main", f"manage/{ids[name]}/1", ids[name], rendered, token_key="k1", now=MONDAY)
        for name in ("ann@example.net", "bob@example.net")
    ]
    taken = notices.open(
        "main", f"manage/{ids['ann@example.net']}/1", SubscriberId(1), rendered, token_key="k1", now=MONDAY
    )
    assert taken is None
    site.tick(MONDAY + MINUTE)
    tallies = [dict(site.house.issues.tally(one.id).counts) for one in opened if one is not None]
    assert tallies == [{State.SKIPPED: 1}, {State.SENT: 1}]


def test_a_mail_to_one_person_comes_before_all_issues(site: Owned) -> None:
    house = site.at(MONDAY)
    made = digest(house)
    assert made is not None
    with house.engine.connect() as connection:
        reader = SubscriberId(
            connection.execute(select(subscriber.c.id).where(subscriber.c.address == "bob@example.net")).scalar_one()
        )
    variant = house.deliveries.variant(1)
    notice = house.reporting.notices.open("main", "welcome/1", reader, variant, token_key="k1", now=MONDAY)
    assert notice is not None
    assert [issue_id for issue_id, _ in house.deliveries.due(MONDAY)] == [notice.id, made.id]


def test_the_first_issue_waits_for_a_yes_and_the_owner_sees_it(approving: Owned) -> None:
    site = approving
    ticked = site.tick(MONDAY)
    assert [(one.occasion, one.reason) for one in ticked.waiting] == [("weekly/2026-W48", APPROVAL)]
    assert site.caught.recipients() == [OWNER]
    (preview,) = site.to_owner()
    words = text_of(preview)
    number = ticked.waiting[0].id
    assert str(preview["Subject"]).startswith("Preview: ")
    assert "how 2 readers will see it" in words
    assert "the readers of Field Notes (weekly): 2." in words
    assert f"publisher issues approve {number}" in words
    assert "No fault was found in it." in words
    assert "@@" not in words
    assert preview["List-Unsubscribe"] is None
    assert str(preview["Reply-To"]).startswith("news+k1-")
    site.tick(MONDAY + MINUTE)
    assert len(site.to_owner()) == 1
    house = site.house
    house.issues.move(number, "resume", now=house.clock())
    site.tick(MONDAY + 2 * MINUTE)
    assert sorted(set(site.caught.recipients())) == ["ann@example.net", "bob@example.net", OWNER]
    (site.folder / "posts" / "2026-11-24-new.md").write_text("---\ntitle: New\n---\nWords.\n")
    site.tick(MONDAY + 2 * DAY)
    second = site.tick(MONDAY + WEEK)
    assert second.waiting == (), "the second goes by itself"
    assert second.delivered is not None
    assert second.delivered.sent == 3, "and the receipt"


def test_always_is_always_and_by_hand_never(tmp_path: Path) -> None:
    with an_owned_site(tmp_path, approve="always") as site:
        house = site.at(MONDAY - DAY)
        made = digest(house)
        assert made is not None
        assert made.state is IssueState.READY
        (site.folder / "posts" / "2026-11-22-new.md").write_text("---\ntitle: New\n---\nWords.\n")
        site.tick(MONDAY - HOUR)
        assert [one.reason for one in site.tick(MONDAY).waiting] == [APPROVAL]


def test_an_approval_after_a_week_still_sends_to_everybody(approving: Owned) -> None:
    """What it waited does not count as time that the mail server had."""
    site = approving
    (waiting,) = site.tick(MONDAY).waiting
    house = site.at(MONDAY + 6 * DAY)
    house.issues.move(waiting.id, "resume", now=house.clock())
    site.tick(MONDAY + 6 * DAY + MINUTE)
    assert dict(site.house.issues.tally(waiting.id).counts) == {State.SENT: 2}


def put_into_box(site: Owned, preview: Message, body: str, *headers: str) -> None:
    lines = (f"To: {preview['Reply-To']}", f"From: {OWNER}", "Subject: Re", *headers, "", body)
    (site.folder / "box" / "new" / f"{len(list((site.folder / 'box' / 'new').iterdir()))}.x").write_text(
        "\n".join(lines)
    )


def test_a_yes_by_mail_lets_it_go_and_nothing_else_does(approving: Owned) -> None:
    site = approving
    (waiting,) = site.tick(MONDAY).waiting
    (preview,) = site.to_owner()
    assert "Answer this mail, with yes as the first word" in text_of(preview)
    put_into_box(site, preview, "I am on holiday. yes", "Auto-Submitted: auto-replied")
    put_into_box(site, preview, "Not yet, please")
    assert site.tick(MONDAY + MINUTE).approved == ()
    put_into_box(site, preview, "Yes, send it.\n\n> Nothing has been sent yet")
    before = sorted(path.name for path in (site.folder / "box" / "new").iterdir())
    ticked = site.tick(MONDAY + 2 * MINUTE)
    assert [one.id for one in ticked.approved] == [waiting.id]
    assert dict(site.house.issues.tally(waiting.id).counts) == {State.SENT: 2}
    assert sorted(path.name for path in (site.folder / "box" / "new").iterdir()) == before, "the mail is left there"
    site.house.issues.move(waiting.id, "resend")
    site.house.issues.move(waiting.id, "pause", reason="paused by hand")
    assert site.tick(MONDAY + 3 * MINUTE).approved == (), "an old yes starts nothing that was paused since"


def test_without_an_owner_it_waits_too_and_says_so(tmp_path: Path) -> None:
    with an_owned_site(tmp_path, owner="", approve="first") as site:
        ticked = site.tick(MONDAY)
        assert len(ticked.waiting) == 1
        assert not ticked.tellable
        assert site.caught.messages == []


def test_three_mails_a_day_and_the_rest_with_the_next(site: Owned) -> None:
    posts = site.folder / "posts"
    for number in range(5):
        (posts / f"2020-01-0{number + 1}-old.md").write_text(f"---\ntitle: Old {number}\n---\nWords.\n")
        site.tick(FRIDAY + HOUR * (number + 1))
    assert len(site.to_owner()) == 3
    assert "1 post is held" in text_of(site.to_owner()[0])
    assert "--accept" not in text_of(site.to_owner()[0]), "nothing came in a mass"
    assert "3 posts are held" in text_of(site.to_owner()[2])
    site.tick(FRIDAY + DAY)
    (last,) = site.to_owner()[3:]
    assert "5 posts are held" in text_of(last)
    assert "2020-01-05-old.md" in text_of(last)


def test_what_comes_up_together_is_one_mail(site: Owned) -> None:
    posts = site.folder / "posts"
    (posts / "2020-01-01-old.md").write_text("---\ntitle: Old\n---\nWords.\n")
    (posts / "2026-11-21-broken.md").write_text("+++\ntitle = Bad\n+++\nWords\n")
    site.tick(MONDAY)
    (mail,) = site.to_owner()
    assert str(mail["Subject"]) == "Field Notes: 2 things wait for you"
    words = text_of(mail)
    assert "1 post is held" in words
    assert "1 post cannot be read" in words
    assert "Field Notes: sent to 2 of 2" in words


def test_a_server_that_is_away_is_told_of_when_it_is_back(site: Owned) -> None:
    settings = (site.folder / "config.toml").read_text("utf-8")
    with_port = next(line for line in settings.splitlines() if line.startswith('url = "smtp:'))
    (site.folder / "config.toml").write_text(settings.replace(with_port, 'url = "smtp://127.0.0.1:1"'))
    for minutes in range(0, 180, 20):
        ticked = site.tick(MONDAY + minutes * MINUTE)
        assert ticked.delivered is not None
    assert site.to_owner() == []
    (site.folder / "config.toml").write_text(settings)
    site.tick(MONDAY + 4 * HOUR)
    site.tick(MONDAY + 5 * HOUR)
    said = " ".join(map(text_of, site.to_owner()))
    assert "The mail server could not be used from 2026-11-23 09:00 UTC on" in said
    assert "Sent to 2 of 2" in said or "sent to 2 of 2" in said
    assert len(site.to_owner()) <= 3
    count = len(site.to_owner())
    site.tick(MONDAY + 6 * HOUR)
    assert len(site.to_owner()) == count


def test_a_mail_to_the_owner_that_was_paused_goes_on_when_mail_goes_again(site: Owned) -> None:
    site.tick(MONDAY)
    notice = site.house.issues.listed(notices=True)[0]
    with site.house.engine.begin() as connection:
        connection.execute(
            update(issue).where(issue.c.id == notice.id).values(state=IssueState.PAUSED, reason="the server refuses us")
        )
    assert site.tick(MONDAY + MINUTE).waiting == (), "it is nothing that waits for the owner"
    assert site.house.issues.get(notice.id).state is IssueState.PAUSED
    site.tick(MONDAY + 7 * HOUR)
    assert site.house.issues.get(notice.id).state is not IssueState.PAUSED


@pytest.mark.parametrize("words", [("status",), ("next",), ("issues", "show", "1")])
def test_wherever_it_is_seen_it_says_how_to_say_yes(approving: Owned, words: tuple[str, ...]) -> None:
    approving.tick(MONDAY)
    ran = run_program("--config", str(approving.folder / "config.toml"), *words)
    assert "it waits for your approval" in ran.out
    assert "publisher issues approve 1" in ran.out
    assert "resume" not in ran.out, "one word for one thing"


def test_a_yes_tells_scripts_what_became_of_it(approving: Owned) -> None:
    approving.tick(MONDAY)
    ran = run_program("--config", str(approving.folder / "config.toml"), "issues", "approve", "1", "--json")
    found = json.loads(ran.out)["issue"]
    assert (found["id"], found["state"]) == (1, "done")
    assert found["deliveries"]["sent"] == found["readers"]


def test_approving_what_does_not_wait_is_refused(approving: Owned) -> None:
    site = approving
    (waiting,) = site.tick(MONDAY).waiting
    config = ("--config", str(site.folder / "config.toml"))
    ran = run_program(*config, "issues", "approve", str(waiting.id))
    assert ran.code == 0, ran.said
    assert "2 of 2 sent" in ran.out
    again = run_program(*config, "issues", "approve", str(waiting.id))
    assert again.code == 6
    assert "does not wait for approval, it is done" in again.err
    with pytest.raises(Refused):
        site.house.issues.move(waiting.id, "resume")
