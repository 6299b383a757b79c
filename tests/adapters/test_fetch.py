"""An old feed from the web: its bytes, or one sentence; no server leads to another place than the web."""

import pytest

from publisher.adapters.fetch import fetch
from publisher.errors import ConfigError
from tests.hubs import PublicSite, a_closed_port


@pytest.fixture
def feed(public: PublicSite) -> str:
    public.pages["/feed.xml"] = b"<feed/>" * 100_000
    return f"{public.url}feed.xml"


def test_all_of_it_comes_also_from_where_it_moved(public: PublicSite, feed: str) -> None:
    public.moved["/old"] = "/feed.xml"
    assert fetch(feed) == fetch(f"{public.url}old") == b"<feed/>" * 100_000


@pytest.mark.parametrize("place", ["file:///etc/hostname", "ftp://127.0.0.1/", "http://me:hush@127.0.0.1/"])
def test_a_server_that_leads_off_the_web_is_not_followed(public: PublicSite, place: str) -> None:
    public.moved["/feed.xml"] = place
    with pytest.raises(ConfigError, match="the server says 302"):
        fetch(f"{public.url}feed.xml")


def test_what_is_not_there_is_said(public: PublicSite) -> None:
    with pytest.raises(ConfigError, match=r"gone\.xml: the server says 404 .*is the address right"):
        fetch(f"{public.url}gone.xml")
    with pytest.raises(ConfigError, match=r"cannot be fetched .*save the feed as a file"):
        fetch(f"http://127.0.0.1:{a_closed_port()}/")


@pytest.mark.parametrize("url", ["file:///etc/hostname", "ftp://127.0.0.1/feed"])
def test_only_the_web_is_asked(url: str) -> None:
    with pytest.raises(ConfigError, match="only http and https"):
        fetch(url)
