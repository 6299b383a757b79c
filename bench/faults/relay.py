"""The mail server fails: it is down, refuses, puts off, falls silent, breaks off."""

from collections import deque
from collections.abc import Iterable, Sequence
from random import Random

from bench.faults.audit import Row
from bench.faults.scene import Case, Scene, staged, with_password
from bench.faults.server import PASSWORD
from bench.faults.site import address
from bench.faults.strikes import STAGES, Stage, Strike, ends, said
from publisher.errors import Exit
from publisher.model.issue import State

_TRANSPORT = frozenset({int(Exit.TRANSPORT)})
_HELD = frozenset({int(Exit.HELD)})
_PARTLY = frozenset({int(Exit.PARTLY)})
_MANY = 16  # connections: as many may be cut before a program says that no server is there
_COMMANDS: tuple[Stage, ...] = ("ehlo", "auth", "mail", "rcpt", "data", "quit")
_ENDS = (0, 1, 2, 4, 5, 6, -2, -1, None)  # bytes of a command: none, the first, all but the last two, all but one, all
_BODY = (1, 100, 500, 1_000, 2_000, 4_000, 8_000)
_EACH: tuple[Stage, ...] = ("mail", "rcpt", "data", "body", "dot")


def down(case: Case) -> Row:
    """Nobody listens from the first mail on; then somebody does."""
    with staged(case, Random(case.seed)) as scene:
        scene.audit.ended(case.templates.down, bound=0, codes=_TRANSPORT)
        scene.server.down()
        scene.life("tick", codes=_TRANSPORT)
        scene.server.up()
        scene.audit.row.faults += 2
        return scene.finish()


def falls(case: Case) -> Row:
    """The server ends in the middle, with all its connections, and stays away until the next tick."""
    row, chance = Row(), Random(case.seed)
    for _ in range(max(case.faults // 4, 1)):
        with staged(case, chance) as scene:
            scene.at(chance.randrange(1, 200), scene.server.fall)
            scene.life("tick", bound=scene.connections)
            scene.server.up()
            scene.audit.row.faults += 1
            row += scene.finish()
    return row


def wrong_password(case: Case) -> Row:
    """The login is refused: the issue waits for its owner, who mends it and resumes."""
    with staged(case, Random(case.seed)) as scene:
        with_password(scene, "wrong")
        found = scene.life("tick", codes=_HELD)
        if found.issue != "paused" or scene.server.record.arrived:
            scene.audit.row.problems.append(f"the login was refused, and the issue is {found.issue}")
        with_password(scene, PASSWORD)
        scene.life("issues", "resume", "1")
        scene.audit.row.faults += 1
        return scene.finish()


def one_refused(case: Case) -> Row:
    """A recipient is refused at RCPT, another one's message at the dot; all others get theirs."""
    with staged(case, Random(case.seed)) as scene:
        scene.server.replies["rcpt", address(3)] = deque(["550 5.1.1 no such mailbox"])
        scene.server.replies["dot", address(30)] = deque(["554 5.6.0 I do not like it"])
        found = scene.life("tick", codes=_PARTLY)
        if found.those(State.FAILED) != {address(3), address(30)}:
            scene.audit.row.problems.append(f"failed: {sorted(found.those(State.FAILED))}")
        scene.audit.row.faults += 2
        return scene.finish()


def storm(case: Case) -> Row:
    """Three in ten recipients are put off twice, at RCPT or at the dot."""
    with staged(case, Random(case.seed)) as scene:
        _put_off(scene)
        return scene.finish()


def _put_off(scene: Scene) -> None:
    readers = scene.case.templates.readers
    for number in scene.chance.sample(range(readers), readers * 3 // 10):
        stage: Stage = scene.chance.choice(["rcpt", "dot"])
        scene.server.replies[stage, address(number)] = deque(["451 4.7.1 greylisted", "450 4.2.0 busy"])
        scene.audit.row.faults += 2


def says_421(case: Case) -> Row:
    """421 in place of an answer, and the connection ends: at each command, of the first message and of the third."""
    return _struck(case, _of_421(), connections=4)


def _of_421() -> list[Strike]:
    words = "421 4.3.2 going down for maintenance"
    firsts = [Strike(how="say", stage=stage, words=words) for stage in STAGES if stage not in {"body", "quit"}]
    return firsts + [Strike(how="say", stage=stage, nth=3, words=words) for stage in ("mail", "rcpt", "data", "dot")]


def silence(case: Case) -> Row:
    """The server falls silent at each command, of the first message and of the second.

    At body and dot the program has to wait for ten minutes; there the silent relay crashes, as they do.
    """
    return _struck(case, _of_silence(), connections=4)


def _of_silence() -> list[Strike]:
    firsts = [Strike(how="stall", stage=stage) for stage in STAGES]
    return firsts + [Strike(how="stall", stage=stage, nth=2) for stage in _EACH]


def all_at_once(case: Case) -> Row:
    """Silence and 421 at each command, cuts at some bytes, recipients that are put off or refused: on one site."""
    chance = Random(case.seed)
    places = chance.sample(_places(), 12)
    cuts = [Strike(how="cut", stage=stage, nth=nth, taken=taken) for stage, nth, taken in places]
    ended = [end for _, end in ends(pipelining=case.pipelining, messages=2)]
    cuts += [Strike(how="cut", after=after, reset=True) for after in (0, *ended)]
    with staged(case, chance, connections=_MANY) as scene:
        scene.server.strikes.extend(one for one in (*_of_silence(), *_of_421(), *cuts) if one.stage != "quit")
        _put_off(scene)
        return _reckoned(scene)


def answers_cut(case: Case) -> Row:
    """The connection ends after each byte that the server says, but for its yes to a message: by FIN and by RST."""
    before, offsets = 0, set[int]()
    for stage, end in ends(pipelining=case.pipelining, messages=2):
        offsets |= {end} if stage == "dot" else {*range(before + 1, end + 1)}
        before = end
    return _answers_cut(case, {0, *offsets})


def yes_cut(case: Case) -> Row:
    """The connection ends after each byte of the server's yes to a message: by FIN and by RST."""
    yes = len(said("dot", pipelining=False)) + 2
    dots = [end for stage, end in ends(pipelining=case.pipelining, messages=2) if stage == "dot"]
    return _answers_cut(case, {end - left for end in dots for left in range(1, yes, 1 if case.long else 4)})


def _answers_cut(case: Case, offsets: Iterable[int]) -> Row:
    strikes = [Strike(how="cut", after=after, reset=reset) for reset in (False, True) for after in sorted(offsets)]
    return _struck(case, strikes, connections=_MANY)


def commands_cut(case: Case) -> Row:
    """The connection ends within and after each command that the program says, and within messages and their dots."""
    strikes = [
        Strike(how="cut", stage=stage, nth=nth, taken=taken, reset=reset)
        for reset in (False, True)
        for stage, nth, taken in _places()
    ]
    return _struck(case, strikes, connections=_MANY)


def _places() -> list[tuple[Stage, int, int | None]]:
    """Stage, of which message, and how many of its bytes still arrive."""
    commands: list[tuple[Stage, int, int | None]] = [
        (stage, nth, taken)
        for stage in _COMMANDS
        for nth in ((1, 2) if stage in _EACH else (1,))
        for taken in _ENDS
        if not (stage in {"data", "quit"} and taken == 6)  # longer than all of it
    ]
    bodies: list[tuple[Stage, int, int | None]] = [("body", nth, taken) for nth in (1, 2) for taken in _BODY]
    return [*commands, *bodies, *(("dot", nth, taken) for nth in (1, 2) for taken in (0, 1, 2, None))]


def _struck(case: Case, strikes: Iterable[Strike], *, connections: int) -> Row:
    """All of them, on as many connections as it takes.

    Those at QUIT have a site of their own: a connection that comes to QUIT has carried what the others are to strike.
    """
    strikes = list(strikes)
    row = Row()
    for some in ([one for one in strikes if one.stage != "quit"], [one for one in strikes if one.stage == "quit"]):
        if some:
            row += _played(case, some, connections)
    return row


def _played(case: Case, strikes: Sequence[Strike], connections: int) -> Row:
    with staged(case, Random(case.seed), connections=connections) as scene:
        scene.server.strikes.extend(strikes)
        return _reckoned(scene)


def _reckoned(scene: Scene) -> Row:
    row = scene.finish(bound=len(scene.server.strikes))
    row.faults += len(scene.server.struck)
    doubts = sum(map(_leaves_doubt, scene.server.struck))
    if row.doubtful > doubts:
        row.problems.append(f"{row.doubtful} in doubt by {doubts} faults that could leave one")
    return row


def _leaves_doubt(one: Strike) -> bool:
    """Whether a message may be between its dot and the answer to it: an RST takes back what was not read yet."""
    return one.stage in {"body", "dot"} or one.after is not None or one.reset
