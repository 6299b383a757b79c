"""The bytes of a file -> a Post, with what had to be repaired or could not be understood."""

import hashlib
from dataclasses import dataclass

from publisher.model.entry import Post
from publisher.model.finding import Finding
from publisher.posts.filename import POST_SUFFIXES, looks_like_post, resembles_post
from publisher.posts.frontmatter import read_front_matter
from publisher.posts.metadata import metadata_of
from publisher.posts.rules import PostRules
from publisher.posts.source import decode

__all__ = ["POST_SUFFIXES", "Parsed", "PostRules", "looks_like_post", "parse_post", "resembles_post"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A post, and what its owner should know of it."""

    post: Post
    findings: tuple[Finding, ...] = ()


def parse_post(data: bytes, path: str, rules: PostRules) -> Parsed:
    """The post in a file. Raises PostError, with a finding's id, where the file cannot be one."""
    source = decode(data, path)
    front = read_front_matter(source.text, path)
    metadata, own_id, findings = metadata_of(front, path, rules)
    post = Post(
        path=path,
        digest=hashlib.sha256(data).hexdigest(),
        body=front.body,
        body_line=front.line,
        body_digest=hashlib.sha256(" ".join(front.body.split()).encode()).hexdigest(),
        metadata=metadata,
        id=own_id,
    )
    return Parsed(post=post, findings=(*source.findings, *front.findings, *findings))
