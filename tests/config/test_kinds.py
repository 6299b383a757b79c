import re
from datetime import timedelta

import pytest

from publisher.config.kinds import parse_duration, parse_link, parse_mailbox, parse_span, parse_url
from publisher.config.patterns import check_permalink
from publisher.config.transport import SmtpServer, parse_transport
from publisher.posts.generators import Generator


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        ("72h", timedelta(hours=72)),
        ("14d", timedelta(days=14)),
        ("2w", timedelta(weeks=2)),
        ("1h30m", timedelta(minutes=90)),
        ("1h 30m", timedelta(minutes=90)),
    ],
)
def test_durations(text: str, span: timedelta) -> None:
    assert parse_duration(text) == span


@pytest.mark.parametrize("text", ["", "30", "m", "-5m", "1.5h", "30 min", "9" * 7 + "w", "0s", 30, None, True, "30M"])
def test_what_is_no_duration(text: object) -> None:
    with pytest.raises(ValueError, match=r"is not a duration|no time at all"):
        parse_span(text)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://t.example", "https://t.example/"),
        ("https://t.example/blog", "https://t.example/blog/"),
        ("http://localhost:8080/", "http://localhost:8080/"),
        ("https://bücher.example/ü", "https://xn--bcher-kva.example/ü/"),
        ("https://bücher.example:444", "https://xn--bcher-kva.example:444/"),
        ("HTTPS://t.example/", "https://t.example/"),
        ("https://[::1]:8080", "https://[::1]:8080/"),
    ],
)
def test_urls_end_with_a_slash(text: str, url: str) -> None:
    assert parse_url(text) == url


@pytest.mark.parametrize(
    "text",
    ["", "t.example", "/blog", "//t.example", "ftp://t.example", "https://", "https://t.example/?x", "https://t.example/#x",
     "https://t.example:x/", "https://[::1/", "https://t.example/a b", "https://t.example/\n", "mailto:a@b.example", 1,
     "https://ü\u2028.example/"],
)  # fmt: skip
def test_what_is_no_url_of_a_place(text: object) -> None:
    with pytest.raises(ValueError, match=r"URL|\? or a #|blank|no domain"):
        parse_url(text)


def test_a_user_in_a_url_is_refused_and_not_shown() -> None:
    with pytest.raises(ValueError, match="for everybody to read") as caught:
        parse_link("https://ada:hunter2@t.example/")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("Ada Lovelace <ada@t.example>", "Ada Lovelace", "ada@t.example"),
        ('"Ada, Countess" <ada@t.example>', "Ada, Countess", "ada@t.example"),
        ("Ada, Countess <ada@t.example>", "Ada, Countess", "ada@t.example"),
        ("ada@t.example", "", "ada@t.example"),
        ("<ada@t.example>", "", "ada@t.example"),
        ("  Ada   L  <ada@t.example> ", "Ada L", "ada@t.example"),
        ("Bücher <news@bücher.example>", "Bücher", "news@bücher.example"),
    ],
)
def test_mailboxes(text: str, name: str, address: str) -> None:
    mailbox = parse_mailbox(text)
    assert (mailbox.name, str(mailbox.address)) == (name, address)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ada",
        "Ada <ada>",
        "Ada <a@b.example",
        "A <a@t.example> B",
        "A\r\nBcc: x <a@t.example>",
        "bücher@t.example",
        "B <ü@t.example>",
    ],
)
def test_what_is_no_mailbox(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not an address|line break|letters before the @"):
        parse_mailbox(text)


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "user"),
    [
        ("smtp://mail.t.example", "mail.t.example", 587, "starttls", None),
        ("smtp://ada@mail.t.example:25", "mail.t.example", 25, "starttls", "ada"),
        ("smtp://ada%40t.example@mail.t.example", "mail.t.example", 587, "starttls", "ada@t.example"),
        ("smtps://mail.t.example/", "mail.t.example", 465, "implicit", None),
        ("SMTPS://mail.t.example", "mail.t.example", 465, "implicit", None),
        ("smtp://localhost:2525", "localhost", 2525, "either", None),
        ("smtp://127.0.0.1", "127.0.0.1", 587, "either", None),
        ("smtp://[::1]:25", "::1", 25, "either", None),
        ("smtp://127.0.0.1.t.example", "127.0.0.1.t.example", 587, "starttls", None),
        ("smtp://localhost.t.example", "localhost.t.example", 587, "starttls", None),
        ("smtps://localhost", "localhost", 465, "implicit", None),
    ],
)
def test_only_this_machine_may_do_without_tls(url: str, host: str, port: int, tls: str, user: str | None) -> None:
    server = parse_transport(url, None)
    assert isinstance(server, SmtpServer)
    assert (server.host, server.port, server.tls, server.user) == (host, port, tls, user)


@pytest.mark.parametrize(
    "pattern",
    [
        "/:year/:month/:day/:title/",
        "/:title.html",
        "/posts/:slug/",
        "/:categories/:title/",
        "pretty",
        "{slug}.html",
        ":title",
    ],
)
def test_permalinks(pattern: str) -> None:
    assert check_permalink(pattern, Generator.NONE) is None


@pytest.mark.parametrize(
    "pattern",
    [
        "/blog/{{ page.fileSlug }}/",
        '/{{ page.date | date: "%Y/%m" }}/{{ title | slugify }}/index.html',
        "{{ page.filePathStem }}.html",
    ],
)
def test_the_blanks_of_a_template_are_none_of_the_address(pattern: str) -> None:
    assert check_permalink(pattern, Generator.ELEVENTY) is None


def test_a_blank_beside_a_template_is_one() -> None:
    assert "blank" in (check_permalink("/a b/{{ page.fileSlug }}/", Generator.ELEVENTY) or "")


@pytest.mark.parametrize(
    "pattern", ["", "none?", "/:year/", "/", "/:titel/", "/:title?x", "/a b/:title/", "/:title/#x"]
)
def test_what_is_no_permalink(pattern: str) -> None:
    wrong = check_permalink(pattern, Generator.NONE)
    assert wrong is not None
    assert re.search(r"not a word that we know|gives all posts|has a blank", wrong)
