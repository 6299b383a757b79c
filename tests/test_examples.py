"""The example site is what the demo runs on: it must read without a finding, this year and any other."""

import csv
import re
import struct
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from publisher.config import load_config
from publisher.model.entry import Post, Status
from publisher.model.subscriber import parse_address
from publisher.posts.parse import Parsed, PostRules, parse_post

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
CONFIG = load_config(ROOT / "config.toml", {})
WHEN = datetime(2026, 11, 23, 9, tzinfo=UTC)
LATER = datetime(2040, 1, 1, tzinfo=UTC)


def posts(now: datetime = WHEN) -> list[Post]:
    return [one.post for one in read(now)]


def read(now: datetime = WHEN) -> list[Parsed]:
    site = CONFIG.site_value()
    rules = PostRules(site_url=site.url, zone=site.zone, permalink=CONFIG.posts.permalink, now=now)
    folder = CONFIG.posts.folder
    found = [
        parse_post(path.read_bytes(), str(path.relative_to(folder)), rules) for path in sorted(folder.rglob("*.md"))
    ]
    assert [finding for one in found for finding in one.findings] == []
    return found


def test_there_is_one_of_everything() -> None:
    found = posts()
    bodies = [one.body.text for one in read()]
    heads = [path.read_text("utf-8")[:3] for path in CONFIG.posts.folder.rglob("*.md")]
    assert len(found) >= 12
    assert set(heads) == {"---", "+++"}
    assert [post.metadata.title for post in found if post.metadata.status is Status.DRAFT] == ["Notes on moss"]
    assert any(post.metadata.updated for post in found)
    assert any(len(post.metadata.authors) > 1 for post in found)
    assert any(post.metadata.language == "fa" for post in found)
    for sign in ("](/images/", "```python", "|---", "[^", "]("):
        assert any(sign in body for body in bodies), sign


@pytest.mark.parametrize("now", [WHEN, LATER])
def test_the_first_digest_has_the_same_five_posts_in_any_year(now: datetime) -> None:
    since = CONFIG.announce_since()
    assert since is not None
    published = [post for post in posts(now) if post.metadata.status is Status.PUBLISHED]
    recent = [post for post in published if since <= post.metadata.published <= now]
    assert len(recent) == 5
    assert [post.path for post in published if post.metadata.published > now] == ["a-letter-to-whoever-reads-this.md"]


def test_no_two_posts_share_an_address() -> None:
    assert max(Counter(post.metadata.url for post in posts()).values()) == 1


def test_every_picture_and_every_other_post_that_is_named_is_there() -> None:
    for one in read():
        path = one.post.path
        for picture in re.findall(r"\]\(/images/([^)]+)\)", one.body.text):
            assert (EXAMPLES / "images" / picture).is_file(), path
        for other in re.findall(r"\]\(([\w-]+\.md)\)", one.body.text):
            assert (CONFIG.posts.folder / Path(path).parent / other).is_file(), path


@pytest.mark.parametrize("name", [path.name for path in sorted((EXAMPLES / "images").iterdir())])
def test_pictures_are_small(name: str) -> None:
    data = (EXAMPLES / "images" / name).read_bytes()
    width, height = struct.unpack(">II", data[16:24])
    assert data.startswith(b"\x89PNG")
    assert len(data) < 64_000
    assert name != "icon.png" or width == height  # RFC 4287 4.2.5
    assert name != "logo.png" or width == 2 * height  # RFC 4287 4.2.8


def test_every_reader_can_be_subscribed() -> None:
    newsletters = CONFIG.newsletter_values()
    terms = {category.term for post in posts() for category in post.metadata.categories}
    with (EXAMPLES / "subscribers.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    addresses = [parse_address(row["address"]) for row in rows]
    assert len({address.key for address in addresses}) == len(rows) == 12
    assert all(re.search(r"(\A|\.)example\.(net|org|com)\Z", address.domain) for address in addresses)
    assert any(not address.display.isascii() for address in addresses)
    for row in rows:
        assert row["frequency"] in newsletters[row["newsletter"]].frequencies
        assert set(filter(None, row["topics"].split(","))) <= terms
        assert row["note"]
    assert {row["frequency"] for row in rows} == {"weekly", "daily", "each"}
