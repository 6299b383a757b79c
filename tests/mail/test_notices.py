import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import FunctionLoader

from publisher.mail.judge.fault import Fault
from publisher.mail.judge.judge import judge
from publisher.mail.lengths import ROOM
from publisher.mail.message import TOKEN, fill_in
from publisher.mail.notices import (
    Command,
    Plan,
    Receipt,
    Rhythm,
    Trouble,
    render_alarm,
    render_changed,
    render_choices,
    render_confirmation,
    render_preview,
    render_receipt,
    render_welcome,
)
from publisher.mail.schedule import Cadence
from tests.mail.samples import (
    LIST_MAILS,
    NOTICES,
    TEMPLATES,
    a_card,
    a_digest,
    a_frame,
    a_newsletter,
    a_notice,
    a_notice_message,
    a_reader,
    many_ways,
)

ADDRESS = "Findings Ltd, 1 High Street, 9000 Ghent"


def faults(data: bytes, *, newsletter: bool) -> Sequence[Fault]:
    return judge(data, newsletter=newsletter, postal_address=ADDRESS if newsletter else None)


@pytest.mark.parametrize("name", NOTICES)
def test_every_notice_is_as_the_judge_wants_a_mail(name: str) -> None:
    assert faults(a_notice_message(name), newsletter=name in LIST_MAILS) == ()


@pytest.mark.parametrize("name", NOTICES)
@pytest.mark.parametrize("title", ["漢字", "N", "a " * 200, "أخبار"])
def test_every_notice_is_one_whatever_the_newsletter_is_called(name: str, title: str) -> None:
    data = a_notice_message(name, newsletter=a_newsletter(title=title.strip()))
    assert [fault for fault in faults(data, newsletter=name in LIST_MAILS) if fault.rule != "B1"] == []


def test_they_are_all_that_there_are() -> None:
    used: set[str] = set()
    loader = TEMPLATES.loader
    assert loader is not None

    def load(name: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        used.add(name)
        return loader.get_source(TEMPLATES, name)

    templates = TEMPLATES.overlay(loader=FunctionLoader(load))
    for notice in NOTICES.values():
        notice(templates, a_frame())
    heads = {name for name in TEMPLATES.list_templates() if name.endswith("-head.txt")}
    assert heads == {name for name in used if name.endswith("-head.txt")}


def test_L11_E11_a_confirmation_asks_for_one_press_and_offers_nothing_to_leave() -> None:
    mail = a_notice("confirmation", privacy_url="https://blog.example/privacy/")
    assert mail.subject == "Please confirm: Findings & Notes"
    tokens = {match[1] for match in TOKEN.finditer(mail.html + mail.text)}
    assert tokens == {"CONFIRM", "ADDRESS"}
    for body in (mail.html, mail.text):
        assert "7 days" in body
        assert ADDRESS in body
        assert "https://blog.example/privacy/" in body
    data = a_notice_message("confirmation")
    assert b"List-" not in data
    assert b"Precedence" not in data


@pytest.mark.parametrize(
    ("cadence", "words"),
    [
        (None, "whenever there is something new"),
        (Cadence.DAY, "once a day at most"),
        (Cadence.WEEK, "once a week at most"),
        (Cadence.MONTH, "once a month at most"),
        (Cadence.MOMENT, "at set times"),
    ],
)
def test_a_reader_is_told_how_often_mail_comes(cadence: Cadence | None, words: str) -> None:
    rhythm = Rhythm(cadence=cadence)
    for mail in (
        render_confirmation(TEMPLATES, a_frame(), rhythm, days=1),
        render_welcome(TEMPLATES, a_frame(), rhythm),
    ):
        assert words in mail.html
        assert words in " ".join(mail.text.split())
        assert "due on" not in mail.text


def test_F4_without_pages_nobody_entered_an_address_on_one() -> None:
    for name in ("confirmation of two, by mail", "new address, by mail"):
        mail = a_notice(name)
        assert "because somebody gave us this address:" in mail.text
        assert "entered at" not in mail.text + mail.html
    assert "was entered at" in a_notice("confirmation").text


def test_a_link_that_works_for_one_day_says_so() -> None:
    mail = render_confirmation(TEMPLATES, a_frame(), Rhythm(cadence=None), days=1)
    assert "The button works for one day." in mail.html
    assert "The link works for one day." in mail.text


def test_a_welcome_names_the_next_issue_in_the_newsletters_own_time_and_what_to_read() -> None:
    mail = a_notice("welcome")
    assert "Monday, November 30, 2026, 9:00\u202fAM" in mail.html
    assert "https://blog.example/zoom-1/" in mail.text
    assert "The thing with Zoom, part 2" in mail.html
    assert "To read until then" not in render_welcome(TEMPLATES, a_frame(), Rhythm(cadence=None)).html


def test_a_welcome_with_the_last_issue_has_its_cards_and_fits_into_a_mail() -> None:
    mail = render_welcome(TEMPLATES, a_frame(), Rhythm(cadence=None), [a_card(9)], issue=[a_card(1), a_card(2)])
    for body in (mail.html, mail.text):
        assert "last issue" in body.casefold()
        assert "https://blog.example/zoom-1/" in body
        assert a_card(2).summary[:20] in body
        assert "zoom-9" not in body
    most = replace(a_newsletter(), maximum=2)
    mail = render_welcome(
        TEMPLATES, a_frame(newsletter=most), Rhythm(cadence=None), issue=[a_card(number) for number in range(1, 6)]
    )
    assert "More posts" in mail.html
    assert "https://blog.example/zoom-5/" in mail.text
    long = [replace(a_card(number), summary="words " * 2000) for number in range(1, 20)]
    mail = render_welcome(TEMPLATES, a_frame(), Rhythm(cadence=None), issue=long)
    assert len(mail.html.encode()) < ROOM


@pytest.mark.parametrize(("count", "topics"), [(5, 30), (8, 100), (1, 1000)])
def test_S1_choices_of_any_number_arrive_whole(count: int, topics: int) -> None:
    ways = many_ways(count, topics)
    frame = a_frame()
    for mail in (
        render_choices(TEMPLATES, frame, ways, days=1),
        render_changed(TEMPLATES, frame, "topics", holdings=ways.holdings),
    ):
        sent = a_notice_message("choices", rendered=mail)
        assert {fault.rule for fault in faults(sent, newsletter=False)} == set()
        assert len(fill_in(mail.html, a_reader(), in_html=True).encode()) < 90_000
        for body in (mail.html, mail.text):
            assert "Topic number 2, Topic number 3" in body
            assert body.count("subject=also%20nl0%20THAT-TOPIC%20@@REQUEST@@") == 1
            assert body.count("subject=without%20nl0%20THAT-TOPIC%20@@REQUEST@@") == 1


def test_choices_that_fit_have_a_link_for_each_topic() -> None:
    ways = many_ways(2, 6)
    mail = render_choices(TEMPLATES, a_frame(), ways, days=1)
    assert "also%20nl1%20topic-5%20" in mail.html
    assert "THAT-TOPIC" not in mail.html + mail.text


def test_a_receipt_counts_and_says_why() -> None:
    mail = a_notice("receipt")
    assert mail.subject == "Sent to 298 of 300: The thing with Zoom, and 3 more"
    assert "Refused by their servers: 2" in mail.text
    assert "2 × 550 5.1.1 no such user" in mail.text
    assert "Came back" not in mail.text + mail.html
    nothing = render_receipt(TEMPLATES, a_frame(), Receipt(subject="s", sent=0, total=0))
    assert "Sent: 0" in nothing.text
    assert "No next issue is planned." in nothing.text


def test_an_alarm_says_what_to_type() -> None:
    mail = a_notice("alarm")
    assert mail.subject == "Findings & Notes: 2 things wait for you"
    assert "    publisher issues resume 12" in mail.text
    one = render_alarm(TEMPLATES, a_frame(), [Trouble(what="The disk is full")])
    assert one.subject == "Findings & Notes: The disk is full"
    with pytest.raises(ValueError, match="at least one"):
        render_alarm(TEMPLATES, a_frame(), [])


def test_a_preview_is_the_issue_under_a_box() -> None:
    issue = a_digest(3)
    plan = Plan(readers=1, due=None, reason="Because.", commands=[Command(line="publisher x", does="To send it")])
    mail = render_preview(TEMPLATES, a_frame(), issue, plan)
    assert mail.subject == f"Preview: {issue.subject}"
    assert issue.text.strip() in mail.text
    assert mail.html.index("Nothing has been sent yet") < mail.html.index("Three new posts")
    assert "1 reader will see it. Because." in mail.text
    body = issue.html.partition("<body")[2].partition(">")[2]
    assert mail.html.endswith(body)


@given(text=st.text(max_size=80))
def test_H17_T3_what_servers_and_posts_say_stays_text(text: str) -> None:
    hostile = f"{text}</p><script>x</script>@@UNSUBSCRIBE@@\r\nBcc: a@b.example"
    trouble = Trouble(what=hostile, details=[hostile], commands=[Command(line=hostile, does=hostile)])
    mails = [
        render_alarm(TEMPLATES, a_frame(), [trouble]),
        render_receipt(TEMPLATES, a_frame(), Receipt(subject=hostile, sent=1, total=2, reasons=[(1, hostile)])),
        render_welcome(TEMPLATES, a_frame(), Rhythm(cadence=None), [a_card(title=hostile)]),
    ]
    for mail in mails:
        assert "<script" not in mail.html
        assert "\n" not in mail.subject
        assert "\r" not in mail.subject + mail.text
        marks = re.findall(r"@@UNSUBSCRIBE@@", mail.text)
        assert len(marks) == (1 if "Unsubscribe:" in mail.text else 0)


def test_times_are_those_of_the_newsletters_zone() -> None:
    rhythm = Rhythm(cadence=Cadence.WEEK, next=datetime(2026, 11, 30, 23, 30, tzinfo=UTC))
    tokyo = a_frame(newsletter=a_newsletter(zone="Asia/Tokyo"))
    assert "Tuesday, December 1, 2026, 8:30\u202fAM" in render_welcome(TEMPLATES, tokyo, rhythm).html
