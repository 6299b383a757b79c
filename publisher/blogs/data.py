"""YAML, TOML and JSON as generators read them -> mappings with keys in lower case; what cannot be read says nothing."""

import json
import re
import tomllib
from collections.abc import Mapping, Sequence

import yaml

MAX_TEXT = 512 << 10  # characters; a configuration is never larger, and an alias bomb needs the room


class _Strings(yaml.SafeLoader):
    """YAML of others: tags that are not known mean nothing; dates stay as they are written."""


def _plain(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> object:
    del suffix
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    assert isinstance(node, yaml.MappingNode)
    return loader.construct_mapping(node, deep=True)


_Strings.add_multi_constructor("!", _plain)
_Strings.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: str(node.value))


def read_data(path: str, text: str) -> Mapping[str, object]:
    """The mapping in a file, by its ending; empty for what is none."""
    if len(text) > MAX_TEXT:
        return {}
    ending = path.rpartition(".")[2].lower()
    try:
        if ending == "toml":
            found: object = tomllib.loads(text)
        elif ending == "json":
            found = json.loads(text)
        else:
            found = yaml.load(text, Loader=_Strings)  # noqa: S506  # a SafeLoader
    except (ValueError, yaml.YAMLError, RecursionError):
        return {}
    lowered = _lowered(found, 8)
    return lowered if isinstance(lowered, Mapping) else {}


def read_head(text: str) -> Mapping[str, object]:
    """The front matter of a page; empty for what has none."""
    match = _HEAD.match(text)
    if match is not None:
        return read_data("head.toml" if match[1] == "+++" else "head.yaml", match[2])
    return read_data("head.json", text) if text.lstrip().startswith("{") else {}


_HEAD = re.compile(r"\ufeff?\s*(---|\+\+\+)[ \t]*\r?\n(.*?)^\1[ \t]*\r?$", re.DOTALL | re.MULTILINE)


def _lowered(value: object, depth: int) -> object:
    """Keys in lower case, as Hugo takes them. Deeper than that lies nothing that we ask for."""
    if isinstance(value, Mapping) and depth:
        return {str(key).lower(): _lowered(inner, depth - 1) for key, inner in value.items()}
    return value


def get(data: Mapping[str, object], *keys: str) -> object:
    """The value below these keys, None where there is none."""
    found: object = data
    for key in keys:
        if not isinstance(found, Mapping):
            return None
        found = found.get(key)
    return found


def table(data: Mapping[str, object], *keys: str) -> Mapping[str, object]:
    """The mapping below these keys; empty where there is none."""
    found = get(data, *keys)
    return found if isinstance(found, Mapping) else {}


def words(value: object) -> str | None:
    """A scalar as one line; None for nothing, for what is none, and for a placeholder."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = " ".join(str(value).split())
    return None if not text or _PLACEHOLDER.search(text) else text


_PLACEHOLDER = re.compile(
    r"\{\{|<%|\$\{|^(?:your[ -_](?:name|awesome|email)|yoursite|example\.(?:com|org)\Z|site\.title)|yoursite\.com|"
    r"your-?(?:domain|website|site)\b|\bexample\.(?:com|org|net)\b|//localhost|//127\.",
    re.IGNORECASE,
)


def several(value: object) -> Sequence[str]:
    """One word or a list of them."""
    found = value if isinstance(value, list | tuple) else [value]
    return [text for one in found if (text := words(one)) is not None]
