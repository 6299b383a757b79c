"""A mail server and a site whose mails it takes: what most commands are tried on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scripted import Scripted, scripted
from tests.sites import READERS, Site, make_site, smtp

HOLD = '[delivery]\non_doubt = "hold"\n'


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted() as running:
        yield running


@pytest.fixture
def site(tmp_path: Path, server: Scripted) -> Site:
    """What is in doubt waits for the owner's word."""
    return make_site(tmp_path, readers=READERS, config=smtp(server.port) + HOLD)
