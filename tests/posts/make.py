"""Posts for tests: valid by default."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from publisher.model.entry import Content, Post
from publisher.model.finding import Finding
from publisher.posts.links import Links, resolve
from publisher.posts.markdown import render_content
from publisher.posts.parse import Parsed, PostRules, parse_post
from publisher.posts.rendering import MarkdownEngine, Policy, Rendering

SHARED = Path(__file__).parents[3] / "shared"  # real blogs, where they are at hand
DATA = Path(__file__).parents[1] / "data" / "posts"
PATH = "2024-05-01-a-post.md"


def rules(**changes: Any) -> PostRules:
    values: dict[str, Any] = {
        "site_url": "https://blog.example/",
        "zone": ZoneInfo("Europe/Berlin"),
        "permalink": "/:year/:month/:day/:title/",
        "now": datetime(2025, 1, 1, tzinfo=UTC),
    }
    return PostRules(**values | changes)


def parsed(text: str | bytes, path: str = PATH, **changes: Any) -> Parsed:
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return parse_post(data, path, rules(**changes))


def post(front: str = "", body: str = "Text.", path: str = PATH, **changes: Any) -> Post:
    """A post with these lines of YAML, and a title if they have none."""
    title = "" if "title:" in front else "title: A title\n"
    return parsed(f"---\n{title}{front}\n---\n{body}", path, **changes).post


def rendered(one: Parsed, rendering: Rendering | None = None) -> tuple[Content, tuple[Finding, ...]]:
    """The Content of a post, and what was found in its text."""
    return render_content(one.body, rendering or Rendering(), path=one.post.path, title=one.post.metadata.title)


def ids(one: Parsed) -> list[str]:
    return [finding.id for finding in one.findings]


def html(
    body: str,
    *,
    engine: MarkdownEngine = MarkdownEngine.EXTRA,
    unknown: Policy = "drop",
    title: str = "A title",
    path: str = PATH,
) -> str:
    one = parsed(f"---\ntitle: {title}\n---\n{body}", path)
    return rendered(one, Rendering(engine=engine, unknown_shortcodes=unknown))[0].html


def found_in(body: str, unknown: Policy = "drop") -> list[str]:
    one = parsed(f"---\ntitle: A title\n---\n{body}")
    return [finding.id for finding in rendered(one, Rendering(unknown_shortcodes=unknown))[1]]


def links(**by_source: str) -> Links:
    return Links(site_url="https://blog.example/", by_source=by_source)


def resolved(source: str, by_source: dict[str, str] | None = None, path: str = PATH) -> str:
    where = Links(site_url="https://blog.example/", by_source=by_source or {})
    return resolve(source, base_url="https://blog.example/2024/a-post/", links=where, path=path)[0]
