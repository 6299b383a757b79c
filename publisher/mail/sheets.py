"""What a mail template's style blocks may say, so that they can be inlined, and are kept whole.

The first kind is put on the elements; the second, marked `data-premailer="ignore"`, stays for the mail programs
that read it.
"""

import re

_STYLE = re.compile(r"<style\b([^>]*)>(.*?)</style>", re.DOTALL | re.IGNORECASE)
_CONDITIONAL = re.compile(r"<!--\[if.*?<!\[endif\]-->", re.DOTALL)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_IMPORT = re.compile(r"""@import\b(?:"[^"]*"|'[^']*'|\([^)]*\)|[^;"'(])*;?""", re.IGNORECASE)
_NESTED = re.compile(r"@[^{}]*\{[^{}]*(?:\{[^{}]*\}[^{}]*)*@")
_DECLARATIONS = re.compile(r"\{([^{}]*)\}")

BLOCK = 8_192  # characters of one style block, and twice that of all: over it Gmail drops them (S3, S4)


def problems(html: str) -> list[str]:
    """What keeps a mail template's style blocks from being inlined or kept whole; [] for none."""
    found: list[str] = []
    blocks = _STYLE.findall(_CONDITIONAL.sub("", html))
    if sum(len(css) for _, css in blocks) > 2 * BLOCK or any(len(css) > BLOCK for _, css in blocks):
        found.append(f"style blocks are larger than {BLOCK} characters: Gmail drops them (S3, S4)")
    for attributes, css in blocks:
        text = _COMMENT.sub("", css)
        if _IMPORT.search(text):
            found.append("@import: mail carries its style sheet in itself (C3)")
            text = _IMPORT.sub("", text)
        if "data-premailer" in attributes:
            found += _kept(text)
        else:
            found += _inlined(text)
    return found


def _inlined(css: str) -> list[str]:
    selectors = _DECLARATIONS.sub(" ", css)
    found = [
        f"{char!r} in a selector of the first style block: only elements and classes can be inlined"
        for char in "@:[*>+~#"
        if char in selectors
    ]
    if "!important" in css:
        found.append("!important in the first style block: inline it could not be overruled in dark mode (C10)")
    return found


def _kept(css: str) -> list[str]:
    found = []
    if _NESTED.search(css):
        found.append("an @ rule inside an @ rule: Gmail drops the whole block (C4)")
    found += [
        f"{declaration.strip()!r} without !important: it loses against the inlined styles (C7)"
        for declarations in _DECLARATIONS.findall(css)
        for declaration in declarations.split(";")
        if declaration.strip() and not declaration.strip().endswith("!important")
    ]
    return found
