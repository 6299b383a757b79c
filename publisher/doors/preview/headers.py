"""What pages may do, as header fields: nothing from elsewhere, and what is in a mail runs nothing."""

import base64
import hashlib
import re
from collections.abc import Iterable

_BLOCKS = re.compile(r"<(style|script)>(.*?)</\1>", re.DOTALL)
_ALWAYS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Robots-Tag": "noindex"}


def page_headers(html: str) -> dict[str, str]:
    """For a page of ours: its own style and script, by their digests. Frames and news are from here."""
    digests: dict[str, list[str]] = {"style": [], "script": []}
    for kind, text in _BLOCKS.findall(html):
        digests[kind].append(f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}'")
    policy = (
        f"default-src 'none'; style-src {_listed(digests['style'])}; script-src {_listed(digests['script'])}; "
        "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return {
        **_ALWAYS,
        "Content-Security-Policy": policy,
        "Referrer-Policy": "same-origin",  # not less: a form would then say that it comes from nowhere
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


def frame_headers(origins: Iterable[str]) -> dict[str, str]:
    """For what posts and templates made: it has no origin, runs nothing, and loads pictures of these origins only."""
    policy = (
        f"sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src {_listed(origins)}; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
    )
    return {**_ALWAYS, "Content-Security-Policy": policy, "Referrer-Policy": "no-referrer"}


def picture_headers() -> dict[str, str]:
    """For a picture, which may be an SVG with a script in it."""
    return {**_ALWAYS, "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'"}


def file_headers(name: str) -> dict[str, str]:
    """For a file to save."""
    return {
        **_ALWAYS,
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Content-Disposition": f'attachment; filename="{name}"',
    }


def _listed(sources: Iterable[str]) -> str:
    return " ".join(sources) or "'none'"
