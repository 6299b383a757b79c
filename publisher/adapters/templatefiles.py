"""Where template files are, and how those of the pages are now; without what makes templates of them."""

import hashlib
from pathlib import Path

LANGUAGES = "languages"  # the folder of catalogs, among the templates


def our_templates() -> Path:
    """Where the templates that come with the program are: in the package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    packed = package / "templates"
    return packed if packed.is_dir() else package.parent / "templates"


def page_sources(site_folder: Path, folder: str = "web") -> str:
    """Names all that pages are made of: the site's own templates and ours, those in *folder*."""
    named = hashlib.sha256()
    for place in (site_folder, our_templates()):
        for file in sorted([place / "style.css", *place.glob(f"{folder}/*"), *place.glob(f"{LANGUAGES}/*.po")]):
            if file.is_file():
                named.update(file.name.encode("utf-8", "surrogateescape") + b"\0" + file.read_bytes() + b"\0")
        named.update(b"\0")
    return named.hexdigest()
