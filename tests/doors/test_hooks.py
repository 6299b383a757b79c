"""Webhooks of Amazon SES and Postmark.

The true services cannot be reached from here: the tests make a key and a certificate of their own, and the port that
fetches a certificate gives that one.
"""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from sqlalchemy import select

from publisher.config import load_config
from publisher.delivery.bounces import Kind
from publisher.delivery.sns import SIGNED, is_amazons
from publisher.mail.tokens import Purpose, sign
from publisher.model.issue import Issue
from publisher.model.subscriber import Consent, SubscriberId
from publisher.steps.hooks import Hooks, from_postmark, from_ses
from publisher.store.schema import suppression
from publisher.wiring import House
from tests.bouncing import sent, verp_of
from tests.doors.browser import browser
from tests.house import NOW, a_house, add_readers, consents, dump

TOPIC = "arn:aws:sns:eu-central-1:123456789012:bounces"
HOST = "https://sns.eu-central-1.amazonaws.com"
CERTIFICATE = f"{HOST}/SimpleNotificationService-1.pem"


@cache
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def certificate() -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key().public_key())
        .serial_number(1)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=365))
        .sign(key(), hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)


def signed(message: dict[str, Any], version: str = "2") -> bytes:
    message = {
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Timestamp": "2026-11-23T09:00:00.000Z",
        "SignatureVersion": version,
        "SigningCertURL": CERTIFICATE,
    } | message
    told = "".join(f"{name}\n{message[name]}\n" for name in SIGNED[message["Type"]] if name in message)
    algorithm = hashes.SHA256() if version == "2" else hashes.SHA1()
    signature = key().sign(told.encode(), padding.PKCS1v15(), algorithm)
    return json.dumps(message | {"Signature": base64.b64encode(signature).decode()}).encode()


def ses(told: dict[str, Any], version: str = "2") -> bytes:
    return signed({"Message": json.dumps(told)}, version)


def ses_bounce(source: str, recipient: str = "ann@example.net", **more: Any) -> dict[str, Any]:
    one = {"emailAddress": recipient, "action": "failed", "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 no"}
    return {
        "notificationType": "Bounce",
        "bounce": {"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": [one | more]},
        "mail": {"source": source, "messageId": "0000014644fe5ef6", "headers": []},
    }


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


@pytest.fixture
def fetched() -> list[str]:
    return []


@pytest.fixture
def hooks(house: House, fetched: list[str]) -> Hooks:
    def fetch(address: str) -> bytes:
        fetched.append(address)
        return certificate()

    return Hooks(receiving=house.receiving, fetch=fetch, ses_topic=TOPIC, password="a long secret")


def suppressed(house: House) -> dict[str, str]:
    with house.engine.connect() as connection:
        return {row.key: row.reason for row in connection.execute(select(suppression))}


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_signed_bounce_by_the_envelope_sender(
    house: House, hooks: Hooks, ann: SubscriberId, went: Issue, version: str
) -> None:
    assert from_ses(hooks, ses(ses_bounce(verp_of(house, ann, went.id)), version), now=NOW) is HTTPStatus.OK
    assert suppressed(house) == {"ann@example.net": "bounced"}


def test_a_signed_bounce_by_the_recipient(house: House, hooks: Hooks, ann: SubscriberId, went: Issue) -> None:
    assert from_ses(hooks, ses(ses_bounce("news@example.org")), now=NOW) is HTTPStatus.OK
    assert suppressed(house) == {"ann@example.net": "bounced"}


def test_what_is_about_us_suppresses_nobody(house: House, hooks: Hooks, ann: SubscriberId, went: Issue) -> None:
    told = ses_bounce(verp_of(house, ann, went.id), status="5.7.1", diagnosticCode="smtp; 554 5.7.1 policy")
    assert from_ses(hooks, ses(told), now=NOW) is HTTPStatus.OK
    assert not suppressed(house)


def test_a_complaint_by_the_link_to_leave(house: House, hooks: Hooks, ann: SubscriberId, went: Issue) -> None:
    token = sign(house.keyring, Purpose.UNSUBSCRIBE, newsletter="main", subscriber=ann, issue=went.id)
    field = {"name": "List-Unsubscribe", "value": f"<https://news.example.org/u/{token}>"}
    told = {
        "notificationType": "Complaint",
        "complaint": {"complainedRecipients": [{"emailAddress": "x"}], "complaintFeedbackType": "abuse"},
        "mail": {"source": "news@example.org", "headers": [field]},
    }
    assert from_ses(hooks, ses(told), now=NOW) is HTTPStatus.OK
    assert suppressed(house) == {"ann@example.net": "complained"}
    assert consents(house)["ann@example.net"] is Consent.LEFT


def test_posted_twice_is_once_and_the_certificate_is_fetched_once(
    house: House, hooks: Hooks, fetched: list[str], ann: SubscriberId, went: Issue
) -> None:
    body = ses(ses_bounce(verp_of(house, ann, went.id)))
    assert from_ses(hooks, body, now=NOW) is HTTPStatus.OK
    before = [line for line in dump(house.engine) if "sqlite_sequence" not in line]
    assert from_ses(hooks, body, now=NOW) is HTTPStatus.OK
    assert [line for line in dump(house.engine) if "sqlite_sequence" not in line] == before
    assert fetched == [CERTIFICATE]


def changed(**values: Any) -> Callable[[bytes], bytes]:
    return lambda body: json.dumps(json.loads(body) | values).encode()


FORGED: dict[str, Callable[[bytes], bytes]] = {
    "another message": changed(Message="{}"),
    "another topic": changed(TopicArn="arn:aws:sns:eu-central-1:999999999999:bounces"),
    "no signature": changed(Signature=""),
    "a signature that is none": changed(Signature="%%%"),
    "another version": changed(SignatureVersion="3"),
    "another type": changed(Type="Other"),
    "a stranger's certificate": changed(SigningCertURL="https://evil.example/x.pem"),
    "no certificate": changed(SigningCertURL=None),
    "no JSON": lambda body: body[:-2],
    "a list": lambda body: b"[" + body + b"]",
    "nested": lambda body: b"[" * 100_000,
    "nothing": lambda body: b"",
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_forged_is_refused_and_changes_nothing(
    house: House, hooks: Hooks, fetched: list[str], ann: SubscriberId, went: Issue, forge: Callable[[bytes], bytes]
) -> None:
    before = dump(house.engine)
    assert from_ses(hooks, forge(ses(ses_bounce(verp_of(house, ann, went.id)))), now=NOW) is HTTPStatus.FORBIDDEN
    assert dump(house.engine) == before
    assert set(fetched) <= {CERTIFICATE}


def test_amazon_is_asked_again_where_its_certificate_cannot_be_had(house: House, hooks: Hooks) -> None:
    away = replace(hooks, fetch=lambda _: b"")
    assert from_ses(away, ses({}), now=NOW) is HTTPStatus.SERVICE_UNAVAILABLE


def test_a_subscription_is_confirmed_at_amazons_own_host_only(hooks: Hooks, fetched: list[str]) -> None:
    asked = {"Type": "SubscriptionConfirmation", "Token": "2336", "Message": "You have chosen"}
    mine = asked | {"SubscribeURL": f"{HOST}/?Action=ConfirmSubscription&Token=2336"}
    assert from_ses(hooks, signed(mine), now=NOW) is HTTPStatus.OK
    assert fetched == [CERTIFICATE, mine["SubscribeURL"]]
    theirs = asked | {"SubscribeURL": "http://169.254.169.254/latest/meta-data/"}
    assert from_ses(hooks, signed(theirs), now=NOW) is HTTPStatus.FORBIDDEN
    assert len(fetched) == 2


@pytest.mark.parametrize(
    "address",
    [
        "http://sns.eu-central-1.amazonaws.com/x.pem",
        "https://sns.eu-central-1.amazonaws.com.evil.example/x.pem",
        "https://evil.example/sns.eu-central-1.amazonaws.com/x.pem",
        "https://sns.eu-central-1.amazonaws.com@evil.example/x.pem",
        "https://sns.eu-central-1.amazonaws.com:8443/x.pem",
        "https://s3.eu-central-1.amazonaws.com/x.pem",
        "https://sns.eu-central-1.amazonaws.com/x.txt",
        "https://sns.eu-central-1.amazonaws.com:x/x.pem",
        "https://[::1/x.pem",
        7,
    ],
)
def test_whose_address_is_amazons(address: object) -> None:
    assert not is_amazons(address, certificate=True)


def basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"postmark:{password}".encode()).decode()


def postmark(**values: Any) -> bytes:
    return json.dumps({"RecordType": "Bounce", "Email": "ann@example.net", "ID": 1} | values).encode()


POSTMARK = {
    "HardBounce": ({"Type": "HardBounce", "Details": "smtp;550 5.1.1 unknown"}, "bounced"),
    "SoftBounce": ({"Type": "SoftBounce", "Details": "smtp;452 4.2.2 over quota"}, None),
    "Blocked": ({"Type": "Blocked"}, None),
    "AutoResponder": ({"Type": "AutoResponder"}, None),
    "a word it may learn": ({"Type": "Unheard"}, None),
    "SpamComplaint": ({"RecordType": "SpamComplaint", "Type": "SpamComplaint"}, "complained"),
    "SubscriptionChange": (
        {
            "RecordType": "SubscriptionChange",
            "Recipient": "ann@example.net",
            "SuppressSending": True,
            "SuppressionReason": "HardBounce",
        },
        "bounced",
    ),
    "lifted": (
        {"RecordType": "SubscriptionChange", "Recipient": "ann@example.net", "SuppressSending": False},
        None,
    ),
}


@pytest.mark.parametrize(("told", "reason"), POSTMARK.values(), ids=POSTMARK)
def test_what_postmark_posts(
    house: House, hooks: Hooks, ann: SubscriberId, went: Issue, told: dict[str, Any], reason: str | None
) -> None:
    assert from_postmark(hooks, postmark(**told), basic("a long secret"), now=NOW) is HTTPStatus.OK
    assert suppressed(house) == ({"ann@example.net": reason} if reason else {})


@pytest.mark.parametrize("key", ["", "Basic", "Basic %%%", basic(""), basic("another"), "Bearer a long secret"])
def test_who_does_not_know_the_password_changes_nothing(house: House, hooks: Hooks, went: Issue, key: str) -> None:
    before = dump(house.engine)
    assert from_postmark(hooks, postmark(Type="HardBounce"), key, now=NOW) is HTTPStatus.UNAUTHORIZED
    assert dump(house.engine) == before


@pytest.mark.parametrize("key", ["", basic("")])
def test_an_empty_password_lets_nobody_in(hooks: Hooks, went: Issue, key: str) -> None:
    empty = replace(hooks, password="")
    assert from_postmark(empty, postmark(Type="HardBounce"), key, now=NOW) is HTTPStatus.NOT_FOUND


def test_what_is_not_set_up_is_not_there(house: House) -> None:
    client = browser(house)
    assert client.post("/hooks/ses", content=ses({})).status_code == 404
    assert client.post("/hooks/postmark", content=postmark()).status_code == 404
    assert client.get("/hooks/ses").status_code == 405


def test_the_pages_take_them(house: House, tmp_path: Path, ann: SubscriberId, went: Issue) -> None:
    (tmp_path / "webhooks.password").write_text("a long secret\n")
    (tmp_path / "webhooks.password").chmod(0o600)
    config = tmp_path / "config.toml"
    config.write_text(f'{config.read_text()}[webhooks]\nses_topic = "{TOPIC}"\npassword_file = "webhooks.password"\n')
    with_hooks = replace(house, config=load_config(config, {}))
    client = browser(with_hooks)
    post = {"content": postmark(Type="HardBounce"), "headers": {"Authorization": basic("a long secret")}}
    assert client.post("/hooks/postmark", **post).status_code == 200
    assert client.post("/hooks/postmark", content=b"x" * (2 << 20)).status_code == 413
    assert client.post("/hooks/ses", content=b"{}").status_code == 403
    assert suppressed(house) == {"ann@example.net": "bounced"}
    assert [one.kind for one in house.incoming.letters(kinds=frozenset(Kind), settled=True)] == [Kind.BOUNCE]
