"""The table of docs/PROVIDERS.md: `python -m publisher.delivery > docs/PROVIDERS.md`."""

import sys
from collections.abc import Iterator

from publisher.delivery.providers import PROVIDERS, Provider

_HEAD = """# Relays

What the common relays do to a message, and what publisher does about it. `smtp.provider = "auto"` knows them by their
host; with a host of another name, as behind a tunnel, name the relay. A `?` is what their public pages do not say, and
what `publisher doctor --send-test ADDRESS` finds out for your account. Of November 2026.

| `smtp.provider` | `smtp.url` | a day | signs | keeps Message-ID | keeps Date | your envelope sender | SPF | fields |
|---|---|---|---|---|---|---|---|---|
"""
_TAIL = """
What follows from it:

- **Counting readers is switched off** where a field can do that: every message to {counting} has those of
  the table (`X-PM-KeepID` keeps the Message-ID).
- **Signatures.** With `dkim.sign = "auto"` a key of yours is not used where the relay signs, and is known to change
  what a signature covers (Message-ID, Date): {changing}. Elsewhere two signatures do no harm.
- **A second copy.** publisher gives every attempt of a mail the same Message-ID, so that mail programs can show one of
  two. A relay that replaces it takes that away.
- **Bounces** come to the envelope sender. With `smtp.bounces = "auto"` each mail has its own, `news+TOKEN@example.org`,
  where the relay leaves it alone and `[mailbox]` is set: the mailbox's server must deliver such addresses (Postfix:
  `recipient_delimiter = +`). A relay that uses its own sender tells of bounces in its own way: publisher knows
  them by the head of the mail that they return, and takes the webhooks of Amazon SES and Postmark
  ([OPERATIONS](OPERATIONS.md#mail-that-comes-in)).
- **Limits.** Where `smtp.rate` is not set, no more is sent than the table says, by the day and by the second
  ({by_second}): what is above it waits, and nobody is refused. Yours may differ: set `smtp.rate` to what your account
  says, or to `[]` for no limit ([OPERATIONS](OPERATIONS.md#rates-and-warm-up)). `publisher doctor` compares it with the
  number of your readers.

{advice}
"""


def lines() -> Iterator[str]:
    """The whole page."""
    yield _HEAD
    for one in PROVIDERS.values():
        cells = (
            f"`{one.name}`",
            f"`{one.url}`",
            f"{one.per_day:,}" if one.per_day else "?" if one.name != "own" else "–",
            _said(one.signs),
            _said(one.keeps_message_id),
            _said(one.keeps_date),
            _said(one.free_sender),
            f"`include:{one.spf}`" if one.spf else "–",
            _fields(one) or "–",
        )
        yield f"| {' | '.join(cells)} |\n"
    counting = " and ".join(one.title for one in PROVIDERS.values() if one.untracked)
    changing = [one.title for one in PROVIDERS.values() if one.rewrites and one.signs]
    advice = "\n".join(f"- {one.title}: {one.advice}." for one in PROVIDERS.values() if one.advice)
    by_second = ", ".join(f"{one.title} {one.per_second}" for one in PROVIDERS.values() if one.per_second)
    yield _TAIL.format(counting=counting, changing=", ".join(changing), by_second=by_second, advice=advice)


def _said(fact: bool | None) -> str:  # noqa: FBT001  # of the table
    return "?" if fact is None else "yes" if fact else "no"


def _fields(one: Provider) -> str:
    return ", ".join(f"`{name}: {value}`" for name, value in one.untracked.items())


if __name__ == "__main__":
    sys.stdout.write("".join(lines()))
