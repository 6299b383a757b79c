"""`publisher check mail`, and what digest, send and tick do about a mail with an error."""

import json
from pathlib import Path

import pytest

from tests.sites import ANNOUNCE, NEWSLETTER, READERS, Ran, Site, a_post, make_site

POST = "2024-05-02-frost.md"
WEB = '[web]\nurl = "https://news.example.org/"\n'
FOOTER = "templates/mail/footer.html"
NO_LINK = "<p style='margin:0'>@@ADDRESS@@ <a href='@@MANAGE@@'>Change it</a> 1 Field Lane, 12345 Example</p>"
BODY = "Ferns grow on the glass along every scratch, and nobody knows yet why they all turn to the left in the end."


def sound(folder: Path) -> Site:
    return make_site(folder, posts={POST: a_post(body=BODY)}, config=WEB, readers=READERS)


def broken(folder: Path) -> Site:
    """Its own footer has no link to leave."""
    site = sound(folder)
    site.write(FOOTER, NO_LINK)
    return site


def outbox(site: Site) -> int:
    return len([name for name in site.files() if name.startswith("outbox/new/")])


@pytest.mark.parametrize("words", [(), (POST,)], ids=["digest", "post"])
def test_what_we_would_send_is_sound_and_nothing_is_touched(tmp_path: Path, words: tuple[str, ...]) -> None:
    site = sound(tmp_path)
    before = site.files()
    ran = site.run("check", "mail", *words)
    assert (ran.code, ran.err) == (0, "")
    assert ran.line("Mails: 1 looked at, 0 errors, 0 warnings")
    assert site.files().keys() == before.keys()
    assert site.run("digest", "--yes").line("3 of 3 sent")


def test_F1_an_error_is_told_with_its_place_and_rule(tmp_path: Path) -> None:
    ran = broken(tmp_path).run("check", "mail")
    assert ran.code == 1
    assert ran.line("error: mail-leaving (1): ")
    assert ran.line("main: text/html: no link that can be seen leads where List-Unsubscribe does", "(F1)")


def test_scripts_get_all_there_is_to_know(tmp_path: Path) -> None:
    (found,) = json.loads(broken(tmp_path).run("check", "mail", "--json").out)
    assert found.pop("message")
    assert found == {
        "id": "mail-leaving",
        "severity": "error",
        "file": "main",
        "line": None,
        "rule": "F1",
        "place": "text/html",
    }


def test_an_issue_that_was_made(tmp_path: Path) -> None:
    site = sound(tmp_path)
    assert site.run("digest", "--yes").code == 0
    assert site.run("check", "mail", "1").line("Mails: 1 looked at, 0 errors, 0 warnings")
    assert site.run("check", "mail", "7").line("there is no issue 7")


def test_any_file_and_without_settings(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.write("letter.eml", "From: a@b.example\nSubject: Re: x\n\nHello\n")
    ran = site.run("check", "mail", str(tmp_path / "letter.eml"))
    assert ran.code == 1
    assert ran.line("letter.eml: Subject line 2: ", "(H11)")
    assert site.run("check", "mail", "nothing.eml").code == 2


def test_a_mail_may_be_as_a_mailbox_keeps_it(tmp_path: Path) -> None:
    site = sound(tmp_path)
    assert site.run("digest", "--yes").code == 0
    kept = next((tmp_path / "outbox" / "new").iterdir()).read_bytes()
    assert kept.startswith(b"Return-Path: ")
    hops = b"Received: from relay.example" + b" by mx.example" * 9 + b"\n"

    def checked(data: bytes) -> Ran:
        site.write("kept.eml", data)
        return site.run("check", "mail", str(tmp_path / "kept.eml"))

    assert checked(hops + kept).line("Mails: 1 looked at, 0 errors, 0 warnings")
    assert checked(hops + kept.replace(b"Precedence:", b"Bcc: a@b.example\nPrecedence:")).line("Bcc", "(W6)")
    assert checked(kept.replace(b"\n", b"\r\n", 3)).line("line 4: a bare LF", "(W1)")


def test_where_there_is_nothing_to_judge_it_says_so(tmp_path: Path) -> None:
    ran = make_site(tmp_path, posts={}).run("check", "mail")
    assert ran.code == 6
    assert ran.line("there is no post to make a mail of")
    assert make_site(tmp_path / "b", newsletter="").run("check", "mail").line("no newsletter is configured")
    assert Site(tmp_path).run("check", "feeds", "x").line("only `check mail` does")


def test_a_round_holds_it_and_says_what_to_do(tmp_path: Path) -> None:
    site = make_site(
        tmp_path,
        posts={POST: a_post(body=BODY)},
        newsletter=NEWSLETTER.replace('weekly = "mondays 09:00"', 'each = "at once"'),
        announce=ANNOUNCE.replace("[announce]", '[announce]\nafter = "0m"'),
        config=WEB,
        readers=READERS,
    )
    site.write(FOOTER, NO_LINK)
    site.run("collect")
    ran = site.run("tick")
    assert outbox(site) == 0
    assert ran.code == 20
    assert ran.line("Held: issue 1 (each/", "main: text/html: no link that can be seen", "publisher issues resume 1")
    assert site.run("issues", "list").line("paused")
    (tmp_path / FOOTER).unlink()
    assert site.run("check", "mail", "1").code == 1, "what an issue says was frozen when it was made"
    assert site.run("issues", "cancel", "1").code == 0


@pytest.mark.parametrize("words", [("digest",), ("send", POST)], ids=["digest", "send"])
def test_nothing_with_an_error_leaves_unless_by_force(tmp_path: Path, words: tuple[str, ...]) -> None:
    site = broken(tmp_path)
    ran = site.run(*words, "--yes")
    assert ran.code == 6
    assert ran.line("error: main: text/html: no link", "[mail-leaving]")
    assert ran.line("Nothing was sent", "--force")
    assert (outbox(site), site.states()) == (0, {})
    ran = site.run(*words, "--yes", "--force")
    assert ran.line("error: main: text/html: no link")
    assert ran.code == 0
    assert (outbox(site), site.states()) == (3, {"sent": 3})
