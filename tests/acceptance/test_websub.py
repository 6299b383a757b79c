"""WebSub through the program: builds and ticks tell hubs what changed, and whatever a hub does fails no build."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from publisher.config import load_config
from publisher.doors import rounds
from publisher.wiring import House, open_house
from tests.hubs import Hub, PublicSite, a_silent_server
from tests.sites import Site, a_post, make_site

FEEDS = ("categories/birds.atom", "categories/birds.json", "categories/birds.rss", "feed.atom", "feed.json", "feed.rss")


def settings(public: PublicSite, *hubs: str) -> str:
    return f'[output]\nurl = "{public.url}"\n[feeds]\nlimit = 2\nhubs = {json.dumps(hubs)}\n'


def a_bird(name: str, words: str = "It sings.") -> str:
    return f"---\ntitle: {name}\ncategories: [birds]\n---\n{words}\n"


@pytest.fixture
def site(tmp_path: Path, public: PublicSite, hub: Hub) -> Site:
    """Built once and deployed, with archives; the hub was told nothing."""
    birds = {f"2024-05-0{day}-bird.md": a_bird(f"Bird {day}") for day in range(1, 6)}
    made = make_site(tmp_path, posts=birds, config=settings(public, hub.url))
    ran = made.run("build")
    assert ran.code == 0
    assert "Hubs" not in ran.said
    assert (tmp_path / "public" / "archives/feed-1.atom").exists()
    public.deploy(tmp_path / "public")
    assert hub.told == []
    return made


def deploy(site: Site, public: PublicSite) -> None:
    public.deploy(site.folder / "public")


def later(site: Site, minutes: int) -> House:
    """The house, when so many minutes have passed."""
    house = open_house(load_config(site.folder / "config.toml", {}))
    return replace(house, clock=lambda: House.clock() + timedelta(minutes=minutes))


def test_W2_a_build_that_changed_nothing_tells_nobody(site: Site, hub: Hub) -> None:
    assert site.run("build").code == 0
    for path in (site.folder / "public").glob("*.atom"):
        path.unlink()  # as where the folder is not kept, in CI
    assert site.run("build").code == 0
    assert hub.told == []


def test_W2_after_the_deployment_a_build_tells_of_each_feed_once(site: Site, public: PublicSite, hub: Hub) -> None:
    site.post("2024-06-01-wren.md", a_bird("Wren"))
    ran = site.run("build")
    assert ran.code == 0
    assert ran.line("Hubs: 6 changes still to tell", "does not show the new feed yet", "publisher feeds pings")
    assert hub.told == []
    assert len(json.loads(site.run("feeds", "pings", "--json").out)) == 6
    assert site.run("feeds", "pings").line("feed.atom", hub.url, "does not show the new feed yet")
    deploy(site, public)
    assert "still to tell" in site.spawn("build", no_proxy="*").out, "it is not said again unseen"
    house = later(site, 2)
    ticked = rounds.one(house, build=False)
    house.close()
    assert ticked.pinged is not None
    assert len(ticked.pinged.told) == 6
    assert sorted(hub.told) == [public.url + path for path in FEEDS]
    assert site.run("tick").code == 0
    assert site.run("build").code == 0
    assert len(hub.told) == 6
    assert "No hub waits" in site.run("feeds", "pings").out


def test_W2_where_the_folder_is_the_site_a_build_tells_at_once(site: Site, public: PublicSite, hub: Hub) -> None:
    site.post("2024-06-01-wren.md", a_bird("Wren"))
    house = later(site, 0)
    house.collect()
    house.publish()
    house.close()
    deploy(site, public)
    said = json.loads(site.run("build", "--json").out)["hubs"]
    assert (len(said["told"]), said["given_up"], said["waiting"]) == (6, [], 0)
    assert sorted(hub.told) == [public.url + path for path in FEEDS]


def test_W2_a_hub_that_hangs_neither_fails_a_build_nor_holds_it(tmp_path: Path, public: PublicSite) -> None:
    with a_silent_server() as port:
        site = make_site(tmp_path, config=settings(public, f"http://127.0.0.1:{port}/"))
        assert site.run("build").code == 0
        site.post("2024-06-01-wren.md", a_post("Wren"))
        house = later(site, 0)
        house.collect()
        house.publish()
        house.close()
        deploy(site, public)
        ran = site.spawn("build", no_proxy="*")  # it ends, though the hub is silent for ever
    assert ran.code == 0
    assert ran.line("Hubs: 3 changes still to tell", "no answer within 3 seconds")
    assert "Wren" in site.read("public/feed.atom")


def test_W2_a_rehearsal_tells_nobody_and_leaves_nothing(site: Site, hub: Hub) -> None:
    site.post("2024-06-01-wren.md", a_bird("Wren"))
    assert site.run("build", "--dry-run").code == 0
    assert hub.told == []
    assert json.loads(site.run("feeds", "pings", "--json").out) == []


def test_W2_without_hubs_nobody_is_told(tmp_path: Path, public: PublicSite) -> None:
    site = make_site(tmp_path, config=settings(public))
    site.run("build")
    site.post("2024-06-01-wren.md", a_post("Wren"))
    assert "Hubs" not in site.run("build").said
    assert public.asked == []
    assert "set feeds.hubs" in site.run("feeds", "pings").out


@pytest.mark.parametrize("hub", ["hub.example", "ftp://hub.example/", "https://ann:secret@hub.example/"])
def test_W2_a_hub_is_a_web_address(tmp_path: Path, hub: str) -> None:
    site = make_site(tmp_path, config=f'[feeds]\nhubs = ["{hub}"]\n')
    ran = site.run("build")
    assert ran.code == 2
    assert ran.line("feeds.hubs", "https://hub.example.org/")
