"""docs/configuration.md names every key with its default, and nothing else; its example is a valid file."""

import re
from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import Path

import pytest

from service.config import LISTS, TABLES, TOP_KEYS, read_config
from service.config_model import Config
from service.config_retry import RetrySettings

DOCUMENT = (Path(__file__).resolve().parents[3] / "docs" / "configuration.md").read_text(encoding="utf-8")
KINDS = {f"[{name}]": kind for name, kind in TABLES.items()} | {
    f"[[{name}]]": kind for name, (_, kind) in LISTS.items()
}
KINDS["[campaign.retry]"] = RetrySettings


def documented(heading: str) -> dict[str, str]:
    section = re.search(rf"^## {re.escape(heading)}.*?\n(.*?)(?=^## |\Z)", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert section is not None, f"there is no section {heading}"
    return dict(re.findall(r"^\| `(\w+)` \| (.*?) \| .{10,} \|$", section[1], re.MULTILINE))


def shown(field: "Field[object]") -> str:
    value = field.default
    if isinstance(field.default_factory, type) and is_dataclass(field.default_factory):
        return "a table"
    if value is MISSING:
        return "needed"
    if value is None:
        return "left out"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, int | float):
        return f"`{value:g}`"
    if isinstance(value, tuple):
        return "`[" + ", ".join(f'"{item}"' for item in value) + "]`"
    return f'`"{value}"`'


@pytest.mark.parametrize("heading", sorted(KINDS))
def test_every_key_and_default(heading: str) -> None:
    assert documented(heading) == {field.name: shown(field) for field in fields(KINDS[heading])}


def test_top_of_the_file() -> None:
    expected = {field.name: shown(field) for field in fields(Config) if field.name in TOP_KEYS}
    assert documented("Top of the file") == expected


def test_the_example_is_valid(tmp_path: Path) -> None:
    example = re.search(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL)
    assert example is not None
    path = tmp_path / "line400.toml"
    path.write_text(example[1], encoding="utf-8")
    loaded = read_config(path, {"PHONE_8001": "secret of 8001", "PHONE_8002": "secret of 8002"})
    assert loaded.warnings == ()
    assert loaded.config.queues[0].agents == ("8001", "8002")
