"""docs/mqtt.md tells each fact of campaigns with all its fields."""

import dataclasses
from pathlib import Path

import pytest

from campaigns import dial_facts, facts, form_facts, plan_facts, preview_facts, rule_facts
from core.events import Fact

DOC = (Path(__file__).parents[3] / "docs" / "mqtt.md").read_text(encoding="utf-8")
MODULES = (dial_facts, facts, form_facts, plan_facts, preview_facts, rule_facts)
FACTS = sorted(
    {it for module in MODULES for it in vars(module).values() if isinstance(it, type) and issubclass(it, Fact)}
    - {Fact},
    key=lambda it: it.__name__,
)


@pytest.mark.parametrize("kind", FACTS, ids=lambda it: it.__name__)
def test_its_row_names_its_fields(kind: type[Fact]) -> None:
    topic = f"| `{kind.name.replace('.', '/')}` |"
    rows = [line for line in DOC.splitlines() if line.startswith(topic)]
    assert len(rows) == 1, topic
    fields = rows[0].split("|")[2].replace("`", "").replace(" ", "").split(",")
    assert fields == [field.name for field in dataclasses.fields(kind)]
