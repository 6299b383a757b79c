"""Old addresses of feeds -> the same bytes there, for servers that know no redirects, and a list for those that do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from publisher.feeds.clean import clean_url
from publisher.feeds.feed import LIST, PAGE, REDIRECTS, STYLE, FeedPlan, FeedRules
from publisher.feeds.plan import paths_of
from publisher.model.finding import Finding
from publisher.model.site import Site
from publisher.ports import Output
from publisher.posts.findings import found

_RESERVED = frozenset({PAGE, STYLE, LIST, REDIRECTS})


@dataclass(frozen=True, slots=True)
class Aliases:
    """The path of each document -> other paths at which it is to be found."""

    by_path: Mapping[str, tuple[str, ...]]
    rules: FeedRules

    def named(self, path: str) -> Sequence[str]:
        """The other paths of a document."""
        return self.by_path.get(path, ())

    def of(self, plan: FeedPlan) -> Iterator[str]:
        """The other paths of all documents of a feed."""
        for path in paths_of(plan, self.rules).values():
            yield from self.named(path)


def aliases_of(plans: Sequence[FeedPlan], rules: FeedRules) -> tuple[Aliases, tuple[Finding, ...]]:
    """The aliases that stand for a feed, and a finding for each that does not."""
    there = {path for plan in plans for path in paths_of(plan, rules).values()}
    by_path: dict[str, tuple[str, ...]] = {}
    findings: list[Finding] = []
    for alias, path in rules.aliases.items():
        if path not in there:
            some = ", ".join(sorted(there, key=lambda one: (one.count("/"), one))[:6])
            message = f"feeds.aliases: there is no feed `{path}` for `{alias}` to stand for; name one of {some}"
            findings.append(found("alias-unknown", alias, message))
        elif alias in there or alias in _RESERVED:
            message = f"feeds.aliases: `{alias}` is a file of ours, so it cannot stand for `{path}`; take the line out"
            findings.append(found("alias-taken", alias, message))
        else:
            by_path[path] = (*by_path.get(path, ()), alias)
    return Aliases(by_path, rules), tuple(findings)


def redirects(
    rules: FeedRules, site: Site, output: Output
) -> tuple[tuple[tuple[str, bytes], ...], tuple[Finding, ...]]:
    """The file that tells a static host to send readers on; a finding where somebody else's file stands there."""
    base = urlsplit(clean_url(site.public_url)).path.rstrip("/")
    lines = [f"{base}/{quote(alias)} {base}/{quote(path)} 301" for alias, path in rules.aliases.items()]
    if not lines:
        return (), ()
    if output.is_foreign(REDIRECTS):
        message = f"the file is yours, so it was left alone; add to it: {'; '.join(lines)}"
        return (), (found("redirects-foreign", REDIRECTS, message),)
    return ((REDIRECTS, "".join(f"{line}\n" for line in lines).encode()),), ()
