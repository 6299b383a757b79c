"""Render processes that can be killed: a post that takes for ever costs its time limit, and nothing else.

Markdown and the sanitiser have quadratic cases that no check of the text foresees, and work in C that no exception
interrupts. So they work in processes of their own, one a core, started when first needed, never forked (the daemon
has threads). Each is fed by a thread that waits for its answers; who asks for them watches the clock.
"""

import contextlib
import queue
import threading
import time
import traceback
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass

from publisher.adapters.child import Child, DiedError, serve
from publisher.adapters.cores import cores
from publisher.errors import PostError
from publisher.model.entry import Content
from publisher.model.finding import Finding
from publisher.posts.findings import found
from publisher.posts.rendering import Manuscript, Rendering

Result = tuple[str, Content | None, Sequence[Finding]]

_START = 60.0  # seconds that a process may take to be ready, on a machine that is busy
_MEMORY = 1 << 30  # bytes of one process; a post of 4 MB needs a tenth


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    worker: "_Worker"
    result: Result


_Answers = queue.SimpleQueue[_Done | None]
"""What became of sources; None says that a worker is ready, and its post's own time begins."""


class RenderProcesses:
    """`ports.Renderer`. `timeout` is in seconds, for one post."""

    def __init__(self, *, timeout: float, processes: int | None = None) -> None:
        self._workers = [_Worker(timeout) for _ in range(processes or cores())]
        self._lock = threading.Lock()  # one at a time renders: each call has all workers

    def render(self, sources: Iterable[Manuscript], rendering: Rendering) -> Generator[Result, None, None]:
        """The path and Content of each, in any order; None where it was given up, and a finding says why."""
        with self._lock:
            done: _Answers = queue.SimpleQueue()
            idle = list(reversed(self._workers))
            busy: set[_Worker] = set()
            try:
                for source in sources:
                    if not idle:
                        yield self._next(done, idle, busy)
                    worker = idle.pop()
                    worker.start(source, rendering, done)
                    busy.add(worker)
                while busy:
                    yield self._next(done, idle, busy)
            finally:
                for worker in busy:  # whoever asked has lost interest
                    worker.kill()
                while busy:
                    self._next(done, idle, busy)

    def _next(self, done: _Answers, idle: list["_Worker"], busy: set["_Worker"]) -> Result:
        while True:
            wait = min(worker.deadline for worker in busy) - time.monotonic()
            try:
                one = done.get(timeout=min(max(wait, 0), _START))
            except queue.Empty:
                for worker in busy:
                    if worker.deadline <= time.monotonic():
                        worker.kill()
                continue
            if one is None:
                continue
            busy.discard(one.worker)
            idle.append(one.worker)
            return one.result

    def close(self) -> None:
        """End the processes."""
        for worker in self._workers:
            worker.close()


class _Worker:
    """One process, and the thread that talks to it."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._process: Child | None = None
        self._thread: threading.Thread | None = None
        self._jobs: queue.SimpleQueue[tuple[Manuscript, Rendering, _Answers] | None] = queue.SimpleQueue()
        self._killed = False
        self.deadline = 0.0  # by time.monotonic; looked at while it works

    def start(self, source: Manuscript, rendering: Rendering, done: _Answers) -> None:
        """Begin with one source; what became of it goes into *done*."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="renderer", daemon=True)
            self._thread.start()
        self._killed = False
        self.deadline = time.monotonic() + _START  # until it is ready; then the post's own time begins
        self._jobs.put((source, rendering, done))

    def kill(self) -> None:
        """End the process; its thread sees the end of the pipe."""
        self.deadline = float("inf")
        self._killed = True
        if self._process is not None:
            self._process.kill()

    def close(self) -> None:
        """End the thread and the process."""
        self._jobs.put(None)
        if self._thread is not None:
            self._thread.join()
        self._end()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            source, rendering, done = job
            done.put(_Done(worker=self, result=self._answer(source, rendering, done)))

    def _answer(self, source: Manuscript, rendering: Rendering, done: _Answers) -> Result:
        try:
            process = self._living()
            self.deadline = time.monotonic() + self._timeout
            done.put(None)
            made, findings = process.ask((source, rendering))
        except (OSError, DiedError):
            self._end()
            why = f"it took longer than {self._timeout:g} s" if self._killed else "its renderer died, or had no memory"
            return source.path, None, (_given_up(source.path, why),)
        return source.path, made, findings

    def _living(self) -> Child:
        if self._process is None or not self._process.alive:
            self._end()
            self._process = Child("publisher.adapters.renderer")
            self._process.wait()
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.end()


def _given_up(path: str, why: str) -> Finding:
    advice = "look for long runs of one sign, or for lists that are very deep, or raise posts.render_timeout"
    return found(
        "given-up",
        path,
        f"rendering was given up: {why}; feeds are without it, and a newsletter waits for it; {advice}",
    )


def _rendered(job: tuple[Manuscript, Rendering]) -> tuple[Content | None, Sequence[Finding]]:
    """What such a process answers."""
    from publisher.posts.markdown import render_source  # noqa: PLC0415  # all that the other side need not load

    source, rendering = job
    try:
        return render_source(source, rendering)
    except PostError as error:
        return None, (found(error.finding, error.path, error.message, error.line),)
    except MemoryError:
        return None, (_given_up(source.path, "it needs too much memory"),)
    except Exception as error:  # noqa: BLE001  # whatever we did wrong costs one post; nobody reads a traceback here
        return None, (_fault(source.path, error),)


def _fault(path: str, error: Exception) -> Finding:
    """One of ours: by what it is called and where it was raised, which is what a report needs."""
    *_, last = traceback.extract_tb(error.__traceback__)
    name = last.filename.rpartition("/publisher/")[2].rpartition("/site-packages/")[2]
    fault = f"{type(error).__name__} in {name}, line {last.lineno}"
    return found(
        "not-rendered",
        path,
        f"this post could not be rendered, by a fault of publisher ({fault}); "
        "please report it with the post; feeds are without it, and a newsletter waits for it",
    )


def _main() -> None:
    with contextlib.suppress(ImportError, ValueError):
        import resource  # noqa: PLC0415  # not on every system

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    import publisher.posts.markdown  # noqa: F401, PLC0415  # before it says that it is ready: it takes a while

    serve(_rendered)


if __name__ == "__main__":
    _main()
