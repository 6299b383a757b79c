"""`publisher doctor` beside real servers: each thing that can be wrong is told from the others."""

import json
import smtplib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mailbox import Maildir
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from publisher.adapters import catcher
from publisher.adapters.smtp import SmtpSettings
from publisher.adapters.smtpprobe import probe
from tests.adapters.mailserver import PASSWORD, USER, new_authority, serving
from tests.dovecot import PASSWORD as SECRET
from tests.dovecot import running_dovecot
from tests.postfix import free_port
from tests.scripted import Act, scripted
from tests.sites import Ran, Site, make_site, smtp
from tests.zone import name_server, silent_name_server

ZONE = """
example.org. TXT "v=spf1 mx ~all"
example.org. MX 10 mail.example.org.
mail.example.org. A 203.0.114.9
9.114.0.203.in-addr.arpa. PTR mail.example.org.
_dmarc.example.org. TXT "v=DMARC1; p=none"
"""


def look(site: Site, monkeypatch: pytest.MonkeyPatch, zone: str, *words: str) -> Ran:
    with name_server(zone) as address:
        monkeypatch.setenv("PUBLISHER_DNS", address)
        return site.run("doctor", *words)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with serving(hostname="mail.example.org") as server:
        yield make_site(tmp_path, config=smtp(server.port))


def sender(site: Site) -> str:
    return site.read("config.toml").partition('from = "')[2].partition('"')[0]


def test_all_is_well(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.run("dkim", "new", "--selector", "k1")
    key = json.loads(site.run("dkim", "new", "--selector", "k2", "--json").out)
    site.write("config.toml", site.read("config.toml") + "\n" + "\n".join(key["settings"]) + "\n")
    site.write("config.toml", site.read("config.toml") + '[mailbox]\nurl = "maildir:inbox"\n')
    record = key["records"][0]
    quoted = " ".join(f'"{one}"' for one in record["strings"])
    before = site.files()
    ran = look(site, monkeypatch, f"{ZONE}{record['name']}. TXT {quoted}\n")
    assert ran.code == 0, ran.said
    assert "0 errors, 0 warnings" in ran.out
    assert ran.line("ok", "smtp", "it answers as mail.example.org")
    assert ran.line("ok", "ptr", "203.0.114.9 is called mail.example.org, and back")
    assert ran.line("ok", "dkim", "k2._domainkey.example.org", "it is ours")
    assert {name: data for name, data in site.files().items() if "publisher.db" not in name} == {
        name: data for name, data in before.items() if "publisher.db" not in name
    }


@pytest.mark.parametrize(
    ("was", "becomes", "severity", "said"),
    [
        ('example.org. TXT "v=spf1 mx ~all"\n', "", "error", "there is no SPF record"),
        ("mx ~all", "mx +all", "error", "allowing everybody"),
        ("mx ~all", "mx", "warning", "does not say who may not"),
        ("mx ~all", " ".join(f"a:h{n}.example.org" for n in range(11)) + " ~all", "error", "costs 11 look-ups"),
        ("mx ~all", "a:x.example a:y.example a:z.example ~all", "error", "3 names in the record are not there"),
        ("mx ~all", "include:nowhere.example ~all", "error", "nowhere.example"),
        ("mail.example.org. A 203.0.114.9\n", "", "error", "its MX mail.example.org has no address"),
        ("example.org. MX 10 mail.example.org.\n", "", "error", "it takes no mail"),
        ("MX 10 mail.example.org.", "MX 0 .", "error", "takes no mail at all"),
        ("PTR mail.example.org.", "PTR vm17.host.example.", "error", "203.0.114.9 is called vm17.host.example and not"),
        ('_dmarc.example.org. TXT "v=DMARC1; p=none"\n', "", "error", "there is no DMARC policy"),
        ("p=none", "p=none; pct=100", "warning", "pct= is no longer part of DMARC"),
        ("p=none", "p=all", "error", "p=all is none of"),
    ],
)
def test_V3_V4_V5_what_is_wrong_in_the_dns_is_told_with_what_to_do(
    site: Site, monkeypatch: pytest.MonkeyPatch, was: str, becomes: str, severity: str, said: str
) -> None:
    assert was in ZONE
    ran = look(site, monkeypatch, ZONE.replace(was, becomes, 1))
    line = ran.line(said)
    assert line.startswith(severity)
    after = ran.out.splitlines()[ran.out.splitlines().index(line) + 1]
    assert after.strip().startswith("→ ")
    assert ran.code == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda quoted: "", "the key is not in the DNS"),
        (lambda quoted: '"v=DKIM1; k=rsa; p="', "says that the key was withdrawn"),
        (lambda quoted: '"v=DKIM1; k=rsa; p=MIIBIjANBg"', "has another key than ours"),
        (lambda quoted: f'"t=y;" {quoted}', "only a test (t=y)"),
        (lambda quoted: f'"k=ed25519;" {quoted}', "another kind of key"),
    ],
)
def test_D12_a_key_that_receivers_cannot_use_is_told(
    site: Site, monkeypatch: pytest.MonkeyPatch, change: Callable[[str], str], said: str
) -> None:
    key = json.loads(site.run("dkim", "new", "--selector", "k2", "--json").out)
    site.write("config.toml", site.read("config.toml") + "\n" + "\n".join(key["settings"]) + "\n")
    site.write("config.toml", site.read("config.toml") + '[mailbox]\nurl = "maildir:inbox"\n')
    record = key["records"][0]
    quoted = change(" ".join(f'"{one}"' for one in record["strings"]))
    ran = look(site, monkeypatch, ZONE + (f"{record['name']}. TXT {quoted}\n" if quoted else ""))
    assert ran.line("dkim", record["name"], said)
    assert ran.code == 1


def test_a_silent_name_server_is_told_once_for_each_check_and_the_rest_goes_on(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publisher.adapters.resolver._PATIENCE", 0.2)
    with silent_name_server() as address:
        monkeypatch.setenv("PUBLISHER_DNS", address)
        ran = site.run("doctor")
    assert ran.code == 1
    assert ran.line("warning", "SPF of example.org", "the DNS does not answer")
    assert ran.line("smtp", "it answers as mail.example.org")


def test_scripts_get_every_thing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    found = json.loads(look(site, monkeypatch, ZONE, "--json").out)
    assert {one["check"] for one in found} == {"smtp", "ptr", "spf", "dkim", "dmarc", "mx", "web"}
    assert all({"check", "about", "said", "severity", "do", "rule"} == one.keys() for one in found)


# --- the mail server


def test_nothing_that_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("publisher.adapters.smtpprobe._OTHERS", ())  # this machine may have a mail server
    site = make_site(tmp_path, config=smtp(free_port()))
    ran = look(site, monkeypatch, ZONE)
    assert ran.line("error", "smtp", "nothing listens there")
    assert ran.line("→", "is the mail server running")
    assert ran.out.count("127.0.0.1:") == 1


def test_a_wrong_password_is_no_blocked_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLISHER_SMTP_PASSWORD", "wrong")
    with serving(auth_require_tls=False) as server:
        site = make_site(tmp_path, config=smtp(server.port, user=USER.replace("@", "%40")))
        ran = look(site, monkeypatch, ZONE)
    assert ran.line("error", "smtp", f"the login of {USER} was refused")
    assert ran.line("→", "mend the user in smtp.url or the password in PUBLISHER_SMTP_PASSWORD")
    assert "blocked" not in ran.out
    assert PASSWORD not in ran.said
    assert "wrong" not in ran.out.replace("went wrong", "")


def test_a_login_that_wants_a_password_for_programs_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLISHER_SMTP_PASSWORD", "x")
    with scripted() as server:
        server.rules["auth"] = "534 5.7.9 Application-specific password required"
        site = make_site(tmp_path, config=smtp(server.port, user="ada"))
        ran = look(site, monkeypatch, ZONE)
    assert ran.line("→", "app password")


def test_a_port_that_is_silent_while_another_answers_is_blocked() -> None:
    with scripted() as silent, socket.create_server(("127.0.0.1", 0)) as other:
        silent.rules["connect"] = Act.HANG
        port = other.getsockname()[1]
        there = SmtpSettings(host="127.0.0.1", port=silent.port, tls="either", timeout=0.3)
        seen = probe(there, others=[port])
        silent.release.set()
    assert seen.silent
    assert seen.open_ports == (port,)


def test_a_port_that_is_refused_while_another_answers_is_shut() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        seen = probe(SmtpSettings(host="127.0.0.1", port=free_port(), tls="either"), others=[port])
    assert (seen.silent, seen.open_ports) == (False, (port,))


def test_no_way_there_is_no_wrong_password() -> None:
    everybody = "255.255.255.255"  # to which no system makes a connection
    assert probe(SmtpSettings(host=everybody, port=25, tls="either", timeout=1), others=[]).silent


def test_a_blocked_port_is_told_with_the_one_to_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted() as silent, socket.create_server(("127.0.0.1", 0)) as other:
        silent.rules["connect"] = Act.HANG
        port = other.getsockname()[1]
        monkeypatch.setattr("publisher.adapters.smtpprobe._OTHERS", (port,))
        site = make_site(tmp_path, config=smtp(silent.port, timeout="1s"))
        ran = look(site, monkeypatch, ZONE)
        silent.release.set()
    assert ran.line("→", f"port {silent.port} is blocked on the way", f"{port} is open")


def test_a_relay_that_takes_less_a_day_than_there_are_readers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as server:
        readers = [f"r{number}@example.net" for number in range(301)]
        site = make_site(tmp_path, config=smtp(server.port) + 'provider = "brevo"\n', readers=readers)
        ran = look(site, monkeypatch, ZONE)
        settings = (site.folder / "config.toml").read_text("utf-8")
        site.write("config.toml", settings.replace('provider = "brevo"', 'rate = ["9/s", "100/day"]'))
        own = look(site, monkeypatch, ZONE)
        site.write("config.toml", settings.replace('provider = "brevo"', 'provider = "brevo"\nrate = []'))
        none = look(site, monkeypatch, ZONE)
    assert ran.line("warning", "smtp-limit", "Brevo takes about 300 mails a day, and you have 301 readers")
    assert ran.line("note", "Brevo signs for you")
    assert own.line("warning", "smtp-limit", "smtp.rate allows 100 mails a day, and you have 301 readers")
    assert own.line("an issue takes 4 days")
    assert "smtp-limit" not in none.out


def test_spf_must_name_the_relay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as server:
        site = make_site(tmp_path, config=smtp(server.port) + 'provider = "gmail"\n')
        ran = look(site, monkeypatch, ZONE)
        assert ran.line("warning", "spf", "does not name Gmail")
        zone = ZONE.replace("mx ~all", "include:_spf.google.com ~all")
        assert look(site, monkeypatch, zone).line("error", "_spf.google.com, which the record refers to")
        zone += '_spf.google.com. TXT "v=spf1 ip4:203.0.113.0/24 ~all"\n'
        assert look(site, monkeypatch, zone).line("ok", "spf", "include:_spf.google.com")


# --- the web


@contextmanager
def web(status: int, body: str, authority: object = None) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        if authority is not None:
            server.socket = authority.context("localhost").wrap_socket(server.socket, server_side=True)  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"{'https' if authority is not None else 'http'}://localhost:{server.server_address[1]}/"
        server.shutdown()


def with_web(tmp_path: Path, port: int, url: str) -> Site:
    return make_site(tmp_path, config=smtp(port) + f'[web]\nurl = "{url}"\n')


def test_L1_the_web_address_answers_or_says_why_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as server:
        with web(200, "ok") as url:
            site = with_web(tmp_path, server.port, url)
            ran = look(site, monkeypatch, ZONE)
            assert ran.line("ok", "web", "`publisher serve` answers there")
            assert ran.line("warning", "web", "it is not https")
        assert look(site, monkeypatch, ZONE).line("error", "web", "Connection refused")
        with web(404, "Welcome to nginx\x1b[31m") as url:
            site = with_web(tmp_path, server.port, url)
            assert look(site, monkeypatch, ZONE).line("error", "web", "something else answers there: 404")
        with web(200, "ok", new_authority(tmp_path)) as url:
            site = with_web(tmp_path, server.port, url)
            ran = look(site, monkeypatch, ZONE)
            assert ran.line("error", "web", "certificate")
            assert ran.line("→", "renew its certificate")
        site = with_web(tmp_path, server.port, "https://nowhere.invalid/")
        assert look(site, monkeypatch, ZONE).line("error", "web", "no answer")


# --- a test mail, there and back


class Relay:
    """Takes a mail, does to it what some relays do, and hands it on by LMTP."""

    def __init__(self, hand_on: Callable[[str, bytes], None], change: Callable[[bytes], bytes]) -> None:
        self._hand_on = hand_on
        self._change = change

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self._hand_on(envelope.rcpt_tos[0], self._change(envelope.content))
        return "250 2.0.0 ok"


def into_maildir(folder: Path) -> Callable[[str, bytes], None]:
    def hand_on(to: str, message: bytes) -> None:
        Maildir(folder, create=True).add(b"Return-Path: <news@example.org>\r\n" + message)

    return hand_on


def honest(message: bytes) -> bytes:
    return message


def nosy(message: bytes) -> bytes:
    """Another Message-ID and Date, counted links, a pixel, its own way to leave."""
    text = message.replace(b"Message-ID: <", b"Message-ID: <relay-", 1)
    text = text.replace(b"Date: ", b"Date: Thu, 01 Jan 2026 00:00:00 +0000\r\nX-Old: ", 1)
    text = text.replace(b"List-Unsubscribe:", b"X-Leave:", 1)
    text = text.replace(b'href=3D"https://blog.example.org', b'href=3D"https://click.relay.example')
    return text.replace(b"</body>", b'<img src=3D"https://open.relay.example/1.gif" width=3D"1">=\r\n</body>')


@pytest.fixture
def signed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int, str], Site]:
    def make(port: int, mailbox: str) -> Site:
        site = make_site(tmp_path, config=smtp(port) + f'[mailbox]\nurl = "{mailbox}"\n')
        key = json.loads(site.run("dkim", "new", "--selector", "k2", "--json").out)
        site.write("config.toml", site.read("config.toml") + "\n" + "\n".join(key["settings"]) + "\n")
        assert site.run("collect").code == 0
        return site

    return make


def test_D10_W8_a_test_that_comes_back_as_it_was_sent(tmp_path: Path, signed: Callable[[int, str], Site]) -> None:
    box = tmp_path / "box"
    with catcher.serving(Relay(into_maildir(box), honest)) as port:
        ran = signed(port, f"maildir:{box}").run("doctor", "--send-test", "ada@example.org", "--wait", "5s")
    assert ran.code == 0, ran.said
    assert ran.line("ok", "our signature (k2) holds")
    assert ran.line("ok", "Message-ID", "as it was sent")
    assert ran.line("ok", "Return-Path", "news@example.org")
    assert ran.line("ok", "links", "as they were sent")


def test_R1_R2_what_a_relay_changed_is_told(tmp_path: Path, signed: Callable[[int, str], Site]) -> None:
    box = tmp_path / "box"
    with catcher.serving(Relay(into_maildir(box), nosy)) as port:
        ran = signed(port, f"maildir:{box}").run("doctor", "--send-test", "ada@example.org", "--wait", "5s")
    assert ran.code == 1
    for parts in (
        ("error", "our signature (k2) no longer holds"),
        ("error", "added a picture, https://open.relay.example/1.gif"),
        ("error", "rewrote", "https://click.relay.example"),
        ("error", "List-Unsubscribe", "took it out"),
        ("warning", "Message-ID", "<relay-"),
        ("note", "Date", "Thu, 01 Jan 2026"),
    ):
        assert ran.line(*parts)


@pytest.mark.peer
def test_a_test_is_read_back_over_imap(tmp_path: Path, signed: Callable[[int, str], Site]) -> None:
    with running_dovecot() as dovecot:

        def hand_on(to: str, message: bytes) -> None:
            with smtplib.LMTP("127.0.0.1", dovecot.lmtp) as client:
                client.sendmail("news@example.org", [to], message)

        with catcher.serving(Relay(hand_on, honest)) as port:
            site = signed(port, f"imap://ann@127.0.0.1:{dovecot.imap}")
            site.write("mailbox.password", SECRET)
            (site.folder / "mailbox.password").chmod(0o600)
            text = site.read("config.toml")
            site.write("config.toml", text.replace("[mailbox]\n", '[mailbox]\npassword_file = "mailbox.password"\n'))
            ran = site.run("doctor", "--send-test", "ann@example.net", "--wait", "20s")
            assert ran.code == 0, ran.said
            assert ran.line("ok", "our signature (k2) holds")
            assert ran.line("ok", "Return-Path", "news@example.org")
            site.write("mailbox.password", "another")
            (site.folder / "mailbox.password").chmod(0o600)
            wrong = site.run("doctor", "--send-test", "ann@example.net", "--wait", "1s")
            assert wrong.line("the login of ann was refused", "PUBLISHER_MAILBOX_PASSWORD")
            assert "another" not in wrong.said.replace("another relay", "")


def test_a_test_that_does_not_come_is_told(tmp_path: Path, signed: Callable[[int, str], Site]) -> None:
    box = tmp_path / "box"
    Maildir(box, create=True)
    with serving() as server:
        ran = signed(server.port, f"maildir:{box}").run("doctor", "--send-test", "ada@example.org", "--wait", "1s")
        message = message_from_bytes(server.bodies[0])
    assert ran.code == 1
    assert ran.line("error", "it was not in the mailbox within 1 seconds")
    assert str(message["Subject"]).startswith("[test-")


def test_without_a_mailbox_it_says_where_to_look(site: Site) -> None:
    site.run("collect")
    ran = site.run("doctor", "--send-test", "ada@example.org")
    assert ran.code == 0
    assert ran.line("→", "set [mailbox]")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--send-test", "nobody"], "--send-test: "),
        (["--send-test", "a@example.org", "--wait", "soon"], "--wait: "),
        (["--send-test", "a@example.org", "--newsletter", "no"], "there is no newsletter 'no'"),
    ],
)
def test_what_cannot_be_asked_is_told(site: Site, words: list[str], said: str) -> None:
    ran = site.run("doctor", *words)
    assert ran.code == 2
    assert said in ran.err
