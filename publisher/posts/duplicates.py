"""Posts that claim one address or one id -> one post each, the same one every time, and what was left out."""

from collections.abc import Callable, Sequence

from publisher.model.entry import Entry, Post
from publisher.model.finding import Finding
from publisher.posts.findings import found


def without_duplicates(
    posts: Sequence[Post], known: Sequence[Entry], settled: Sequence[Entry]
) -> tuple[list[Post], list[Finding]]:
    """One post for each id and address; `settled` entries keep theirs although their posts are not among these."""
    removed = {entry.path for entry in known if entry.removed_at is not None}
    live = {entry.path: entry.metadata.url for entry in known if entry.removed_at is None}

    def rank(post: Post) -> tuple[object, ...]:
        """Known and live, best under this very address; known and removed; new. Then the older one; then by path."""
        standing = 0 if post.path in live else 1 if post.path in removed else 2
        return (standing, live.get(post.path) != post.metadata.url, post.metadata.published, post.path)

    findings: list[Finding] = []
    ids = {str(entry.id): entry.path for entry in settled}
    urls = {entry.metadata.url: entry.path for entry in settled}
    ranked = sorted(posts, key=rank)
    ranked = _first_of(ranked, lambda post: post.id, ids, "duplicate-id", findings)
    ranked = _first_of(ranked, lambda post: post.metadata.url, urls, "duplicate-url", findings)
    return sorted(ranked, key=lambda post: post.path), findings


def _first_of(
    posts: Sequence[Post],
    claim: Callable[[Post], str | None],
    holders: dict[str, str],
    finding: str,
    findings: list[Finding],
) -> list[Post]:
    kept = []
    what, mend = (
        ("id", "delete `id:` from the copy")
        if finding == "duplicate-id"
        else ("address", "give it another slug or date")
    )
    for post in posts:
        wanted = claim(post)
        holder = holders.setdefault(wanted, post.path) if wanted is not None else post.path
        if holder == post.path:
            kept.append(post)
        else:
            msg = f"has the same {what} as {holder} ({wanted}), which is kept; this one is left out; {mend}"
            findings.append(found(finding, post.path, msg))
    return kept
