"""Deliveries -> who writes them: the variants of issues, made ready for their readers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from publisher.mail.message import Attached, Letter, Stationery
from publisher.mail.tokens import Keyring
from publisher.model.issue import Delivery, Issue, IssueId, Newsletter, Rendered
from publisher.model.site import Site
from publisher.model.subscriber import Address, SubscriberId
from publisher.steps.links import approval_address
from publisher.steps.scribe import Scribe

_ISSUES, _VARIANTS = 8, 64  # that are kept in memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """What all messages of a site have in common. `web_url` None: readers choose and leave by mail."""

    keyring: Keyring
    web_url: str | None
    stationery: Callable[[Newsletter, Issue | None], Stationery]  # None: of no issue yet, as in a test
    site: Site
    verp: bool = False  # each delivery has an envelope sender of its own, by which a bounce tells whose it is


class IssueLetters:
    """`ports.Letters`. It keeps the last variants that it needed: readers of one stand together, as a rule."""

    def __init__(
        self,
        sender: Sender,
        newsletters: Mapping[str, Newsletter],
        issue: Callable[[IssueId], tuple[Issue, str]],
        variant: Callable[[int], Rendered],
        attached: Callable[[Issue, Address], Attached | None] = lambda issue, address: None,  # noqa: ARG005
    ) -> None:
        self._sender = sender
        self._newsletters = newsletters
        self._issue = issue
        self._variant = variant
        self._attached = attached
        self._envelopes = lru_cache(maxsize=_ISSUES)(self._of_issue)
        self._scribes = lru_cache(maxsize=_VARIANTS)(self._scribe)

    def of(self, delivery: Delivery) -> Scribe:
        """Who writes it."""
        issue, _ = self._envelopes(delivery.issue)
        if not issue.alone:
            return self._scribes(delivery.issue, delivery.variant, None)
        # a mail to one person may name that person at its head; of the others all of a variant have the same
        scribe = self._scribe(delivery.issue, delivery.variant, delivery.subscriber)
        return replace(scribe, attached=self._attached(issue, delivery.address))

    def _of_issue(self, issue_id: IssueId) -> tuple[Issue, Keyring]:
        issue, token_key = self._issue(issue_id)
        # An issue keeps the key it was composed with: a message resent after a rotation is the same message.
        return issue, replace(self._sender.keyring, current=token_key)

    def _scribe(self, issue_id: IssueId, variant: int, alone: SubscriberId | None) -> Scribe:
        issue, keyring = self._envelopes(issue_id)
        return Scribe(
            newsletter=self._newsletter(issue),
            issue=issue,
            keyring=keyring,
            letter=Letter.compile(self._variant(variant), self._stationery(issue, keyring, alone)),
            web_url=self._sender.web_url,
            verp=self._sender.verp,
        )

    def _newsletter(self, issue: Issue) -> Newsletter:
        """The issue's; for a mail to the owner, which is the site's, the first where it is gone from the settings."""
        if issue.newsletter not in self._newsletters and issue.to_owner:
            return next(iter(self._newsletters.values()))
        return self._newsletters[issue.newsletter]

    def _stationery(self, issue: Issue, keyring: Keyring, alone: SubscriberId | None) -> Stationery:
        newsletter = self._newsletter(issue)
        stationery = self._sender.stationery(newsletter, issue)
        if alone is None:
            return stationery
        stationery = stationery.to_one_person()
        if issue.about is None:
            return stationery
        answer = approval_address(newsletter, keyring, alone, issue.about)
        return replace(stationery, reply_to=answer or stationery.reply_to)
