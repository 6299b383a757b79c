"""The bytes of a file -> a Post and its Body, with what had to be repaired or could not be understood."""

from dataclasses import dataclass

from publisher.model.entry import Body, Post
from publisher.model.finding import Finding
from publisher.posts.defaults import with_defaults
from publisher.posts.findings import unreadable
from publisher.posts.frontmatter import read_front_matter
from publisher.posts.keptback import kept_back
from publisher.posts.metadata import metadata_of
from publisher.posts.rules import PostRules
from publisher.posts.source import decode, file_digest
from publisher.posts.words import words_digest

__all__ = ["Parsed", "PostRules", "parse_post"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A post, its text, and what its owner should know of it."""

    post: Post
    body: Body
    findings: tuple[Finding, ...] = ()


def parse_post(data: bytes, path: str, rules: PostRules) -> Parsed:
    """The post in a file. Raises PostError, with a finding's id, where the file cannot be one."""
    if (reason := kept_back(path, rules.folder, rules.generator)) is not None:
        raise unreadable("not-a-post", path, reason)
    source = decode(data, path)
    front = read_front_matter(source.text, path)
    keys = with_defaults(front.metadata, path, rules)
    said = metadata_of(front, keys, path, rules)
    post = Post(
        path=path,
        digest=file_digest(data),
        body_digest=words_digest(front.body),
        length=len(front.body),
        metadata=said.metadata,
        id=said.id,
        former_id=said.former_id,
    )
    body = Body(text=front.body, line=front.line, metadata=keys)
    return Parsed(post=post, body=body, findings=(*source.findings, *front.findings, *said.findings))
