"""What a sent issue looks like, while and after; and sending it once more, over real SMTP."""

import json
import os
import pty
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from publisher.errors import Exit
from publisher.store import planning
from tests.scripted import Act, Scripted
from tests.sites import READERS, Site, make_site, smtp

ADA, BOB, CLEO = READERS


class Taken(list[tuple[str, bytes]]):
    """What a server took; when it is two messages it tells, and says nothing to those that come after."""

    def __init__(self, server: Scripted, readers: Iterable[str] = READERS) -> None:
        super().__init__()
        self._rules = server.rules
        self._readers = readers
        self.two = threading.Event()

    def append(self, one: tuple[str, bytes]) -> None:
        super().append(one)
        if len(self) == 2:
            for other in set(self._readers) - {reader for reader, _ in self}:  # nothing says who comes first
                self._rules["dot", other] = Act.HANG
            self.two.set()


def command(site: Site, *words: str) -> list[str]:
    return [sys.executable, "-m", "publisher", "--config", str(site.folder / "config.toml"), *words]


def test_what_was_never_tried_waits_for_no_time_of_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "BATCH", 1)  # more batches than are taken up before nobody listens
    readers = [f"reader{number}@example.net" for number in range(20)]
    down = make_site(tmp_path, readers=readers, config=smtp(1))
    ran = down.run("digest", "--yes")
    assert ran.code == Exit.TRANSPORT
    assert ran.line("20 wait, soon:")
    monkeypatch.setattr(planning, "BATCH", 500)
    site = make_site(tmp_path / "held", readers=readers, config=smtp(1) + '[smtp.limits]\n"example.net" = "1/day"\n')
    site.run("digest", "--yes")
    for words in (("next",), ("next", "--json"), ("status",), ("status", "--json"), ("issues", "show", "1", "--json")):
        assert "1970" not in site.run(*words).out


def test_what_a_limit_holds_back_is_told_wherever_one_looks(tmp_path: Path, server: Scripted) -> None:
    limits = '[smtp.limits]\n"example.net" = "1/day"\n'
    site = make_site(tmp_path, readers=READERS, config=smtp(server.port) + limits)
    why = "1 waits for the limit of example.net, 1/day, until tomorrow"
    ran = site.run("digest", "--yes")
    assert ran.line("2 of 3 sent", "1 pending")
    assert ran.line(why)
    assert server.recipients() in ([ADA, CLEO], [BOB, CLEO])
    people: list[tuple[str, ...]] = [("status",), ("tick",), ("issues", "show", "1")]
    for words in people:
        assert site.run(*words).line(why)
    assert site.run("status").line("next try", "UTC")
    scripts: list[tuple[str, ...]] = [("status", "--json"), ("tick", "--json"), ("issues", "show", "1", "--json")]
    for words in scripts:
        (told,) = json.loads(site.run(*words).out)["holds"]
        assert told.startswith(why)


# --- what servers said ------------------------------------------------------------------------------------------------


def test_refusals_are_told_by_domain_and_code_with_advice(site: Site, server: Scripted) -> None:
    server.rules["rcpt", ADA] = "550 5.2.2 mailbox full"
    server.rules["rcpt", BOB] = "550 5.2.2 mailbox full, too"
    server.rules["rcpt", CLEO] = "450 4.2.0 Greylisted"
    site.run("digest", "--yes")
    ran = site.run("issues", "show", "1")
    assert ran.line("subject", "Frost")
    assert ran.line("example.net: 2 readers: 550 5.2.2 mailbox full", "(at rcpt)")
    assert ran.line("→ the mailbox is full: the reader's to mend")
    assert ran.line("example.com: 1 reader: 450 4.2.0 Greylisted")
    assert ran.line("→", "greylisting")
    shown = json.loads(site.run("issues", "show", "1", "--json").out)
    assert shown["subject"] == "Frost"
    first, second = shown["refusals"]
    assert (first["domain"], first["readers"], first["answers"], first["got_it_since"]) == ("example.net", 2, 2, 0)
    assert (second["domain"], second["code"], second["enhanced"]) == ("example.com", 450, "4.2.0")
    assert "greylisting" in second["advice"]
    assert len(shown["replies"]) == 3
    # the one who was put off gets it, and is no worry any more
    server.rules.clear()
    site.hours_pass()
    site.run("tick")
    assert site.run("issues", "show", "1").line("example.com: 1 reader, 1 got it since: 450")


def test_a_servers_words_move_no_cursor(site: Site, server: Scripted) -> None:
    server.rules["rcpt", ADA] = "550 5.2.0 \x1b[2J\x1b[31m[red]gone[/red]"
    site.run("digest", "--yes")
    for words in (("issues", "show", "1"), ("why", ADA)):
        said = site.run(*words).said
        assert "\x1b" not in said
        assert "[red]gone[/red]" in said, "nor do they colour it"


def test_what_no_server_said_is_told_too(site: Site, server: Scripted) -> None:
    server.rules["rcpt", ADA] = "450 4.2.0 later"
    site.run("digest", "--yes")
    site.run("issues", "cancel", "1")
    assert site.run("issues", "show", "1").line("1 reader skipped: the issue was cancelled first", "resend 1 --missed")
    shown = json.loads(site.run("issues", "show", "1", "--json").out)
    assert shown["without_a_reply"] == [{"state": "skipped", "reason": "cancelled", "readers": 1}]


def test_what_is_dropped_comes_with_no_other_issue(site: Site, server: Scripted) -> None:
    server.rules["rcpt", ADA] = "450 4.2.0 later"
    site.run("digest", "--yes")
    assert site.run("issues", "cancel", "1", "--drop").line("Issue 1 (manual/1) is cancelled", "1 skipped")
    assert site.run("issues", "show", "1").line("1 reader skipped: the issue was cancelled with `--drop`")
    assert site.run("why", ADA).line("Frost: issue 1, skipped")
    server.rules.clear()
    assert site.run("digest", "--yes").code == 6
    assert site.run("issues", "resend", "1", "--missed", "--yes").code == 6


# --- while it is sent -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [("issues", "list"), ("issues",), ("status",)], ids=" ".join)
def test_watching_in_lines_until_it_is_done(site: Site, server: Scripted, words: tuple[str, ...]) -> None:
    server.messages = taken = Taken(server)
    with subprocess.Popen(
        command(site, "digest", "--yes"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as sends:
        assert taken.two.wait(60)
        with subprocess.Popen(command(site, *words, "--watch"), stdout=subprocess.PIPE, text=True) as watches:
            assert watches.stdout is not None
            first = watches.stdout.readline()
            assert first.startswith("Issue 1 (manual/1) ready: ")
            server.release.set()  # it breaks off: nobody knows whether the third has it
            last = [line for line in watches.stdout.read().splitlines() if line.startswith("Issue 1 (manual/1) ")][-1]
            assert last.startswith("Issue 1 (manual/1) done: 2 of 3 sent, 1 in doubt")
            code = Exit.HELD if words == ("status",) else Exit.OK
            assert watches.wait(60) == code
        sends.wait(60)
    again = site.run(*words, "--watch")  # nothing moves: what it shows without, and the end
    assert again.code == code
    assert again.out == site.run(*words).out


@pytest.mark.parametrize(
    ("words", "others"), [(("pause",), "pending"), (("cancel",), "skipped"), (("cancel", "--drop"), "skipped")], ids=str
)
def test_a_word_from_another_program_stops_it_with_the_message_that_is_under_way(
    tmp_path: Path, server: Scripted, words: tuple[str, ...], others: str
) -> None:
    readers = [f"r{number}@example.net" for number in range(20)]
    site = make_site(tmp_path, readers=readers, config=smtp(server.port))
    server.messages = Taken(server, readers)
    with subprocess.Popen(
        command(site, "digest", "--yes"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as sends:
        assert server.hangs.wait(60)
        assert site.run("issues", *words[:1], "1", *words[1:]).code == Exit.OK
        server.rules.clear()
        server.release.set()  # it breaks off: of the third nobody knows whether it arrived
        sends.wait(60)
    assert site.states() == {"sent": 2, "in_doubt": 1, others: 17}
    assert len(server.messages) == 2


def test_issues_alone_are_the_list(site: Site) -> None:
    site.run("digest", "--yes")
    assert site.run("issues").out == site.run("issues", "list").out != ""
    assert site.run("issues", "--json").out == site.run("issues", "list", "--json").out
    misplaced = site.run("issues", "--json", "show", "1")
    assert (misplaced.code, misplaced.out) == (2, "")
    assert "write it after `show`" in misplaced.err


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Programs that are started from here hear of it, though these tests run in the background of a script."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
@pytest.mark.parametrize("end", ["done", "ctrl-c"])
def test_watching_on_a_terminal(site: Site, server: Scripted, end: str) -> None:
    server.messages = taken = Taken(server)
    ours, theirs = pty.openpty()
    environ = os.environ | {"TERM": "xterm", "COLUMNS": "120"}
    with subprocess.Popen(
        command(site, "digest", "--yes"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as sends:
        assert taken.two.wait(60)
        words = command(site, "issues", "show", "1", "--watch")
        with subprocess.Popen(words, stdout=theirs, stderr=subprocess.PIPE, env=environ) as watches:
            os.close(theirs)
            seen = os.read(ours, 4096)
            while b"Ctrl-C ends the watching" not in seen:
                seen += os.read(ours, 4096)
            assert b"manual/1" in seen
            if end == "done":
                server.release.set()
            else:
                watches.send_signal(signal.SIGINT)
            seen = drained(ours)
            assert watches.stderr is not None
            assert watches.stderr.read() == b""
            assert watches.wait(60) == 0
        assert b"Issue 1" in seen, "what it came to is told at the end"
        server.release.set()
        sends.wait(60)
    os.close(ours)


def drained(terminal: int) -> bytes:
    """All that is written until nobody can write any more."""
    seen = b""
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:  # Linux: the other end is closed
            return seen
        if not part:
            return seen
        seen += part


def test_watching_in_json_is_a_line_a_look(site: Site, server: Scripted) -> None:
    server.rules["rcpt", CLEO] = "550 5.2.0 no"
    site.run("digest", "--yes")
    (said,) = site.run("issues", "show", "1", "--watch", "--json").out.splitlines()
    found = json.loads(said)
    assert (found["state"], found["readers"], found["deliveries"]) == ("done", 3, {"failed": 1, "sent": 2})


def test_watching_what_is_not_there(site: Site) -> None:
    ran = site.run("issues", "show", "9", "--watch")
    assert ran.code == 6
    assert ran.line("there is no issue 9")


# --- once more --------------------------------------------------------------------------------------------------------


def refused(site: Site, server: Scripted, rule: str = "550 5.2.2 full") -> None:
    server.rules["rcpt", BOB] = rule
    site.run("digest", "--yes")
    server.rules.clear()


def test_failed_ones_once_more(site: Site, server: Scripted) -> None:
    refused(site, server)
    dry = site.run("issues", "resend", "1", "--failed", "--dry-run")
    assert dry.code == 0
    assert dry.line("failed to reach 1 reader: 1 get it again")
    assert site.states() == {"sent": 2, "failed": 1}
    ran = site.run("issues", "resend", "1", "--failed", "--yes")
    assert ran.code == 0
    assert ran.line("Issue 1 (manual/1): 3 of 3 sent")
    assert server.recipients() == sorted(READERS)
    again = site.run("issues", "resend", "1", "--failed", "--yes")
    assert again.code == 6
    assert again.line("failed to reach nobody; there is nobody to send it to")


def test_nobody_is_asked_twice_and_nobody_there_is_no_yes(site: Site, server: Scripted) -> None:
    refused(site, server)
    ran = site.run("issues", "resend", "1", "--failed")
    assert ran.code == 2
    assert ran.line("say --yes")
    assert site.states() == {"sent": 2, "failed": 1}


@pytest.mark.parametrize("words", [(), ("--failed", "--missed"), ("--failed", "--missed", "--in-doubt")])
def test_to_whom_must_be_said_once(site: Site, words: tuple[str, ...]) -> None:
    ran = site.run("issues", "resend", "1", *words, "--yes")
    assert ran.code == 2
    assert ran.line("say one: --failed, --missed, or --in-doubt")


def test_who_has_no_mailbox_gets_it_no_more(site: Site, server: Scripted) -> None:
    refused(site, server, "550 5.1.1 nobody")
    ran = site.run("issues", "resend", "1", "--failed", "--yes")
    assert ran.code == 6
    assert ran.line("failed to reach 1 reader: 1 left or on the do-not-mail list; there is nobody to send it to")
    assert BOB not in server.recipients()


def test_missed_ones_once_more(site: Site, server: Scripted) -> None:
    server.rules["rcpt", BOB] = "450 4.2.0 later"
    site.run("digest", "--yes")
    early = site.run("issues", "resend", "1", "--missed", "--yes")
    assert early.code == 6
    assert early.line("issue 1 (manual/1) is ready: it can be sent again when it is done or cancelled")
    site.run("issues", "cancel", "1")
    server.rules.clear()
    ran = site.run("issues", "resend", "1", "--missed", "--yes")
    assert ran.code == 0
    assert ran.line("missed 1 reader whom it was for")
    assert server.recipients() == sorted(READERS)
    assert site.run("issues", "resend", "1", "--missed", "--yes").code == 6
    assert site.run("digest", "--yes").code == 6, "and the next digest has nothing new"


def test_doubtful_ones_once_more(site: Site, server: Scripted) -> None:
    server.rules["dot", BOB] = Act.DROP
    site.run("digest", "--yes")
    server.rules.clear()
    assert site.states() == {"sent": 2, "in_doubt": 1}
    ran = site.run("issues", "resend", "1", "--in-doubt", "--yes")
    assert ran.code == 0
    assert ran.line("has 1 in doubt; nearly all of them arrived, and come twice")
    assert site.states() == {"sent": 3}
    assert site.run("issues", "resend", "1", "--in-doubt", "--yes").code == 6
