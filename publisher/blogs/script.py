"""Configurations that are programs, in Python or JavaScript -> the constants in them. Nothing is ever run."""

import ast
import re
from collections.abc import Mapping

_ENVIRON = frozenset({"get", "getenv"})


def read_python(text: str, known: Mapping[str, object] | None = None) -> dict[str, object]:
    """The names that a module gives constant values, the last one counts; empty for what is no Python.

    A name may be made of others, of `known` ones too; of `os.environ.get(x, default)` the default counts.
    """
    found: dict[str, object] = dict(known or {})
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return found
    for statement in _flat(body):
        if isinstance(statement, ast.Assign):
            names = [target.id for target in statement.targets if isinstance(target, ast.Name)]
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value:
            names = [statement.target.id]
        else:
            continue
        assert statement.value is not None
        try:
            value = _value(statement.value, found)
        except (ValueError, TypeError, RecursionError):
            continue
        found.update(dict.fromkeys(names, value))
    return found


def _flat(body: list[ast.stmt]) -> list[ast.stmt]:
    """With what stands in `try:`; not what stands in `if`, since nobody knows whether it counts."""
    flat: list[ast.stmt] = []
    for statement in body:
        flat += _flat(statement.body) if isinstance(statement, ast.Try) else [statement]
    return flat


def _value(node: ast.expr, names: Mapping[str, object]) -> object:
    """Raises ValueError for what is no constant."""
    match node:
        case ast.List() | ast.Tuple():
            return [_value(one, names) for one in node.elts]
        case ast.Dict():
            pairs = zip(node.keys, node.values, strict=True)
            return {_value(key, names): _value(one, names) for key, one in pairs if key is not None}
        case ast.Call(func=ast.Name(id="dict"), args=[], keywords=pairs) if all(one.arg for one in pairs):
            return {one.arg: _value(one.value, names) for one in pairs}
        case ast.Call(func=ast.Attribute(attr=name), args=[_, default]) if name in _ENVIRON:
            return _value(default, names)
    return _scalar(node, names)


def _scalar(node: ast.expr, names: Mapping[str, object]) -> object:
    match node:
        case ast.Constant():
            return node.value
        case ast.Name() if node.id in names:
            return names[node.id]
        case ast.BinOp(op=ast.Add()):
            parts = [_value(node.left, names), _value(node.right, names)]
        case ast.JoinedStr():
            parts = [_value(one.value if isinstance(one, ast.FormattedValue) else one, names) for one in node.values]
        case _:
            raise ValueError("no constant")
    return "".join(part if isinstance(part, str) else str(part) for part in parts)


_STRING = r"(?:\"((?:[^\"\\\n]|\\.)*)\"|'((?:[^'\\\n]|\\.)*)'|`([^`$\\]*)`)"
_ESCAPE = re.compile(r"\\(.)")
_COMMENT = re.compile(r"(?m)(?<![:\"'])//[^\n]*$|/\*.*?\*/", re.DOTALL)


def find_in_script(text: str, *names: str) -> str | None:
    """The first string that JavaScript gives to one of these names: `title: "…"`, `url = '…'`."""
    text = _COMMENT.sub("", text)
    for name in names:
        match = re.search(rf"[\"']?\b{re.escape(name)}[\"']?\s*[:=]\s*{_STRING}", text)
        if match is not None:
            written = next((part for part in match.groups() if part is not None), "")
            if written.strip():
                return _ESCAPE.sub(r"\1", written).strip()
    return None


def block_in_script(text: str, name: str) -> str:
    """What stands in the braces behind a name; empty where there is none."""
    match = re.search(rf"[\"']?\b{re.escape(name)}[\"']?\s*[:=]\s*\{{", text)
    if match is None:
        return ""
    depth, at = 1, match.end()
    while at < len(text) and depth:
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        at += 1
    return text[match.end() : at - 1]
