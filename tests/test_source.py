"""What no line of the program may do, whatever its comment says: found in the source itself."""

import ast
from collections.abc import Iterator
from pathlib import Path

PROGRAM = Path(__file__).parents[1] / "publisher"
_UNPACKS = {"pickle", "marshal", "shelve", "dill", "cloudpickle"}
_RUNS = {"eval", "exec", "compile", "__import__"}
_STATEMENTS = {"text", "exec_driver_sql", "executescript"}


def trees() -> Iterator[tuple[str, ast.AST]]:
    for file in sorted(PROGRAM.rglob("*.py")):
        yield file.relative_to(PROGRAM).as_posix(), ast.parse(file.read_text("utf-8"))


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            said = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield said, node


def test_nothing_that_was_stored_is_unpickled() -> None:
    """Mailman's queue is pickles: who may write a file there runs a program. Ours only go to our own children."""
    found = {
        name
        for name, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for module in ([one.name for one in node.names] if isinstance(node, ast.Import) else [node.module or ""])
        if module.partition(".")[0] in _UNPACKS
    }
    assert found == {"adapters/child.py"}


def test_no_text_is_run() -> None:
    found = [(name, said) for name, tree in trees() for said, node in calls(tree) if said in _RUNS and is_bare(node)]
    assert found == []


def is_bare(node: ast.Call) -> bool:
    """Called as Python's own, and not as a method: `re.compile` runs nothing."""
    return isinstance(node.func, ast.Name)


def test_every_statement_is_a_constant() -> None:
    """Values are parameters. The one name that is put together comes from PostgreSQL itself, quoted by it."""
    found = {
        name
        for name, tree in trees()
        if name.startswith("store/")
        for said, node in calls(tree)
        if said in _STATEMENTS and node.args and not is_constant(node.args[0])
    }
    assert found == {"store/moving.py"}


def is_constant(node: ast.expr) -> bool:
    """A string, or one of two."""
    if isinstance(node, ast.IfExp):
        return is_constant(node.body) and is_constant(node.orelse)
    return isinstance(node, ast.Constant)
