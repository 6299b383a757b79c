"""Mail that came to us, against a real database: what follows from it, and what does not."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from publisher.delivery.bounces import Kind
from publisher.doors.rounds import deliver_now
from publisher.mail.tokens import Keyring, Purpose, sign
from publisher.model.issue import Issue, IssueId, IssueState, State
from publisher.model.subscriber import Consent, SubscriberId
from publisher.steps.receive import Received
from publisher.store.schema import incoming, issue, strike, suppression
from publisher.wiring import House
from tests.bouncing import a_bounce, a_complaint, a_letter, sent, verp_of
from tests.house import NOW, a_house, add_readers, consents, digest, dump, reopened, single

FORGED = Keyring(current="k1", keys={"k1": b"x" * 32})


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = a_house(tmp_path)
    yield made
    made.close()


@pytest.fixture
def ann(house: House) -> SubscriberId:
    return add_readers(house, "ann@example.net", "bob@example.net")[0]


@pytest.fixture
def went(house: House, ann: SubscriberId) -> Issue:
    return sent(house)


def took(house: House, data: bytes) -> Received:
    found = house.receive(data)
    assert found is not None
    return found


def rows(house: House) -> list[str]:
    """All that is written down; not the numbers that were drawn and not used."""
    return [line for line in dump(house.engine) if "sqlite_sequence" not in line]


def suppressed(house: House) -> dict[str, str]:
    with house.engine.connect() as connection:
        return {row.key: row.reason for row in connection.execute(select(suppression))}


def state_of(house: House, reader: SubscriberId, one: Issue) -> State:
    there = house.incoming.went(reader, one.id)
    assert there is not None
    return there[0]


def strikes(house: House) -> int:
    with house.engine.connect() as connection:
        return len(connection.execute(select(strike)).all())


def leave_link(house: House, reader: SubscriberId, one: Issue, keyring: Keyring | None = None) -> str:
    token = sign(keyring or house.keyring, Purpose.UNSUBSCRIBE, newsletter="main", subscriber=reader, issue=one.id)
    return f"<https://news.example.org/u/{token}>"


@pytest.mark.parametrize("status", ["5.1.1", "5.1.2", "5.1.6", "5.1.10"])
def test_n3_a_mailbox_that_is_no_more_is_written_to_no_more(
    house: House, ann: SubscriberId, went: Issue, status: str
) -> None:
    said = took(house, a_bounce(verp_of(house, ann, went.id), status=status, said=f"smtp; 550 {status} gone"))
    assert (said.kind, said.reader, said.issue) == (Kind.BOUNCE, ann, went.id)
    assert state_of(house, ann, went) is State.BOUNCED
    assert suppressed(house) == {"ann@example.net": "bounced"}
    assert consents(house)["ann@example.net"] is Consent.ACTIVE  # a bounce is nobody's word about what they want


def test_a_bounce_without_verp_is_known_by_the_mail_that_it_returns(
    house: House, ann: SubscriberId, went: Issue
) -> None:
    returned = f"List-Unsubscribe: {leave_link(house, ann, went)}\n"
    assert took(house, a_bounce("news@example.org", returned=returned)).reader == ann
    assert suppressed(house) == {"ann@example.net": "bounced"}


def test_v6_n5_a_bounce_with_a_forged_token_or_none_changes_nothing(
    house: House, ann: SubscriberId, went: Issue
) -> None:
    forged = sign(FORGED, Purpose.BOUNCE, newsletter="", subscriber=ann, issue=went.id)
    another = sign(house.keyring, Purpose.VIEW, newsletter="", subscriber=ann, issue=went.id)
    never_sent = sign(house.keyring, Purpose.BOUNCE, newsletter="", subscriber=ann, issue=IssueId(went.id + 1))
    returned = f"List-Unsubscribe: {leave_link(house, ann, went, FORGED)}\n"
    for number, token in enumerate((forged, another, never_sent, "", forged[:-1])):
        to = f"news+{token}@example.org" if token else "news@example.org"
        assert took(house, a_bounce(to, recipient=f"ann{number}@example.net")).kind is Kind.UNKNOWN
    assert took(house, a_bounce("news@example.org", returned=returned)).kind is Kind.UNKNOWN
    assert not suppressed(house)
    assert state_of(house, ann, went) is State.SENT
    assert house.incoming.open_counts() == {Kind.UNKNOWN: 6}
    assert house.incoming.letter(1).raw is not None  # nobody else has it


def test_n5_a_bounce_of_a_mail_that_waits_to_be_sent_changes_nothing(house: House, ann: SubscriberId) -> None:
    waiting = digest(house)
    assert waiting is not None
    assert took(house, a_bounce(verp_of(house, ann, waiting.id))).kind is Kind.UNKNOWN
    assert state_of(house, ann, waiting) is State.PENDING


def test_a_bounce_read_twice_or_sent_twice_acts_once(house: House, ann: SubscriberId, went: Issue) -> None:
    data = a_bounce(verp_of(house, ann, went.id), status="5.2.2", said="smtp; 552 5.2.2 mailbox full")
    assert house.receive(data) is not None
    before = rows(house)
    assert house.receive(data) is None
    assert house.receive(data.replace(b"\n", b"\r\n")) is None
    assert rows(house) == before
    assert took(house, data.replace(b"This is the mail system", b"This was the mail system")).reader == ann
    assert strikes(house) == 1
    assert len(house.deliveries.replies(went.id)) == 1


def test_n2_n3_what_expired_or_is_full_counts_and_three_issues_over_thirty_days_end_it(
    tmp_path: Path, house: House, ann: SubscriberId
) -> None:
    paths = ["2026-11-12-frost-ferns.md", "2026-11-19-bread.md", "2026-10-01-swifts.md"]
    for number, (path, days) in enumerate(zip(paths, (0, 10, 31), strict=True)):
        then = reopened(tmp_path, now=NOW + timedelta(days=days))
        one = single(then, path)
        deliver_now(then)
        assert not suppressed(then)
        data = a_bounce(verp_of(then, ann, one.id), status="4.4.7", said="smtp; 451 4.4.7 delivery time expired")
        assert took(then, data).kind is Kind.BOUNCE
        assert state_of(then, ann, one) is State.BOUNCED
        assert strikes(then) == number + 1
        then.close()
    assert suppressed(house) == {"ann@example.net": "bounced"}


def test_three_issues_within_a_few_days_end_nothing(tmp_path: Path, house: House, ann: SubscriberId) -> None:
    for days, path in enumerate(["2026-11-12-frost-ferns.md", "2026-11-19-bread.md", "2026-10-01-swifts.md"]):
        then = reopened(tmp_path, now=NOW + timedelta(days=days))
        one = single(then, path)
        deliver_now(then)
        took(then, a_bounce(verp_of(then, ann, one.id), status="5.2.2", said="smtp; 552 5.2.2 full"))
        then.close()
    assert strikes(house) == 3
    assert not suppressed(house)


def test_a_later_mail_that_arrives_heals(tmp_path: Path, house: House, ann: SubscriberId) -> None:
    first = single(house, "2026-11-12-frost-ferns.md")
    deliver_now(house)
    took(house, a_bounce(verp_of(house, ann, first.id), status="5.2.2", said="smtp; 552 5.2.2 full"))
    later = reopened(tmp_path, now=NOW + timedelta(days=1))
    single(later, "2026-11-19-bread.md")
    deliver_now(later)
    assert later.incoming.heal(now=NOW + timedelta(days=5)) == 0  # it may still come back
    assert later.incoming.heal(now=NOW + timedelta(days=7)) == 1
    later.close()


@pytest.mark.parametrize("status", ["5.2.3", "5.3.4", "5.6.0"])
def test_what_blames_the_mail_is_no_strike(house: House, ann: SubscriberId, went: Issue, status: str) -> None:
    took(house, a_bounce(verp_of(house, ann, went.id), status=status, said=f"smtp; 552 {status} too large"))
    assert state_of(house, ann, went) is State.BOUNCED
    assert strikes(house) == 0


def running(house: House, one: Issue) -> None:
    with house.engine.begin() as connection:
        connection.execute(issue.update().where(issue.c.id == one.id).values(state=IssueState.READY))


def test_n3_what_is_about_us_pauses_the_issue_and_suppresses_nobody(
    house: House, ann: SubscriberId, went: Issue
) -> None:
    running(house, went)
    took(house, a_bounce(verp_of(house, ann, went.id), status="5.7.26", said="smtp; 550 5.7.26 unauthenticated"))
    paused = house.issues.get(went.id)
    assert paused.state is IssueState.PAUSED
    assert paused.reason == "mail comes back for what is ours to mend: 550 5.7.26 unauthenticated"
    assert not suppressed(house)
    assert [one[:2] for one in house.incoming.refused(NOW - timedelta(days=1))] == [(went.id, "main")]


def test_n3_policy_pauses_at_three_domains(house: House) -> None:
    readers = add_readers(house, "a@one.example.net", "b@one.example.net", "c@two.example.net", "d@three.example.net")
    one = sent(house)
    running(house, one)
    for number, reader in enumerate(readers):
        assert house.issues.get(one.id).state is IssueState.READY, number
        took(house, a_bounce(verp_of(house, reader, one.id), status="5.7.1", said="smtp; 550 5.7.1 not wanted"))
    assert house.issues.get(one.id).state is IssueState.PAUSED
    assert not suppressed(house)


def test_n8_a_complaint_ends_the_newsletter_and_all_mail(house: House, ann: SubscriberId, went: Issue) -> None:
    said = took(house, a_complaint(leave_link(house, ann, went)))
    assert (said.kind, said.reader) == (Kind.COMPLAINT, ann)
    assert consents(house)["ann@example.net"] is Consent.LEFT
    assert suppressed(house) == {"ann@example.net": "complained"}


def test_a_complaint_weighs_more_than_a_bounce(house: House, ann: SubscriberId, went: Issue) -> None:
    took(house, a_bounce(verp_of(house, ann, went.id)))
    took(house, a_complaint(leave_link(house, ann, went)))
    assert suppressed(house) == {"ann@example.net": "complained"}


def test_a_complaint_without_its_mail_or_with_a_forged_one_changes_nothing(
    house: House, ann: SubscriberId, went: Issue
) -> None:
    whole = a_complaint(leave_link(house, ann, went))
    alone = whole[: whole.index(b"--part1_13d.2e68ed54_boundary\nContent-Type: message/rfc822")]
    assert took(house, alone).kind is Kind.UNKNOWN
    assert took(house, a_complaint(leave_link(house, ann, went, FORGED))).kind is Kind.UNKNOWN
    assert took(house, a_complaint(leave_link(house, ann, went), kind="not-spam")).kind is Kind.AUTOMATIC
    assert consents(house)["ann@example.net"] is Consent.ACTIVE
    assert not suppressed(house)


def token(house: House, reader: SubscriberId) -> str:
    return sign(house.keyring, Purpose.UNSUBSCRIBE, newsletter="main", subscriber=reader)


def test_e12_leaving_by_mail_goes_by_the_token_and_not_by_the_sender(house: House, ann: SubscriberId) -> None:
    data = a_letter(Subject=f"unsubscribe {token(house, ann)}", From="bob@example.net")
    assert took(house, data).kind is Kind.LEAVE
    assert consents(house) == {"ann@example.net": Consent.LEFT, "bob@example.net": Consent.ACTIVE}
    assert took(house, a_letter(Subject=f"unsubscribe {token(house, ann)}", Date="x")).kind is Kind.LEAVE


def test_e12_leaving_by_an_address_with_the_token(house: House, ann: SubscriberId) -> None:
    took(house, a_letter("", Subject="", To=f"unsub+{token(house, ann)}@example.org"))
    assert consents(house)["ann@example.net"] is Consent.LEFT


@pytest.mark.parametrize(
    "fields",
    [
        {"Auto_Submitted": "auto-replied", "Subject": "Automatic reply: Frost ferns"},
        {"Auto_Submitted": "auto-replied", "Subject": "unsubscribe TOKEN"},
        {"Precedence": "bulk", "Subject": "Re: Frost ferns"},
        {"X_Autoreply": "yes"},
        {"Subject": "Abwesenheitsnotiz: Frost ferns"},
        {"Return_Path": "<>"},
    ],
)
def test_n6_who_is_out_of_office_does_not_leave(house: House, ann: SubscriberId, fields: dict[str, str]) -> None:
    fields = {name: value.replace("TOKEN", token(house, ann)) for name, value in fields.items()}
    words = "I am away. To stop sending: unsubscribe. Please remove me from the meeting."
    to = f"news+{token(house, ann)}@example.org"
    assert took(house, a_letter(words, **{"To": to} | fields)).kind is Kind.AUTOMATIC
    assert consents(house)["ann@example.net"] is Consent.ACTIVE
    assert not house.incoming.open_counts()


def test_a_plea_is_for_the_owner_and_changes_nothing(house: House, ann: SubscriberId) -> None:
    said = took(house, a_letter("Please remove me from your list.\n\nAnn", In_Reply_To="<x@example.org>"))
    assert (said.kind, said.reader) == (Kind.PLEA, ann)
    assert consents(house)["ann@example.net"] is Consent.ACTIVE
    assert house.incoming.open_counts() == {Kind.PLEA: 1}


def test_who_writes_from_another_address_is_known_by_the_mail_that_they_quote(
    house: House, ann: SubscriberId, went: Issue
) -> None:
    quoted = f"please unsubscribe me\n\n> Field Notes\n> {leave_link(house, ann, went)}\n"
    said = took(house, a_letter(quoted, From="other@example.com"))
    assert (said.kind, said.reader) == (Kind.PLEA, ann)


def test_an_answer_is_kept_and_shown(house: House, ann: SubscriberId) -> None:
    said = took(house, a_letter("Lovely post about opting out of things!", In_Reply_To="<x@example.org>"))
    assert (said.kind, said.reader) == (Kind.REPLY, ann)
    assert house.incoming.letter(1).raw is not None


def test_a_delay_is_no_bounce(house: House, ann: SubscriberId, went: Issue) -> None:
    data = a_bounce(verp_of(house, ann, went.id), status="4.4.1", action="delayed", said="smtp; 451 4.4.1 no answer")
    assert took(house, data).kind is Kind.DELAY
    assert state_of(house, ann, went) is State.SENT
    assert not strikes(house)


def test_somebody_who_was_erased_is_nobody(house: House, ann: SubscriberId, went: Issue) -> None:
    verp, link = verp_of(house, ann, went.id), leave_link(house, ann, went)
    for one in list(house.subscribers.listed()):
        house.forget(one.address)
    for data in (a_bounce(verp), a_complaint(link), a_letter(Subject=f"unsubscribe {token(house, ann)}")):
        assert took(house, data).kind is Kind.UNKNOWN
    with house.engine.connect() as connection:
        assert {row.subscriber_id for row in connection.execute(select(incoming))} == {None}
