"""`POST /api/subscriptions`: programs of the owner's add readers whose consent was given elsewhere."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from publisher.model.subscriber import Consent, SubscriberId
from publisher.steps.programs import PREFIX, digest_of
from publisher.store.schema import api_token, consent_event, subscriber
from publisher.store.subscribers import suppress
from publisher.wiring import House
from tests.doors.browser import Browser
from tests.house import consents, dump
from tests.joining import ZOE, Clock, a_client, an_open_house

TOKEN = f"{PREFIX}{'7' * 64}"
READER = {"address": ZOE, "newsletter": "birds", "source": "shop", "consented_at": "2026-11-20T10:00:00+01:00"}


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[tuple[House, Clock]]:
    house, clock = an_open_house(tmp_path)
    house.programs.add("shop", digest_of(TOKEN), ["subscriptions:add"], now=clock.now)
    yield house, clock
    house.engine.dispose()


@pytest.fixture
def house(opened: tuple[House, Clock]) -> House:
    return opened[0]


@pytest.fixture
def client(house: House) -> Browser:
    return a_client(house)


def add(client: Browser, sent: object = READER, *, token: str = TOKEN, **headers: str) -> tuple[int, Mapping[str, Any]]:
    said = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"} | headers
    content = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    answer = client.request("POST", "/api/subscriptions", content=content, headers=said)
    return answer.status_code, answer.json()


def test_a_reader_is_added_with_the_proof_of_their_consent(house: House, client: Browser) -> None:
    more = {**READER, "frequency": "daily", "name": "Zoe", "topics": ["weather"], "language": "de", "note": "till 3"}
    assert add(client, more) == (201, {"result": "added", "message": f"{ZOE} subscribed"})
    found = house.subscribers.subscription(SubscriberId(1), "birds")
    assert found is not None
    assert (found.state, found.frequency, found.topics, found.language) == (
        Consent.ACTIVE,
        "daily",
        frozenset({"weather"}),
        "de",
    )
    with house.engine.connect() as connection:
        row = connection.execute(select(consent_event)).one()
    assert (row.source, row.note) == ("api:shop", "shop; till 3")
    assert row.asked_at.isoformat() == "2026-11-20T09:00:00+00:00"


def test_twice_is_once(house: House, client: Browser) -> None:
    assert add(client)[0] == 201
    before = list(house.subscribers.listed())
    assert add(client)[0] == 200
    assert list(house.subscribers.listed()) == before


@pytest.mark.parametrize("reason", ["left", "bounced", "complained", "owner"])
def test_nobody_is_brought_back(house: House, client: Browser, reason: str) -> None:
    if reason == "left":
        add(client)
        house.subscribers.leave(SubscriberId(1), "birds", note="", now=house.clock())
    else:
        with house.engine.begin() as connection:
            suppress(connection, [ZOE], reason, "", house.clock())
    status, said = add(client)
    assert (status, said["result"]) == (409, "left" if reason == "left" else "suppressed")
    assert "only they themselves can come back" in said["message"]
    assert Consent.ACTIVE not in consents(house).values()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"address": "zoe@"}, "'zoe@' is not an address"),
        ({"address": 7}, "address: input should be a valid string"),
        ({"source": ""}, "source: string should have at least 1 character"),
        ({"source": "a\r\nb"}, "source: it and note are of one line"),
        ({"consented_at": "2026-11-20T10:00:00"}, "consented_at: has no time zone"),
        ({"consented_at": "2026-12-20T10:00:00Z"}, "consented_at: lies in the future"),
        ({"consented_at": "soon"}, "consented_at: input should be a valid datetime"),
        ({"frequency": "hourly"}, "has no frequency 'hourly'"),
        ({"newsletter": "secret"}, "there is no newsletter 'secret'; there is: main, birds"),
        ({"language": "tlh"}, "is not offered in 'tlh'"),
        ({"name": "Z\r\nBcc: x@example.net"}, "has a control character in it"),
        ({"state": "active"}, "state: extra inputs are not permitted"),
        ({"topics": "weather"}, "topics: input should be a valid list"),
    ],
)
def test_a_mistake_is_one_sentence(house: House, client: Browser, change: Mapping[str, object], sentence: str) -> None:
    status, said = add(client, {**READER, **change})
    assert status == 400
    assert sentence in said["error"]
    assert "\n" not in said["error"]
    assert consents(house) == {}


@pytest.mark.parametrize("field", ["source", "consented_at", "address"])
def test_no_reader_without_a_proof(house: House, client: Browser, field: str) -> None:
    status, said = add(client, {name: value for name, value in READER.items() if name != field})
    assert (status, said) == (400, {"error": f"{field}: field required"})


@pytest.mark.parametrize("token", ["", "7" * 64, TOKEN[:-1], TOKEN + "7", TOKEN.upper(), f"{PREFIX}{'8' * 64}"])
def test_without_a_token_that_counts_nothing_is_said(house: House, client: Browser, token: str) -> None:
    status, said = add(client, token=token)
    assert (status, said) == (401, {"error": "no valid token; send `Authorization: Bearer TOKEN`"})
    assert consents(house) == {}


def test_a_revoked_token_and_one_of_another_scope(house: House, client: Browser) -> None:
    house.programs.add("other", digest_of(f"{PREFIX}other"), ["else"], now=house.clock())
    assert add(client, token=f"{PREFIX}other")[0] == 403
    house.programs.revoke("shop", now=house.clock())
    assert add(client)[0] == 401


def test_no_token_is_in_the_database(house: House, client: Browser) -> None:
    add(client)
    assert TOKEN not in "".join(dump(house.engine))
    with house.engine.connect() as connection:
        assert connection.execute(select(api_token.c.used_at)).scalar_one() == house.clock()


def test_too_many_in_a_minute(opened: tuple[House, Clock]) -> None:
    house, clock = opened
    client = a_client(house)
    assert [add(client)[0] for _ in range(121)].count(429) == 1
    clock.later(minutes=1)
    assert add(client)[0] == 200


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"x" * 17_000, "application/json", 413),
        (b"{", "application/json", 400),
        (b"[" * 10_000, "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"null", "application/json", 400),
        (b"{}", "text/plain", 415),
    ],
)
def test_a_body_that_is_none(client: Browser, content: bytes, kind: str, status: int) -> None:
    assert add(client, content, **{"Content-Type": kind})[0] == status


def test_it_answers_nothing_but_a_post(client: Browser) -> None:
    assert client.get("/api/subscriptions").status_code == 405


JSON = st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=20), lambda of: st.lists(of, max_size=3))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(sent=st.dictionaries(st.sampled_from([*READER, "topics", "name", "x"]), JSON, max_size=6) | JSON)
def test_whatever_is_sent_is_no_fault_of_ours(house: House, client: Browser, sent: object) -> None:
    assert add(client, sent)[0] in {400, 413, 429}
    with house.engine.connect() as connection:
        assert connection.execute(select(subscriber)).all() == []
