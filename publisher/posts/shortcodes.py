"""Markdown with tags of Jekyll, Hugo, Zola, Eleventy and WordPress in it -> Markdown with HTML in their places."""

import re
from dataclasses import dataclass, field
from html import escape

from publisher.model.finding import Finding
from publisher.posts.coderegions import Regions, code_regions
from publisher.posts.embeds import embed, post_link, read_arguments
from publisher.posts.findings import found
from publisher.posts.html import SITE_SCHEME
from publisher.posts.rendering import Policy
from publisher.posts.stash import Stash
from publisher.posts.tags import Kind, Tag, TagReader

_CODE = frozenset({"highlight", "codeblock", "code", "sourcecode", "syntaxhighlight"})
_PRESS = _CODE | {"twitter", "tweet", "caption", "youtube", "vimeo", "gallery", "embed", "audio", "video", "gist"} | {
    "instagram", "playlist", "soundcloud", "wpvideo",
}  # fmt: skip
_LITERAL = re.compile(r"\{\{([<%])/\*(.*?)\*/([>%])\}\}", re.DOTALL)
_SITE = frozenset({"site.baseurl", "site.url", "base_url", "config.base_url", "site.baseurl | relative_url"})
_POST = re.compile(r"/?\{%-?\s*(?:post_url|link)\b")
_BASE = re.compile(r"\s*\{\{-?\s*site\.baseurl\s*-?\}\}")
_ADDRESS = re.compile(
    r"\s*[\"']([^\"']*)[\"']\s*\|\s*(?:relative_url|absolute_url|url|relurl|absurl|prepend:)", re.IGNORECASE
)
# `{{ x }}` may be a formula or a text on templates; with a dot, a filter or blanks around a name it is a variable.
_VARIABLE = re.compile(r"\s*[A-Za-z_$][\w$-]*[.\[]|\s*\.[A-Z]|\s+[A-Za-z_]\w*\s+\Z|\s*[\w.\"'/-]+\s*\|\s*\w")
_IMAGE = re.compile(r"\s*((?:<a\b[^<>]*>\s*)?<img\b[^<>]*>(?:\s*</a>)?)(.*)\Z", re.DOTALL)
_SPANS = re.compile(
    r"(?<=[)\]`*_>])\{ ?[.#:a-z][^{}\n]{0,300}\}|(?<=\S)[ \t]+\{[.#][^{}\n]{0,300}\}[ \t]*$", re.MULTILINE
)
_BLOCK = re.compile(r"</?(?:p|figure)>")
_DONE = {"drop": "it was left out; write it in Markdown", "code": "it is shown as code; write it in Markdown"}


def expand(text: str, *, path: str, first_line: int, policy: Policy, stash: Stash) -> tuple[str, tuple[Finding, ...]]:
    """The text with every tag outside of code replaced, and the tags that nobody knows."""
    if "{" not in text and "[" not in text:
        return text, ()
    reader = TagReader(text, _PRESS)
    if reader.after(0) is None and "{" not in text:
        return text, ()
    work = _Expanding(text=text, path=path, first_line=first_line, policy=policy, stash=stash, code=code_regions(text))
    return work.run(reader), tuple(work.findings.values())


@dataclass(slots=True, kw_only=True)
class _Expanding:
    """One text on its way. What replaces a tag comes with the position to go on from."""

    text: str
    path: str
    first_line: int
    policy: Policy
    stash: Stash
    code: Regions
    findings: dict[str, Finding] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)

    def run(self, reader: TagReader) -> str:
        """The text anew."""
        parts: list[str] = []
        position = 0
        while (tag := reader.after(position)) is not None:
            parts.append(self._between(position, tag.start))
            made, position = self._replaced(tag)
            parts.append(made)
        parts.append(self._between(position, len(self.text)))
        return "".join(parts)

    def _between(self, start: int, end: int) -> str:
        """Text without `{.class}` and `{#id}`: the sanitiser would drop what they mean, and raw they are noise."""
        text = self.text[start:end]
        if "{" not in text:
            return text
        return _SPANS.sub(lambda match: match[0] if self.code.at(start + match.start()) is not None else "", text)

    def _replaced(self, tag: Tag) -> tuple[str, int]:
        if tag.kind is Kind.LIQUID and (raw := self._raw(tag)) is not None:
            return raw
        if self.code.at(tag.start) is not None:
            return _LITERAL.sub(r"{{\1\2\3}}", tag.raw), tag.end
        if tag.name in _CODE and not tag.closing and (block := self._code(tag)) is not None:
            return block
        return self._by_kind(tag)

    def _by_kind(self, tag: Tag) -> tuple[str, int]:
        if tag.kind is Kind.NOISE:
            return "", tag.end
        if tag.kind is Kind.PRESS:
            return self._press(tag)
        if tag.kind is Kind.OUTPUT and not tag.call:
            return self._output(tag)
        return self._liquid(tag) if tag.kind is Kind.LIQUID else self._hugo(tag)

    def _raw(self, tag: Tag) -> tuple[str, int] | None:
        """`{% raw %}` shows what it holds as it is, in code as well."""
        if tag.name in {"endraw", "endverbatim"}:
            return "", tag.end
        if tag.name not in {"raw", "verbatim"}:
            return None
        end = self._end(tag, rf"\{{%-?\s*end{tag.name}\s*-?%\}}")
        if end is None:
            return "", tag.end
        literal = self.text[tag.end : end[0]]
        alone = literal.startswith("\n") and (not tag.start or self.text[tag.start - 1] == "\n")
        return literal[1:] if alone else literal, end[1]

    def _liquid(self, tag: Tag) -> tuple[str, int]:
        name, rest = tag.name, tag.rest
        if name == "comment":
            end = self._end(tag, r"\{%-?\s*endcomment\s*-?%\}")
            return "", end[1] if end else tag.end
        if name in {"post_url", "link"} and rest:
            return post_link(rest.strip().strip("\"'")), tag.end
        if name.startswith("include") and rest:  # {% include youtube.html id="..." %}
            file, _, rest = rest.partition(" ")
            name = file.strip("\"',").rpartition("/")[2].partition(".")[0]
        return self._known(tag, name, rest)

    def _hugo(self, tag: Tag) -> tuple[str, int]:
        if tag.raw[3:5] == "/*":
            return self.stash.keep(escape(_LITERAL.sub(r"{{\1\2\3}}", tag.raw), quote=False)), tag.end
        if tag.closing:
            return "", tag.end
        if tag.name in {"ref", "relref"}:
            return post_link(read_arguments(tag.rest).get("path", at=0)), tag.end
        return self._known(tag, tag.name, tag.rest)

    def _output(self, tag: Tag) -> tuple[str, int]:
        if (address := _ADDRESS.match(tag.rest)) is not None:
            return f"{SITE_SCHEME}:/{address[1].lstrip('/')}", tag.end
        plain = tag.rest.strip().lower()
        if plain in _SITE:  # `{{ site.url }}{{ site.baseurl }}` names the site once
            more = _BASE.match(self.text, tag.end)
            end = more.end() if more else tag.end
            # before another post's address it adds nothing: that one is absolute
            return "" if _POST.match(self.text, end) else f"{SITE_SCHEME}:", end
        if not _VARIABLE.match(tag.rest):
            return tag.raw, tag.end
        return self._unknown(tag, plain.rpartition("|")[2].partition(":")[0].strip())

    def _press(self, tag: Tag) -> tuple[str, int]:
        if tag.closing:
            return "", tag.end
        end = self._end(tag, rf"\[/{re.escape(tag.name)}\]", within=20_000)
        inner = self.text[tag.end : end[0]] if end else ""
        if not tag.rest and not inner:
            return tag.raw, tag.end  # [video] alone is a word in brackets
        if tag.name == "caption" and end:
            return self._caption(inner, tag.rest), end[1]
        if tag.name in _PRESS and end:
            return self._known(tag, tag.name, f"{tag.rest} {inner.strip()}")[0], end[1]
        return self._known(tag, tag.name, tag.rest)

    def _caption(self, inner: str, rest: str) -> str:
        caption = read_arguments(rest).get("caption")
        if (image := _IMAGE.match(inner)) is not None:
            words = escape(" ".join((image[2].strip() or caption).split()), quote=False)
            return self.stash.keep(f"<figure>{image[1]}<figcaption>{words}</figcaption></figure>")
        return f"{inner}\n\n{caption}" if caption else inner

    def _code(self, tag: Tag) -> tuple[str, int] | None:
        """A block of code: a paragraph of its own, as deep in a list as its tag was."""
        closing = {
            Kind.LIQUID: rf"\{{%-?\s*end{tag.name}\s*-?%\}}",
            Kind.HUGO: rf"\{{\{{[<%]\s*/\s*{tag.name}\s*[>%]\}}\}}",
            Kind.PRESS: rf"\[/{tag.name}\]",
        }.get(tag.kind)
        end = self._end(tag, closing) if closing else None
        if end is None:
            return None
        before = self.text[self.text.rfind("\n", 0, tag.start) + 1 : tag.start]
        code = escape(self.text[tag.end : end[0]].strip("\n"), quote=False)
        mark = self.stash.keep(f"<pre><code>{code}</code></pre>")
        return f"\n\n{before if not before.strip() else ''}{mark}\n\n", end[1]

    def _end(self, tag: Tag, closing: str, within: int = 200_000) -> tuple[int, int] | None:
        if closing in self.missing:
            return None
        end = re.compile(closing, re.IGNORECASE).search(self.text, tag.end, tag.end + within)
        if end is None and tag.end + within >= len(self.text):
            self.missing.add(closing)  # nor will any later tag find it
        return end.span() if end else None

    def _known(self, tag: Tag, name: str, rest: str) -> tuple[str, int]:
        html = embed(name, read_arguments(rest))
        return self._placed(tag, html) if html is not None else self._unknown(tag, name)

    def _placed(self, tag: Tag, html: str) -> tuple[str, int]:
        """A block where the tag has its line for itself; in a line of text only what can stand there."""
        before = self.text[self.text.rfind("\n", 0, tag.start) + 1 : tag.start]
        stop = self.text.find("\n", tag.end)
        after = self.text[tag.end : stop if stop >= 0 else len(self.text)]
        if before.strip() or after.strip():
            return self.stash.keep(_BLOCK.sub("", html.replace("figcaption>", "em>"))), tag.end
        return f"\n\n{before}{self.stash.keep(html)}\n\n", tag.end

    def _unknown(self, tag: Tag, name: str) -> tuple[str, int]:
        if not name.startswith(("end", "else")) and name not in self.findings:
            line = self.first_line + self.text.count("\n", 0, tag.start)
            msg = f"`{' '.join(tag.raw.split())[:80]}` is a tag that is not known here; {_DONE[self.policy]}"
            self.findings[name] = found("shortcode-unknown", self.path, msg, line)
        if self.policy == "code":
            return self.stash.keep(f"<code>{escape(tag.raw, quote=False)}</code>"), tag.end
        return "", tag.end
