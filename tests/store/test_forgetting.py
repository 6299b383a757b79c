"""7: who asks to be forgotten is in no table, no file and no log any more; what must outlive them names nobody."""

import string
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, Table, insert, select

from publisher.mail.marks import Mark, marks, seal, unseal
from publisher.mail.tokens import Keyring
from publisher.model.issue import State
from publisher.model.subscriber import Address, SubscriberId, parse_address
from publisher.steps.rights import Rights, forget, proofs
from publisher.store import suppressions, upgrade
from publisher.store.dossiers import PARTS, Dossiers
from publisher.store.engine import make_engine
from publisher.store.forgetting import Forgetting
from publisher.store.schema import (
    batch,
    consent_event,
    delivery,
    incoming,
    issue,
    metadata,
    moved,
    reply,
    request,
    sealed,
    strike,
    subscriber,
    suppression,
    undo,
    variant,
    wording,
)
from publisher.store.subscribers import Subscribers, reader_of, suppress
from tests.world import KEYS, World

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
NAME = "Zoltán Quux-Nobody"
WORDS = "Yes, send me Field Notes every week."


def rights(engine: Engine, keyring: Keyring = KEYS) -> Rights:
    return Rights(
        forgetting=Forgetting(engine), keyring=keyring, salt=lambda: bytes(16), proof_for=timedelta(days=1095)
    )


def erase(engine: Engine, address: Address, *, asked: bool = True, keyring: Keyring = KEYS) -> bool:
    return forget(rights(engine, keyring), address, asked=asked, now=NOW).known


def blocked(address: str) -> tuple[str, ...]:
    return marks(KEYS, Mark.BLOCKED, address)


def readers(engine: Engine) -> Subscribers:
    return Subscribers(engine, blocked)


def add(to: Subscribers, address: Address, name: str = "") -> str:
    return to.add(
        address, "main", frequency="weekly", at_once=False, name=name, topics=frozenset(), note="on paper", now=NOW
    )


def live_through(engine: Engine, address: Address, name: str = NAME) -> SubscriberId:
    """Somebody who leaves a trace in every table that can have one."""
    assert add(readers(engine), address, name) == "added"
    said = f"550 <{address.display}>: no such user"
    with engine.begin() as connection:
        reader = reader_of(connection, address, name, None, NOW)
        connection.execute(insert(wording).values(digest="w" * 64, language="en", text=WORDS, since=NOW))
        connection.execute(
            consent_event.update().values(wording="w" * 64, source="form", asked_at=NOW, note=f"by {address.display}")
        )
        kinds = {"newsletter": "main", "frequencies": [], "repeat": False, "cut": 0, "cursor": 0, "token_key": "k1"}
        for number, kind, occasion in (
            (1, "digest", "manual/1"),
            (2, "notice", f"confirm/{reader}/1"),
            (3, "notice", "owner/2026-11-23/1"),
        ):
            connection.execute(
                insert(issue).values(
                    id=number, kind=kind, occasion=occasion, state="paused", reason=said, composed_at=NOW, **kinds
                )
            )
            text = {1: "News.", 2: f"{name} <{address.display}>", 3: f"They said: {address.display}."}[number]
            its = {"key": "k", "first_no": 1, "subject": "s", "preheader": "", "html": text, "text": text}
            connection.execute(insert(variant).values(id=number, issue_id=number, **its))
            connection.execute(insert(batch).values(issue_id=number, k=0, epoch=0, due=NOW, done=False))
        for number, state in ((1, State.SENT), (2, State.PENDING)):
            connection.execute(
                insert(delivery).values(
                    issue_id=number, subscriber_id=reader, batch=0, variant_id=number, state=state, due=NOW
                )
            )
        answer = {"issue_id": 1, "subscriber_id": reader, "at": NOW, "code": 550, "stage": "rcpt", "text": said}
        connection.execute(insert(reply).values(answer))
        connection.execute(insert(strike).values(subscriber_id=reader, issue_id=1, at=NOW, status="4.2.2"))
        connection.execute(insert(undo).values(subscriber_id=reader, before=[{"note": said}], at=NOW, until=NOW))
        connection.execute(insert(moved).values(reader=1000 + reader, subscriber_id=reader))
        wish = {"kind": "address", "at": NOW, "until": NOW}
        connection.execute(insert(request).values(subscriber_id=reader, issue_id=2, wishes={"name": name}, **wish))
        other = reader_of(connection, parse_address("other@elsewhere.example"), "", None, NOW)
        connection.execute(insert(request).values(subscriber_id=other, wishes={"address": address.display}, **wish))
        mail = {"place": "inbox", "at": NOW, "kind": "unknown"}
        connection.execute(
            insert(incoming).values(
                digest="1", subscriber_id=reader, sender=address.display, subject=f"I am {name}", summary=name, **mail
            )
        )
        raw = f"From: {address.display}\n\nHello".encode()
        connection.execute(insert(incoming).values(digest="2", sender=address.display, raw=raw, **mail))
    return reader


def everything(engine: Engine) -> str:
    """All columns of all tables, as text."""
    with engine.connect() as connection:
        cells = (cell for table in metadata.sorted_tables for row in connection.execute(select(table)) for cell in row)
        return "\n".join(cell.decode("utf-8", "replace") if isinstance(cell, bytes) else str(cell) for cell in cells)


_LOCAL = st.text(alphabet=string.ascii_letters + string.digits + "!#$%&'*+-/=?^_`{|}~äßøЖ漢", min_size=3, max_size=20)
_DOMAIN = st.sampled_from(("odd.example", "bücher.example", "xn--bcher-kva.example", "A.B-c.Example"))


@st.composite
def addresses(draw: st.DrawFn) -> Address:
    try:
        return parse_address(f"{draw(_LOCAL)}@{draw(_DOMAIN)}")
    except ValueError:
        return parse_address("o'neil+news@bücher.example")


@settings(
    max_examples=30,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(address=addresses())
def test_nothing_of_an_odd_address_is_left_anywhere(address: Address, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("erased")
    engine = make_engine(f"sqlite:///{folder / 'publisher.db'}")
    upgrade.prepare(engine)
    live_through(engine, address)
    before = everything(engine).casefold()
    assert address.display.casefold() in before
    assert erase(engine, address)
    after = everything(engine).casefold()
    traces = {address.display, address.key, address.ascii or address.key, NAME}
    assert [one for one in traces if one.casefold() in after] == []
    written = _files(folder)
    engine.dispose()
    assert [one for one in traces if one.casefold().encode() in written] == [], "nor in a page that is free now"


def test_nothing_is_left_on_either_database(engine: Engine) -> None:
    address = parse_address("Ärger.o'neil@bücher.example")
    live_through(engine, address)
    assert erase(engine, address)
    after = everything(engine).casefold()
    assert not [one for one in (address.display, address.key, NAME) if one.casefold() in after]
    assert "other@elsewhere.example" in after


def _files(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir()).lower()


def test_counts_stay_true(engine: Engine) -> None:
    world = World(engine)
    world.collect()
    for name in ("ann", "bob", "cid"):
        world.add_reader(name)
    world.add_post("bread")
    world.server.script["bob@example.net"] = ["450"]
    world.announce()
    made = world.digest()
    assert made is not None
    world.deliver()
    before = world.issues.tally(made.id)
    assert (before[State.SENT], before[State.DEFERRED], before.total) == (2, 1, 3)
    assert world.forget("ann")
    assert world.forget("bob")
    after = world.issues.tally(made.id)
    assert (after[State.SENT], after[State.SKIPPED], after.total) == (2, 1, 3)
    assert world.deliveries.proved(made.id)


def test_the_word_on_an_address_outlives_its_person(engine: Engine) -> None:
    address = parse_address("Bob@example.net")
    live_through(engine, address)
    with engine.begin() as connection:
        suppress(connection, [address.key], "owner", f"{address} asked for it", NOW)
    assert erase(engine, address)
    with engine.connect() as connection:
        (word,) = connection.execute(select(suppression)).all()
    assert (word.key[0], word.reason, word.note) == ("#", "owner", "")
    assert add(readers(engine), address) == "suppressed"
    assert add(Subscribers(engine), address) == "added", "as whoever has not the key would"


def test_somebody_who_comes_again_is_known_by_the_old_word(engine: Engine) -> None:
    address = parse_address("bob@example.net")
    live_through(engine, address)
    assert erase(engine, address)
    with engine.begin() as connection:
        reader_of(connection, address, "", None, NOW, blocked(address.key))
        assert connection.scalars(select(suppression.c.key)).all() == ["bob@example.net"]
        assert suppressions.lift(connection, address.key, blocked(address.key))
        assert not suppressions.lift(connection, address.key, blocked(address.key))


def test_the_word_is_known_after_a_rotation_of_keys(engine: Engine) -> None:
    address = parse_address("bob@example.net")
    live_through(engine, address)
    assert erase(engine, address)
    rotated = Keyring(current="k2", keys={"k1": KEYS.keys["k1"], "k2": bytes(range(1, 33))})
    with engine.connect() as connection:
        found = suppressions.find(connection, address.key, marks(rotated, Mark.BLOCKED, address.key))
    assert found is not None
    (proved,) = proofs(rights(engine, rotated), address)
    assert proved.proof["consents"][0]["wording"] == WORDS


def test_time_alone_puts_nobody_on_the_list(engine: Engine) -> None:
    address = parse_address("bob@example.net")
    live_through(engine, address)
    assert erase(engine, address, asked=False)
    with engine.connect() as connection:
        assert connection.execute(select(suppression)).all() == []


def test_the_proof_of_consent_opens_with_the_address_alone(engine: Engine) -> None:
    address = parse_address("bob@example.net")
    live_through(engine, address)
    assert erase(engine, address)
    assert proofs(rights(engine), parse_address("eve@example.net")) == ()
    (proved,) = proofs(rights(engine), address)
    assert proved.until == NOW + timedelta(days=1095)
    assert proved.proof["address"] == "bob@example.net"
    assert proved.proof["consents"][0]["source"] == "form"
    with engine.connect() as connection:
        data = connection.execute(select(sealed.c.data)).scalar_one()
    assert unseal(KEYS, "eve@example.net", data) is None
    assert unseal(Keyring(current="k1", keys={"k1": bytes(32)}), address.key, data) is None
    assert unseal(KEYS, address.key, data[:-4] + "AAA=") is None
    assert unseal(KEYS, address.key, "no seal") is None


def test_a_mark_is_of_one_purpose_and_a_seal_of_one_salt() -> None:
    assert set(marks(KEYS, Mark.BLOCKED, "a@b.example")).isdisjoint(marks(KEYS, Mark.SEALED, "a@b.example"))
    assert seal(KEYS, "a@b.example", b"x", salt=bytes(16)) != seal(KEYS, "a@b.example", b"x", salt=bytes(15) + b"1")


def test_another_address_that_ends_alike_stays(engine: Engine) -> None:
    live_through(engine, parse_address("bob@example.net"))
    with engine.begin() as connection:
        connection.execute(
            insert(incoming).values(
                digest="3", place="inbox", at=NOW, kind="reply", sender="jim-bob@example.net, bob@example.network"
            )
        )
    assert erase(engine, parse_address("bob@example.net"))
    assert "jim-bob@example.net, bob@example.network" in everything(engine)


def test_nobody_is_forgotten_twice(engine: Engine) -> None:
    address = parse_address("bob@example.net")
    assert not erase(engine, address)
    live_through(engine, address)
    assert erase(engine, address)


# --- what is stored about somebody


def test_an_export_has_all_that_is_stored(engine: Engine) -> None:
    address = parse_address("bob@example.net")
    reader = live_through(engine, address)
    found = Dossiers(engine).of(address, now=NOW)
    assert found is not None
    assert all(found[part] for part in PARTS), {part: found[part] for part in PARTS}
    with engine.connect() as connection:
        for table in _personal():
            rows = connection.execute(select(table).where(table.c.subscriber_id == reader)).mappings().all()
            (part,) = (name for name, (its, _) in PARTS.items() if its is table)
            assert len(found[part]) == len(rows), table.name
            for row, told in zip(rows, found[part], strict=True):
                assert _missing(row, told) == set(), table.name
    assert found["consents"][0]["wording"] == WORDS


def test_every_table_that_knows_a_person_is_exported_and_forgotten(engine: Engine) -> None:
    """A new table with a subscriber in it has an answer to both, or this fails."""
    exported = [table for table, _ in PARTS.values()]
    assert {table.name for table in _personal()} <= {table.name for table in exported}
    reader = live_through(engine, parse_address("bob@example.net"))
    assert erase(engine, parse_address("bob@example.net"))
    with engine.connect() as connection:
        for table in _personal():
            left = connection.execute(select(table).where(table.c.subscriber_id == reader)).all()
            assert left == [], table.name
        assert connection.execute(select(subscriber).where(subscriber.c.id == reader)).all() == []


def _personal() -> Iterator[Table]:
    yield from (table for table in metadata.sorted_tables if "subscriber_id" in table.c)


def _missing(row: Mapping[Any, Any], told: Mapping[str, Any]) -> set[str]:
    joining = {"id", "subscriber_id", "variant_id"}
    return {str(name) for name, value in row.items() if value is not None and name not in told} - joining


def test_who_is_only_on_the_list_has_an_export_too(engine: Engine) -> None:
    with engine.begin() as connection:
        suppress(connection, ["bob@example.net"], "owner", "asked", NOW)
    found = Dossiers(engine).of(parse_address("bob@example.net"), now=NOW)
    assert found is not None
    assert found["do_not_mail"]["reason"] == "owner"
    assert Dossiers(engine).of(parse_address("eve@example.net"), now=NOW) is None
