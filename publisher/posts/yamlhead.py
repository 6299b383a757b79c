"""The text of a YAML block -> its values as written: strings, lists and mappings, nothing guessed.

YAML 1.1 reads `title: No` as False, `007` as 7 and `12:30` as 750; here they stay what the author typed.
"""

import re

import yaml
from frontmatter.default_handlers import YAMLHandler

try:  # libyaml is in the wheels of every common platform; without it reading is seven times slower, not different
    from yaml import CBaseLoader as _Base
except ImportError:  # pragma: no cover
    from yaml import BaseLoader as _Base  # type: ignore[assignment] # the same, in Python

MAX_HEAD = 64 << 10  # characters; nobody writes this by hand, and every known bomb needs depth or length
MAX_BRACKETS = 400  # of flow collections: the parser recurses over them

_NULL = "tag:yaml.org,2002:null"
_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
_TAGS = {
    yaml.ScalarNode: "tag:yaml.org,2002:str",
    yaml.SequenceNode: "tag:yaml.org,2002:seq",
    yaml.MappingNode: "tag:yaml.org,2002:map",
}


class HeadError(ValueError):
    """A block that cannot be read. `line` counts from 1, within the block."""

    def __init__(self, line: int | None, message: str, *, finding: str = "frontmatter-broken") -> None:
        self.line = line
        self.finding = finding
        super().__init__(message)


# YAML 1.1's own timestamp, without a zone (yaml.org/type/timestamp.html)
_TIMESTAMP = re.compile(r"\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?\Z")


class PlainTimestamp(str):
    """A date and time that stood without quotes and without a zone: some generators read it in another way."""

    __slots__ = ()


class _AsWritten(_Base):
    """Scalars stay text, only nothing is nothing; unknown tags (`!ruby/object`) are looked through."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.duplicates: list[tuple[str, int]] = []
        self._made: dict[int, object] = {}  # an alias is the value it stands for, or nine of them make a bomb

    def resolve(self, kind: type[yaml.Node], value: str, implicit: tuple[bool, bool]) -> str:
        """The tag of a node that has none. Asked of every node: yaml's own looks for more than there is here."""
        return _NULL if kind is yaml.ScalarNode and implicit[0] and value in _NOTHING else _TAGS[kind]

    def get_single_data(self) -> object:
        """The block's value. Raises HeadError for one that contains itself."""
        node = self.get_single_node()
        return None if node is None else self._value(node)

    def _value(self, node: yaml.Node) -> object:
        if isinstance(node, yaml.ScalarNode):
            return None if node.tag == _NULL else _scalar(node)
        key = id(node)
        if key not in self._made:
            self._made[key] = _UNFINISHED
            if isinstance(node, yaml.SequenceNode):
                self._made[key] = [self._value(inner) for inner in node.value]
            else:
                assert isinstance(node, yaml.MappingNode)
                self._made[key] = self._mapping(node)
        if self._made[key] is _UNFINISHED:
            raise HeadError(node.start_mark.line + 1, "not YAML: a value contains itself")
        return self._made[key]

    def _mapping(self, node: yaml.MappingNode) -> dict[str, object]:
        values: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else _written(key_node)
            if key in values:
                self.duplicates.append((key, key_node.start_mark.line + 1))
            values[key] = self._value(value_node)
        return values


_UNFINISHED = object()


def _scalar(node: yaml.ScalarNode) -> str:
    value: str = node.value
    if value[:1].isdigit() and not node.style and _TIMESTAMP.match(value):
        return PlainTimestamp(value)
    return value


def read_yaml(head: str) -> tuple[object, list[tuple[str, int]]]:
    """The value of a block, and the keys that stand twice with their lines. Raises HeadError."""
    if len(head) > MAX_HEAD or head.count("[") + head.count("{") > MAX_BRACKETS:
        raise HeadError(None, "the front matter is too large or too deeply nested", finding="frontmatter-too-large")
    loader = _AsWritten(head)
    try:
        value: object = YAMLHandler().load(head, Loader=lambda _stream: loader)
    except yaml.MarkedYAMLError as error:
        opened = error.context is not None and ("flow" in error.context or "quoted" in error.context)
        mark = (error.context_mark if opened else None) or error.problem_mark
        raise HeadError(mark.line + 1 if mark else None, _sentence(error, head)) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise HeadError(None, f"not YAML: {str(error).splitlines()[0] if str(error) else 'too deep'}") from None
    return value, loader.duplicates


def _sentence(error: yaml.MarkedYAMLError, head: str) -> str:
    problem = error.problem or "cannot be read"
    hint = ""
    if "cannot start any token" in problem and error.problem_mark is not None:
        line = head.split("\n")[error.problem_mark.line]
        sign = line[error.problem_mark.column : error.problem_mark.column + 1]
        problem = "a tab before a key or a mark" if sign == "\t" else f"a value cannot begin with {sign}"
    if "document start" in problem:
        hint = "; keys of one rank begin in one column"
    elif "end of stream" in problem:
        hint = "; a quote that is opened here is never closed"
    elif any(part in problem for part in ("mapping values are not allowed", "did not find expected", "cannot begin")):
        hint = "; a value with a colon, a quote or a bracket in it needs quotes around it"
    elif "tab" in problem or "\\t" in problem:
        hint = "; YAML takes blanks there, not tabs"
    return f"not YAML: {problem}{hint}"


def _written(node: yaml.Node) -> str:
    """A key that is none: `{{date}}`, a template that nobody filled in, is a mapping in a mapping to YAML."""
    if isinstance(node, yaml.MappingNode) and len(node.value) == 1 and isinstance(node.value[0][0], yaml.ScalarNode):
        return f"{{{node.value[0][0].value}}}"
    return "?"
