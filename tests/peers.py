"""Programs that are not ours: there, or a reason to skip."""

import os
from typing import NoReturn

import pytest


def missing(reason: str) -> NoReturn:
    """A peer that is not there: a skip on a laptop, a failure where peers are promised."""
    if os.environ.get("PUBLISHER_REQUIRE_PEERS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
