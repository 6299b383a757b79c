"""Files of the site, by the address at which they will be: for the size of a sound that an entry brings along."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit


class SiteFiles:
    """Looks for a file where generators have those that they copy as they are.

    These are the folder of the posts and all above it up to the one that also has the folder that is served, in each
    also `static`, `public` and `source`; and the folder that is served.
    """

    def __init__(self, site_url: str, *, posts: Path, served: Path) -> None:
        self._site_url = site_url
        self._roots = tuple(dict.fromkeys((*_above(posts.resolve(), served.resolve()), served.resolve())))

    def length(self, url: str) -> int | None:
        """How many bytes the file at an address has; None where it is not one of ours, or not to be found."""
        found = self.find(url)
        try:
            return found.stat().st_size if found else None
        except OSError:
            return None  # gone just now

    def find(self, url: str) -> Path | None:
        """The file at an address; None where it is not one of ours, or not to be found."""
        if not url.startswith(self._site_url):
            return None
        path = unquote(urlsplit(url[len(self._site_url) :]).path)
        for root in self._roots:
            found = root / path
            try:
                if found.is_file() and found.resolve().is_relative_to(root):
                    return found
            except (OSError, ValueError):
                continue  # a name that no disk can have, a folder that nobody may read
        return None


def _above(folder: Path, served: Path) -> Iterator[Path]:
    for one in (folder, *folder.parents):
        yield from (one, one / "static", one / "public", one / "source")
        if served.is_relative_to(one) or one.parent == one.parent.parent:
            return  # the site's own folder; or else the one below the root of the disk
