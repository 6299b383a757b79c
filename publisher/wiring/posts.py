"""A house -> how its posts are read, rendered and looked at."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from publisher.adapters.renderer import RenderProcesses
from publisher.model.entry import Author
from publisher.ports import Progress
from publisher.posts.generators import Generator
from publisher.posts.ids import IdScheme
from publisher.posts.labels import Labels
from publisher.posts.links import Links
from publisher.posts.parse import Parsed, PostRules, parse_post
from publisher.steps.check import Checked, check_posts
from publisher.steps.content import Bodies
from publisher.store.contents import Contents
from publisher.wiring.collecting import rendering

if TYPE_CHECKING:
    from publisher.wiring.house import House


def parse(house: "House", data: bytes, path: str) -> Parsed:
    """A post under this site's rules. Raises PostError."""
    site, posts = house.config.site_value(), house.config.posts
    rules = PostRules(
        site_url=site.url,
        zone=site.zone,
        permalink=posts.permalink,
        translated=posts.translated,
        permalinks=posts.permalinks,
        defaults=posts.defaults,
        generator=Generator(posts.generator),
        ids=IdScheme(posts.ids),
        language=site.language,
        languages=posts.languages,
        folder=posts.folder.name,
        date_time=posts.date_time,
        default_authors=(Author(name=site.author.name),) if site.author else (),
        now=house.clock(),
    )
    return parse_post(data, path, rules)


def renderer(house: "House") -> RenderProcesses:
    """Processes that wait to be asked."""
    return RenderProcesses(timeout=house.config.posts.render_timeout.total_seconds())


def bodies(house: "House") -> Bodies:
    """All that making content needs."""
    return Bodies(
        posts=house.posts,
        contents=Contents(house.engine),
        renderer=house.renderer,
        rendering=rendering(house),
        labels=partial(_labels, house),
        links=lambda: _links(house, house.entries.addresses()),
    )


def _labels(house: "House", language: str | None) -> Labels:
    """Words of ours in posts of a language."""
    return house.languages.labels(language or house.config.site.language)


def _links(house: "House", by_source: Mapping[str, str]) -> Links:
    """`own_hosts`: where the site's own pictures may be."""
    urls = (house.config.output.url, house.config.web.url)
    hosts = frozenset(host for url in urls if url and (host := urlsplit(url).hostname))
    return Links(site_url=house.config.site.url, own_hosts=hosts, by_source=by_source)


def checked(house: "House", *, progress: Progress) -> Checked:
    """What all posts would say for themselves; the database is not asked."""
    return check_posts(
        house.posts,
        house.parse,
        house.renderer,
        rendering(house),
        links=_links(house, {}),
        now=house.clock(),
        progress=progress,
    )
