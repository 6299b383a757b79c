"""Somebody who was erased, and was on the do-not-mail list: every way back but their own stays closed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from publisher.doors.rounds import deliver_now
from publisher.model.subscriber import Consent, SuppressionReason, parse_address
from publisher.steps.signup import Application, Choice
from publisher.wiring import House
from tests.house import a_house, add_readers, consents

ANN = "ann@example.net"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    found = a_house(tmp_path)
    add_readers(found, ANN)
    yield found
    found.engine.dispose()


def erased(house: House, reason: SuppressionReason | None) -> None:
    if reason is not None:
        house.blocked.add([parse_address(ANN)], reason, "", now=house.clock())
    house.forget(parse_address(ANN))
    assert all(not one.key.startswith("ann") for one in house.blocked.listed())


def imported(house: House) -> str:
    from publisher.doors.cli import main  # noqa: PLC0415  # the program, as its owner starts it

    file = house.config.secrets.file.parent / "list.csv"
    file.write_text(f"address,consented\n{ANN},2026-01-02\nzoe@example.net,2026-01-02\n", encoding="utf-8")
    main.main(
        ["--config", str(file.with_name("config.toml")), "subscribers", "import", str(file), "--basis", "told so"]
    )
    return str(sorted(consents(house)))


@pytest.mark.parametrize("reason", [None, SuppressionReason.OWNER, SuppressionReason.COMPLAINED])
def test_no_import_brings_them_back(house: House, reason: SuppressionReason | None) -> None:
    erased(house, reason)
    with pytest.raises(SystemExit):
        imported(house)
    assert list(consents(house)) == ["zoe@example.net"]


def test_the_owner_takes_them_off_the_list_by_their_address(house: House) -> None:
    erased(house, SuppressionReason.OWNER)
    found = house.blocked.find(parse_address(ANN))
    assert found is not None
    assert found.suppression.reason is SuppressionReason.OWNER
    assert house.blocked.remove(parse_address(ANN))
    assert not house.blocked.remove(parse_address(ANN))
    assert list(house.blocked.listed()) == []


@pytest.mark.parametrize(("reason", "back"), [(None, 1), (SuppressionReason.BOUNCED, 1), (SuppressionReason.OWNER, 0)])
def test_only_they_themselves_come_back(house: House, reason: SuppressionReason | None, back: int) -> None:
    erased(house, reason)
    choice = Choice("main", "weekly")
    asked = Application(address=parse_address(ANN), choices=(choice,), source="form")
    house.signup.ask(asked, "form", now=house.clock())
    deliver_now(house)
    mails = list((house.config.secrets.file.parent / "outbox").glob("new/*"))
    assert len(mails) == back
    if back:
        (issue,) = [one for one in house.issues.listed(notices=True) if one.alone]
        reader = house.signup.requests.standing
        number = next(one for one in range(1, 9) if reader(issue.id, one, now=house.clock()))  # type: ignore[arg-type]
        assert house.signup.confirm(issue.id, number, now=house.clock()) == "done"  # type: ignore[arg-type]
        assert consents(house) == {ANN: Consent.ACTIVE}
        assert list(house.blocked.listed()) == []
