"""Bad input, each kind once: one clear sentence, nothing lost, nothing else stopped, and a second run completes it."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from publisher.wiring import now
from tests.peers import missing
from tests.scripted import Act, Scripted, Stage, scripted
from tests.sites import NEWSLETTER, READERS, Ran, Site, a_post, make_site, smtp

FROST = "2024-05-02-frost.md"
EVERYBODY = sorted(READERS)
UNLUCKY = READERS[1]


def feed(site: Site) -> str:
    return site.read("public/feed.atom")


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted() as running:
        yield running


# --- settings ---------------------------------------------------------------------------------------------------------


def test_no_config(tmp_path: Path) -> None:
    ran = Site(tmp_path).run("build")
    assert ran.code == 2
    assert ran.line("config.toml: there is no such file", "--config PATH")
    assert list(tmp_path.iterdir()) == []


SETTINGS = [
    ("[feeds]\ntitle = My blog", "is not TOML", 'title = "My blog"'),
    ("[owners]", "owners: is not a key that we know", 'did you mean "owner"?'),
    ('[web]\nport = "80"', "web.port: is not a whole number", "write port = 8080"),
    (
        '[newsletters.b]\ntitle = "B"\nfrom = "b@"\nfrequencies = { weekly = "mondays 09:00" }',
        "newsletters.b.from",
        "write from =",
    ),
    (
        '[newsletters.b]\ntitle = "B"\nfrom = "b@b.example"\ntimezone = "Berlin"',
        "'Berlin' is not a time zone",
        "Europe/Berlin",
    ),
    (
        '[newsletters.b]\ntitle = "B"\nfrom = "b@b.example"\nfrequencies.x = "0 9 * *"',
        "newsletters.b.frequencies.x: '0 9 * *' is not a schedule",
        "mondays 09:00",
    ),
    (
        '[newsletters.b]\ntitle = "B"\nfrom = "b@b.example"\nfrequencies.x = "0 25 * * mon"',
        "newsletters.b.frequencies.x: ",
        "0 9 * * mon",
    ),
]


@pytest.mark.parametrize(("text", "wrong", "mend"), SETTINGS)
def test_bad_config(tmp_path: Path, text: str, wrong: str, mend: str) -> None:
    site = make_site(tmp_path)
    first = len(site.read("config.toml").splitlines()) + 1
    site.write("config.toml", site.read("config.toml") + text + "\n")
    before = site.files()
    for words in (("build",), ("digest", "--yes"), ("tick",), ("check",)):
        ran = site.run(*words)
        assert ran.code == 2
        said = ran.line("config.toml:", wrong, mend)
        line = int(said.partition("config.toml:")[2].partition(":")[0])
        assert first <= line <= len(site.read("config.toml").splitlines())
    assert site.files() == before


# --- posts ------------------------------------------------------------------------------------------------------------

LEFT_OUT: dict[str, tuple[str, str | bytes, str, str]] = {
    "no date": ("undated.md", a_post("Bad"), "undated.md:", "add `date: 2020-12-31`"),
    "broken YAML": (
        "2024-05-03-bad.md",
        "---\n  a: b\n c: d\ntitle: Bad\n---\nWords\n",
        "2024-05-03-bad.md:3: the front matter is not YAML",
        "one column",
    ),
    "broken TOML": ("2024-05-03-bad.md", "+++\ntitle = Bad\n+++\nWords\n", "2024-05-03-bad.md:2: ", "TOML"),
    "unclosed": (
        "2024-05-03-bad.md",
        "+++\ntitle = 'Bad'\nWords\n",
        "2024-05-03-bad.md:",
        "add a line `+++` after its end",
    ),
    "full of NULs": ("2024-05-03-bad.md", b"\0" * 5000, "2024-05-03-bad.md: ", "write the post, or delete the file"),
    "impossible date": (
        "bad.md",
        "---\ntitle: Bad\ndate: 2026-02-30\n---\nWords\n",
        "bad.md:1: `date:` '2026-02-30' is no date that exists",
        "write it as 2020-12-31",
    ),
}


@pytest.mark.parametrize("case", LEFT_OUT)
def test_a_post_that_cannot_be_read_is_named_and_stops_no_other(tmp_path: Path, case: str) -> None:
    name, text, place, mend = LEFT_OUT[case]
    with scripted() as server:
        site = make_site(tmp_path, config=smtp(server.port), readers=READERS)
        site.post(name, text)
        ran = site.run("build")
        assert ran.code == 1
        assert ran.line("error: ", place, mend)
        assert "<title>Frost</title>" in feed(site)
        sent = site.run("digest", "--yes")
        assert sent.line(place)
        assert server.recipients() == EVERYBODY
        server.messages.clear()
        # mended, it comes as any other
        (tmp_path / "posts" / name).unlink()
        site.post("2024-05-03-bad.md", a_post("Mended"))
        assert site.run("digest", "--yes").code == 0
        assert server.recipients() == EVERYBODY
        assert all(b"Subject: Mended" in message for _, message in server.messages)
    assert "<title>Mended</title>" in feed(site) or site.run("build").code == 0


REPAIRED: dict[str, tuple[str | bytes, str, str, str]] = {
    "no title": ("---\ndate: 2024-05-03\n---\n# Said first\n\nWords\n", "note: ", "add `title:`", "Said first"),
    "not UTF-8": (
        b"---\ntitle: Caf\xe9\n---\nWords\n",
        "2024-05-03-odd.md:2: byte 0xE9 is not UTF-8",
        "save it as UTF-8",
        "Café",
    ),
    "impossible date, a good one in the name": (
        "---\ntitle: Odd\ndate: 2026-02-30\n---\nWords\n",
        "2024-05-03-odd.md:1: `date:` '2026-02-30' is no date that exists",
        "write it as 2020-12-31",
        "Odd",
    ),
    "not quite YAML": ('---\ntitle: "Odd\n---\nWords\n', "2024-05-03-odd.md:2: not YAML", "read anyway", '"Odd'),
    "NULs at its end": (
        b"---\ntitle: Odd\n---\nWords\n" + b"\0" * 100,
        "2024-05-03-odd.md:5: ",
        "save it again",
        "Odd",
    ),
}


@pytest.mark.parametrize("case", REPAIRED)
def test_a_post_that_can_be_understood_is_published_and_its_fault_named(tmp_path: Path, case: str) -> None:
    text, place, mend, title = REPAIRED[case]
    site = make_site(tmp_path, posts={FROST: a_post(), "2024-05-03-odd.md": text})
    ran = site.run("build")
    assert ran.code == 0
    assert ran.line(place, mend)
    assert f"<title>{title}</title>" in feed(site)
    assert "<title>Frost</title>" in feed(site)


def test_two_posts_with_one_url(tmp_path: Path) -> None:
    posts = {FROST: a_post("Kept"), "2024-05-02-frost.markdown": a_post("Other"), "2024-05-03-ice.md": a_post("Ice")}
    site = make_site(tmp_path, posts=posts)
    ran = site.run("build")
    said = ran.line("has the same address as", "https://blog.example.org/2024/05/02/frost/", "another slug or date")
    assert feed(site).count("<entry>") == 2
    left = FROST if f"{FROST}: " in said else "2024-05-02-frost.markdown"
    site.post(left, "---\ntitle: Mine\nslug: mine\n---\nWords\n")
    assert site.run("build").code == 0
    assert feed(site).count("<entry>") == 3


def test_a_published_post_that_breaks_stays_published(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    assert site.run("build").code == 0
    before = feed(site)
    site.post(FROST, "---\n  a: b\n c: d\ntitle: Frost\n---\nNew words\n")
    assert site.run("build").code == 1
    assert "<title>Frost</title>" in feed(site)
    site.post(FROST, a_post())
    assert site.run("build").code == 0
    assert feed(site) == before


# --- templates --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("mail/subject.txt", "\n{{ titel }}", "'titel' is undefined"),
        ("mail/card.html", "\n{% for x in %}", "Expected an expression"),
        ("mail/digest.txt", "\n{{ site.nonsense.url }}", "nonsense"),
    ],
)
def test_a_template_with_a_typo(tmp_path: Path, name: str, text: str, said: str) -> None:
    with scripted() as server:
        posts = {FROST: a_post(), "2024-05-03-ice.md": a_post("Ice")}
        site = make_site(tmp_path, config=smtp(server.port), readers=READERS, posts=posts)
        template = site.write(f"templates/{name}", text)
        ran = site.run("digest", "--yes")
        assert ran.code == 2
        assert ran.line(f"{template}:2: ", said)
        assert server.messages == []
        assert site.run("build").code == 0
        assert feed(site).count("<entry>") == 2, "the feeds go on"
        template.unlink()
        assert site.run("digest", "--yes").code == 0
        assert server.recipients() == EVERYBODY


def test_a_template_with_a_typo_when_nobody_looks(tmp_path: Path, server: Scripted) -> None:
    at_once = NEWSLETTER.replace("mondays 09:00", "at once")
    site = make_site(
        tmp_path, newsletter=at_once, announce='[announce]\nafter = "0m"\n', config=smtp(server.port), readers=READERS
    )
    site.run("tick")  # the baseline
    assert server.messages == []
    template = site.write("templates/mail/meta.html", "\n{{ titel }}")
    site.post("today.md", f"---\ntitle: Ice\ndate: {now():%Y-%m-%d}\n---\nWords\n")
    for _ in range(2):
        ran = site.run("tick")
        assert ran.code == 2
        assert ran.line(f"Not done: {template}:2: 'titel' is undefined")
    assert feed(site).count("<entry>") == 2, "the feeds went on"
    template.unlink()
    assert site.run("tick").code == 0
    assert server.recipients() == EVERYBODY, "nothing was lost, nobody got it twice"


# --- the mail server --------------------------------------------------------------------------------------------------


def completed(site: Site, server: Scripted) -> Ran:
    """The server behaves again, time passes: now everybody must have it, once."""
    server.rules.clear()
    site.hours_pass()
    ran = site.run("tick")
    assert server.recipients() == EVERYBODY
    assert site.states() == {"sent": len(READERS)}
    assert ran.code == 0
    return ran


def test_a_server_that_is_down(tmp_path: Path, server: Scripted) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    site = make_site(tmp_path, config=smtp(port), readers=READERS)
    ran = site.run("digest", "--yes")
    assert ran.code == 4
    assert ran.line(f"127.0.0.1:{port}: nothing listens there", "is the mail server running, and the port right?")
    assert ran.line("3 wait")
    assert site.states() == {"pending": 3}
    site.write("config.toml", site.read("config.toml").replace(f":{port}", f":{server.port}"))
    completed(site, server)


def test_a_server_of_no_such_name(tmp_path: Path) -> None:
    site = make_site(tmp_path, config='[smtp]\nurl = "smtp://mail.invalid"\n', readers=READERS)
    ran = site.run("digest", "--yes")
    assert ran.code == 4
    assert ran.line("mail.invalid:587: ", "mend smtp.url")
    assert site.states() == {"pending": 3}


def test_a_login_that_is_refused(tmp_path: Path, server: Scripted) -> None:
    server.rules["auth"] = "535 5.7.8 who are you?"
    site = make_site(tmp_path, config=smtp(server.port, user="ada"), readers=READERS)
    ran = site.run("digest", "--yes")
    assert ran.code == 4
    assert ran.line(
        f"127.0.0.1:{server.port}: the login of ada was refused (535 5.7.8 who are you?)", "PUBLISHER_SMTP_PASSWORD"
    )
    assert ran.line("Paused", "publisher issues resume 1")
    assert site.states() == {"pending": 3}
    server.rules.clear()
    site.hours_pass()
    assert site.run("issues", "resume", "1").code == 0
    assert server.recipients() == EVERYBODY


def test_a_server_without_encryption_beyond_this_machine_gets_nothing(tmp_path: Path, server: Scripted) -> None:
    # what the rule goes by is how the host is written, and Linux takes this one for itself
    site = make_site(tmp_path, config=f'[smtp]\nurl = "smtp://0.0.0.0:{server.port}"\n', readers=READERS)
    ran = site.run("digest", "--yes")
    assert ran.code == 4
    assert ran.line("offers no encryption (STARTTLS)", "smtps://")
    assert server.messages == []


def test_one_recipient_is_refused(tmp_path: Path, server: Scripted) -> None:
    server.rules["rcpt", UNLUCKY] = "550 5.1.1 nobody of that name"
    site = make_site(tmp_path, config=smtp(server.port), readers=READERS)
    ran = site.run("digest", "--yes")
    assert ran.code == 1
    assert ran.line("refused: ", "550 5.1.1 nobody of that name")
    assert ran.line("2 of 3 sent, 1 failed")
    assert server.recipients() == [one for one in EVERYBODY if one != UNLUCKY]
    shown = site.run("issues", "show", "1")
    assert shown.line("550", "rcpt", "nobody of that name")
    assert UNLUCKY in site.run("subscribers", "list").line("bounced"), "the address is named where it stands"


STAGES: list[Stage] = ["mail", "rcpt", "data", "dot"]


@pytest.mark.parametrize("stage", STAGES)
def test_4xx_for_one_reader(tmp_path: Path, server: Scripted, stage: Stage) -> None:
    if stage == "mail":  # the server does not know yet whom it is for
        server.rules[stage] = "451 4.3.0 later, please"
    else:
        server.rules[stage, UNLUCKY] = "451 4.3.0 later, please"
    site = make_site(tmp_path, config=smtp(server.port), readers=READERS)
    ran = site.run("digest", "--yes")
    assert ran.code == 1
    assert ran.line("wait, from", "`publisher tick` sends them")
    assert site.run("issues", "show", "1").line("451", stage, "later, please")
    if stage != "mail":
        assert server.recipients() == [one for one in EVERYBODY if one != UNLUCKY], "the others have it"
    completed(site, server)


@pytest.mark.parametrize("stage", ["connect", "ehlo"])
@pytest.mark.parametrize("said", ["421 4.3.2 too busy", "450 4.3.2 not now"])
def test_4xx_before_anything(tmp_path: Path, server: Scripted, stage: Stage, said: str) -> None:
    server.rules[stage] = said
    site = make_site(tmp_path, config=smtp(server.port), readers=READERS)
    ran = site.run("digest", "--yes")
    assert ran.code == 4
    assert ran.line(f"127.0.0.1:{server.port}: ")
    assert ran.line("3 wait")
    assert site.states() == {"pending": 3}
    completed(site, server)


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data", "dot"])
def test_421_ends_the_conversation_and_loses_nobody(tmp_path: Path, server: Scripted, stage: Stage) -> None:
    server.rules[(stage, UNLUCKY) if stage != "mail" else stage] = "421 4.7.0 enough for now"
    site = make_site(tmp_path, config=smtp(server.port), readers=READERS)
    ran = site.run("digest", "--yes")
    assert ran.code in {1, 4}
    assert ran.line(" wait")
    completed(site, server)


@pytest.mark.parametrize("stage", ["connect", "ehlo"])
@pytest.mark.parametrize("act", Act)
def test_a_server_that_goes_wrong_before_anything(tmp_path: Path, server: Scripted, stage: Stage, act: Act) -> None:
    server.rules[stage] = act
    site = make_site(tmp_path, config=smtp(server.port, timeout="1s"), readers=READERS)
    ran = site.run("digest", "--yes")
    assert ran.code == 4
    assert ran.line(f"publisher: 127.0.0.1:{server.port}: ")
    if act is Act.HANG:
        assert ran.line("it does not answer")
    if act is Act.DROP:
        assert ran.line("broke the connection off")
    assert site.states() == {"pending": 3}
    server.rules.clear()
    site.hours_pass()
    words = ("tick",) if "Paused" not in ran.said else ("issues", "resume", "1")
    assert site.run(*words).code == 0
    assert server.recipients() == EVERYBODY


WRONG: list[tuple[Stage, Act]] = [
    *((stage, act) for stage in ("rcpt", "data") for act in Act),
    ("body", Act.DROP),
    ("dot", Act.DROP),
    ("dot", Act.RUBBISH),  # not HANG: the answer to a message is waited for ten minutes (RFC 5321 4.5.3.2.6)
]


@pytest.mark.parametrize(("stage", "act"), WRONG)
def test_a_server_that_goes_wrong_with_one_reader(tmp_path: Path, server: Scripted, stage: Stage, act: Act) -> None:
    server.rules[stage, UNLUCKY] = act
    site = make_site(tmp_path, config=smtp(server.port, timeout="1s"), readers=READERS)
    ran = site.run("digest", "--yes")
    assert ran.code in {1, 4}
    # a connection that ends within a message may be seen to before the dot, or after it
    assert any(
        words in ran.said for words in {"dot": ["in doubt"], "body": ["in doubt", " wait"]}.get(stage, [" wait"])
    )
    assert server.recipients() == [one for one in EVERYBODY if one != UNLUCKY], "the others have it"
    completed(site, server)


# --- readers from a file ----------------------------------------------------------------------------------------------


def test_an_invalid_address_in_the_csv(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    site.write("readers.csv", "address,name\nada@example.net,Ada\nnobody,X\nbob@@example.net,Y\nbob@example.net,Bob\n")
    file = str(tmp_path / "readers.csv")
    ran = site.run("subscribers", "import", file, "--basis", "told so")
    assert ran.code == 1
    assert ran.line("readers.csv:3: 'nobody' is not an address")
    assert ran.line("readers.csv:4: 'bob@@example.net' is not an address")
    assert ran.line("2 added, 2 invalid")
    site.write("readers.csv", "address,name\nada@example.net,Ada\nx@example.net,X\nbob@example.net,Bob\n")
    assert site.run("subscribers", "import", file, "--basis", "told so").line("1 added, 2 unchanged")


@pytest.mark.parametrize(
    ("data", "said", "mend"),
    [
        (b"adress\nada@example.net\n", "readers.csv: line 1: there is no column `address`", "it is no list of readers"),
        (b"address,name\nada@example.net,\x81\n", "readers.csv: line 2: the file is neither", "save it as UTF-8"),
        (b"", "readers.csv: line 1: there is no column `address`", "it is no list of readers"),
    ],
)
def test_a_csv_that_cannot_be_read(tmp_path: Path, data: bytes, said: str, mend: str) -> None:
    site = make_site(tmp_path)
    ran = site.run("subscribers", "import", str(site.write("readers.csv", data)), "--basis", "told so")
    assert ran.code == 2
    assert ran.line(said, mend)


def test_no_csv(tmp_path: Path) -> None:
    ran = make_site(tmp_path).run("subscribers", "import", str(tmp_path / "readers.csv"), "--basis", "told so")
    assert ran.code == 2
    assert ran.line("readers.csv: cannot be read: No such file")


def test_nul_bytes_in_the_csv_cost_no_reader(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    file = site.write("readers.csv", b"address\nada@\0example.net\nbob@example.net\n")
    assert site.run("subscribers", "import", str(file), "--basis", "told so").line("2 added")


# --- the disk and the database ----------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 kB at public/."""
    folder = tmp_path / "public"
    folder.mkdir()
    if os.geteuid() != 0 or shutil.which("mount") is None:
        missing("only root can mount a small disk")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)], check=False)
    if mounted.returncode:
        missing("this root may not mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_while_feeds_are_written(tmp_path: Path, small_disk: Path, server: Scripted) -> None:
    site = make_site(tmp_path, config=smtp(server.port), readers=READERS)
    assert site.run("build").code == 0
    before = contents(small_disk)
    site.post("2024-05-03-long.md", a_post("Long", "Very long words.\n\n" * 8000))
    ran = site.run("build")
    assert ran.code == 5
    assert ran.line(str(small_disk), "No space left on device", "what was there is untouched", "make room")
    assert contents(small_disk) == before, "no half a file, none beside it"
    assert site.run("digest", "--yes").code == 0, "mail goes on"
    assert server.recipients() == EVERYBODY
    subprocess.run(["mount", "-o", "remount,size=4m", str(small_disk)], check=True)
    assert site.run("build").code == 0
    assert feed(site).count("<entry>") == 2


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_output_folder_that_cannot_be_made(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    site.write("public", "a file")
    ran = site.run("build")
    assert ran.code == 5
    assert ran.line(str(tmp_path / "public"), "cannot be written")


def powerless() -> list[str]:
    """Words before a command that take root's power over permissions from it; none are needed for others."""
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        missing("root needs setpriv to give up its power over permissions")
    return [setpriv, "--bounding-set=-all", "--inh-caps=-all", "--"]


def read_only(folder: Path) -> None:
    for file in folder.glob("publisher.db*"):
        file.chmod(0o444)
    folder.chmod(0o555)


def writable(folder: Path) -> None:
    folder.chmod(0o755)
    for file in folder.glob("publisher.db*"):
        file.chmod(0o644)


def test_a_read_only_database(tmp_path: Path, server: Scripted) -> None:
    site = make_site(tmp_path, config=smtp(server.port), readers=READERS)
    site.run("build")
    site.post("2024-05-03-ice.md", a_post("Ice"))
    read_only(tmp_path)
    try:
        before = site.files()
        for words in (
            ("build",),
            ("digest", "--yes"),
            ("tick",),
            ("subscribers", "add", "x@example.net", "--confirmed"),
        ):
            ran = site.spawn(*words, before=powerless())
            assert ran.code == 3, ran.said
            assert ran.line(f"publisher: {tmp_path / 'publisher.db'}: it cannot be written", "mend its permissions")
        assert site.files() == before
        assert server.messages == []
    finally:
        writable(tmp_path)
    assert site.run("digest", "--yes").code == 0
    assert server.recipients() == EVERYBODY


def test_a_folder_in_which_no_database_can_be_made(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    tmp_path.chmod(0o555)
    try:
        ran = site.spawn("build", before=powerless())
    finally:
        tmp_path.chmod(0o755)
    assert ran.code == 3
    assert ran.line(str(tmp_path / "publisher.db"), "may this user write in it?")


def test_a_database_that_is_none(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    site.write("publisher.db", "Dear diary, " * 100)
    ran = site.run("build")
    assert ran.code == 3
    assert ran.line(f"{tmp_path / 'publisher.db'}: it is not a database of ours", "name another file")
    assert site.read("publisher.db").startswith("Dear diary")
