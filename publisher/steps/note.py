"""The author's words for the next digest: Markdown in a file -> HTML at its head, once.

The digest of the file decides: what headed an issue heads no other. Renaming the file afterwards is a courtesy.
"""

import hashlib
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from publisher.errors import PostError
from publisher.model.issue import Issue, IssueState
from publisher.ports import Issues
from publisher.posts.links import resolve
from publisher.posts.rendering import Manuscript
from publisher.steps.content import Bodies


class NoteFile(Protocol):
    """Where a newsletter's next note is. `path` is what people call it."""

    path: str

    def read(self) -> bytes | None:
        """Its bytes; None where there is none, or nothing in it. Raises PostError."""

    def put_away(self, name: str) -> str:
        """Rename it; its new path. Raises PostError."""


class Note(NamedTuple):
    """A note, rendered; or why there is none although there is a file."""

    html: str = ""
    digest: str = ""
    path: str = ""
    warning: str = ""

    @property
    def words(self) -> tuple[str, str] | None:
        """HTML and digest, as an issue keeps them."""
        return (self.html, self.digest) if self.html else None


def no_note(newsletter: str) -> Note:
    """Where nobody writes any."""
    del newsletter
    return Note()


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """All that notes need; `files` by newsletter, some of which may share one."""

    files: Mapping[str, NoteFile]
    issues: Issues
    bodies: Callable[[], Bodies]
    site_url: str

    def next(self, newsletter: str) -> Note:
        """What is to head the newsletter's next digest. A note that cannot be used stops no digest: it says why."""
        file = self.files[newsletter]
        try:
            data = file.read()
            if data is None:
                return Note()
            digest = hashlib.sha256(data).hexdigest()
            if (used := self.issues.with_note(digest)) is not None:
                return Note(warning=f"{file.path}: it headed issue {used.id} already, and heads no other; rewrite it")
            return Note(html=self._html(file.path, data), digest=digest, path=file.path)
        except PostError as error:
            return Note(warning=f"{error}; the digest goes without it")

    def put_away(self) -> tuple[str, ...]:
        """Rename notes that went out; what was done, or why not, a sentence each."""
        said: dict[str, str] = {}
        for file in self.files.values():
            if file.path not in said and (sentence := self._put_away(file)):
                said[file.path] = sentence
        return tuple(said.values())

    def _put_away(self, file: NoteFile) -> str:
        try:
            data = file.read()
            used = self.issues.with_note(hashlib.sha256(data).hexdigest()) if data is not None else None
            if used is None or used.state is IssueState.COMPOSING:
                return ""
            return f"{file.path} headed issue {used.id}, and is {file.put_away(_name(used))} now"
        except PostError as error:
            return str(error)

    def _html(self, path: str, data: bytes) -> str:
        """Rendered and sanitised as a post is. Raises PostError where that is given up."""
        bodies = self.bodies()
        manuscript = Manuscript(path=path, title="", data=data, labels=bodies.labels(None))
        with closing(bodies.renderer.render([manuscript], bodies.rendering)) as results:
            for _, content, findings in results:
                if content is None:
                    raise PostError(path, None, str(findings[0].message) if findings else "it cannot be rendered")
                return resolve(content.html, base_url=self.site_url, links=bodies.links(), path=path).html
        raise PostError(path, None, "it cannot be rendered")


def _name(issue: Issue) -> str:
    return f"{issue.newsletter}-{issue.occasion}".replace("/", "-")
