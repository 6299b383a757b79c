import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from publisher.config import Config, load_config
from publisher.config.lines import key_lines
from publisher.config.problems import keys_of, table_of
from publisher.config.reference import reference

ROOT = Path(__file__).parents[2]
SETTING = re.compile(r"^# ([a-z0-9_]+ = )", re.MULTILINE)


def test_the_page_of_settings_is_the_programs() -> None:
    written = (ROOT / "docs/CONFIG.md").read_text("utf-8")
    assert written == reference(), "run: python -m publisher.config > docs/CONFIG.md"


def test_the_command_in_the_page_makes_it() -> None:
    made = subprocess.run([sys.executable, "-m", "publisher.config"], capture_output=True, check=True, cwd=ROOT)
    assert made.stdout.decode() == reference()


def everything() -> str:
    """config.toml with every commented setting set."""
    return SETTING.sub(r"\1", (ROOT / "config.toml").read_text("utf-8"))


def test_the_example_has_every_key_there_is() -> None:
    lines = key_lines(everything())
    for name, field in Config.model_fields.items():
        table = table_of(field.annotation)
        assert table is not None
        path = (name, "main") if name == "newsletters" else (name,)
        assert path in lines
        assert [key for key in keys_of(table) if (*path, key) not in lines] == [], name


def test_the_example_loads_with_every_setting_set(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(everything(), "utf-8")
    for name in ("smtp.password", "mailbox.password", "webhooks.password"):
        (tmp_path / name).touch(mode=0o600)
    config = load_config(tmp_path / "config.toml", {})
    assert config.newsletters["main"].catch_up is not None


def test_what_the_example_comments_out_is_the_default_or_says_unset(tmp_path: Path) -> None:
    shown = tomllib.loads(everything())
    for line in (ROOT / "config.toml").read_text("utf-8").splitlines():
        if match := SETTING.match(line):
            key = match[1].removesuffix(" = ")
            fields = [
                field
                for table, of in Config.model_fields.items()
                for name, field in keys_of(table_of(of.annotation) or Config).items()
                if name == key and key in (shown["newsletters"]["main"] if table == "newsletters" else shown[table])
            ]
            assert any((field.default is None) == ("# unset" in line) for field in fields), line
            defaults = [field.default for field in fields if field.default is not None]
            if "# unset" not in line:
                value = tomllib.loads(line.removeprefix("# "))[key]
                assert value in [list(one) if isinstance(one, tuple) else one for one in defaults], line


def test_the_example_site_is_told_apart_from_the_defaults() -> None:
    config = load_config(ROOT / "config.toml", {})
    assert config.posts.folder == ROOT / "examples/posts"
    assert list(config.newsletters["main"].frequencies) == ["weekly", "daily", "each"]


@pytest.mark.parametrize("key", sorted(name for name in Config.model_fields))
def test_each_table_says_what_it_is(key: str) -> None:
    table = table_of(Config.model_fields[key].annotation)
    assert table is not None
    assert (table.__doc__ or "").endswith(".")
    assert all((field.description or "").strip() for field in keys_of(table).values())
