"""What other programs of this kind were attacked with, tried on the whole of this one; see docs/SECURITY.md."""

import csv
import io
import re
import socket
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from publisher.doors.rounds import deliver_now
from publisher.mail.archive import issue_path
from publisher.mail.tokens import Purpose
from publisher.model.subscriber import Consent
from publisher.wiring import House
from tests.bouncing import a_letter
from tests.catching import catching
from tests.choosing import a_choice, a_fresh_link, a_reader, link
from tests.doors.browser import Browser, browser
from tests.house import a_house, add_readers, consents, digest, dump, newsletter, outbox, single
from tests.joining import an_open_house
from tests.scripted import scripted
from tests.sites import make_site, smtp

SECRET = "hunter2-of-the-relay"
READERS = ("bob@example.net", "ann@example.net")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    found = a_house(tmp_path)
    yield found
    found.engine.dispose()


def write(house: House, name: str, head: str, body: str) -> str:
    path = house.config.secrets.file.parent / "posts" / name
    path.write_text(f"---\n{head}\n---\n{body}\n", "utf-8")
    return name


def mailed(house: House, path: str) -> EmailMessage:
    """The mail of a single post, as its one reader has it; feeds and archive are written as well."""
    single(house, path)
    deliver_now(house)
    house.publish()
    return outbox(house)[-1]


def published(house: House) -> dict[str, str]:
    """All that a web server would give to anybody."""
    files = [file for file in house.config.output.folder.rglob("*") if file.is_file()]
    return {file.name: file.read_text("utf-8") for file in files if file.suffix not in {".gz", ".br", ".png", ".ico"}}


def words(page: str) -> str:
    """What people read of a page."""
    tree: Any = html.document_fromstring(page)
    return str(tree.text_content())


def parts(mail: EmailMessage) -> tuple[str, str]:
    found = [mail.get_body((kind,)) for kind in ("plain", "html")]
    text, page = (one.get_content() for one in found if one is not None)
    return text, page


# --- what is written into a post

TEMPLATE = "{{ 1111 * 3 }} {% print(1111 * 3) %} {{ env('PUBLISHER_SMTP_PASSWORD') }} ${1111*3} %(x)s {0.__class__}"


def test_a_post_is_data_and_never_a_template(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """CVE-2025-49136 of listmonk: whoever may write a campaign reads the secrets of the process."""
    monkeypatch.setenv("PUBLISHER_SMTP_PASSWORD", SECRET)
    add_readers(house, READERS[0])
    said = f"'{TEMPLATE.replace(chr(39), chr(39) * 2)}'"
    head = f"title: {said}\nsummary: {said}\ncategories: [{said}]\nnewsletter: {{preheader: {said}}}"
    text, page = parts(mail := mailed(house, write(house, "2026-11-20-a.md", head, f"Words.\n\n`{TEMPLATE}`\n")))
    assert mail["Subject"].startswith(TEMPLATE[:70])
    everything = "\n".join((text, page, str(mail), *published(house).values()))
    assert "3333" not in everything
    assert SECRET not in everything
    assert TEMPLATE in " ".join(text.split())
    assert TEMPLATE in words(page)


MARKS = "@@UNSUBSCRIBE@@ @@MANAGE@@ @@NAME(Hello %)@@"


def test_the_marks_that_stand_for_a_reader_are_words_in_a_post(house: House) -> None:
    """Else a post that names one would print its reader's own link where everybody may quote it."""
    add_readers(house, READERS[0])
    text, page = parts(mailed(house, write(house, "2026-11-20-a.md", f"title: '{MARKS}'", MARKS)))
    for part in (text, words(page)):
        assert part.count("NAME(Hello %)") >= 2, "in the title and in the text"
    assert text.count("/u/k1-") == 1, "the one of the foot"
    assert page.count("/u/k1-") == len(re.findall(r'href="[^"]*/u/k1-', page)), "a link, and never a word"


@pytest.mark.parametrize(
    "line", [r"a\r\nBcc: eve@example.com", r"a\nX-Evil: 1", r"a\rb: 1", "=?utf-8?q?=0ABcc:_e@x.example?="]
)
def test_no_line_of_a_post_becomes_a_field_of_a_mail(house: House, line: str) -> None:
    add_readers(house, READERS[0])
    before = mailed(house, "2026-11-19-bread.md").keys()
    of_mail = f'newsletter: {{subject: "{line}", preheader: "{line}"}}'
    head = f'title: "{line}"\nauthor: "{line}"\ncategories: ["{line}"]\n{of_mail}'
    mail = mailed(house, write(house, "2026-11-20-a.md", head, "Words."))
    assert mail.keys() == before
    assert mail.get_all("To") == ["bob@example.net"]
    assert mail["Delivered-To"] == READERS[0]
    assert not mail.defects


SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)><a href='javascript:alert(1)'>x</a>"
_RUNS = (
    "//script | //iframe | //object | //embed | //@*[starts-with(name(), 'on')] | //@href[contains(., 'javascript:')]"
)


def runs(page: str) -> list[Any]:
    """What a browser would run of a page."""
    tree: Any = html.document_fromstring(page.encode(), parser=html.HTMLParser(encoding="utf-8"))
    return list(tree.xpath(_RUNS))


def test_nothing_of_a_post_runs_in_a_mail_an_archive_or_a_list_of_feeds(house: House) -> None:
    add_readers(house, READERS[0])
    said = f'"{SCRIPT}"'
    head = f"title: {said}\nauthor: {said}\nsummary: {said}\ncategories: [{said}]"
    write(house, "2026-11-20-a.md", head, f"Words.\n\n{SCRIPT}\n\n[x](javascript:alert(1))\n")
    mail = mailed(house, "2026-11-20-a.md")
    issue = digest(house)
    assert issue is not None
    deliver_now(house)
    house.publish()
    pages = {name: text for name, text in published(house).items() if name.endswith(".html")}
    assert issue_path(newsletter(house), issue).rpartition("/")[2] in pages
    assert [name for name, text in pages.items() if "alert(1)" in text], "it is shown, as words"
    assert {name: found for name, text in pages.items() if (found := runs(text))} == {}
    assert runs(parts(mail)[1]) == []


def test_what_a_reader_calls_themselves_runs_nowhere(tmp_path: Path) -> None:
    house = a_choice(tmp_path)
    a_reader(house)
    page = a_fresh_link(house)
    client = browser(house)
    assert client.post(page, data={"action": "person", "name": SCRIPT}).status_code == 200
    assert runs(client.get(page).text) == []
    assert "&lt;script&gt;" in client.get(page).text
    digest(house)
    deliver_now(house)
    assert all(runs(parts(mail)[1]) == [] for mail in outbox(house) if mail.get_body(("html",)) is not None)
    house.engine.dispose()


def test_nothing_that_a_post_names_is_fetched(house: House) -> None:
    """premailer fetches what a `<link>` names, unless it is told not to; and pictures, players and styles are named."""
    add_readers(house, READERS[0])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        there = f"http://127.0.0.1:{listener.getsockname()[1]}"
        head = f"title: Fetch\nimage: {there}/a.png\nenclosure: {there}/a.mp3\ncanonical_url: {there}/a"
        body = f"""<link rel="stylesheet" href="{there}/a.css"><style>@import "{there}/b.css";</style>
<p style="background: url({there}/c.png)">Words.</p> ![a]({there}/d.png) [x]({there}/e)

<iframe src="{there}/f"></iframe> <audio src="{there}/g.mp3"></audio> <video poster="{there}/h.png"></video>
<img srcset="{there}/i.png 2x" src="{there}/j.png">
"""
        mailed(house, write(house, "2026-11-20-a.md", head, body))
        house.check_feeds()
        with pytest.raises(BlockingIOError):
            listener.accept()


# --- what is written into forms, links and lists

SQL = (
    "'); drop table subscriber; --",
    "' or '1'='1",
    "main' union select key from subscriber --",
    "%",
    "bob@example.net' --",
)


@pytest.mark.parametrize("said", SQL)
def test_no_input_is_ever_part_of_a_statement(tmp_path: Path, said: str) -> None:
    """CVE-2026-26980 of Ghost: a public page whose filter became SQL. Nothing is found, changed or broken by it."""
    house = a_choice(tmp_path)
    bob = a_reader(house)
    page, client = a_fresh_link(house), browser(house)
    before = dump(house.engine)
    for path in (f"/u/{said}", f"/m/{said}", f"/subscribe/{said}", f"/{said}/feed.atom", f"/health?{said}"):
        assert client.get(path).status_code in {200, 404}
    for form in (
        {"action": "join", "newsletter": said},
        {"action": "resume", "newsletter": said},
        {"action": "leave", "newsletter": said},
        {"action": "address", "address": said},
        {"action": "choose", "newsletter": "main", "shown": ["bread", said], "topic": said, "frequency": said},
    ):
        assert client.post(page, data=form).status_code in {200, 400, 422}
    for address in (said, "_ob@example.net", "%@example.net"):
        client.post("/manage", data={"address": address})
    client.post("/subscribe", data={"address": said, "newsletter": said})
    client.request(
        "POST", "/api/subscriptions", headers={"Authorization": f"Bearer pub_{said}"}, json={"address": said}
    )
    assert [one for one in dump(house.engine) if one not in before and "counter" not in one] == []
    site = make_site(tmp_path / "other")
    site.write("list.csv", f'address,name\nbob@example.net,"{said}"\n')
    assert site.run("subscribers", "import", str(site.folder / "list.csv"), "--basis", "paper").code == 0
    for asked in (
        ("why", said),
        ("subscribers", "show", said),
        ("blocked", "remove", said),
        ("why", "_ob@example.net"),
    ):
        assert site.run(*asked).code in {2, 6}, asked
    (found,) = csv.DictReader(io.StringIO(site.run("subscribers", "export", "--raw").out))
    assert found["name"] == said
    assert consents(house)[str(house.subscribers.address(bob))] is Consent.ACTIVE
    house.engine.dispose()


def test_L2296_no_mail_asks_for_a_newsletter_that_is_not_public(tmp_path: Path) -> None:
    house, _ = an_open_house(tmp_path)
    before = dump(house.engine)
    for more in ({"Subject": "subscribe secret"}, {"Subject": "subscribe", "To": "friends@example.org"}):
        house.receive(a_letter("Please.", **more))
    changed = {one.split('"')[1] for one in dump(house.engine) if one not in before}
    assert changed == {"incoming", "sqlite_sequence"}, "they are kept for the owner, and nothing follows"
    house.engine.dispose()


PATHS = ("/u/{u}", "/p/{p}", "/m/{m}", "/manage", "/subscribe", "/subscribe/main", "/feed.atom", "/health", "/none")
EVIL = "evil.example"


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[tuple[Browser, list[str]]]:
    """A browser, and the paths of all kinds of pages."""
    house = a_choice(tmp_path)
    bob = a_reader(house)
    house.publish()
    tokens = {
        "u": link(house, bob, Purpose.UNSUBSCRIBE).rpartition("/")[2],
        "p": link(house, bob).rpartition("/")[2],
        "m": a_fresh_link(house).rpartition("/")[2],
    }
    yield browser(house), [path.format(**tokens) for path in PATHS]
    house.engine.dispose()


def test_no_page_sends_anybody_elsewhere_whatever_it_is_asked(asked: tuple[Browser, list[str]]) -> None:
    """No parameter and no header chooses where somebody goes, or whose name stands in a link."""
    client, paths = asked
    said = {"Host": EVIL, "X-Forwarded-Host": EVIL, "Forwarded": f"host={EVIL}", "Referer": f"https://{EVIL}/"}
    for path in paths:
        asking = f"{path}?next=https://{EVIL}/&url=//{EVIL}&redirect={EVIL}"
        for method in ("GET", "POST"):
            answer = client.request(method, asking, headers=said)
            assert "location" not in answer.headers, path
            assert EVIL not in answer.text, path
    for path in (f"//{EVIL}/", f"/\\{EVIL}", f"/%2f%2f{EVIL}/", f"/u//{EVIL}"):
        answer = client.request("GET", path)
        assert "location" not in answer.headers, path


def test_no_page_sets_a_cookie_and_all_have_a_policy(asked: tuple[Browser, list[str]]) -> None:
    client, paths = asked
    for path in paths:
        for method in ("GET", "POST"):
            answer = client.request(method, path)
            assert "set-cookie" not in answer.headers, path
            if answer.headers.get("content-type", "").startswith("text/html") and answer.text != "ok":
                assert "default-src 'none'" in answer.headers["content-security-policy"], path


@pytest.mark.parametrize(
    "path", ["/api/subscriptions/", "//api/subscriptions", "/API/subscriptions", "/api/./subscriptions"]
)
@pytest.mark.parametrize("headers", [{}, {"X-HTTP-Method-Override": "POST"}, {"Cookie": "session=1"}], ids=str)
def test_no_spelling_of_an_address_goes_past_the_token(
    asked: tuple[Browser, list[str]], path: str, headers: dict[str, str]
) -> None:
    """CVE-2026-22595 of Ghost: a slash too many reached what only a session may."""
    client, _ = asked
    reader = {"address": "eve@example.net", "newsletter": "main", "source": "x", "consented_at": "2026-11-20T10:00:00Z"}
    for method in ("POST", "PUT", "GET"):
        assert client.request(method, path, headers=headers, json=reader).status_code in {401, 404, 405}


# --- what leaves


def test_each_reader_has_a_message_of_their_own(tmp_path: Path) -> None:
    """VCDB 15993: 2,020 addresses in one CC."""
    with catching() as (port, caught):
        house = a_house(tmp_path, smtp=f"smtp://127.0.0.1:{port}")
        add_readers(house, *READERS)
        digest(house)
        deliver_now(house)
        house.engine.dispose()
    assert sorted(caught.recipients()) == sorted(READERS)
    for (to, data), other in zip(sorted(caught.messages), sorted(READERS, reverse=True), strict=True):
        mail = message_from_bytes(data, policy=default)
        assert (mail["To"], mail["Cc"], mail["Bcc"]) == (to, None, None)
        assert other.encode() not in data


def test_a_password_is_in_no_word_file_or_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLISHER_SMTP_PASSWORD", SECRET)
    with scripted() as server:
        server.rules["auth"] = "535 5.7.8 no"
        site = make_site(tmp_path, config=smtp(server.port, user="ada"), readers=READERS)
        ran = [
            site.run(*words)
            for words in (
                ("digest", "--yes"),
                ("tick",),
                ("status",),
                ("issues", "show", "1"),
                ("check", "--json"),
                ("config",),
                ("doctor",),
            )
        ]
        assert ran[0].line("the login of ada was refused")
    for one in ran:
        assert SECRET not in one.said
    assert {name for name, data in site.files().items() if SECRET.encode() in data} == set()
    key = (site.folder / "publisher.secret").read_text("ascii").split()[-1]
    assert {name for name, data in site.files().items() if key.encode() in data} == {"publisher.secret"}
    assert all(key not in one.said for one in ran)
