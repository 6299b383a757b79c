"""Peers that several parts of the tests talk to."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import Engine

from tests.hubs import Hub, PublicSite, a_hub, a_public_site
from tests.peers import missing
from tests.postgres import new_database, running_postgres
from tests.world import prepared

# A machine with other work to do is slow now and then: that is no finding.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

# --- The web ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy stands between us and a server on this machine."""
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def hub(direct: None) -> Iterator[Hub]:
    """A WebSub hub."""
    with a_hub() as running:
        yield running


@pytest.fixture
def public(direct: None) -> Iterator[PublicSite]:
    """The public site, on which nothing is deployed yet."""
    with a_public_site() as running:
        yield running


# --- end of the web ---------------------------------------------------------------------------------------------------

# --- Chromium ---------------------------------------------------------------------------------------------------------

CHROMIUM = Path("/usr/bin/chromium")
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--hide-scrollbars"),
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.is_file():
        missing(f"no Chromium at {CHROMIUM}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


# --- end of Chromium --------------------------------------------------------------------------------------------------

# --- Databases --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL of our own, on a socket in a temporary folder; it takes no root."""
    with running_postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, once on each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'publisher.db'}"
    return new_database(request.getfixturevalue("postgres"))


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    """A database of ours, ready for use."""
    with prepared(database) as made:
        yield made


@pytest.fixture
def on_postgres(postgres: str) -> Iterator[Engine]:
    """The same, on PostgreSQL alone."""
    with prepared(new_database(postgres)) as made:
        yield made


# --- end of databases -------------------------------------------------------------------------------------------------
