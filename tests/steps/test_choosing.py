"""Choices by mail: every link of the mail with all of them, and everything that such a mail may go wrong by."""

import re
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select

from publisher.mail.tokens import Purpose, sign
from publisher.model.issue import IssueId
from publisher.model.subscriber import Consent, SubscriberId
from publisher.store.schema import incoming
from publisher.wiring import House
from tests.bymail import (
    ANN,
    folder_of,
    link,
    links,
    mail_only_choice,
    mails,
    round_of,
    said,
    without_server,
    write,
    write_subject,
)
from tests.choosing import a_choice, a_reader, events, held
from tests.house import NOW, consents, dump, reopened

BOB = "bob@example.net"
PRIVATE = """
[newsletters.secret]
title = "For friends"
from = "Friends <friends@example.org>"
public = false
frequencies = { weekly = "mondays 09:00" }
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    found = mail_only_choice(tmp_path)
    yield found
    found.engine.dispose()


@pytest.fixture
def bob(house: House) -> SubscriberId:
    return a_reader(house)


def choices_of(house: House, address: str = BOB) -> EmailMessage:
    """The mail that they get who ask for it."""
    write_subject(house, "choices", sender=address)
    round_of(house)
    mail = mails(house)[-1]
    assert mail["To"] == address
    return mail


def press(house: House, pressed: str, *, sender: str = BOB, **fields: str) -> list[EmailMessage]:
    """Send the mail of a link; what comes of it by mail."""
    before = len(mails(house))
    write(house, pressed, sender=sender, **fields)
    round_of(house)
    return mails(house)[before:]


def after(house: House, **more: float) -> House:
    return reopened(folder_of(house), now=NOW + timedelta(**more))


def kept(house: House) -> list[tuple[str, str, str, int | None]]:
    """What was written down of mail that came: kind, sender, subject, reader."""
    columns = (incoming.c.kind, incoming.c.sender, incoming.c.subject, incoming.c.subscriber_id)
    with house.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(*columns).order_by(incoming.c.id))]


# --- what it does


def test_it_has_a_link_for_all_that_the_page_can_do(house: House, bob: SubscriberId) -> None:
    mail = choices_of(house)
    token = re.findall(r"export%20(\S+)", links(mail, "export")[0])[0]
    wanted = {link.partition("subject=")[2].removesuffix(f"%20{token}") for link in links(mail)}
    assert wanted == {
        *("rhythm%20main%20each", "rhythm%20main%20monthly", "pause%20main%204", "leave%20main", "join%20birds"),
        *(f"{word}%20main%20{topic}" for word in ("only", "without") for topic in ("birds", "bread", "weather")),
        *("language%20en", "language%20de", "language%20ar", "name%20NEW-NAME"),
        *("move%20NEW@ADDRESS", "export", "erase"),
    }
    assert mail["List-Unsubscribe"] is None
    assert events(house, bob) == [("main", "confirm", "")]


@pytest.mark.parametrize(
    ("words", "now", "answer"),
    [
        (("rhythm", "main", "monthly"), {"frequency": "monthly"}, "Monthly, as now"),
        (("rhythm", "main", "each"), {"frequency": "each"}, "With each post, as now"),
        (("only", "main", "bread"), {"topics": {"bread"}}, "Only these topics: Bread."),
        (("without", "main", "bread"), {"topics": {"birds", "weather"}}, "Only these topics: Birds, Weather."),
        (("pause", "main", "4"), {"state": Consent.PAUSED, "paused_until": NOW + timedelta(weeks=4)}, "Paused until"),
        (("leave", "main"), {"state": Consent.LEFT}, "You do not get it."),
    ],
)
def test_a_link_changes_what_it_says_and_the_answer_tells_and_undoes_it(
    house: House, bob: SubscriberId, words: tuple[str, ...], now: dict[str, object], answer: str
) -> None:
    before = held(house, bob)
    (told,) = press(house, link(choices_of(house), *words))
    there = held(house, bob)
    assert {name: getattr(there, name) for name in now} == now
    assert str(told["Subject"]) == "That is done: Field Notes"
    assert told["To"] == BOB
    assert answer in said(told)
    assert events(house, bob)[-1][2] == "preferences"
    (back,) = press(house, links(told, "undo")[0])
    assert "You get your mail as you did before." in said(back)
    assert held(house, bob) == before
    (late,) = press(house, links(told, "undo")[0], X_Second="yes")
    assert links(late) == []
    assert held(house, bob) == before


def test_the_links_of_an_answer_go_on_from_there(house: House, bob: SubscriberId) -> None:
    (told,) = press(house, link(choices_of(house), "only", "main", "bread"))
    (told,) = press(house, link(told, "also", "main", "birds"))
    assert held(house, bob).topics == {"bread", "birds"}
    (told,) = press(house, link(told, "everything", "main"))
    assert held(house, bob).topics == frozenset()
    (told,) = press(house, link(told, "pause", "main", "4"))
    (told,) = press(house, link(told, "resume", "main"))
    assert held(house, bob).state is Consent.ACTIVE
    (told,) = press(house, link(told, "leave", "main"))
    (told,) = press(house, link(told, "join", "main"))
    assert held(house, bob).state is Consent.ACTIVE


def test_another_newsletter_and_leaving_all(house: House, bob: SubscriberId) -> None:
    mail = choices_of(house)
    (told,) = press(house, link(mail, "join", "birds"))
    assert (held(house, bob, "birds").state, links(told, "undo")) == (Consent.ACTIVE, [])
    with pytest.raises(ValueError, match="unpack"):
        link(mail, "leaveall")  # there was one only
    everything = choices_of(after(house, minutes=11))
    press(house, link(everything, "leaveall"))
    assert set(consents(house).values()) == {Consent.LEFT}


def test_a_newsletter_that_is_not_public_is_neither_offered_nor_given(tmp_path: Path) -> None:
    a_choice(tmp_path).engine.dispose()
    file = tmp_path / "config.toml"
    file.write_text(file.read_text() + PRIVATE)
    house = without_server(tmp_path)
    bob = a_reader(house)
    mail = choices_of(house)
    assert "friends" not in said(mail).casefold()
    press(house, link(mail, "join", "birds").replace("birds", "secret"))
    assert set(house.choices.held(bob)) == {"main"}
    a_reader(house, newsletter="secret")
    press(house, link(choices_of(after(house, minutes=11)), "leave", "secret"))
    assert "friends" not in said(choices_of(after(house, minutes=22))).casefold(), "nor to who left it"
    press(house, link(mail, "join", "birds").replace("birds", "secret"))
    assert house.choices.held(bob)["secret"].state is Consent.LEFT
    house.engine.dispose()


def test_the_language_of_mails(house: House, bob: SubscriberId) -> None:
    (told,) = press(house, link(choices_of(house), "language", "de"))
    assert str(told["Subject"]) == "Erledigt: Field Notes"
    person = house.people.person(bob)
    assert person is not None
    assert person.language == "de"
    german = choices_of(after(house, minutes=11))
    press(house, link(german, "language", "own"))
    person = house.people.person(bob)
    assert person is not None
    assert person.language is None


def test_the_name_of_a_reader(house: House, bob: SubscriberId) -> None:
    names = []
    pressed = link(choices_of(house), "name", "NEW-NAME")
    for typed in ("NEW-NAME", "Bob%20O%E2%80%99Hara", "x" * 101, ""):
        (told,) = press(house, pressed.replace("NEW-NAME", typed))
        person = house.people.person(bob)
        assert person is not None
        names.append((person.name, "cannot be a name" in said(told)))
    assert names == [("", False), ("Bob O’Hara", False), ("Bob O’Hara", True), ("", False)]


ODD = ("C++ & C#", "C", "Café, Thé & Co.", "مطبخ وخبز", "@@REQUEST@@", "a" * 80)


def test_topics_with_odd_names(tmp_path: Path) -> None:
    found = a_choice(tmp_path)
    for number, name in enumerate(ODD):
        text = f"---\ntitle: odd {number}\ncategories: [{name!r}]\n---\nWords.\n"
        (tmp_path / "posts" / f"2026-11-0{number + 1}-odd.md").write_text(text, encoding="utf-8")
    found.collect()
    found.engine.dispose()
    house = without_server(tmp_path)
    bob = a_reader(house)
    mail = choices_of(house)
    only = links(mail, "only%20main")
    assert len(only) == len(ODD) + 3
    got = set()
    for pressed in only:
        assert pressed.isascii()
        press(house, pressed)
        (topic,) = held(house, bob).topics
        got.add(topic)
    assert got == set(house.offer(house.newsletters["main"]).topics)
    house.engine.dispose()


def test_a_topic_may_be_written_as_it_is_called(house: House, bob: SubscriberId) -> None:
    pressed = link(choices_of(house), "only", "main", "bread")
    press(house, pressed.replace("%20bread%20", "%20BREAD%20"))
    assert held(house, bob).topics == {"bread"}
    (told,) = press(house, pressed.replace("only%20main%20bread", "also%20main%20Birds"))
    assert held(house, bob).topics == {"bread", "birds"}
    (told,) = press(house, pressed.replace("%20bread%20", "%20THAT-TOPIC%20"))
    assert "not on offer" in said(told)


def test_none_of_the_topics_is_no_choice(house: House, bob: SubscriberId) -> None:
    mail = choices_of(house)
    press(house, link(mail, "only", "main", "bread"))
    (told,) = press(house, link(mail, "without", "main", "bread"))
    assert "Choose one at least" in said(told)
    assert held(house, bob).topics == {"bread"}


# --- another address


def test_another_address_is_asked_and_nothing_changes_before_it_says_yes(house: House, bob: SubscriberId) -> None:
    mail = choices_of(house)
    move = link(mail, "move", "NEW@ADDRESS")
    (told,) = press(house, move)
    assert "That is no address" in said(told), "sent as it is"
    question, told = press(house, move.replace("NEW@ADDRESS", "bob@new.example"))
    assert (question["To"], told["To"]) == ("bob@new.example", BOB)
    assert BOB not in str(question)
    assert str(house.subscribers.address(bob)) == BOB
    farewell, welcome = press(house, links(question, "address")[0], sender="bob@new.example")
    assert (farewell["To"], welcome["To"]) == (BOB, "bob@new.example")
    assert "Your mail comes here now" in said(welcome)
    assert str(house.subscribers.address(bob)) == "bob@new.example"
    dead = press(house, link(mail, "leave", "main"))
    assert held(house, bob).state is Consent.ACTIVE, "what lies in the old mailbox does nothing any more"
    assert {one["To"] for one in dead} <= {"bob@new.example"}
    assert press(house, links(question, "address")[0], X_Second="yes") == []


def test_nobody_learns_whether_the_new_address_is_a_readers(house: House, bob: SubscriberId) -> None:
    a_reader(house, ANN)
    answers = []
    for number, address in enumerate((ANN, "nobody@new.example")):
        later = after(house, minutes=11 * number)
        mail = choices_of(later)
        question, told = press(later, link(mail, "move", "NEW@ADDRESS").replace("NEW@ADDRESS", address))
        answers.append((said(told), str(question["Subject"]), said(question).replace(address, "")))
        links(question, "address")
    tokens = re.compile(r"k1-\w+")
    assert len({tuple(tokens.sub("", part) for part in answer) for answer in answers}) == 1


# --- what is theirs


def test_export_has_it_all_and_lies_nowhere(house: House, bob: SubscriberId) -> None:
    (told,) = press(house, link(choices_of(house), "export"))
    (file,) = told.iter_attachments()
    assert b'"publisher-person/1"' in file.get_content()
    assert "publisher-person" not in "".join(dump(house.engine))


def test_erased_means_that_no_trace_is_left_of_the_request_either(house: House, bob: SubscriberId) -> None:
    mail = choices_of(house)
    press(house, link(mail, "pause", "main", "4"))
    assert press(house, link(mail, "erase"), sender="Bob <bob@example.net>") == []
    assert consents(house) == {}
    for words in (("erase",), ("export",), ("leave", "main")):
        assert press(house, link(mail, *words), X_Again=words[0]) == []
    assert BOB not in "".join(dump(house.engine))
    assert house.people.person(bob) is None


# --- what does nothing


def test_no_token_that_was_meddled_with_does_anything(house: House, bob: SubscriberId) -> None:
    ann = a_reader(house, ANN)
    erase = links(choices_of(house), "erase")[0]
    token = erase.rpartition("%20")[2]
    notice = IssueId(1)
    wrong = [token[:-1], token[:-6], f"{token}a", token[:-1] + ("a" if token[-1] != "a" else "b"), f"k2{token[2:]}"]
    wrong += [
        sign(house.keyring, purpose, newsletter="main", subscriber=bob, issue=notice)
        for purpose in Purpose
        if purpose is not Purpose.FRESH
    ]
    wrong += [sign(house.keyring, Purpose.FRESH, newsletter="main", subscriber=ann, issue=notice)]
    wrong += [sign(house.keyring, Purpose.FRESH, newsletter="main", subscriber=bob)]
    before = (len(mails(house)), consents(house), held(house, bob), held(house, ann))
    for bad in wrong:
        for word in ("erase", "export", "leave main", "pause main 4", "language de", "move zoe@new.example", "address"):
            write_subject(house, f"{word} {bad}", sender=BOB)
    round_of(house)
    assert (len(mails(house)), consents(house), held(house, bob), held(house, ann)) == before


@pytest.mark.parametrize(
    "subject",
    [
        *("rhythm main", "rhythm main hourly", "rhythm nothing weekly", "only main", "only main nothing", "also x y"),
        *("pause main", "pause main 5", "pause main -1", "pause main ٤", "pause nothing 4", "resume", "leave"),
        *("join", "join nothing", "language", "language xx", "everything", "move", "move bob", "move BOB@example.net"),
    ],
)
def test_what_no_link_asks_for_changes_nothing_and_is_told(house: House, bob: SubscriberId, subject: str) -> None:
    token = links(choices_of(house), "erase")[0].rpartition("%20")[2]
    before = held(house, bob)
    write_subject(house, f"{subject} {token}", sender=BOB)
    count = len(mails(house))
    round_of(house)
    (told,) = mails(house)[count:]
    assert "Nothing was changed" in str(told["Subject"])
    assert held(house, bob) == before
    assert str(house.subscribers.address(bob)) == BOB


def test_a_link_of_yesterday_mails_a_new_list_and_no_more(house: House, bob: SubscriberId) -> None:
    old = choices_of(house)
    later = after(house, hours=25)
    for words in (("erase",), ("leave", "main"), ("export",)):
        for mail in press(later, link(old, *words)):
            assert str(mail["Subject"]).startswith("Your choices")
            assert mail["To"] == BOB
    assert held(later, bob).state is Consent.ACTIVE
    assert len(mails(later)) == 2


def test_the_sender_counts_for_nothing(house: House, bob: SubscriberId) -> None:
    """Neither who has the token from elsewhere, nor who writes in another's name."""
    for told in press(house, link(choices_of(house), "pause", "main", "4"), sender="mallory@example.com"):
        assert told["To"] == BOB
    ann = a_reader(house, ANN)
    count = len(mails(house))
    write_subject(house, "choices", sender=ANN, Reply_To="mallory@example.com")
    round_of(house)
    assert [mail["To"] for mail in mails(house)[count:]] == [ANN]
    assert held(house, ann).state is Consent.ACTIVE


def test_a_stranger_gets_no_mail_and_is_no_reader(house: House, bob: SubscriberId) -> None:
    write_subject(house, "choices", sender="stranger@example.com")
    write_subject(house, "preferences", sender="")
    write_subject(house, "choices", sender="MAILER-DAEMON@example.com")
    round_of(house)
    assert mails(house) == []
    assert set(consents(house)) == {BOB}


@pytest.mark.parametrize(
    "fields",
    [{"Auto_Submitted": "auto-replied"}, {"Auto_Submitted": "auto-generated"}, {"Precedence": "bulk"}],
    ids=str,
)
def test_a_program_asks_for_nothing(house: House, bob: SubscriberId, fields: dict[str, str]) -> None:
    mail = choices_of(house)
    count = len(mails(house))
    write_subject(house, "choices", sender=BOB, **fields)
    for pressed in links(mail):
        write(house, pressed, sender=BOB, **fields)
    round_of(house)
    assert len(mails(house)) == count
    assert held(house, bob).state is Consent.ACTIVE


def test_two_programs_that_answer_each_other_end(house: House, bob: SubscriberId) -> None:
    pause = link(choices_of(house), "pause", "main", "4")
    count = len(mails(house))
    for number in range(40):
        write(house, pause, sender=BOB, X_Number=str(number))
    round_of(house)
    assert len(mails(house)) - count == house.fresh.answers.daily
    exports = link(choices_of(after(house, minutes=11)), "export")
    count = len(mails(house))
    for number in range(5):
        write(house, exports, sender=BOB, X_Number=str(number))
    round_of(house)
    assert len(mails(house)) - count == 1, "a large mail is sent once in ten minutes"


def test_a_mail_that_is_read_twice_is_answered_once(house: House, bob: SubscriberId) -> None:
    pressed = link(choices_of(house), "pause", "main", "4")
    assert len(press(house, pressed)) == 1
    before = dump(house.engine)
    round_of(house)
    assert dump(house.engine) == before


def test_what_is_kept_of_a_request_has_no_token_in_it(house: House, bob: SubscriberId) -> None:
    mail = choices_of(house)
    move = link(mail, "move", "NEW@ADDRESS").replace("NEW@ADDRESS", "bob@new.example")
    press(house, move)
    assert kept(house) == [("choice", BOB, "choices", bob), ("choice", BOB, "move", bob)]
    assert move.rpartition("%20")[2] not in "".join(dump(house.engine))
