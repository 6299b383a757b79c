"""The daemon's sending beside its rounds: what was sent is told, whatever goes wrong next."""

import threading

import pytest

from publisher.doors import sender as module
from publisher.doors.sender import Sender
from publisher.errors import DatabaseError
from publisher.steps.deliver import Delivered


def test_what_was_sent_before_an_error_is_told_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    may_end = threading.Event()
    answers = iter([Delivered(sent=7), DatabaseError("the disk is full"), None])

    def deliver() -> Delivered | None:
        may_end.wait(10)
        answer = next(answers)
        if isinstance(answer, DatabaseError):
            raise answer
        return answer

    sender = Sender(deliver)
    sender.start()
    with monkeypatch.context() as impatient:
        impatient.setattr(module, "_PATIENCE", 0.0)
        assert sender.send() is None, "it is still at it"
    may_end.set()
    assert sender._idle.wait(10)
    with pytest.raises(DatabaseError, match="full"):
        sender.send()
    told = sender.send()
    assert told is not None
    assert told.sent == 7
    sender.end()
