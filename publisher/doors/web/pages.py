"""Templates -> pages: in the site's language, with headers that let nothing in from elsewhere."""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence

from jinja2 import Environment
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from publisher.mail.locales import direction
from publisher.model.site import Site

_LONGEST = 500  # characters of Accept-Language that are looked at
_RANGE = re.compile(r"(?P<tag>[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)(?:\s*;\s*q\s*=\s*(?P<weight>[01](?:\.\d{0,3})?))?")
_STYLE = re.compile(r"<style\b[^>]*>(.*?)</style>", re.DOTALL)
_ATTRIBUTE = re.compile(r"<[a-z][^<>]*\sstyle=\"")
_PICTURE = re.compile(r"<img\b[^<>]*?\ssrc=\"(https?://[A-Za-z0-9.:\[\]-]+)[/\"?#]")


class Pages:
    """Renders the pages of one site."""

    def __init__(self, templates: Environment, site: Site, languages: Sequence[str]) -> None:
        self._templates = templates
        self._site = site
        self._languages = languages

    def show(
        self, template: str, request: Request, *, status: int = 200, language: str | None = None, **values: object
    ) -> HTMLResponse:
        """A page. Nothing on it runs, loads or is framed; nobody keeps it, since its address is a key.

        It is in the *language* of its reader, where that is known; else in what their browser asks for.
        """
        spoken = self.spoken(request, language)
        html = self._templates.get_template(template).render(
            site=self._site,
            language=spoken,
            direction=direction(spoken),
            **values,
        )
        return HTMLResponse(html, status_code=status, headers=security_headers(html))

    def piece(self, template: str, language: str, **values: object) -> Markup:
        """A part of a page, to be put into it."""
        html = self._templates.get_template(template).render(site=self._site, language=language, **values)
        return Markup(html)  # noqa: S704  # escaped by the template

    def line(self, template: str, request: Request, status: int, headers: Mapping[str, str]) -> Response:
        """A line of text, where no page can be made."""
        words = self._templates.get_template(template).render(language=self.spoken(request))
        return Response(words, status, dict(headers), "text/plain")

    def spoken(self, request: Request, language: str | None = None) -> str:
        """The language that a page is in."""
        asked = request.headers.get("accept-language", "")
        return negotiate([*filter(None, [language]), *preferred(asked), self._site.language], self._languages)


def preferred(header: str) -> list[str]:
    """The tags of an Accept-Language field, the most wanted first (RFC 9110 12.5.4)."""
    found = [_RANGE.fullmatch(part.strip()) for part in header[:_LONGEST].split(",")]
    wanted = [(float(one["weight"] or 1), one["tag"]) for one in found if one is not None]
    return [tag for weight, tag in sorted(wanted, key=lambda pair: -pair[0]) if weight > 0]


def negotiate(wanted: Sequence[str], there: Sequence[str]) -> str:
    """The first language that is there, itself or without its region or script (RFC 4647 3.4); else English."""
    known = {one.lower(): one for one in there}
    for tag in wanted:
        parts = tag.lower().split("-")
        for end in range(len(parts), 0, -1):
            if (found := known.get("-".join(parts[:end]))) is not None:
                return found
    return "en"


def security_headers(html: str) -> dict[str, str]:
    """For a page that is for one reader only."""
    return {
        "Content-Security-Policy": content_policy(html),
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }


def content_policy(html: str) -> str:
    """CSP for exactly this page: its own style, its own form, the pictures it shows, nothing else."""
    styles = " ".join(f"'sha256-{_digest(style)}'" for style in _STYLE.findall(html)) or "'none'"
    parts = ["default-src 'none'", f"style-src {styles}"]
    if _ATTRIBUTE.search(html):
        parts.append("style-src-attr 'unsafe-inline'")  # of a table's cells, as the post has them
    if origins := sorted(set(_PICTURE.findall(html))):
        parts.append(f"img-src {' '.join(origins)}")
    return "; ".join([*parts, "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"])


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
