"""`publisher dkim`, and that everything that leaves is signed with the keys that it made."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import dns.rdata
import dns.rdataclass
import dns.rdatatype
import pytest
from dns.rdtypes.ANY.TXT import TXT

from tests.dkimjudges import dkimpy_says
from tests.sites import NEWSLETTER, Site, a_post, make_site

SECOND = NEWSLETTER.replace("main", "other").replace("example.org", "example.net")


def made(site: Site, *words: str) -> dict[str, str]:
    """Keys are made, and the settings that the command tells are written; the records that it tells."""
    ran = site.run("dkim", "new", "--json", *words)
    assert ran.code == 0, ran.said
    told = json.loads(ran.out)
    site.write("config.toml", site.read("config.toml") + "\n" + "\n".join(told["settings"]) + "\n")
    return {record["name"]: record["value"] for record in told["records"]}


def mails(site: Site) -> Iterator[bytes]:
    for path in sorted((site.folder / "outbox" / "new").iterdir()):
        yield b"\r\n".join(path.read_bytes().splitlines()) + b"\r\n"  # a Maildir's lines end as the system's do


def test_new_makes_a_key_and_says_where_it_goes(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    ran = site.run("dkim", "new", "--selector", "p1")
    assert (ran.code, ran.err) == (0, "")
    assert (tmp_path / "dkim/p1.example.org.pem").stat().st_mode & 0o777 == 0o600
    assert ran.line("Made: dkim/p1.example.org.pem", "out of Git")
    assert ran.line('p1._domainkey.example.org. 3600 IN TXT ( "v=DKIM1; k=rsa; p=')
    assert ran.line("value: v=DKIM1; k=rsa; p=")
    assert '[dkim]\nselector = "p1"\nkey_file = "dkim/p1.example.org.pem"\n' in ran.out
    assert "PRIVATE" not in ran.said


def test_D12_a_line_of_a_zone_file_reads_as_the_record(tmp_path: Path) -> None:
    told = json.loads(make_site(tmp_path).run("dkim", "new", "--ed25519", "--json").out)
    assert [record["algorithm"] for record in told["records"]] == ["rsa", "ed25519"]
    for record in told["records"]:
        name, ttl, _, _, data = record["zone"].split(maxsplit=4)
        assert name == record["name"] + "."
        assert int(ttl)
        words = data.strip("() ").replace("\n", " ")  # brackets join lines (RFC 1035 5.1)
        parsed = dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.TXT, words)
        assert isinstance(parsed, TXT)
        assert b"".join(parsed.strings).decode() == record["value"] == "".join(record["strings"])


def test_new_never_touches_what_is_there(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    assert site.run("dkim", "new", "--selector", "p1").code == 0
    before = site.files()
    ran = site.run("dkim", "new", "--selector", "p1", "--ed25519")
    assert ran.code == 6
    assert ran.line("dkim/p1.example.org.pem is there already", "--selector")
    assert site.files() == before, "nor is the other key made"
    assert site.run("dkim", "new", "--selector", "p2").code == 0


def test_new_asks_for_a_domain_where_there_is_a_choice(tmp_path: Path) -> None:
    site = make_site(tmp_path, config=SECOND)
    assert site.run("dkim", "new").line("name one: --domain example.net or example.org")
    ran = site.run("dkim", "new", "--domain", "Example.NET", "--selector", "p1")
    assert '[dkim.domains."example.net"]\nselector = "p1"\n' in ran.out
    assert (tmp_path / "dkim/p1.example.net.pem").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--domain", "example.com"), "example.com cannot sign for mail from example.org"),
        (("--domain", "bücher.example"), "--domain: 'bücher.example' is not a domain"),
        (("--domain", "../x.org"), "is not a domain"),
        (("--selector", "a/b"), "--selector: 'a/b' is not a selector"),
        (("--selector", ""), "is not a selector"),
    ],
)
def test_new_with_names_that_cannot_be(tmp_path: Path, words: tuple[str, str], sentence: str) -> None:
    site = make_site(tmp_path)
    before = site.files()
    ran = site.run("dkim", "new", *words)
    assert ran.code == 2
    assert ran.line(sentence)
    assert site.files() == before


def test_new_makes_no_key_where_the_web_server_would_hand_it_out(tmp_path: Path) -> None:
    site = make_site(tmp_path, config='[secrets]\nfile = "public/publisher.secret"\n')
    ran = site.run("dkim", "new")
    assert ran.code == 2
    assert ran.line("would be served with the feeds")
    assert not (tmp_path / "public").exists()


def test_D7_a_domain_above_signs_for_a_sender_below(tmp_path: Path) -> None:
    site = make_site(tmp_path, newsletter=NEWSLETTER.replace("@example.org", "@news.example.org"))
    assert any(name.endswith("._domainkey.example.org") for name in made(site, "--domain", "example.org"))
    assert 'domain = "example.org"' in site.read("config.toml")
    assert site.run("check", "config").code == 0


def test_show_tells_the_records_of_the_keys_that_are_set(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    assert site.run("dkim", "show").line("No key is set, so nothing is signed here.")
    published = made(site, "--ed25519")
    told = json.loads(site.run("dkim", "show", "--json").out)["records"]
    assert {record["name"]: record["value"] for record in told} == published
    for name, value in published.items():
        assert site.run("dkim", "show").line(f"{name}. 3600 IN TXT")
        assert site.run("dkim", "show").line(f"value: {value}")


def test_D1_D9_D10_digest_post_and_test_mail_are_signed(tmp_path: Path) -> None:
    site = make_site(tmp_path, readers=["ada@example.net", "bob@example.net"])
    published = made(site, "--ed25519")
    assert site.run("digest", "--test", "me@example.net").code == 0
    assert site.run("digest", "--yes").code == 0
    bread = site.post("2024-05-03-bread.md", a_post("Bread"))
    assert site.run("send", str(bread), "--yes").code == 0
    left = list(mails(site))
    assert len(left) == 5
    for mail in left:
        assert dkimpy_says(mail, published) == [True, True]
        assert b"list-unsubscribe:list-unsubscribe" in mail.partition(b"\r\nFrom:")[0]


def test_L9_a_signed_mail_has_a_feedback_id_of_newsletter_kind_and_domain(tmp_path: Path) -> None:
    short = NEWSLETTER.replace("main", "digest").replace("example.org", "a.de")
    site = make_site(tmp_path, config=short + NEWSLETTER.replace("main", "plain").replace("example.org", "example.com"))
    for domain in ("example.org", "a.de"):
        made(site, "--domain", domain)
    for name in ("main", "digest", "plain"):
        assert site.run("digest", name, "--test", "me@example.net").code == 0
    said = sorted(re.findall(rb"(?m)^Feedback-ID: (.*?)\r$", mail) for mail in mails(site))
    assert said == [[], [b"digest:Digest::-a.de"], [b"main:Digest::example.org"]], "relays that sign have their own"
    assert site.run("check", "mail").line(" 0 errors")


def test_L10_help_is_the_page_or_the_mail_that_anybody_can_ask(tmp_path: Path) -> None:
    for config, said in (
        ("", []),
        ('[web]\nurl = "https://news.example.org/x/"\n', [b"<https://news.example.org/x/manage>"]),
        ('[mailbox]\nurl = "maildir:inbox"\n', [b"<mailto:news@example.org?subject=choices>"]),
    ):
        site = make_site(tmp_path / str(len(config)), config=config)
        assert site.run("digest", "--test", "me@example.net").code == 0
        (mail,) = mails(site)
        assert re.findall(rb"(?m)^List-Help: (.*?)\r$", mail) == said


def test_D7_each_newsletter_is_signed_by_its_own_domain(tmp_path: Path) -> None:
    site = make_site(tmp_path, config=SECOND)
    published = made(site, "--domain", "example.org") | made(site, "--domain", "example.net")
    for name, domain in (("main", "example.org"), ("other", "example.net")):
        assert site.run("digest", name, "--test", "me@example.net").code == 0
        assert any(f" d={domain};".encode() in mail for mail in mails(site))
    assert [dkimpy_says(mail, published) for mail in mails(site)] == [[True], [True]]


def test_without_keys_nothing_is_signed(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    assert site.run("digest", "--test", "me@example.net").code == 0
    assert [b"DKIM-Signature" in mail for mail in mails(site)] == [False]


def test_a_key_that_others_can_read_stops_everything_before_it_begins(tmp_path: Path) -> None:
    site = make_site(tmp_path, readers=["ada@example.net"])
    made(site, "--selector", "p1")
    key = tmp_path / "dkim/p1.example.org.pem"
    key.chmod(0o640)
    for words in (("digest", "--yes"), ("digest", "--test", "me@example.net"), ("tick",), ("run",), ("dkim", "show")):
        ran = site.run(*words)
        assert ran.code == 2
        assert ran.line("publisher: dkim.key_file: ", "p1.example.org.pem is open to others; close it: chmod 600")
    line = site.read("config.toml").splitlines().index('key_file = "dkim/p1.example.org.pem"') + 1
    assert site.run("check", "config").line(f"config.toml:{line}: ", "is open to others", "[setting-wrong]")
    assert not (tmp_path / "outbox").exists()
    key.chmod(0o600)
    assert site.run("digest", "--yes").code == 0


def test_the_wrong_kind_of_key_is_a_sentence(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    made(site, "--selector", "p1", "--ed25519")
    site.write("config.toml", site.read("config.toml").replace('"dkim/p1.example', '"dkim/p1-ed25519.example'))
    assert site.run("check", "config").line("dkim: example.org: the first key must be RSA")


def test_check_finds_a_key_that_git_would_take(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    made(site, "--selector", "p1")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    site.write(".gitignore", "/publisher.*\n/outbox/\n")
    assert site.run("check", "config").code == 0
    (tmp_path / "dkim/.gitignore").unlink()
    ran = site.run("check", "config")
    assert ran.code == 2
    assert ran.line("dkim/p1.example.org.pem: a private key of DKIM, is not ignored by Git", "[private-in-git]")


MISTAKES = [
    ('[dkim]\nkey_file = "x"', "dkim.selector: is missing"),
    ('[dkim]\nselector = "x"', "dkim.key_file: is missing; `publisher dkim new` makes one"),
    ('[dkim]\ndomain = "example.org"', "dkim.key_file: is missing, so nothing is signed"),
    ('[dkim]\nselector = "a b"\nkey_file = "x"', "dkim.selector: 'a b' is not a selector"),
    ('[dkim]\ndomain = "org"\nselector = "a"\nkey_file = "x"', "dkim.domain: 'org' is not a domain"),
    ('[dkim]\ned25519_selector = "a"\ned25519_key_file = "x"', "Ed25519 never signs alone"),
    ('[dkim]\nselector = "a"\nkey_file = "x"\ned25519_selector = "b"', "dkim.ed25519_key_file: is missing"),
    (
        '[dkim]\nselector = "a"\nkey_file = "x"\ned25519_selector = "a"\ned25519_key_file = "y"',
        "dkim.ed25519_selector: is the other key's name too",
    ),
    (
        '[dkim]\ndomain = "example.net"\nselector = "a"\nkey_file = "x"',
        "dkim.domain: example.net cannot sign for newsletter 'main' from news@example.org: the two must be one domain",
    ),
    ('[dkim.domains."example.net"]\nselector = "a"', "dkim.domains.example.net.key_file: is missing"),
    ('[dkim.domains."example.net"]\nselektor = "a"', 'did you mean "selector"?'),
    ('[dkim.domains."x"]\nselector = "a"\nkey_file = "x"', "dkim.domains.x: 'x' is not a domain"),
]


@pytest.mark.parametrize(("written", "sentence"), MISTAKES)
def test_settings_that_cannot_be(tmp_path: Path, written: str, sentence: str) -> None:
    ran = make_site(tmp_path, config=f"{written}\n").run("check", "config")
    assert ran.code == 2
    assert ran.line(sentence, "[setting-wrong]")
