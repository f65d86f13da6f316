"""The documents: links lead somewhere, commands exist, the READMEs agree, nothing of a maker's machine is in them."""

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from core.events import Fact
from service.cli import app
from service.cli_door import Door
from telephony import security_facts
from telephony.facts import TrunkFull

REPOSITORY = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    path
    for folder in (".", "docs", "docs/decisions", "ivr/assets", "ivr/flows", "service/demo/clips")
    for path in (REPOSITORY / folder).glob("*.md")
)
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_COMMAND = re.compile(r"(?<!-u )\bline400((?: [a-z][a-z-]*)+)")
_FENCED = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
_SECTION = re.compile(r"^## ", re.MULTILINE)
_NEXT_TEST = re.compile(r"^(?:async )?def ", re.MULTILINE)


def _commands() -> Iterator[str]:
    """Every command of the command line, such as "campaign start"."""
    main = get_command(app)
    assert isinstance(main, TyperGroup)
    for name, door in main.commands.items():
        yield name
        assert isinstance(door, Door)
        if isinstance(command := door.behind(), TyperGroup):
            yield from (f"{name} {below}" for below in command.commands)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_links_lead_to_files(document: Path) -> None:
    targets = [link for link in _LINK.findall(document.read_text(encoding="utf-8")) if "://" not in link]
    assert [target for target in targets if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_shown_commands_exist(document: Path) -> None:
    known = set(_commands())
    groups = {name.split()[0] for name in known if " " in name}
    for block in _FENCED.findall(document.read_text(encoding="utf-8")):
        for words in (found.split() for found in _COMMAND.findall(block)):
            shown = " ".join(words[:2]) if words[0] in groups else words[0]
            assert shown in known, f"line400 {shown}"


def test_both_readmes_have_the_same_parts_and_examples() -> None:
    english, chinese = ((REPOSITORY / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md"))
    assert len(_SECTION.findall(english)) == len(_SECTION.findall(chinese))
    for pattern in (_LINK, re.compile(r"^```(\w*)$", re.MULTILINE)):
        assert len(pattern.findall(english)) == len(pattern.findall(chinese))
    assert english.count("\n| ") == chinese.count("\n| ")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_nothing_of_a_makers_machine_is_in_them(document: Path) -> None:
    assert not re.search(r"/work/|/root/|/home/(?!/)\w+/|/tmp/", document.read_text(encoding="utf-8"))


def test_the_tests_that_show_a_defence_exist() -> None:
    text = (REPOSITORY / "docs" / "security.md").read_text(encoding="utf-8")
    named = re.findall(r"`([\w/]*test_\w+\.py)(?:::(test_\w+))?`", text)
    assert len(named) > 30
    for path, test in named:
        full = REPOSITORY / (path if path.startswith("tests/") else f"tests/unit/telephony/{path}")
        assert full.exists(), path
        assert not test or f"def {test}(" in full.read_text(encoding="utf-8"), f"{path}::{test}"


def test_every_complaint_of_other_systems_users_has_a_test_that_names_it() -> None:
    text = (REPOSITORY / "docs" / "parity.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\S+#\d+[^|]*)\|[^|]*\|([^|]*)\|$", text, re.MULTILINE)
    complaints = [name for named, _ in rows for name in named.replace(",", " ").split()]
    assert len(rows) >= 22 and len(complaints) == len(set(complaints))
    for named, held_by in rows:
        sources = []
        for path, test in re.findall(r"`(tests/[\w/]+\.py)(?:::(test_\w+))?`", held_by):
            source = (REPOSITORY / path).read_text(encoding="utf-8")
            if test:
                assert f"def {test}(" in source, f"{path}::{test}"
                source = _NEXT_TEST.split(source.partition(f"def {test}(")[2], maxsplit=1)[0]
            sources.append(source)
        for name in named.replace(",", " ").split():
            assert any(f"#{name.partition('#')[2]}" in source for source in sources), f"no test of {name} names it"


def test_every_security_event_is_explained_with_its_fields() -> None:
    text = (REPOSITORY / "docs" / "operations.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z_.]+)` \| (`.*?) \| .+ \|$", text, re.MULTILINE))
    here = (kind for kind in vars(security_facts).values() if isinstance(kind, type) and issubclass(kind, Fact))
    kinds = [TrunkFull, *(kind for kind in here if kind.name)]
    assert len(kinds) == 7
    for kind in kinds:
        named = set(re.findall(r"`(\w+)`", rows[kind.name]))
        assert named == {field.name for field in fields(kind)}, kind.name  # type: ignore[arg-type]
