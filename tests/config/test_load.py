import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.config import Config, Outbox, SmtpServer, load_config
from publisher.errors import ConfigError, Exit

SITE = '[site]\ntitle = "T"\nurl = "https://t.example/"\n'
MAIN = '[newsletters.main]\ntitle = "N"\nfrom = "n@t.example"\nfrequencies = { weekly = "mondays 09:00" }\n'

Load = Callable[..., Config]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def write_and_load(text: str | bytes = SITE, **environ: str) -> Config:
        path = tmp_path / "config.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_config(path, environ)

    return write_and_load


def problems(load: Load, text: str | bytes, **environ: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        load(text, **environ)
    assert caught.value.exit_code is Exit.USAGE
    return caught.value.problems


def loaded_or_said(load: Load, text: str, **environ: str) -> str:
    try:
        return repr(load(text, **environ))
    except ConfigError as error:
        return str(error)


def test_title_and_url_are_enough(load: Load, tmp_path: Path) -> None:
    config = load()
    assert config.posts.folder == tmp_path / "posts"
    assert config.output.folder == tmp_path / "public"
    assert config.smtp.url == Outbox(path=tmp_path / "outbox")
    assert config.database.url.get_secret_value() == f"sqlite:///{tmp_path}/publisher.db"
    assert config.site_value().public_url == "https://t.example/"
    assert config.announce_since() is None
    assert config.newsletter_values() == {}


# what stands after [site], the line and key that are blamed, what is said
NAMES_OF_OURS = ("manual", "post", "owner", "confirm", "manage", "welcome", "address", "moved", "changed", "export")
MISTAKES = [
    ("[site", "5", "", "is not TOML"),
    ("x = My blog", "5", "", 'text stands in quotes: title = "My blog"'),
    ("[posts]\n[posts]", "6", "", "is not TOML"),
    ('titel = "x"', "5", "site.titel", 'is not a key that we know; did you mean "title"?'),
    ("qqq = 1", "5", "site.qqq", "is not a key that we know; there are: title, url, language"),
    ("[newsletter.main]", "5", "newsletter", 'did you mean "newsletters"?'),
    (MAIN.replace("n@t.example", "A @ B <n@t.example>"), "7", "newsletters.main.from", "with an @ it"),
    (MAIN.replace('"N"', '"Mail @ Home"'), "7", "newsletters.main.from", "'Mail @ Home' is the name"),
    (MAIN + 'frm = "x"', "9", "newsletters.main.frm", 'did you mean "from"?'),
    ('[smtp]\npasword_file = "x"', "6", "smtp.pasword_file", 'did you mean "password_file"?'),
    ("newsletters = 1", "5", "site.newsletters", "is not a key that we know"),
    ("[newsletters]\nmain = 1", "6", "newsletters.main", "is not a table"),
    ("[[posts]]", "5", "posts", "is not a table"),
    ('timezone = "Europe/Berln"', "5", "site.timezone", 'is not a time zone; did you mean "Europe/Berlin"?'),
    ('timezone = "berlin"', "5", "site.timezone", 'did you mean "Europe/Berlin"?'),
    ('timezone = "CET+1/../x"', "5", "site.timezone", "is not a time zone"),
    ("timezone = 1", "5", "site.timezone", '1 is not a time zone; write timezone = "Europe/Berlin"'),
    ('language = "en_GB"', "5", "site.language", 'did you mean "en-GB"?'),
    ('language = "klingon"', "5", "site.language", "is not a language that we know"),
    ('email = "ada"', "5", "site.email", 'write email = "ada@example.org"'),
    ('author = "a\\nb"', "5", "site.author", "line break"),
    ('author = "  "', "5", "site.author", 'is empty; write author = "Ada Lovelace"'),
    ('[output]\nurl = "/feeds"', "6", "output.url", "must begin with https://"),
    ('[posts]\nmarkdown = "gfm"', "6", "posts.markdown", "is none of 'extra' or 'commonmark'"),
    ('[posts]\ndate_time = "9"', "6", "posts.date_time", 'is not a time of day; write date_time = "00:00"'),
    ("[posts]\ndate_time = 09:00:00", "6", "posts.date_time", "is not a time of day"),
    ('[posts]\nfolder = ""', "6", "posts.folder", 'is not a path; write folder = "posts"'),
    ('[posts]\nfolder = "x\\u0000"', "6", "posts.folder", "NUL"),
    ('[posts]\npermalink = "/:yaer/:title/"', "6", "posts.permalink", ":yaer"),
    ('[output]\nfolder = "."', "6", "output.folder", "in each other"),
    ('[feeds]\nlimit = "50"', "6", "feeds.limit", "is not a whole number; write limit = 50"),
    ("[feeds]\nlimit = 0", "6", "feeds.limit", "is less than 1"),
    ("[feeds]\nfull = 1", "6", "feeds.full", "is neither true nor false; write full = true"),
    ('[feeds]\nformats = ["atom", "rdf"]', "6", "feeds.formats[1]", "is none of 'atom', 'rss' or 'json'"),
    ("[feeds]\nformats = []", "6", "feeds.formats", "is empty"),
    ('[feeds]\nformats = "atom"', "6", "feeds.formats", 'is not a list; write formats = ["atom", "rss", "json"]'),
    ('[feeds]\npath = "feed.xml"', "6", "feeds.path", "needs {ext}"),
    ('[feeds]\npath = "{0}.{ext}"', "6", "feeds.path", "{name} and {ext}"),
    ('[feeds]\npath = "{name.__class__}.{ext}"', "6", "feeds.path", "no other braces"),
    ('[feeds]\npath = "../{name}.{ext}"', "6", "feeds.path", "must stay in the output folder"),
    ('[feeds]\ncategory_path = "c.{ext}"', "6", "feeds.category_path", "needs {name} and {ext}"),
    ('[announce]\nafter = "30"', "6", "announce.after", "is not a duration"),
    ('[announce]\nmax_age = "999999d"', "6", "announce.max_age", "is more than a hundred years; write 36500d"),
    ('[smtp]\ntimeout = "30d"', "6", "smtp.timeout", "is more than a day"),
    ('[retention]\nreceived = "999999w"', "6", "retention.received", "is more than a hundred years"),
    ("[smtp]\nrate = 2026-12-01", "6", "smtp.rate", "2026-12-01 is not a rate"),
    ("[smtp]\ntimeout = true", "6", "smtp.timeout", "true is not a duration"),
    ('[smtp]\nurl = "smtp://127.0.0.1:0"', "6", "smtp.url", "its host or port cannot be read"),
    ('[smtp]\nurl = "smtp://h h:25"', "6", "smtp.url", "its host or port cannot be read"),
    ('[smtp]\nurl = "smtp://-h"', "6", "smtp.url", "its host or port cannot be read"),
    ('[smtp]\nurl = "smtp://1.2.3.4.5"', "6", "smtp.url", "its host or port cannot be read"),
    (
        f'[newsletters.main]\ntitle = "A"\nfrom = "{"n" * 65}@example.org"\nfrequencies = {{ w = "mondays 09:00" }}',
        "7",
        "newsletters.main.from",
        "has more than 64 letters before the @",
    ),
    (
        '[newsletters.main]\ntitle = "A"\nfrom = "a@example.org"\nfrequencies = { a = 1 }',
        "8",
        "newsletters.main.frequencies.a",
        "write frequencies = {",
    ),
    ('[announce]\nmax_age = "0m"', "6", "announce.max_age", "no time at all"),
    ("[announce]\nmax_age = 14", "6", "announce.max_age", 'write max_age = "14d"'),
    ('[announce]\nsince = "2026-11-01"', "6", "announce.since", "write since = 2026-11-01"),
    ("[guard]\nremoved_share = 10", "6", "guard.removed_share", "is more than 1.0"),
    ('[database]\nurl = "mysql://x/y"', "6", "database.url", "is not a database that we know"),
    ('[database]\nurl = "sqlite://"', "6", "database.url", "names no file"),
    ('[smtp]\nurl = "mail.example.org"', "6", "smtp.url", "write smtp://user@host:587"),
    ('[smtp]\nurl = "smtp:mail.example.org"', "6", "smtp.url", "write smtp://user@host:587"),
    ('[smtp]\nurl = "smtp://"', "6", "smtp.url", "names no host"),
    ('[smtp]\nurl = "smtp://h:smtp"', "6", "smtp.url", "port cannot be read"),
    ('[smtp]\nurl = "smtp://.example.org"', "6", "smtp.url", "its host or port cannot be read"),
    (f'[smtp]\nurl = "smtp://{"a" * 64}.example.org"', "6", "smtp.url", "its host or port cannot be read"),
    ('[smtp]\nurl = "smtp://h/x"', "6", "smtp.url", "after the port"),
    ('[smtp]\nurl = "maildir:"', "6", "smtp.url", "names no folder"),
    ("[smtp]\nconnections = 0", "6", "smtp.connections", "is less than 1"),
    ('[smtp]\nrate = "14"', "6", "smtp.rate", "is not a rate; write a number and s, min, h or day"),
    ("[smtp]\nrate = 14", "6", "smtp.rate", '14 is not a rate; write a number and s, min, h or day, as in "14/s"'),
    ('[smtp]\nrate = "-1/s"', "6", "smtp.rate", "is not a rate"),
    ('[smtp]\nrate = "0/s"', "6", "smtp.rate", "lets nothing out, ever; leave it out"),
    ('[smtp]\nrate = "9/week"', "6", "smtp.rate", "'week' is no unit; write s, min, h or day"),
    ('[smtp]\nrate = ["1/s", "2/s"]', "6", "smtp.rate", "1/s and 2/s count the same time; write one of them"),
    ('[smtp.limits]\ngmail.com = "1/s"', "5", "smtp.limits", 'a domain stands in quotes, as in "gmail.com" = "20/s"'),
    ('[smtp.limits]\n"gmail.com" = "x"', "6", "smtp.limits.gmail.com", "'x' is not a rate"),
    ('[smtp.limits]\n"gmail com" = "1/s"', "6", "smtp.limits.gmail com", "is not a domain; write it as in"),
    ('[smtp.limits]\nlocalhost = "1/s"', "6", "smtp.limits.localhost", "is not a domain"),
    ('[smtp.limits]\n"a@gmail.com" = "1/s"', "6", "smtp.limits.a@gmail.com", "write its domain alone"),
    ('[smtp.limits]\n"*.gmail.com" = "1/s"', "6", "smtp.limits.*.gmail.com", 'write it out, or "*" for all others'),
    ('[smtp.limits]\n"b.t" = "1/s"\n"B.T" = "2/s"', "5", "smtp.limits", "'b.t' is there twice, in two spellings"),
    ("[smtp.warmup]\nfirst = 9", "5", "smtp.warmup.start", "is missing; write start = 2026-12-01"),
    ('[smtp.warmup]\nstart = "2026-12-01"', "6", "smtp.warmup.start", "is not a day; write it without quotes"),
    ("[smtp.warmup]\nstart = 2026-12-01T09:00:00", "6", "smtp.warmup.start", "2026-12-01T09:00:00 is not a day"),
    ("[smtp]\nwarmup = { start = 2026-12-01, first = 0 }", "6", "smtp.warmup.first", "less than 1; write first = 200"),
    ("[smtp]\nwarmup = { start = 2026-12-01, growth = 0.9 }", "6", "smtp.warmup.growth", "is less than 1"),
    ("[smtp]\nwarmup = { start = 2026-12-01, growth = 11 }", "6", "smtp.warmup.growth", "is more than 10"),
    ("[smtp]\nwarmup = { start = 2026-12-01, growth = nan }", "6", "smtp.warmup.growth", "is "),
    ("[smtp]\nwarmup = { start = 2026-12-01, until = 200 }", "6", "smtp.warmup.until", "there would be no warm-up"),
    ("[smtp]\nwarmup = { start = 2026-12-01, grow = 2 }", "6", "smtp.warmup.grow", "is not a key that we know"),
    ("[smtp]\nwarmup = true", "6", "smtp.warmup", "is not a table"),
    ('[delivery]\non_doubt = "ask"', "6", "delivery.on_doubt", "is none of 'resend' or 'hold'"),
    ("[web]\nport = 99999", "6", "web.port", "is more than 65535"),
    ('[web]\nurl = "http://news.t.example"', "6", "web.url", "is not https"),
    ('[owner]\nprivacy_url = "/privacy"', "6", "owner.privacy_url", "must begin with https://"),
    (MAIN + "minimum = 0", "9", "newsletters.main.minimum", "is less than 1"),
    (MAIN.replace("n@t.example", "N <n@>"), "7", "newsletters.main.from", "is not an address"),
    (MAIN.replace("mondays", "moondays"), "8", "newsletters.main.frequencies.weekly", "is not a day that we know"),
    (MAIN.replace("mondays 09:00", "0 9 * * 1"), "8", "newsletters.main.frequencies.weekly", "1 is Tuesday"),
    (MAIN.replace("weekly", "Weekly"), "8", "newsletters.main.frequencies.Weekly", "is not a name"),
    (MAIN.replace('"mondays 09:00"', "9"), "8", "newsletters.main.frequencies.weekly", "is not text"),
    (MAIN.replace('weekly = "mondays 09:00"', ""), "8", "newsletters.main.frequencies", "is empty"),
    *(
        (MAIN.replace("weekly", name), "8", f"newsletters.main.frequencies.{name}", "issues of our own are named by")
        for name in NAMES_OF_OURS
    ),
    (MAIN.replace("main", '"a b"'), "5", "newsletters.a b", "is not a name"),
    ('[newsletters.main]\ntitle = "x"\nfrom = "a@t.example"', "5", "newsletters.main.frequencies", "is missing; write"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "key", "says"), MISTAKES)
def test_a_mistake_is_a_sentence_with_its_line(load: Load, text: str, line: str, key: str, says: str) -> None:
    found = problems(load, f"{SITE}\n{text}\n")
    assert len(found) == 1, found
    assert found[0].startswith(f"config.toml:{line}: {key}: " if key else f"config.toml:{line}: ")
    assert says in found[0]
    assert "\n" not in found[0]


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(load: Load) -> None:
    text = SITE.replace('title = "T"', "title = 1") + 'timezone = "x"\n[guard]\nnew = -1\nold = 2\n[smtp]\nurl = "x"\n'
    found = problems(load, text, PUBLISHER_DATABASE_URL="oracle://x")
    assert [re.sub(r"(:\d+)?: .*", r"\1", problem) for problem in found] == [
        "PUBLISHER_DATABASE_URL", "config.toml:2", "config.toml:4", "config.toml:6", "config.toml:7", "config.toml:9",
    ]  # fmt: skip


def test_an_empty_file_says_what_to_write(load: Load) -> None:
    assert problems(load, "") == (
        (
            'config.toml:1: site: is missing; write [site] and under it title = "Field Notes"'
            ' and url = "https://blog.example.org/"'
        ),
    )


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no such file; .* --config PATH or PUBLISHER_CONFIG"):
        load_config(tmp_path / "none.toml", {})
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path, {})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (SITE.encode() + b"# caf\xe9\n", "config.toml:4: is not UTF-8"),
        (SITE.encode("utf-16"), "config.toml:1: is not UTF-8"),
        (bytes(1000), "config.toml:1: is not TOML"),
        (SITE.encode() + b"x = " + b"[" * 100_000, "config.toml"),
        (SITE.encode() + b'x = "', "config.toml:4: is not TOML"),
    ],
)
def test_what_is_no_text_at_all(load: Load, text: bytes, says: str) -> None:
    assert says in problems(load, text)[0]


def test_a_byte_order_mark_and_windows_lines_are_fine(load: Load) -> None:
    assert load(b"\xef\xbb\xbf" + SITE.replace("\n", "\r\n").encode()).site.title == "T"


@given(st.text())
def test_any_text_at_all_loads_or_says_why(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(f"{SITE}{text}".encode("utf-8", "surrogatepass"))
    try:
        load_config(path, {})
    except ConfigError as error:
        assert all(re.match(r"any\.toml:\d+: ", problem) for problem in error.problems)  # noqa: PT017 - either is right


class TestSecrets:
    def test_a_password_in_the_file_is_refused_and_not_shown(self, load: Load) -> None:
        text = (
            SITE + '[smtp]\nurl = "smtp://ada:hunter2@mail.example.org"\n[database]\nurl = "postgresql://p:hunter2@h/d"'
        )
        found = problems(load, text)
        assert "hunter2" not in "".join(found)
        assert found[0].startswith("config.toml:5: smtp.url: has a password in it")
        assert "PUBLISHER_SMTP_URL" in found[0]
        assert found[1].startswith("config.toml:7: database.url: has a password in it")

    @pytest.mark.parametrize(
        "url",
        ["smtp://ada:hunter2@h:x", "smtp://ada:hunter2@", "smtp://ada:hunter2/3@h", "imap://ada:hunter2@h",
         "smtp://[::1:hunter2@x", "smtp://ada:hunter2@h/path", "smtp://ada:hunter2#@h"],
    )  # fmt: skip
    def test_a_url_with_a_password_is_never_shown(self, load: Load, url: str) -> None:
        assert "hunter2" not in "".join(problems(load, f'{SITE}[smtp]\nurl = "{url}"'))
        assert "hunter2" not in loaded_or_said(load, SITE, PUBLISHER_SMTP_URL=url)
        assert "hunter2" not in "".join(problems(load, f'{SITE}[database]\nurl = "{url}"'))
        assert "hunter2" not in loaded_or_said(load, SITE, PUBLISHER_DATABASE_URL=url)

    def test_smtp_password_is_no_key_of_the_file(self, load: Load) -> None:
        found = problems(load, SITE + '[smtp]\npassword = "hunter2"')
        assert found == (
            (
                "config.toml:5: smtp.password: a secret does not belong in this file;"
                " set PUBLISHER_SMTP_PASSWORD, or write smtp.password_file"
            ),
        )

    def test_a_url_in_another_coding_is_refused_before_anybody_writes_it_down(self, load: Load) -> None:
        (said,) = problems(load, SITE, PUBLISHER_SMTP_URL=os.fsdecode(b"smtp://m\xe4@example.org"))
        assert "PUBLISHER_SMTP_URL: is not in UTF-8; write its letters beyond ASCII as %XX" in said

    def test_the_environment_stands_above_the_file(self, load: Load) -> None:
        config = load(
            SITE + '[smtp]\nurl = "maildir:x"',
            PUBLISHER_SMTP_URL="smtps://ada%40t.example:hunter%32@mail.t.example",
            PUBLISHER_DATABASE_URL="postgres://p:hunter2@h/d",
        )
        assert config.smtp.url == SmtpServer(host="mail.t.example", port=465, tls="implicit", user="ada@t.example")
        assert config.smtp.password is not None
        assert config.smtp.password.get_secret_value() == "hunter2"
        assert config.database.url.get_secret_value() == "postgresql+psycopg://p:hunter2@h/d"
        assert "hunter2" not in repr(config)
        assert "hunter2" not in str(config)

    def test_a_password_of_its_own_stands_above_the_one_in_the_url(self, load: Load) -> None:
        config = load(PUBLISHER_SMTP_URL="smtp://a:one@h", PUBLISHER_SMTP_PASSWORD="two")
        assert config.smtp.password is not None
        assert config.smtp.password.get_secret_value() == "two"

    def test_an_empty_variable_is_none(self, load: Load) -> None:
        assert load(PUBLISHER_SMTP_URL="", PUBLISHER_SMTP_PASSWORD="").smtp.password is None

    def test_a_password_file(self, load: Load, tmp_path: Path) -> None:
        file = tmp_path / "password"
        file.write_text("hunter2 \n")
        file.chmod(0o600)
        config = load(SITE + '[smtp]\nurl = "smtp://a@h"\npassword_file = "password"')
        assert config.smtp.password is not None
        assert config.smtp.password.get_secret_value() == "hunter2 "
        assert "hunter2" not in repr(config)

    @pytest.mark.parametrize("mode", [0o644, 0o604, 0o602])
    def test_a_password_file_that_others_may_open(self, load: Load, tmp_path: Path, mode: int) -> None:
        file = tmp_path / "password"
        file.write_text("hunter2")
        file.chmod(mode)
        (problem,) = problems(load, SITE + '[smtp]\npassword_file = "password"')
        assert problem.startswith("config.toml:5: smtp.password_file: ")
        assert f"chmod 600 {file}" in problem

    def test_a_password_file_that_is_not_there(self, load: Load) -> None:
        (problem,) = problems(load, SITE + '[smtp]\npassword_file = "password"')
        assert "cannot be read: No such file" in problem
        assert load(SITE + '[smtp]\npassword_file = "password"', PUBLISHER_SMTP_PASSWORD="x").smtp.password


def test_paths_are_relative_to_the_file(load: Load, tmp_path: Path) -> None:
    config = load(
        SITE + '[posts]\nfolder = "a/b"\n[output]\nfolder = "/srv/www"\n[smtp]\nurl = "maildir:box"\n'
        '[database]\nurl = "sqlite:///data/p.db"\n[secrets]\nfile = "../s"\n'
    )  # fmt: skip
    assert config.posts.folder == tmp_path / "a/b"
    assert config.output.folder == Path("/srv/www")
    assert config.smtp.url == Outbox(path=tmp_path / "box")
    assert config.database.url.get_secret_value() == f"sqlite:///{tmp_path}/data/p.db"
    assert config.secrets.file == tmp_path / "../s"


@pytest.mark.parametrize(
    ("written", "since"),
    [
        ("2026-11-01", datetime(2026, 10, 31, 23, 0, tzinfo=UTC)),
        ("2026-11-01T12:00:00", datetime(2026, 11, 1, 11, 0, tzinfo=UTC)),
        ("2026-11-01 12:00:00Z", datetime(2026, 11, 1, 12, 0, tzinfo=UTC)),
    ],
)
def test_since_is_meant_in_the_zone_of_the_site(load: Load, written: str, since: datetime) -> None:
    config = load(f'{SITE}timezone = "Europe/Berlin"\n[announce]\nsince = {written}')
    assert config.announce_since() == since


def test_a_newsletter_takes_from_the_site_what_it_does_not_say(load: Load) -> None:
    text = (
        f'{SITE}timezone = "Europe/Berlin"\nlanguage = "de"\n{MAIN}' + MAIN.replace("main", "other") + 'language = "fr"'
    )
    config = load(text + '\ntimezone = "Asia/Tokyo"')
    main, other = config.newsletter_values().values()
    assert (main.zone, main.language, main.sender_name, str(main.sender)) == ("Europe/Berlin", "de", "N", "n@t.example")
    assert (other.zone, other.language) == ("Asia/Tokyo", "fr")
    assert main.default_frequency == "weekly"
    assert config.schedules()["other", "weekly"].zone.key == "Asia/Tokyo"


def test_pictures_of_the_site_become_absolute(load: Load) -> None:
    config = load(SITE + 'icon = "/i.png"\nlogo = "https://cdn.example/l.png"\nauthor = "A"\nemail = "a@t.example"')
    site = config.site_value()
    assert (site.icon, site.logo) == ("https://t.example/i.png", "https://cdn.example/l.png")
    assert site.author is not None
    assert (site.author.name, site.author.email) == ("A", "a@t.example")


def test_categories_of_a_newsletter_are_terms(load: Load) -> None:
    config = load(f'{SITE}{MAIN}categories = ["Slow Travel", "C++"]')
    assert config.newsletter_values()["main"].categories == ("slow-travel", "c-plus-plus")


def test_settings_can_be_written_down_without_secrets(load: Load) -> None:
    config = load(
        f'{SITE}email = "a@t.example"\n{MAIN}',
        PUBLISHER_SMTP_URL="smtp://a:hunter2@h",
        PUBLISHER_DATABASE_URL="postgresql://a:hunter2@h/d",
    )
    said = config.model_dump_json()
    assert "a@t.example" in said
    assert "hunter2" not in said
    assert config.site.model_dump_json() != load(SITE).site.model_dump_json()
