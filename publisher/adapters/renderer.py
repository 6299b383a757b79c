"""Render processes that can be killed: a post that takes for ever costs its time limit, and nothing else.

Markdown and the sanitiser have quadratic cases that no check of the text foresees, and work in C that no exception
interrupts. So they work in processes of their own, one a core, started when first needed, never forked (the daemon
has threads). Each is fed by a thread that waits for its answers; who asks for them watches the clock.
"""

import contextlib
import os
import pickle
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from publisher.errors import PostError
from publisher.model.entry import Content
from publisher.model.finding import Finding
from publisher.posts.findings import found
from publisher.posts.rendering import Manuscript, Rendering

Result = tuple[str, Content | None, Sequence[Finding]]

_START = 60.0  # seconds that a process may take to be ready, on a machine that is busy
_MEMORY = 1 << 30  # bytes of one process; a post of 4 MB needs a tenth
# -P: the folder that the program is started in may hold a `markdown.py`
_COMMAND = (sys.executable, "-P", "-m", "publisher.adapters.renderer")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    worker: "_Worker"
    result: Result


_Answers = queue.SimpleQueue[_Done | None]
"""What became of sources; None says that a worker is ready, and its post's own time begins."""


class RenderProcesses:
    """`ports.Renderer`. `timeout` is in seconds, for one post."""

    def __init__(self, *, timeout: float, processes: int | None = None) -> None:
        self._workers = [_Worker(timeout) for _ in range(processes or _cores())]
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


def _cores() -> int:
    """Those that this process may use, where the system tells."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Worker:
    """One process, and the thread that talks to it."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._process: subprocess.Popen[bytes] | None = None
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
            assert process.stdin is not None
            assert process.stdout is not None
            self.deadline = time.monotonic() + self._timeout
            done.put(None)
            pickle.dump((source, rendering), process.stdin)
            process.stdin.flush()
            made, findings = pickle.load(process.stdout)  # noqa: S301  # of our own process
        except (OSError, EOFError, pickle.UnpicklingError):
            self._end()
            why = f"it took longer than {self._timeout:g} s" if self._killed else "its renderer died, or had no memory"
            return source.path, None, (_given_up(source.path, why),)
        return source.path, made, findings

    def _living(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process = subprocess.Popen(_COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603  # ours
            assert self._process.stdout is not None
            pickle.load(self._process.stdout)  # noqa: S301  # it is ready
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(OSError):
                process.kill()
            with process:
                pass


def _given_up(path: str, why: str) -> Finding:
    advice = "look for long runs of one sign, or for lists that are very deep, or raise posts.render_timeout"
    return found(
        "given-up",
        path,
        f"rendering was given up: {why}; feeds are without it, and a newsletter waits for it; {advice}",
    )


def _serve(jobs: BinaryIO, answers: BinaryIO) -> None:
    """Answer until nobody asks any more."""
    from publisher.posts.markdown import render_source  # noqa: PLC0415  # all that the other side need not load

    pickle.dump(None, answers)
    answers.flush()
    while True:
        try:
            source, rendering = pickle.load(jobs)  # noqa: S301  # of the process that started us
        except EOFError:
            return
        made: tuple[Content | None, Sequence[Finding]]
        try:
            made = render_source(source, rendering)
        except PostError as error:
            made = None, (found(error.finding, error.path, error.message, error.line),)
        except MemoryError:
            made = None, (_given_up(source.path, "it needs too much memory"),)
        pickle.dump(made, answers)
        answers.flush()


def _main() -> None:
    with contextlib.suppress(ImportError, ValueError):
        import resource  # noqa: PLC0415  # not on every system

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not stand among the answers
    _serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    _main()
