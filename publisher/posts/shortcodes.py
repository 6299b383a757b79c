"""Markdown with tags of Jekyll, Hugo, Zola, Eleventy and WordPress in it -> Markdown with HTML in their places."""

import re
from dataclasses import dataclass, field
from html import escape
from typing import Literal

from publisher.model.finding import Finding
from publisher.posts.coderegions import Regions, code_regions
from publisher.posts.embeds import embed, post_link, read_arguments
from publisher.posts.findings import found
from publisher.posts.html import SITE_SCHEME
from publisher.posts.stash import Stash

Policy = Literal["drop", "code"]

_TAG = re.compile(
    r"\{\{/\*.{0,4000}?\*/\}\}"
    r"|\{\{<(?P<hugo>.{0,4000}?)>\}\}"
    r"|\{\{%(?P<inner>.{0,4000}?)%\}\}"
    r"|\{%-?(?P<liquid>.{0,4000}?)-?%\}"
    r"|\{\{-?(?P<out>[^{}\n]{1,500}?)-?\}\}"
    r"|\{::?[^{}\n]{0,300}\}"
    r"|(?<![\\!\w\]])\[(?P<press>/?[a-z][\w-]{1,30})(?P<words>(?:\s+(?:[\w-]+=(?:\"[^\"\]]*\"|'[^'\]]*'|[^\s\"'\]]+)|https?://[^\s\]]+))*)\s*/?\](?![(\[:])",
    re.DOTALL,
)
_NAME = re.compile(r"\s*(/?)\s*([\w./-]+)\s*(.*)\Z", re.DOTALL)
_CALL = re.compile(r"\s*([\w:]+)\((.*)\)\s*\Z", re.DOTALL)
_QUOTED = re.compile(
    r"\s*[\"']([^\"']*)[\"']\s*\|\s*(relative_url|absolute_url|url|relurl|absurl|prepend:\s*site\.\w+[^}]*)",
    re.IGNORECASE,
)
_VARIABLE = re.compile(
    r"\s*(?:[A-Za-z_$.][\w$-]*(?:\.[\w-]+|\[[^\]]*\])+|\.[A-Z]\w*)\s*(?:\|.*)?\Z|\s+[A-Za-z_]\w*\s+\Z|\s*[\w.\"'/-]+\s*\|\s*\w.*\Z"
)
_CODE = frozenset({"highlight", "codeblock", "code", "sourcecode", "syntaxhighlight"})
_PRESS = frozenset(
    [
        "twitter",
        "tweet",
        "caption",
        "youtube",
        "vimeo",
        "gallery",
        "embed",
        "audio",
        "video",
        "gist",
        "instagram",
        "playlist",
        "soundcloud",
        "wpvideo",
        "code",
        "sourcecode",
    ]
)
_LITERAL = re.compile(r"\{\{([<%])/\*(.*?)\*/([>%])\}\}", re.DOTALL)
_IMAGE = re.compile(r"\s*((?:<a\b[^<>]*>\s*)?<img\b[^<>]*>(?:\s*</a>)?)(.*)\Z", re.DOTALL)
_SPANS = re.compile(
    r"(?<=[)\]`*_>])\{ ?[.#:a-z][^{}\n]{0,300}\}|(?<=\S)[ \t]+\{[.#][^{}\n]{0,300}\}[ \t]*$", re.MULTILINE
)


def expand(text: str, *, path: str, first_line: int, policy: Policy, stash: Stash) -> tuple[str, tuple[Finding, ...]]:
    """The text with every tag outside of code replaced, and the tags that nobody knows."""
    if "{" not in text and not ("[" in text and _TAG.search(text)):
        return text, ()
    work = _Expanding(text=text, path=path, first_line=first_line, policy=policy, stash=stash, code=code_regions(text))
    return work.run(), tuple(work.findings.values())


@dataclass(slots=True, kw_only=True)
class _Expanding:
    text: str
    path: str
    first_line: int
    policy: Policy
    stash: Stash
    code: Regions
    findings: dict[str, Finding] = field(default_factory=dict)

    def run(self) -> str:
        parts: list[str] = []
        position = 0
        while (match := _TAG.search(self.text, position)) is not None:
            parts.append(self._attributes(position, match.start()))
            made, position = self._replaced(match)
            parts.append(made)
        parts.append(self._attributes(position, len(self.text)))
        return "".join(parts)

    def _attributes(self, start: int, end: int) -> str:
        """Text between tags, without `{.class}` and `{#id}`: the sanitiser drops them anyway, and raw they are noise."""
        text = self.text[start:end]
        if "{" not in text:
            return text
        return _SPANS.sub(lambda match: match[0] if self.code.at(start + match.start()) is not None else "", text)

    def _replaced(self, match: re.Match[str]) -> tuple[str, int]:
        """What stands in place of a tag, and where to go on."""
        inside = self.code.at(match.start()) is not None
        if match["liquid"] is not None:
            return self._liquid(match, inside=inside)
        if inside:
            return _LITERAL.sub(r"{{\1\2\3}}", match[0]), match.end()
        if match["hugo"] is not None or match["inner"] is not None:
            return self._hugo(match)
        if match["out"] is not None:
            return self._output(match)
        if match["press"] is not None:
            return self._wordpress(match)
        return "", match.end()  # kramdown's attributes, a Go comment

    def _liquid(self, match: re.Match[str], *, inside: bool) -> tuple[str, int]:
        named = _NAME.match(match["liquid"])
        name = named[2].lower() if named else ""
        if name == "raw" or name == "verbatim":
            return self._raw(match, f"end{name}")
        if name in {"endraw", "endverbatim"}:
            return "", match.end()
        if inside:
            return match[0], match.end()
        if name == "comment":
            end = self._end(match, r"\{%-?\s*endcomment\s*-?%\}")
            return ("", end[1]) if end else ("", match.end())
        if name in _CODE:
            end = self._end(match, rf"\{{%-?\s*end{name}\s*-?%\}}")
            if end:
                return self._block_of_code(match, self.text[match.end() : end[0]]), end[1]
        if (call := _CALL.match(match["liquid"])) is not None:
            return self._known(match, call[1], call[2])
        rest = named[3] if named else ""
        if name in {"post_url", "link"}:
            return post_link(rest.strip().strip("\"'")), match.end()
        if name.startswith("include") and rest:
            file, _, rest = rest.partition(" ")
            name = file.strip("\"'").rpartition("/")[2].partition(".")[0]
        return self._known(match, name, rest)

    def _raw(self, match: re.Match[str], closing: str) -> tuple[str, int]:
        end = self._end(match, rf"\{{%-?\s*{closing}\s*-?%\}}")
        if end is None:
            return "", match.end()
        literal = self.text[match.end() : end[0]]
        alone = literal.startswith("\n") and self.text[: match.start()].endswith("\n")
        return literal[1:] if alone else literal, end[1]

    def _hugo(self, match: re.Match[str]) -> tuple[str, int]:
        content = match["hugo"] if match["hugo"] is not None else match["inner"]
        if content.startswith("/*"):
            shown = _LITERAL.sub(r"{{\1\2\3}}", match[0])
            return self.stash.keep(escape(shown, quote=False)), match.end()
        named = _NAME.match(content)
        if named is None or named[1]:
            return "", match.end()
        name, rest = named[2].lower(), named[3].rstrip("/ \t\n")
        if name in _CODE:
            end = self._end(match, rf"\{{\{{[<%]\s*/\s*{re.escape(name)}\s*[>%]\}}\}}")
            if end:
                return self._block_of_code(match, self.text[match.end() : end[0]]), end[1]
        if name in {"ref", "relref"}:
            arguments = read_arguments(rest)
            return post_link(arguments.get("path", at=0)), match.end()
        return self._known(match, name, rest)

    def _output(self, match: re.Match[str]) -> tuple[str, int]:
        """`{{ ... }}` is code to Liquid and its kin; to anybody else it may be text, such as LaTeX."""
        words = match["out"]
        if (call := _CALL.match(words)) is not None:
            return self._known(match, call[1], call[2])
        if (address := _QUOTED.match(words)) is not None:
            return f"{SITE_SCHEME}:/{address[1].lstrip('/')}", match.end()
        plain = words.strip().lower()
        if plain in {"site.baseurl", "site.url", "base_url", "config.base_url", "site.baseurl | relative_url"}:
            return self._site(match.end())
        if not _VARIABLE.match(words):
            return match[0], match.end()
        return self._unknown(match, plain.partition("|")[0].strip())

    def _site(self, end: int) -> tuple[str, int]:
        """`{{ site.url }}{{ site.baseurl }}` names the site once."""
        more = re.compile(r"\s*\{\{\s*site\.baseurl\s*\}\}").match(self.text, end)
        return f"{SITE_SCHEME}:", more.end() if more else end

    def _wordpress(self, match: re.Match[str]) -> tuple[str, int]:
        name, words = match["press"], match["words"] or ""
        if name.startswith("/"):
            return ("", match.end()) if name[1:] in _PRESS else (match[0], match.end())
        if name not in _PRESS and not re.search(r"\s[\w-]+=[\"']", words):
            return match[0], match.end()
        end = self._end(match, rf"\[/{re.escape(name)}\]", within=20_000)
        inner = self.text[match.end() : end[0]] if end else ""
        if name in _CODE and end:
            return self._block_of_code(match, inner), end[1]
        if name == "caption" and end:
            return self._caption(inner, words), end[1]
        if not words.strip() and not inner:
            return match[0], match.end()  # [code] alone is words in brackets
        if end and name in _PRESS:
            made, _ = self._known(match, name, f"{words} {inner.strip()}")
            return made, end[1]
        return self._known(match, name, words)

    def _caption(self, inner: str, words: str) -> str:
        caption = read_arguments(words).get("caption")
        if (image := _IMAGE.match(inner)) is not None:
            text = escape(" ".join((image[2] or caption).split()), quote=False)
            return self.stash.keep(f"<figure>{image[1]}<figcaption>{text}</figcaption></figure>")
        return f"{inner}\n\n{caption}" if caption else inner

    def _end(self, match: re.Match[str], closing: str, within: int = 200_000) -> tuple[int, int] | None:
        end = re.compile(closing, re.IGNORECASE).search(self.text, match.end(), match.end() + within)
        return (end.start(), end.end()) if end else None

    def _block_of_code(self, match: re.Match[str], code: str) -> str:
        """A paragraph of its own, as deep in a list as its tag was."""
        before = self.text[self.text.rfind("\n", 0, match.start()) + 1 : match.start()]
        indent = before if not before.strip() else ""
        mark = self.stash.keep(f"<pre><code>{escape(code.strip(chr(10)), quote=False)}</code></pre>")
        return f"\n\n{indent}{mark}\n\n"

    def _known(self, match: re.Match[str], name: str, rest: str) -> tuple[str, int]:
        html = embed(name, read_arguments(rest))
        if html is None:
            return self._unknown(match, name)
        return self.stash.keep(html), match.end()

    def _unknown(self, match: re.Match[str], name: str) -> tuple[str, int]:
        if not name.startswith(("end", "else")) and name != "end" and name not in self.findings:
            line = self.first_line + self.text.count("\n", 0, match.start())
            msg = f"`{' '.join(match[0].split())[:80]}` is a tag that is not known here; {_DONE[self.policy]}"
            self.findings[name] = found("shortcode-unknown", self.path, msg, line)
        if self.policy == "code":
            return self.stash.keep(f"<code>{escape(match[0], quote=False)}</code>"), match.end()
        return "", match.end()


_DONE = {"drop": "it was left out; write it in Markdown", "code": "it is shown as code; write it in Markdown"}
