"""The daemon's sending, in a thread of its own: a large issue keeps no saved post from the feeds."""

import threading
from collections.abc import Callable

from publisher.errors import PublisherError
from publisher.steps.deliver import Delivered

_PATIENCE = 2.0  # seconds that a round waits for it: a small issue is told in the round that made it


class Sender:
    """Sends when it is asked to, and goes on while rounds go on.

    `deliver` gives None where another process sends. It runs in this one's thread: what it uses is nobody else's.
    """

    def __init__(self, deliver: Callable[[], Delivered | None]) -> None:
        self._deliver = deliver
        self._lock = threading.Lock()
        self._asked = threading.Event()
        self._idle = threading.Event()
        self._ended = False
        self._done: list[Delivered] = []
        self._failed: PublisherError | None = None
        self._bug: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="sender", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def send(self) -> Delivered | None:
        """A round's part: ask, wait a moment, and tell what was sent since it was last told.

        Raises what went wrong, PublisherError or a bug; then what was sent is told by the next.
        """
        self._idle.clear()
        self._asked.set()
        self._idle.wait(_PATIENCE)
        if self._bug is not None:
            raise self._bug
        with self._lock:
            failed, self._failed = self._failed, None
            if failed is not None:
                raise failed
            done, self._done = self._done, []
        return Delivered.together(done) if done else None

    def end(self) -> None:
        """Wait until what is under way is settled."""
        self._ended = True
        self._asked.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            self._asked.wait()
            self._asked.clear()
            if self._ended:
                return
            try:
                done = self._deliver()
                with self._lock:
                    self._done += [done] if done is not None else []
            except PublisherError as error:
                with self._lock:
                    self._failed = error
            except BaseException as error:  # noqa: BLE001  # raised again by the next round
                self._bug = error
                return
            finally:
                self._idle.set()
