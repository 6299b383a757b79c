"""Posts that claim one address or one id -> one post each, the same one every time, and what was left out."""

from collections.abc import Collection, Sequence

from publisher.model.entry import Post, Standing
from publisher.model.finding import Finding
from publisher.posts.findings import found


def without_duplicates(
    posts: Sequence[Post], live: Sequence[Standing], removed: Collection[str], settled: Sequence[Standing]
) -> tuple[list[Post], list[Finding]]:
    """One post for each id and address; `settled` entries keep theirs although their posts are not among these.

    `live` are the other entries, `removed` the paths of those that are no more.
    """
    addresses = {entry.path: entry.url for entry in (*settled, *live)}

    def rank(post: Post) -> tuple[object, ...]:
        """Known and live, best under this very address; known and removed; new. Then the older one; then by path."""
        standing = 0 if post.path in addresses else 1 if post.path in removed else 2
        return (standing, addresses.get(post.path) != post.metadata.url, post.metadata.published, post.path)

    ids = {str(entry.id): entry.path for entry in settled}
    urls = {entry.url: entry.path for entry in settled}
    kept, findings = [], []
    # One pass over both claims: who is left out for an address must not keep an id from anybody,
    # or the next collect, which does not know that post any more, would decide otherwise.
    for post in sorted(posts, key=rank):
        if post.id is not None and post.id in ids:
            findings.append(_left_out("duplicate-id", post, f"id as {ids[post.id]} ({post.id})"))
        elif post.metadata.url in urls:
            claim = f"address as {urls[post.metadata.url]} ({post.metadata.url})"
            findings.append(_left_out("duplicate-url", post, claim))
        else:
            kept.append(post)
            urls[post.metadata.url] = post.path
            if post.id is not None:
                ids[post.id] = post.path
    return sorted(kept, key=lambda post: post.path), sorted(findings, key=lambda one: one.path)


def _left_out(finding: str, post: Post, claim: str) -> Finding:
    mend = "delete `id:` from the copy" if finding == "duplicate-id" else "give one of them another slug or date"
    return found(finding, post.path, f"has the same {claim}, which is kept; this one is left out; {mend}")
