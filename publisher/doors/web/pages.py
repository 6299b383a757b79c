"""Templates -> pages: in the site's language, with headers that let nothing in from elsewhere."""

import base64
import hashlib
import re

from jinja2 import Environment
from starlette.responses import HTMLResponse

from publisher.mail.card import direction
from publisher.model.site import Site

_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


class Pages:
    """Renders the pages of one site."""

    def __init__(self, templates: Environment, site: Site) -> None:
        self._templates = templates
        self._site = site

    def show(self, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
        """A page. Nothing on it runs, loads or is framed; nobody keeps it, since its address is a key."""
        html = self._templates.get_template(template).render(
            site=self._site,
            language=self._site.language,
            direction=direction(self._site.language),
            resubscribe_url="",
            **values,
        )
        return HTMLResponse(html, status_code=status, headers=security_headers(html))


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
    """CSP for exactly this page: its own style, its own form, nothing else."""
    styles = " ".join(f"'sha256-{_digest(style)}'" for style in _STYLE.findall(html)) or "'none'"
    return f"default-src 'none'; style-src {styles}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
