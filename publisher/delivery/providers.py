"""The relays that people send through: what each does to a message, and what to write for it.

Of 2026-11, from their public pages; None is what they do not say. Every account has limits of its own, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One relay. `hosts`: its servers, or what their names end with."""

    name: str
    title: str
    hosts: tuple[str, ...]
    url: str  # what smtp.url says
    signs: bool | None  # by itself, for our domain, once its records are there
    keeps_message_id: bool | None
    keeps_date: bool | None
    free_sender: bool | None  # any envelope sender at the sender's domain
    per_day: int | None = None  # messages, of an account that is no longer new
    per_second: int | None = None
    spf: str | None = None  # the name that an SPF record includes; None: its envelope sender is its own
    untracked: Mapping[str, str] = field(default_factory=dict)  # fields that turn its counting of readers off
    advice: str = ""

    @property
    def rewrites(self) -> bool:
        """Whether it changes what a signature of ours would cover."""
        return self.keeps_message_id is False or self.keeps_date is False


PROVIDERS: Mapping[str, Provider] = {
    one.name: one
    for one in (
        Provider(
            name="own",
            title="your own mail server",
            hosts=("localhost", "127.0.0.1", "::1"),
            url="smtp://localhost:25",
            signs=None,
            keeps_message_id=True,
            keeps_date=True,
            free_sender=True,
            advice="let it sign (OpenDKIM, rspamd), or make keys with `publisher dkim new`",
        ),
        Provider(
            name="ses",
            title="Amazon SES",
            hosts=(".amazonaws.com",),
            url="smtp://USER@email-smtp.eu-central-1.amazonaws.com:587",
            signs=True,
            keeps_message_id=False,
            keeps_date=False,
            free_sender=False,
            per_day=50_000,
            per_second=14,
            spf="amazonses.com",
            advice="a custom MAIL FROM domain makes SPF count for yours; a new account must leave the sandbox first",
        ),
        Provider(
            name="postmark",
            title="Postmark",
            hosts=("smtp.postmarkapp.com", "smtp-broadcasts.postmarkapp.com"),
            url="smtp://TOKEN@smtp-broadcasts.postmarkapp.com:587",
            signs=True,
            keeps_message_id=None,
            keeps_date=None,
            free_sender=False,
            untracked={"X-PM-KeepID": "true", "X-PM-TrackOpens": "false", "X-PM-TrackLinks": "None"},
            advice="use a broadcast stream, and switch its counting of opens off: a field cannot, where it is on",
        ),
        Provider(
            name="mailgun",
            title="Mailgun",
            hosts=("smtp.mailgun.org", "smtp.eu.mailgun.org"),
            url="smtp://USER@smtp.eu.mailgun.org:587",
            signs=True,
            keeps_message_id=None,
            keeps_date=None,
            free_sender=False,
            spf="mailgun.org",
            untracked={"X-Mailgun-Track": "no"},
        ),
        Provider(
            name="brevo",
            title="Brevo",
            hosts=("smtp-relay.brevo.com", "smtp-relay.sendinblue.com"),
            url="smtp://USER@smtp-relay.brevo.com:587",
            signs=True,
            keeps_message_id=None,
            keeps_date=None,
            free_sender=False,
            per_day=300,
            advice="the limit is that of its free plan; it has no field that stops its counting, only its settings do",
        ),
        Provider(
            name="fastmail",
            title="Fastmail",
            hosts=("smtp.fastmail.com",),
            url="smtps://USER@smtp.fastmail.com:465",
            signs=True,
            keeps_message_id=True,
            keeps_date=True,
            free_sender=None,
            per_day=8_000,
            spf="spf.messagingengine.com",
            advice="log in with an app password",
        ),
        Provider(
            name="gmail",
            title="Gmail",
            hosts=("smtp.gmail.com", "smtp-relay.gmail.com"),
            url="smtp://USER@smtp.gmail.com:587",
            signs=True,
            keeps_message_id=True,
            keeps_date=True,
            free_sender=False,
            per_day=500,
            spf="_spf.google.com",
            advice="log in with an app password; the limit of a paid account is 2,000",
        ),
        Provider(
            name="migadu",
            title="Migadu",
            hosts=("smtp.migadu.com",),
            url="smtps://USER@smtp.migadu.com:465",
            signs=True,
            keeps_message_id=True,
            keeps_date=True,
            free_sender=None,
            spf="spf.migadu.com",
            advice="its plans differ in how much a day they take",
        ),
    )
}


def provider_at(host: str) -> Provider | None:
    """The relay that a server belongs to; None where it is none of these."""
    name = host.lower().rstrip(".")
    for one in PROVIDERS.values():
        if any(name == known or (known.startswith(".") and name.endswith(known)) for known in one.hosts):
            return one
    return None
