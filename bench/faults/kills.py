"""The program is killed, or told to end, at any moment."""

import signal
import subprocess
from random import Random

from bench.faults import ledger
from bench.faults.audit import ENDS, Row
from bench.faults.scene import LATENCY, Case, Limit, Scene, staged

_KILLED = ENDS | {-signal.SIGKILL}


def killed_and_resent(case: Case) -> Row:
    """SIGKILL at any moment; on_doubt = "resend"."""
    return _kills(case, hold=False)


def killed_and_held(case: Case) -> Row:
    """SIGKILL at any moment; on_doubt = "hold"."""
    return _kills(case, hold=True)


def _kills(case: Case, *, hold: bool) -> Row:
    """Sites, each killed again and again until it is done. Half of the moments are drawn from a program's whole life,
    half are those at which the server has a command: there the decisions are.
    """
    row, chance = Row(), Random(case.seed)
    while row.faults < case.faults:
        fresh = case.long and chance.random() < 0.3
        connections = chance.choice([1, 2, 4])
        with staged(case, chance, composed=not fresh, hold=hold, connections=connections) as scene:
            left = case.faults - row.faults
            while left and _killed(scene):
                left -= 1
            row += scene.finish()
    return row


def _killed(scene: Scene) -> bool:
    """Killed once more; False where the program was faster."""
    words = _words(scene)
    ledger.let_time_pass(scene.site.where)
    before = scene.audit.row.codes[-signal.SIGKILL]
    scene.life(*words, limit=_at_random(scene, words), bound=scene.connections, codes=_KILLED)
    killed = scene.audit.row.codes[-signal.SIGKILL] > before
    scene.audit.row.faults += killed
    return killed


def _words(scene: Scene) -> tuple[str, ...]:
    if ledger.read(scene.site.where).issue is None:
        return "digest", "--yes"
    return ("run",) if scene.case.long and scene.chance.random() < 0.1 else ("tick",)


def _at_random(scene: Scene, words: tuple[str, ...]) -> Limit:
    chance, templates = scene.chance, scene.case.templates
    sending = templates.readers * LATENCY / 2 / scene.connections
    composing = templates.seconds if words[0] == "digest" else templates.seconds / 2
    at_command = chance.random() < 0.5 or not scene.case.long
    count = chance.randrange(1, templates.readers) if at_command else 0
    # Where less is left to send than that many commands, `run` would stay for ever
    span = composing + 5 * sending if at_command else chance.uniform(0, composing + sending)

    def limit(process: "subprocess.Popen[bytes]") -> None:
        if at_command:
            scene.at(count, process.kill, dots=False)
        try:
            process.wait(span)
        except subprocess.TimeoutExpired:
            process.kill()

    return limit


def told_to_end(case: Case) -> Row:
    """SIGTERM while it sends: nothing is in doubt afterwards."""
    row, chance = Row(), Random(case.seed)
    while row.faults < case.faults:
        with staged(case, chance, composed=chance.random() < 0.7) as scene:
            words = _words(scene)

            def limit(process: "subprocess.Popen[bytes]", scene: Scene = scene) -> None:
                scene.at(chance.randrange(1, 200), process.terminate)

            scene.life(*words, limit=limit)
            scene.audit.row.faults += 1
            row += scene.finish()
    return row
