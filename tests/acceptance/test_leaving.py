"""E10: who leaves while an issue is on its way gets nothing more of it, with the real sender and the real page."""

import threading
from pathlib import Path

import httpx

from publisher.doors.rounds import deliver_now
from publisher.model.issue import State
from publisher.model.subscriber import Consent
from tests.adapters.mailserver import serving
from tests.doors.browser import serving as pages
from tests.house import a_house, add_readers, consents, digest, unsubscribe_token

READERS = tuple(f"reader{number}@example.net" for number in range(40))


def test_E10_who_leaves_while_mail_goes_out_is_skipped(tmp_path: Path) -> None:
    with serving() as server:
        server.gate = threading.Event()  # the issue is on its way, and its first message waits for an answer
        house = a_house(tmp_path, smtp=f"smtp://127.0.0.1:{server.port}", connections=1)
        numbers = add_readers(house, *READERS)
        issue = digest(house)
        assert issue is not None
        left = dict(zip(READERS[-10:], numbers[-10:], strict=True))
        with pages(house) as address:
            sending = threading.Thread(target=deliver_now, args=(house,))
            sending.start()
            assert server.asked.wait(60)
            for reader in left.values():
                link = f"{address}/u/{unsubscribe_token(house, reader)}"
                assert httpx.post(link, data={"List-Unsubscribe": "One-Click"}, timeout=60).status_code == 200
            server.gate.set()
            sending.join()
        got = {str(recipient) for one in server.taken for recipient in one.rcpt_tos}
        assert got == set(READERS) - left.keys()
        tally = house.issues.tally(issue.id)
        assert (tally[State.SENT], tally[State.SKIPPED]) == (30, 10)
        assert {name for name, state in consents(house).items() if state is Consent.LEFT} == left.keys()
        house.engine.dispose()
