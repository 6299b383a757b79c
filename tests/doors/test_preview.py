"""`publisher preview`: what it shows, what it refuses, and that it leaves everything as it was."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.catching import Caught, catching
from tests.doors.previewing import Preview, previewing
from tests.sites import READERS, Site, a_post, make_site, smtp

POST = "2024-05-02-frost.md"
WEB = '[web]\nurl = "https://news.example.org/"\n'
OWNER = 'email = "me@example.org"\n'
BODY = "Ferns grow on the glass along every scratch, and nobody knows yet why they all turn to the left in the end."
MAIL = "mail/main/weekly"


def a_site(folder: Path, *, port: int | None = None) -> Site:
    site = make_site(
        folder, posts={POST: a_post(body=BODY)}, config=WEB + (smtp(port) if port else ""), readers=READERS
    )
    text = site.read("config.toml")
    site.write("config.toml", text.replace("[owner]\n", f"[owner]\n{OWNER}"))
    return site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return a_site(tmp_path)


@pytest.fixture
def preview(site: Site) -> Iterator[Preview]:
    with previewing(site.folder) as found:
        found.ready("")
        yield found


@pytest.fixture
def caught(tmp_path: Path) -> Iterator[tuple[Site, Preview, Caught]]:
    with catching() as (port, found):
        site = a_site(tmp_path, port=port)
        with previewing(site.folder) as running:
            running.ready("")
            yield site, running, found


def test_every_mail_and_feed_is_there_to_read_without_a_script(preview: Preview) -> None:
    page = preview.get("").text
    for path in re.findall(rf'href="{re.escape("/" + preview.session.token)}/([^"]*)"', page):
        answer = preview.get(path)
        assert answer.status_code == 200, path
        assert "<h1" in answer.text
    assert "Weekly digest" in page
    assert "feed/feed" in page


def test_a_mail_tells_all_there_is_to_know(preview: Preview) -> None:
    page = preview.get(MAIL).text
    assert "3 readers" in page
    assert READERS[0] not in page, "addresses are shown when they are asked for"
    assert READERS[0] in preview.get(f"{MAIL}?readers=1").text
    assert "List-Unsubscribe-Post" in preview.get(f"{MAIL}?view=headers").text
    assert "Ferns grow on the glass" in preview.get(f"{MAIL}?view=text").text
    assert "Content-Transfer-Encoding: quoted-printable" in preview.get(f"{MAIL}?view=source").text
    message = preview.get("eml/main/weekly")
    assert message.headers["content-disposition"].startswith("attachment")
    assert b"\r\nList-Unsubscribe: <https://news.example.org/u/" in message.content


def test_where_nobody_gets_anything_the_latest_posts_are_a_sample(tmp_path: Path) -> None:
    site = make_site(tmp_path, config=WEB)
    with previewing(site.folder) as running:
        page = running.ready(MAIL).text
    assert "A sample." in page
    assert "nobody is subscribed" in page
    assert "Frost" in page


def test_without_a_newsletter_there_are_feeds(tmp_path: Path) -> None:
    with previewing(make_site(tmp_path, newsletter="").folder) as running:
        page = running.ready("").text
    assert "No newsletter is configured" in page
    assert "feed/feed" in page


def test_nothing_on_the_disk_or_in_the_database_is_touched(caught: tuple[Site, Preview, Caught]) -> None:
    site, preview, _ = caught
    before = site.files()
    for path in ("", MAIL, "frame/main/weekly", "feed/feed", "feed/feed?format=atom", f"mail/main/post/{POST}"):
        assert preview.get(path).status_code == 200
    assert send(preview).status_code == 303
    assert site.files() == before


# --- the test to oneself


def send(preview: Preview, *, mail: str = "main/weekly", token: str | None = None, **headers: str) -> httpx.Response:
    data = {"token": preview.session.form_token if token is None else token}
    return httpx.post(
        f"{preview.address}send/{mail}", data=data, headers={"Origin": preview.origin} | headers, timeout=60
    )


def test_a_test_goes_to_the_owner_once_and_outside_the_ledger(caught: tuple[Site, Preview, Caught]) -> None:
    site, preview, found = caught
    back = send(preview)
    page = httpx.get(f"{preview.origin}{back.headers['location']}").text
    assert "A test went to me@example.org (250 2.0.0 taken)." in page
    assert found.recipients() == ["me@example.org"]
    assert found.parsed("me@example.org")[0]["Subject"] == "[Test] Frost"
    assert site.states() == {}


@pytest.mark.parametrize(
    ("token", "headers"),
    [
        ("", {}),
        ("made-up", {}),
        (None, {"Origin": "https://evil.example"}),
        (None, {"Origin": "null"}),
        (None, {"Origin": ""}),
        (None, {"Host": "evil.example", "Origin": "http://evil.example"}),
        (None, {"Host": "127.0.0.1.evil.example"}),
        (None, {"Host": "127.0.0.1@evil.example"}),
    ],
)
def test_nothing_is_sent_for_a_form_that_is_not_ours(
    caught: tuple[Site, Preview, Caught], token: str | None, headers: dict[str, str]
) -> None:
    _, preview, found = caught
    assert send(preview, token=token, **headers).status_code in {403, 421}
    assert found.messages == []


@pytest.mark.parametrize(
    "kind", ["confirm", "reconfirm", "welcome", "manage", "address", "moved", "preview", "receipt", "alarm"]
)
def test_the_mails_around_a_subscription_are_shown_and_can_be_sent_to_oneself(
    caught: tuple[Site, Preview, Caught], kind: str
) -> None:
    _, preview, found = caught
    page = preview.ready(f"mail/main/notice/{kind}").text
    assert "An example." in page
    assert "when there is a reason" in page
    send(preview, mail=f"main/notice/{kind}")
    (message,) = found.parsed("me@example.org")
    assert ("List-Unsubscribe" in message) is (kind in {"welcome", "preview"})


@pytest.mark.parametrize("kind", ["choices", "changed"])
def test_mails_of_a_site_without_pages_are_shown(tmp_path: Path, kind: str) -> None:
    with previewing(make_site(tmp_path, config='[mailbox]\nurl = "maildir:inbox"\n').folder) as running:
        page = running.ready(f"mail/main/notice/{kind}").text
    assert "An example." in page
    assert "mail-" not in page.partition('id="findings"')[2], "and nothing is found wrong with it"


def test_opening_an_address_sends_nothing(caught: tuple[Site, Preview, Caught]) -> None:
    _, preview, found = caught
    assert preview.get("send/main/weekly").status_code == 405
    assert httpx.post(preview.address, timeout=60).status_code == 405
    assert found.messages == []


def test_what_the_mail_server_says_is_shown(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        site = a_site(tmp_path, port=taken.getsockname()[1])
        with previewing(site.folder) as running:
            running.ready("")
            page = httpx.get(f"{running.origin}{send(running).headers['location']}").text
    assert 'class="note bad" role="alert"' in page
    assert "127.0.0.1:" in page


def test_without_an_owner_there_is_no_button(tmp_path: Path) -> None:
    with previewing(make_site(tmp_path, config=WEB, readers=READERS).folder) as running:
        page = running.ready(MAIL).text
        answer = send(running)
        said = httpx.get(f"{running.origin}{answer.headers['location']}").text
    assert "<form" not in page
    assert "[owner] email" in page
    assert "is not set" in said


# --- who may ask


def test_only_names_of_this_machine_are_answered(preview: Preview) -> None:
    for host in ("evil.example", "127.0.0.1.nip.io", "[::2]", "localhost.evil.example:80"):
        assert preview.get(MAIL, Host=host).status_code == 421
    for host in ("127.0.0.1", "localhost:9000", "[::1]:80"):
        assert preview.get(MAIL, Host=host).status_code == 200


def test_without_the_word_in_the_path_nothing_is_told(preview: Preview) -> None:
    for path in ("/", f"/{MAIL}", "/made-up/", f"/{preview.session.token[:-1]}/", f"/{preview.session.token}x/"):
        answer = httpx.get(f"{preview.origin}{path}")
        assert answer.status_code == 404
        assert "Field Notes" not in answer.text


def test_pages_let_nothing_in_from_elsewhere(preview: Preview) -> None:
    policy = preview.get(MAIL).headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    frame = preview.get("frame/main/weekly").headers
    assert frame["content-security-policy"].startswith(
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src "
    )
    assert "https://blog.example.org" in frame["content-security-policy"]
    assert frame["referrer-policy"] == "no-referrer"


def test_pictures_come_from_this_disk_and_only_pictures(tmp_path: Path) -> None:
    site = make_site(tmp_path, posts={POST: a_post(body="![A fern](/fern.png)")}, config=WEB, readers=READERS)
    site.write("posts/fern.png", b"\x89PNG\r\n")
    with previewing(site.folder) as running:
        running.ready("")
        (found,) = re.findall(r'src="([^"]*picture[^"]*)"', running.get("frame/main/weekly").text)
        assert httpx.get(found).content == b"\x89PNG\r\n"
        for url in (
            f"https://blog.example.org/{POST}",
            "https://blog.example.org/../config.toml",
            "file:///etc/passwd",
        ):
            assert httpx.get(f"{running.address}picture", params={"url": url}).status_code == 404


# --- mistakes


def test_a_post_with_a_mistake_says_so_in_place_of_its_mail(site: Site, preview: Preview) -> None:
    wait_for_news(preview, lambda: site.post(POST, "---\ntitle: Frost\n\nNo end of what is in front.\n"))
    for page in (preview.get(f"mail/main/post/{POST}").text, preview.get("").text):
        assert f"{POST}:1: " in page
        assert "<iframe" not in page


def test_the_same_where_it_was_collected_before(site: Site) -> None:
    assert site.run("collect").code == 0
    site.post(POST, "---\ntitle: Frost\n\nNo end of what is in front.\n")
    with previewing(site.folder) as running:
        page = running.ready(f"mail/main/post/{POST}").text
    assert f"{POST}:1: " in page
    assert "<iframe" not in page


def test_what_is_doubtful_in_a_post_stands_beside_its_mail(site: Site, preview: Preview) -> None:
    wait_for_news(preview, lambda: site.post(POST, "---\ntitle: x\ndate: 2024-13-45\n---\nx\n"))
    page = preview.get(f"mail/main/post/{POST}").text
    assert f"{POST}:1: " in page
    assert "date-impossible" in page
    assert "<iframe" in page


def test_settings_with_a_mistake_say_so_and_the_page_goes_on_when_they_are_mended(site: Site, preview: Preview) -> None:
    good = site.read("config.toml")
    wait_for_news(preview, lambda: site.write("config.toml", good.replace("[web]\n", "[web]\nprot = 1\n")))
    page = preview.get(MAIL).text
    assert "web.prot" in page
    assert "Weekly digest" in page, "the list stays, to choose from"
    wait_for_news(preview, lambda: site.write("config.toml", good.replace("weekly =", "monthly =")))
    assert "Monthly digest" in preview.get("").text


def wait_for_news(preview: Preview, save: object) -> None:
    before = preview.session.generation
    with httpx.stream("GET", f"{preview.address}news", timeout=60) as news:
        assert callable(save)
        save()
        for line in news.iter_lines():
            if '"doing": ""' in line and f'"generation": {before},' not in line:
                return


# --- the command


def test_a_port_that_is_taken_is_one_sentence(site: Site) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = site.run("preview", "--no-browser", "--port", str(port))
    assert ran.code == 2
    assert ran.line(f"--port {port}: address already in use", "leave --port out")


def test_it_listens_on_this_machine_only(site: Site) -> None:
    ran = site.run("preview", "--no-browser", "--host", "0.0.0.0")
    assert ran.code == 2
    assert ran.line("--host 0.0.0.0", "this machine only")


def test_a_mistake_that_is_there_from_the_start_ends_it(tmp_path: Path) -> None:
    ran = Site(tmp_path).run("preview", "--no-browser")
    assert ran.code == 2
    assert ran.line("there is no such file")


def test_it_says_its_address_and_ends_well(site: Site) -> None:
    command = [sys.executable, "-m", "publisher", "-c", str(site.folder / "config.toml"), "preview", "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().removeprefix("Preview: ").strip()
        assert httpx.get(address, timeout=60).status_code in {200, 202}
        with httpx.stream("GET", f"{address}news", timeout=60):  # a page that is open does not hold it up
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_it_opens_the_browser(site: Site) -> None:
    told = site.folder / "told"
    os.mkfifo(told)
    browser = site.write("browser", f'#!/bin/sh\nprintf %s "$1" > {told}\n')
    browser.chmod(0o755)
    command = [sys.executable, "-m", "publisher", "-c", str(site.folder / "config.toml"), "preview"]
    environ = os.environ | {"BROWSER": str(browser)}
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().removeprefix("Preview: ").strip()
        assert told.read_text() == address
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
