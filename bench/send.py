"""Mail into one sink: ours with its ledger beside smtp-source, smtplib, aiosmtplib and a naive sender, as ratios.

    python -m bench.send [--messages N] [--connections C] [--plan READERS [--variants V]]

The sink is Postfix's smtp-sink, on loopback; every contestant is a process of its own. Runs are interleaved, and
medians are told: whatever else the machine does falls on all alike. Ours is the whole program: rows taken from the
ledger (SQLite, WAL, synchronous FULL), an intent committed before each final dot, its answer after it, so that a kill
leaves at most one message in doubt for each connection; messages made for each reader, and signed where it says so.
smtp-source sends one text to everybody, keeps no ledger and signs nothing: it is the limit. Of what is signed that is
smtp-source while as many signatures are made beside it.

`--plan` tells how long it takes to plan an issue for so many readers, and the most memory that took; with `--variants`
the readers have so many different sets of topics, and each set is a variant of its own.
"""

import argparse
import asyncio
import contextlib
import json
import os
import resource
import shutil
import smtplib
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

import aiosmtplib
from sqlalchemy import insert

from publisher.adapters.dkimkeys import new_rsa
from publisher.config import load_config
from publisher.doors.rounds import deliver_now
from publisher.mail.dkim import Key, Signer
from publisher.model.issue import State
from publisher.steps.announce import announce
from publisher.steps.compose import compose
from publisher.steps.occasions import digest_order, open_digest
from publisher.store.schema import subscriber, subscription
from publisher.wiring import House, open_house
from tests.peers import missing
from tests.postfix import free_port, wait_for

RUNS = 5
SIZES = {"8 KB": 8_000, "38 KB": 38_000}
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
CONFIG = """
[site]
title = "Field Notes"
url = "https://example.org/"
author = "Ada Field"
[announce]
since = 2026-11-01
[smtp]
url = "smtp://127.0.0.1:{port}"
connections = {connections}
[web]
url = "https://news.example.org/"
[owner]
postal_address = "1 Field Lane, 12345 Example"
privacy_url = "https://example.org/privacy/"
[newsletters.main]
title = "Field Notes"
from = "Field Notes <news@example.org>"
frequencies = {{ weekly = "mondays 09:00" }}
"""
WORDS = "They grow along scratches in the glass, and nobody has drawn them, so far as anybody knows. "
CHUNK = 10_000
LAYOUT = """
<!DOCTYPE html>
<html lang="{{ language }}" dir="{{ direction }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{ subject }}</title>
</head>
<body>{% block content %}{% endblock %}{% block footer %}{% include "mail/footer.html" %}{% endblock %}</body>
</html>
"""  # of a site whose mails are smaller than our own layout, with its rules for dark and small screens
LEAN, DRESSED, PARAGRAPH = 3_620, 11_380, 705  # octets around a text in the one, in the other, and of a paragraph


def cpu() -> float:
    """Seconds of the processor: this process, and those it started that have ended."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(used.ru_utime + used.ru_stime for used in both)


def timed(action: Callable[[], object]) -> dict[str, float]:
    """Seconds it took, of the clock and of the processor."""
    start, used = perf_counter(), cpu()
    action()
    return {"wall": perf_counter() - start, "cpu": cpu() - used}


# --- ours


def a_site(folder: Path, *, port: int, connections: int, size: int, readers: int, variants: int = 1) -> House:
    """A site with one post, whose message is of about that size, and its readers; an issue can be composed.

    With more variants than one: as many posts as it takes, each of a topic, and as many sets of topics.
    """
    (folder / "posts").mkdir()
    if size < DRESSED:
        (folder / "templates" / "mail").mkdir(parents=True)
        (folder / "templates" / "mail" / "layout.html").write_text(LAYOUT)
    around = LEAN if size < DRESSED else DRESSED
    paragraphs = f"{WORDS * 3}\n\n" * max(1, (size - around) // PARAGRAPH)
    topics = [f"t{number}" for number in range(variants.bit_length())]
    for topic in topics:
        head = f"---\ntitle: Frost ferns\ncategories: [{topic}]\n---\n"
        (folder / "posts" / f"2026-11-19-{topic}.md").write_text(head + paragraphs)
    wanted = [[topic for bit, topic in enumerate(topics) if number >> bit & 1] for number in range(1, variants + 1)]
    (folder / "config.toml").write_text(CONFIG.format(port=port, connections=connections))
    house = open_house(load_config(folder / "config.toml", {}))
    house.__dict__["clock"] = lambda: NOW
    with house.engine.begin() as connection:
        for first in range(0, readers, CHUNK):
            numbers = range(first + 1, min(first + CHUNK, readers) + 1)
            people = [
                {"id": n, "address": f"r{n}@example{n % 50}.net", "key": f"r{n}@example{n % 50}.net", "created_at": NOW}
                for n in numbers
            ]
            connection.execute(insert(subscriber), people)
            wishes = {"newsletter": "main", "state": "active", "frequency": "weekly", "covered": 0, "consented_at": NOW}
            consents = [wishes | {"subscriber_id": n, "topics": wanted[n % variants]} for n in numbers]
            connection.execute(insert(subscription), consents)
    house.collect()
    announce(house.entries, house.announcements, house.announce_rules, now=NOW, by_hand=True)
    return house


def octets(size: int) -> int:
    """Of a message of ours that is to be of about that size: those of the others are as long."""
    with tempfile.TemporaryDirectory() as folder:
        house = a_site(Path(folder), port=25, connections=1, size=size, readers=1)
        plan(house)
        ((issue, k),) = house.deliveries.due(NOW)
        taken = house.deliveries.take(issue, k, lease=60.0, now=NOW)
        assert taken is not None
        (row,) = house.deliveries.rows(taken, now=NOW)
        _, unsigned = house.letters.of(row).write(row, NOW)
        house.engine.dispose()
        return len(unsigned.message())


def plan(house: House) -> None:
    order = digest_order(house.newsletters["main"], None)
    compose(house.desk, open_digest(house.occasions, order, now=NOW))


def ours(port: int, messages: int, size: int, connections: int, *, signed: bool = False) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        house = a_site(Path(folder), port=port, connections=connections, size=size, readers=messages)
        if signed:
            house.__dict__["signers"] = {"example.org": Signer(domain="example.org", rsa=a_key())}
        plan(house)
        found = timed(lambda: deliver_now(house))
        (issue,) = house.issues.listed()
        assert house.issues.tally(issue.id)[State.SENT] == messages, house.issues.tally(issue.id)
        house.engine.dispose()
        return found


def ours_signed(port: int, messages: int, size: int, connections: int) -> dict[str, float]:
    return ours(port, messages, size, connections, signed=True)


def planned(readers: int, variants: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        house = a_site(Path(folder), port=25, connections=4, size=8_000, readers=readers, variants=variants)
        found = timed(lambda: plan(house))
        (issue,) = house.issues.listed()
        assert house.issues.tally(issue.id).total == readers
        assert len(house.planning.variants(issue.id)) == variants
        house.engine.dispose()
        return found | {"mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


# --- the others


def a_text(size: int) -> str:
    return f"{WORDS}\n" * (size // (len(WORDS) + 1))


def a_mail(number: int, text: str) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = "Field Notes <news@example.org>", f"r{number}@example.net"
    mail["Subject"] = "Frost ferns"
    mail.set_content(text)
    return mail


def with_smtplib(port: int, messages: int, size: int, connections: int) -> dict[str, float]:
    del connections
    data = a_mail(1, a_text(size)).as_bytes()

    def send() -> None:
        with smtplib.SMTP("127.0.0.1", port) as client:
            for number in range(messages):
                client.sendmail("news@example.org", [f"r{number}@example.net"], data)

    return timed(send)


def with_aiosmtplib(port: int, messages: int, size: int, connections: int) -> dict[str, float]:
    data = a_mail(1, a_text(size)).as_bytes()

    async def lane(numbers: Iterator[int]) -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port) as client:
            for number in numbers:
                await client.sendmail("news@example.org", [f"r{number}@example.net"], data)

    async def send() -> None:
        numbers = iter(range(messages))
        await asyncio.gather(*(lane(numbers) for _ in range(connections)))

    return timed(lambda: asyncio.run(send()))


def naive(port: int, messages: int, size: int, connections: int) -> dict[str, float]:
    """What is written first: a message built and a connection opened for each reader."""
    del connections
    text = a_text(size)

    def send() -> None:
        for number in range(messages):
            with smtplib.SMTP("127.0.0.1", port) as client:
                client.send_message(a_mail(number, text), "news@example.org", [f"r{number}@example.net"])

    return timed(send)


def smtp_source(port: int, messages: int, size: int, connections: int) -> dict[str, float]:
    command = ["smtp-source", "-d", "-s", str(connections), "-m", str(messages), "-l", str(size)]
    command += ["-f", "news@example.org", "-t", "r@example.net", f"127.0.0.1:{port}"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = perf_counter()
    subprocess.run([_postfix(command[0]), *command[1:]], check=True)
    wall = perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"wall": wall, "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime}


def smtp_source_beside_signatures(port: int, messages: int, size: int, connections: int) -> dict[str, float]:
    """What nobody can pass who signs: smtp-source, and as many signatures at the same time."""
    key = a_key()

    def both() -> None:
        source = threading.Thread(target=smtp_source, args=(port, messages, size, connections))
        source.start()
        sign(key, messages)
        source.join()

    return timed(both)


CONTESTANTS: dict[str, tuple[Callable[[int, int, int, int], dict[str, float]], float]] = {
    "smtp-source": (smtp_source, 1.0),
    "smtp-source beside signatures": (smtp_source_beside_signatures, 0.5),
    "ours": (ours, 1.0),
    "ours, RSA-2048": (ours_signed, 1.0),
    "smtplib, 1 connection": (with_smtplib, 0.1),
    "aiosmtplib": (with_aiosmtplib, 0.1),
    "naive": (naive, 0.01),
}
"""Each with the share of the messages that it sends: the slow ones fewer."""


def _postfix(program: str) -> str:
    found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        missing(f"{program} of Postfix is not installed")
    return found


@contextmanager
def sink() -> Iterator[int]:
    port = free_port()
    command = [_postfix("smtp-sink"), *(["-u", "nobody"] if os.geteuid() == 0 else []), f"127.0.0.1:{port}", "500"]
    process = subprocess.Popen(command)
    try:
        wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait()


@contextmanager
def distant(seconds: float) -> Iterator[int]:
    """A server whose every answer takes so long: as far away as that.

    It sleeps, in a thread for each connection: asyncio's timers are as much as a millisecond late.
    """
    listening = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        with contextlib.suppress(OSError):  # closed: it is over
            while True:
                threading.Thread(target=serve, args=[listening.accept()[0]], daemon=True).start()

    def serve(connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        answers = {b"EHLO": b"250-far away\r\n250 PIPELINING\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}
        content, pending, found = False, b"", b"220 far away\r\n"
        while True:
            if found:
                sleep(seconds)
                connection.sendall(found)
                found = b""
            data = connection.recv(1 << 18)
            if not data:
                connection.close()
                return
            *lines, pending = (pending + data).split(b"\r\n")
            for line in lines:
                if content:
                    content = line != b"."
                    found += b"" if content else b"250 taken\r\n"
                else:
                    verb = line[:4].upper()
                    found += answers.get(verb, b"250 ok\r\n")
                    content = verb == b"DATA"

    threading.Thread(target=accept, daemon=True).start()
    yield listening.getsockname()[1]
    listening.close()


def in_a_process(name: str, port: int, messages: int, size: int, connections: int) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.send", "--one", name, str(port), str(messages), str(size), str(connections)]
    told: dict[str, float] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return told


def a_key() -> Key:
    return Key(selector="rsa", private=new_rsa())


def sign(key: Key, times: int, threads: int = 2) -> None:
    """So many signatures on all cores, and nothing else."""
    left = iter(range(times))

    def work() -> None:
        for _ in left:
            key.sign(b"x")

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def rsa_rate(times: int = 5_000) -> float:
    """Signatures a second of this machine, on all its cores."""
    key = a_key()
    return times / timed(lambda: sign(key, times))["wall"]


def race(messages: int, connections: int) -> None:
    for title, size in SIZES.items():
        exactly = octets(size)
        rates: dict[str, list[float]] = {name: [] for name in CONTESTANTS}
        costs: dict[str, list[float]] = {name: [] for name in CONTESTANTS}
        signatures = []
        with sink() as port:
            for _ in range(RUNS):
                signatures.append(rsa_rate())
                for name, (_, share) in CONTESTANTS.items():
                    count = max(20, int(messages * share))
                    long = size if name.startswith("ours") else exactly
                    found = in_a_process(name, port, count, long, connections)
                    rates[name].append(count / found["wall"])
                    costs[name].append(found["cpu"] / count * 1e6)
        limit = median(rates["smtp-source"])
        print(f"{title} ({exactly:,} octets), {connections} connections")
        print(f"  {'':<40}    msg/s of smtp-source  us of CPU a message")
        for name in CONTESTANTS:
            rate = median(rates[name])
            print(f"  {name:<40} {rate:8,.0f} {rate / limit:12.3f} {median(costs[name]):14,.0f}")
        signed = median(rates["ours, RSA-2048"])
        beside = median(rates["smtp-source beside signatures"])
        print(f"  RSA-2048 on all cores: {median(signatures):,.0f} a second, of which ours: ", end="")
        print(f"{signed / median(signatures):.2f}; of smtp-source beside signatures: {signed / beside:.2f}")


def far_away() -> None:
    print("20 ms of round trip, 1 connection, 8 KB          msg/s")
    with distant(0.020) as port:
        for name, messages in (("ours", 600), ("smtplib, 1 connection", 150)):
            found = [in_a_process(name, port, messages, 8_000, 1) for _ in range(3)]
            print(f"  {name:<40} {messages / median(one['wall'] for one in found):8,.1f}")


def main() -> None:
    reader = argparse.ArgumentParser(prog="python -m bench.send")
    reader.add_argument("--messages", type=int, default=20_000)
    reader.add_argument("--connections", type=int, default=64)
    reader.add_argument("--plan", type=int, metavar="READERS")
    reader.add_argument("--variants", type=int, default=1)
    reader.add_argument("--one", nargs=5, help=argparse.SUPPRESS)
    told = reader.parse_args()
    if told.one:
        name, *numbers = told.one
        print(json.dumps(CONTESTANTS[name][0](*map(int, numbers))))
    elif told.plan:
        found = planned(told.plan, told.variants)
        print(f"{told.plan:,} readers, {told.variants:,} variants, planned in {found['wall']:.1f} s", end=" ")
        print(f"({found['cpu']:.1f} s of CPU); {found['mib']:.0f} MiB at most")
    else:
        race(told.messages, told.connections)
        far_away()


if __name__ == "__main__":
    main()
