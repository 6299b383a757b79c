"""Markdown with other tools' tags in it -> Markdown with HTML in their places, and what nobody here knows."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from types import MappingProxyType

from publisher.model.finding import Finding
from publisher.posts.coderegions import Regions, code_regions
from publisher.posts.findings import found
from publisher.posts.generators import MANNERS
from publisher.posts.html import NOWHERE, POST_SCHEME, SELF, SITE_SCHEME, embed_link
from publisher.posts.labels import Labels
from publisher.posts.rendering import Rendering
from publisher.posts.stash import Stash
from publisher.posts.tags.arguments import Arguments, read_arguments
from publisher.posts.tags.expressions import Names, say
from publisher.posts.tags.known import BRANCHES, SQUARE, Way, plain_name, way_of
from publisher.posts.tags.meanings import AS_MEANT, AS_WRITTEN, WEB, WORDS, embedded
from publisher.posts.tags.pair import Pair
from publisher.posts.tags.pairs import SINGLE, paired
from publisher.posts.tags.scan import Kind, Tag, may_have_tags, scan

_DEEPEST = 12  # tags in tags; what is deeper is taken to stand alone
_MOST_FINDINGS = 100  # of one post
_NEAR = 300  # characters of its line that are looked at to tell whether a tag stands alone

_LITERAL = re.compile(r"\{\{([<%])/\*(.*?)\*/([>%])\}\}", re.DOTALL)
_FILLED = re.compile(r"\{\{(.{1,200}?)\}\}")
# Attributes behind a link, a picture, code or a heading: the sanitiser would drop what they mean; raw they are noise.
_SPANS = re.compile(
    r"(?<=[)\]`])\{ ?(?:[.#:][^{}\n]{0,300}|[a-z][\w-]{0,30}=[^{}\n]{0,300})\}"
    r"|(?<=[*_>])\{ ?[.#:][^{}\n]{0,300}\}|(?<=[^\s:])[ \t]+\{ ?[.#][^{}\n]{0,300}\}[ \t]*$",
    re.MULTILINE,
)
# The same on a line of their own, as Goldmark has it below a paragraph, a picture, a table
_LINES = re.compile(
    r"^[ \t]*(?:>[ ]?)*\{[ ]?(?:[.#][\w-]|[a-z][\w-]{0,30}=[^{}\n])[^{}\n]{0,300}\}[ \t]*(?:\n|\Z)", re.MULTILINE
)
_TWICE = re.compile(rf"(?:{SITE_SCHEME}:/?)+(?={SITE_SCHEME}:|{POST_SCHEME}:|{SELF})")
# `{{ x }}` may be a formula or a text on templates; with a dot, a filter or blanks around a name it is a variable.
_VARIABLE = re.compile(
    r"\s*[A-Za-z_$][\w$-]*[.\[]|\s*\.[A-Z]|\s+[A-Za-z_]\w*\s+\Z|\s*(?:[\w./-]+|\"[^\"]*\"|'[^']*')\s*\|\s*\w"
    r"|\s*(?:\"[^\"]*\"|'[^']*')\s*\Z|\s+[a-z]\w*-[\w-]+\s+[\"'\w]"
)
# What stands before a tag within an address, up to where that begins; in a query it matters less what a tag says.
_ADDRESS = re.compile(
    r"(?:\]\(<?|\b(?:href|src|poster)=[\"']?|^[ ]{0,3}\[[^\]\n]{1,200}\]:[ ]+<?)(?:\{\{[^{}]*\}\}|[^\s\"'<>()?{}])*\Z",
    re.MULTILINE,
)
_ASSIGNED = re.compile(r"\s*([\w.]+)\s*=\s*(.*)\Z", re.DOTALL)
_NEVER = frozenset({"false", "nil", "null", "none"})


def expand(
    text: str,
    rendering: Rendering,
    stash: Stash,
    *,
    path: str,
    first_line: int,
    page: Mapping[str, str],
    labels: Labels = MappingProxyType({}),
) -> tuple[str, tuple[Finding, ...]]:
    """The text with every tag outside of code replaced, and the tags that nobody knows. `page`: its front matter."""
    if "{" not in text and not may_have_tags(text):
        return text, ()
    code = code_regions(text)
    tags = scan(text, SQUARE, code)
    names = Names.of(page, rendering.site, bare=MANNERS[rendering.generator].fills_in)
    work = _Expanding(
        text=text, path=path, first_line=first_line, rendering=rendering, stash=stash, code=code,
        tags=tags, closes=paired(tags), names=names, labels=labels,
    )  # fmt: skip
    made = work.span(0, len(text), 0, len(tags))
    return (_TWICE.sub("", made) if SITE_SCHEME in made else made), tuple(work.findings.values())


@dataclass(slots=True, kw_only=True)
class _Expanding:
    """One text on its way."""

    text: str
    path: str
    first_line: int
    rendering: Rendering
    stash: Stash
    code: Regions
    tags: list[Tag]
    closes: list[int]
    names: Names
    labels: Labels
    findings: dict[str, Finding] = field(default_factory=dict)
    depth: int = 0

    def span(self, start: int, end: int, first: int, last: int) -> str:
        """A part of the text anew, with the tags from `first` up to `last` in it."""
        parts: list[str] = []
        position, at = start, first
        self.depth += 1
        while at < last:
            parts.append(self._between(position, self.tags[at].start))
            made, position, at = self._replaced(at)
            parts.append(made)
        self.depth -= 1
        parts.append(self._between(position, end))
        return "".join(parts)

    def _between(self, start: int, end: int) -> str:
        text = self.text[start:end]
        if "{" not in text:
            return text

        def without(match: re.Match[str]) -> str:
            return match[0] if self.code.at(start + match.start()) is not None else ""

        return _SPANS.sub(without, _LINES.sub(without, text))

    def _replaced(self, at: int) -> tuple[str, int, int]:
        """What a tag becomes, the position and the tag to go on with."""
        tag = self.tags[at]
        close = self.closes[at] if self.depth <= _DEEPEST else SINGLE
        if tag.in_code and close == SINGLE and not (tag.closing and tag.name == "raw" and tag.kind is Kind.LIQUID):
            return _LITERAL.sub(r"{{\1\2\3}}", tag.raw), tag.end, at + 1
        if tag.kind is Kind.HUGO and tag.raw[3:5] == "/*":
            return self.stash.keep(escape(_LITERAL.sub(r"{{\1\2\3}}", tag.raw), quote=False)), tag.end, at + 1
        if tag.kind is Kind.PRESS and close == SINGLE and (tag.closing or not tag.rest):
            return tag.raw, tag.end, at + 1  # [video] alone is a word in brackets
        if tag.closing or tag.kind is Kind.NOTE or (tag.kind is Kind.KRAMDOWN and close == SINGLE):
            return "", tag.end, at + 1
        if tag.kind is Kind.OUTPUT and not tag.call:
            return self._output(tag), tag.end, at + 1
        pair = self._pair(at, close)
        return self._made(pair, at, close), pair.end, pair.after

    def _pair(self, at: int, close: int) -> Pair:
        tag = self.tags[at]
        name, rest = plain_name(tag.name), tag.rest
        if tag.kind is Kind.LIQUID and name.startswith("include") and rest:  # {% include youtube.html id="..." %}
            file, _, rest = rest.strip().partition(" ")
            name = plain_name(file.strip("\"',"))
        pair = Pair(tag=tag, name=name, end=tag.end, after=at + 1, arguments=self._arguments(rest), labels=self.labels)
        if close != SINGLE:
            closing = self.tags[close]
            pair.end, pair.after, pair.raw = closing.end, close + 1, self.text[tag.end : closing.start]
        near = self.text[max(0, tag.start - _NEAR) : tag.start]
        pair.before = near.rpartition("\n")[2]
        after = self.text[pair.end : pair.end + _NEAR].partition("\n")[0]
        pair.in_text = bool(pair.before.strip() or after.strip())
        pair.in_address = near.endswith(("](", '="', "='", "(<"))
        return pair

    def _arguments(self, rest: str) -> Arguments:
        """`src="{{ site.baseurl }}/x.png"` is worked out."""
        if "{{" in rest:
            rest = _FILLED.sub(lambda match: say(match[1], self.names).words or "", rest)
        return read_arguments(rest)

    def _made(self, pair: Pair, at: int, close: int) -> str:
        way = way_of(pair.name)
        if pair.name == "link" and pair.tag.kind is Kind.LIQUID and len(pair.arguments.listed) == 1:
            way = Way.POST  # Jekyll's: `{% link _posts/x.md %}`
        if way is Way.CHOICE:
            return self._choice(pair, at, close)
        if way is Way.VALUE:
            return self._value(pair, at, close)
        if way is Way.FRONT and (words := self.names.get(f"page.{pair.arguments.get('key', at=0)}")) is not None:
            return words
        if way is Way.LOOP:
            self._tell(
                pair.tag, pair.name, "makes text of data that is not here; it was left out; write it in Markdown"
            )
            return ""
        if (as_written := AS_WRITTEN.get(way) if way else None) and (pair.raw is not None or way is Way.DROP):
            return as_written(pair, self.stash)
        if pair.raw is not None:
            pair.inner = self.span(pair.tag.end, self.tags[close].start, at + 1, close)
        meaning = (AS_MEANT.get(way) if way else None) or embedded
        made = meaning(pair, self.stash)
        return made if made is not None else self._unknown(pair)

    def _choice(self, pair: Pair, at: int, close: int) -> str:
        """The first part: what it depends on is not known here. Where that is `false`, the second."""
        if close == SINGLE:
            return ""
        self._tell(pair.tag, pair.name, "depends on what is not known here; its first part is shown")
        cuts: list[int] = []
        inside = at + 1
        while inside < close:
            tag = self.tags[inside]
            if tag.kind is Kind.LIQUID and tag.name in BRANCHES and not tag.in_code:
                cuts.append(inside)
            inside = max(inside, self.closes[inside]) + 1
        edges = [at, *cuts, close]
        second = pair.tag.rest.strip().lower() in _NEVER or pair.name in {"case", "switch"}
        chosen = 1 if second and cuts else 0
        opened, closed = edges[chosen], edges[chosen + 1]
        return self.span(self.tags[opened].end, self.tags[closed].start, opened + 1, closed)

    def _value(self, pair: Pair, at: int, close: int) -> str:
        """`assign x = "words"`, `capture x`, `set x = "words"`, `set x`."""
        if (match := _ASSIGNED.match(pair.tag.rest)) is not None:
            pair.end, pair.after = pair.tag.end, at + 1
            if (words := say(match[2], self.names).words) is not None:
                self.names[match[1]] = words
        elif close != SINGLE:
            words = self.span(pair.tag.end, self.tags[close].start, at + 1, close).strip()
            self.names[pair.tag.rest.strip().strip("\"'")] = words
        return ""

    def _output(self, tag: Tag) -> str:
        """`{{ words }}`. Where the blog's own tool would show it as it is, it is shown as it is."""
        bare = tag.rest.strip()
        fills_in = MANNERS[self.rendering.generator].fills_in
        in_address = fills_in and self._in_address(tag)
        meant = self.text[tag.start - 1 : tag.start] != "$" and _VARIABLE.match(tag.rest) is not None
        if not meant and not in_address:
            return self.names.get(bare, tag.raw)
        said = say(tag.rest, self.names)
        if said.words is None and not fills_in:
            return tag.raw
        if said.words is not None and said.unknown and said.words.startswith(WEB):
            return self.stash.keep(embed_link(said.words, said.title))
        if said.unknown:
            self._tell(tag, said.unknown, self._done(shown=said.words is not None))
        if said.words is not None:
            return said.words
        return f"{NOWHERE}:" if in_address else self._shown(tag)

    def _in_address(self, tag: Tag) -> bool:
        return _ADDRESS.search(self.text[max(0, tag.start - _NEAR) : tag.start]) is not None

    def _unknown(self, pair: Pair) -> str:
        """What of it is words stays: what it holds, its title, an address."""
        if self.rendering.unknown_shortcodes == "code":
            self._tell(pair.tag, pair.name, self._done(shown=False))
            return self._shown(pair.tag) + (pair.inner or "")
        arguments = pair.arguments
        sentence = next((word for word in arguments.quoted if " " in word.strip()), "")
        if pair.inner is not None and pair.inner.strip():
            title = arguments.get("title", "name", "heading", "term") or sentence
            made = (f"{title} " if pair.in_text else f"\n\n**{title}**\n\n") if title else ""
            made += pair.inner
        else:
            made = arguments.get(*WORDS) or sentence or _address_in(arguments)
        self._tell(pair.tag, pair.name, self._done(shown=bool(made.strip()) and not pair.in_address))
        if self._in_address(pair.tag):
            return f"{NOWHERE}:"
        return "" if pair.in_address else made

    def _shown(self, tag: Tag) -> str:
        if self.rendering.unknown_shortcodes == "code":
            return self.stash.keep(f"<code>{escape(tag.raw, quote=False)}</code>")
        return ""

    def _done(self, *, shown: bool) -> str:
        kept = "only its words were kept" if shown else "it was left out"
        done = "it is shown as code" if self.rendering.unknown_shortcodes == "code" and not shown else kept
        return f"is a tag that is not known here; {done}; write it in Markdown"

    def _tell(self, tag: Tag, name: str, what: str) -> None:
        """Once for each name."""
        if name in self.findings or name in BRANCHES or len(self.findings) >= _MOST_FINDINGS:
            return
        line = self.first_line + self.text.count("\n", 0, tag.start)
        self.findings[name] = found("shortcode-unknown", self.path, f"`{' '.join(tag.raw.split())[:80]}` {what}", line)


def _address_in(arguments: Arguments) -> str:
    """An address among the arguments, as a link."""
    values = (*arguments.named.values(), *arguments.listed)
    return next((f"<{value}>" for value in values if value.startswith(WEB) and not set(value) & set(' <>"')), "")
