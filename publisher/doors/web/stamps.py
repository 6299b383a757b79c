"""A form that we gave out -> a stamp that says when, and for what; whoever sends it back has had our page.

Nobody needs a cookie for it. A stamp of one page is none for another's fields, so each sign-up that is asked once more
costs two requests, and one stamp does not serve for a thousand addresses.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from itsdangerous import BadData, TimestampSigner

from publisher.mail.tokens import Keyring

LASTS = timedelta(hours=24)  # a page may lie open for a day
FILLED = timedelta(seconds=3)  # nobody types an address and presses faster than this
PRESSED = timedelta(seconds=1)  # nor reads a question
FORM = "form"


class _Signer(TimestampSigner):
    """itsdangerous', by a clock that is given."""

    def __init__(self, secret: bytes, clock: Callable[[], datetime]) -> None:
        super().__init__(secret, salt="publisher form", key_derivation="hmac", digest_method=hashlib.sha256)
        self._clock = clock

    def get_timestamp(self) -> int:
        """Whole seconds of that clock."""
        return int(self._clock().timestamp())


class Stamps:
    """Gives them out, and looks at those that come back."""

    def __init__(self, keyring: Keyring, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._current = _Signer(keyring.keys[keyring.current], clock)
        self._signers = [self._current, *(_Signer(key, clock) for key in keyring.keys.values())]

    def make(self, what: str = FORM) -> str:
        """One for a page that is shown now."""
        return self._current.sign(what).decode("ascii")

    def stands(self, stamp: str, what: str = FORM, *, least: timedelta = FILLED) -> bool:
        """Whether it is ours, for just this, and was given out long enough ago, and not too long."""
        for signer in self._signers:
            try:
                said, at = signer.unsign(stamp.encode(), max_age=int(LASTS.total_seconds()), return_timestamp=True)
            except BadData:
                continue
            return said == what.encode() and self._clock() - at >= least
        return False
