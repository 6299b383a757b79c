"""Rendering in processes that can be killed: what takes for ever is given up and told, and stops nothing."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from publisher.adapters.renderer import RenderProcesses
from publisher.posts.rendering import Manuscript, Rendering

HEAD = b"---\ntitle: x\ndate: 2020-01-01\n---\n"
ENDLESS = HEAD + b"[" * 60_000 + b"](x)"  # Python-Markdown takes minutes for it
RENDERING = Rendering()


def a_source(name: str, data: bytes = HEAD + b"Some *words*.") -> Manuscript:
    return Manuscript(path=name, title="x", data=data)


@pytest.fixture
def renderer() -> Iterator[RenderProcesses]:
    made = RenderProcesses(timeout=30, processes=2)
    yield made
    made.close()


def test_all_are_rendered_by_several_processes(renderer: RenderProcesses) -> None:
    sources = [a_source(f"{number}.md", HEAD + f"Post *{number}*.".encode()) for number in range(50)]
    made = {path: content.html for path, content, _ in renderer.render(sources, RENDERING) if content is not None}
    assert made == {f"{number}.md": f"<p>Post <em>{number}</em>.</p>" for number in range(50)}


def test_a_post_that_takes_for_ever_is_given_up_and_stops_nothing() -> None:
    renderer = RenderProcesses(timeout=1, processes=1)
    try:
        sources = [a_source("a.md"), a_source("endless.md", ENDLESS), a_source("b.md")]
        made = {path: (content, findings) for path, content, findings in renderer.render(sources, RENDERING)}
    finally:
        renderer.close()
    content, findings = made["endless.md"]
    assert content is None
    assert [(one.id, one.path, one.severity) for one in findings] == [("given-up", "endless.md", "error")]
    assert "longer than 1 s" in findings[0].message
    assert all(made[name][0] is not None for name in ("a.md", "b.md"))


def test_a_renderer_that_dies_costs_its_post_and_no_other(renderer: RenderProcesses) -> None:
    [(_, content, _)] = renderer.render([a_source("a.md")], RENDERING)
    assert content is not None
    for worker in renderer._workers:
        if worker._process is not None:
            worker._process.end()
    [(_, content, _)] = renderer.render([a_source("a.md")], RENDERING)
    assert content is not None


@pytest.mark.skipif(not Path("/proc/self/limits").is_file(), reason="this system does not tell what a process may have")
def test_a_post_cannot_take_the_memory_of_the_machine(renderer: RenderProcesses) -> None:
    list(renderer.render([a_source("a.md")], RENDERING))
    (process,) = [worker._process for worker in renderer._workers if worker._process is not None]
    limits = Path(f"/proc/{process.pid}/limits").read_text("ascii")
    assert re.search(r"Max address space +1073741824 +1073741824 ", limits)


def test_what_cannot_be_read_is_the_same_finding_as_elsewhere(renderer: RenderProcesses) -> None:
    [(path, content, findings)] = renderer.render([a_source("a.md", b"---\ntitle: x\n")], RENDERING)
    assert (path, content) == ("a.md", None)
    assert [one.id for one in findings] == ["frontmatter-unclosed"]


def test_a_fault_of_ours_is_called_one_and_costs_its_post_alone(
    renderer: RenderProcesses, capfd: pytest.CaptureFixture[str]
) -> None:
    nothing = cast("str", None)  # what no caller of ours hands over
    odd = Manuscript(path="odd.md", title=nothing, data=HEAD + b"# A heading")
    sources = [a_source("a.md"), odd, a_source("b.md")]
    made = {path: (content, findings) for path, content, findings in renderer.render(sources, RENDERING)}
    content, [finding] = made["odd.md"]
    assert content is None
    assert (finding.id, finding.severity) == ("not-rendered", "error")
    assert re.search(
        r"fault of publisher \(AttributeError in posts/\w+\.py, line \d+\); please report", finding.message
    )
    assert all(made[name][0] is not None for name in ("a.md", "b.md"))
    assert capfd.readouterr() == ("", "")


def test_who_loses_interest_leaves_nothing_behind(renderer: RenderProcesses) -> None:
    results = renderer.render([a_source(f"{number}.md") for number in range(10)], RENDERING)
    next(results)
    results.close()
    assert len(list(renderer.render([a_source("a.md"), a_source("b.md")], RENDERING))) == 2


def test_the_folder_it_starts_in_is_not_believed(
    renderer: RenderProcesses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "markdown.py").write_text("raise SystemExit('not ours')")
    monkeypatch.chdir(tmp_path)
    [(_, content, _)] = renderer.render([a_source("a.md")], RENDERING)
    assert content is not None
