"""Without a server of one's own: people come, say yes and leave by mail alone, and nothing listens."""

import json
import mailbox
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from publisher.model.subscriber import Consent
from publisher.steps.links import join_by_mail
from publisher.steps.receive import Taken
from publisher.wiring import House
from tests.bymail import ANN, link, links, mail_only, mail_only_choice, mails, round_of, said, write, write_subject
from tests.house import consents, digest, dump, newsletter


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    found = mail_only(tmp_path)
    yield found
    found.engine.dispose()


def test_people_come_read_and_leave_by_mail_alone(house: House) -> None:
    write(house, join_by_mail(newsletter(house)))
    round_of(house)
    (question,) = mails(house)
    assert question["To"] == ANN
    assert question["List-Unsubscribe"] is None
    assert "send it as it is" in (question.get_body(("plain",)) or question).get_content()
    assert consents(house) == {}, "nothing changes before a yes"
    (yes,) = links(question)
    assert urlsplit(yes).path == "news@example.org"
    write(house, yes)
    round_of(house)
    assert consents(house) == {ANN: Consent.ACTIVE}
    assert digest(house) is not None
    round_of(house)
    issue = mails(house)[-1]
    assert issue["List-Unsubscribe-Post"] is None
    assert "https:" not in issue["List-Unsubscribe"]
    assert {urlsplit(one).query.split("%20")[0] for one in links(issue)} == {"subject=unsubscribe", "subject=choices"}
    write(house, re.sub(r"[<>\s]", "", issue["List-Unsubscribe"]))
    round_of(house)
    assert consents(house) == {ANN: Consent.LEFT}
    count = len(mails(house))
    round_of(house)
    assert len(mails(house)) == count, "and no goodbye"


@pytest.mark.parametrize(
    "fields",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated"},
        {"Precedence": "bulk"},
        {"X_Autoreply": "yes"},
        {"List_Id": "<a.b.example>"},
        {"Return_Path": "<>"},
    ],
    ids=str,
)
def test_a_program_neither_asks_nor_agrees(house: House, fields: dict[str, str]) -> None:
    write(house, join_by_mail(newsletter(house)), **fields)
    round_of(house)
    assert mails(house) == [], "no mail to who may not have written"
    write(house, join_by_mail(newsletter(house)))
    round_of(house)
    (yes,) = links(mails(house)[0])
    write(house, yes, **fields)
    round_of(house)
    assert consents(house) == {}


def test_an_answer_to_the_question_is_no_yes(house: House) -> None:
    write(house, join_by_mail(newsletter(house)))
    round_of(house)
    question = mails(house)[0]
    answer = EmailMessage()
    answer["From"], answer["To"] = ANN, "news@example.org"
    answer["Subject"], answer["In-Reply-To"] = f"Re: {question['Subject']}", question["Message-ID"]
    quoted = (question.get_body(("plain",)) or question).get_content()
    answer.set_content("Out of the office\n" + "".join(f"> {line}\n" for line in quoted.splitlines()))
    mailbox.Maildir(house.config.secrets.file.parent / "inbox").add(answer)
    round_of(house)
    assert consents(house) == {}


def test_read_twice_is_once(house: House) -> None:
    write(house, join_by_mail(newsletter(house)))
    write(house, join_by_mail(newsletter(house)), X_Second="yes")
    round_of(house)
    (question,) = mails(house)
    for field in ("one", "two"):
        write(house, links(question)[0], X_Time=field)
    round_of(house)
    assert consents(house) == {ANN: Consent.ACTIVE}
    before = dump(house.engine)
    house.read_mailbox(Taken())
    assert dump(house.engine) == before


def test_a_flood_of_mails_in_others_names_sends_the_budget_at_most(tmp_path: Path) -> None:
    house = mail_only(tmp_path)
    house.__dict__["config"].__dict__["signup"] = house.config.signup.model_copy(update={"per_hour": 9})
    for number in range(40):
        write(house, join_by_mail(newsletter(house)), sender=f"stranger{number}@example.net")
    round_of(house)
    assert 0 < len(mails(house)) <= 9
    house.engine.dispose()


@pytest.mark.parametrize(
    ("sender", "subject"),
    [
        ("news@example.org", "subscribe main"),
        ("", "subscribe main"),
        ("mailer-daemon@example.net", "subscribe main"),
        (ANN, "subscribe nothing-of-that-name"),
        ("a@mailinator.com", "subscribe main"),
    ],
)
def test_nobody_is_asked_in_whose_name_nobody_can_read(house: House, sender: str, subject: str) -> None:
    write(house, f"mailto:news@example.org?subject={subject}", sender=sender)
    round_of(house)
    assert mails(house) == []


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    word=st.sampled_from(["confirm", "subscribe", "choices", "address", "join main", "undo", "Confirm:"]),
    rest=st.text(max_size=80),
)
def test_no_made_up_subject_makes_a_reader(house: House, word: str, rest: str) -> None:
    subject = " ".join(f"{word} {rest}".split())
    house.receive(f"From: {ANN}\nTo: news@example.org\nSubject: {subject}\n\n".encode("utf-8", "replace"))
    assert consents(house) == {}


def test_the_lint_judges_by_mode_and_a_mailbox_that_nobody_reads_is_told(tmp_path: Path) -> None:
    def checked(folder: Path) -> str:
        command = [sys.executable, "-m", "publisher", "check", "--json"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        return done.stdout

    house = mail_only(tmp_path)
    assert "leaving-unread" not in checked(tmp_path)
    house.engine.dispose()
    config = tmp_path / "config.toml"
    said = config.read_text("utf-8").replace('[mailbox]\nurl = "maildir:inbox"\n', "")
    config.write_text(said, encoding="utf-8")
    assert "leaving-unread" not in checked(tmp_path), "nothing leaves yet"
    config.write_text(said.replace("maildir:outbox", "smtp://127.0.0.1:25"), encoding="utf-8")
    assert "leaving-unread" in checked(tmp_path)


GUARD = """
import sys
def hook(event, args):
    if event == 'socket.bind' and args[1] != ('::1', 0):  # so urllib3 asks whether there is IPv6
        print('LISTENS', event, args, file=sys.stderr); sys.stderr.flush(); import os; os._exit(99)
sys.addaudithook(hook)
from publisher.doors.cli.main import main
sys.argv = ['publisher', 'tick']
sys.exit(main())
"""


def tick(house: House) -> list[EmailMessage]:
    """A round of the whole program, in a process that ends where it opens a socket for others to come to.

    What it has sent.
    """
    before = len(mails(house))
    command = [sys.executable, "-c", GUARD]
    folder = house.config.secrets.file.parent
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=os.environ | {})
    assert done.returncode in {0, 20}, done.stderr
    assert "LISTENS" not in done.stderr
    return mails(house)[before:]


def test_nothing_listens_from_coming_to_being_erased(tmp_path: Path) -> None:
    house = mail_only_choice(tmp_path)
    write(house, join_by_mail(newsletter(house)))
    (question,) = tick(house)
    write(house, links(question, "confirm")[0])
    tick(house)
    write_subject(house, "Choices")
    (choices,) = tick(house)
    assert choices["To"] == ANN
    write(house, link(choices, "rhythm", "main", "weekly"))
    write(house, link(choices, "only", "main", "birds"))
    write(house, link(choices, "export"))
    weekly, birds, export = tick(house)
    assert "Weekly, as now" in said(weekly)
    assert "Only these topics: Birds." in said(birds)
    (file,) = export.iter_attachments()
    assert (file.get_filename(), file.get_content_type()) == ("my-data.json", "application/json")
    held = json.loads(file.get_content())
    assert held["person"]["address"] == ANN
    assert [(one["frequency"], one["topics"]) for one in held["subscriptions"]] == [("weekly", ["birds"])]
    write(house, link(choices, "erase"))
    assert tick(house) == [], "no mail to somebody who is no more"
    assert consents(house) == {}
    assert ANN not in "".join(dump(house.engine))
    house.engine.dispose()


def test_the_foot_of_each_mail_leads_to_all_choices(house: House) -> None:
    write(house, join_by_mail(newsletter(house)))
    round_of(house)
    write(house, links(mails(house)[0])[0])
    round_of(house)
    assert digest(house) is not None
    round_of(house)
    foot = link(mails(house)[-1], "choices")
    write(house, foot, sender="mallory@example.com")
    round_of(house)
    assert mails(house)[-1]["To"] == ANN, "to the reader, whoever pressed it"
    assert str(mails(house)[-1]["Subject"]) == "Your choices: Field Notes"
    assert "mallory" not in "".join(str(mail) for mail in mails(house))


def test_people_of_a_list_are_asked_and_say_yes_by_mail(house: House) -> None:
    folder = house.config.secrets.file.parent
    (folder / "list.csv").write_text(f"address\n{ANN}\n", encoding="utf-8")
    command = [sys.executable, "-m", "publisher", "subscribers", "reconfirm", "--file", "list.csv", "--yes"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    round_of(house)
    (question,) = mails(house)
    assert question["To"] == ANN
    assert "opens a mail to us; send it as it is" in said(question)
    (yes,) = links(question)
    assert consents(house) == {}
    write(house, yes)
    round_of(house)
    assert consents(house) == {ANN: Consent.ACTIVE}


def test_a_form_is_a_link_by_mail(tmp_path: Path) -> None:
    mail_only(tmp_path).engine.dispose()
    command = [sys.executable, "-m", "publisher", "form", "main"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert 'href="mailto:news@example.org?subject=subscribe%20main"' in done.stdout
    assert "1 Field Lane" in done.stdout, "who asks"
    assert "<form" not in done.stdout


def test_the_notice_says_that_readers_do_it_by_mail(tmp_path: Path) -> None:
    mail_only(tmp_path).engine.dispose()
    command = [sys.executable, "-m", "publisher", "privacy", "notice"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "send the mail that it opens" in done.stdout
