"""The arrows of the house, and no I/O in rooms that are marked pure; found by walking the imports."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

MAY_IMPORT = {
    "core": set(),
    "telephony": {"core"},
    "archive": {"core"},
    "asr": {"core", "archive"},
    "ivr": {"core", "telephony", "asr"},
    "acd": {"core", "telephony", "asr"},
    "campaigns": {"core", "telephony", "asr", "ivr", "acd"},
    "desk": {"core"},
    "reports": {"core"},
    "store": {"core", "archive", "telephony", "asr", "ivr", "acd", "campaigns", "desk", "reports"},
    "console": {"core", "archive", "telephony", "asr", "ivr", "acd", "campaigns", "desk", "reports", "store"},
    "service": {
        "core", "archive", "telephony", "asr", "ivr", "acd", "campaigns", "desk", "reports", "store", "console",
    },
}  # fmt: skip
"""Which rooms each room may import besides itself."""

IMPURE = {"asyncio", "socket", "time", "random", "sqlite3", "secrets", "subprocess", "threading", "multiprocessing",
          "selectors", "uvloop", "sqlalchemy", "aiosqlite"}  # fmt: skip
"""What the pure files must not import."""

PURE_ROOMS = {
    "core": set(),
    "telephony/sip": {"transport.py", "datagrams.py", "tcp.py", "stack.py", "outward.py"},
    "telephony/sdp": set(),
    "telephony/rtp": set(),
    "telephony/sound": set(),
    "ivr": {"runner.py"},
    "acd": {"distributor.py", "beside.py", "in_line.py"},
    "campaigns": {"dialer.py", "survey_talk.py"},
    "desk": set(),
    "reports": set(),
}
"""Rooms without I/O, and their drivers, which are excepted."""


def modules(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of every import, wherever it stands (those for type checking too)."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            yield node.lineno, node.module or ""


def place(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_arrows_point_one_way(room: str) -> None:
    allowed = MAY_IMPORT[room] | {room}
    wrong = [
        f"{place(path, line)} imports {name}"
        for path in modules(room)
        for line, name in imports_of(path)
        if (top := name.partition(".")[0]) in MAY_IMPORT and top not in allowed
    ]
    assert not wrong, "\n".join(wrong)


def test_no_cycle_between_rooms() -> None:
    placed: list[str] = []
    rest = dict(MAY_IMPORT)
    while rest:
        free = [room for room, needs in rest.items() if needs <= set(placed)]
        assert free, f"these rooms need each other: {sorted(rest)}"
        placed += free
        for room in free:
            del rest[room]


@pytest.mark.parametrize("room", sorted(PURE_ROOMS))
def test_pure_rooms_do_no_io(room: str) -> None:
    drivers = PURE_ROOMS[room]
    wrong = [
        f"{place(path, line)} imports {name}"
        for path in modules(room)
        if str(path.relative_to(ROOT / room)) not in drivers
        for line, name in imports_of(path)
        if name.partition(".")[0] in IMPURE
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("room", sorted(PURE_ROOMS))
def test_excepted_drivers_exist(room: str) -> None:
    missing = [name for name in PURE_ROOMS[room] if not (ROOT / room / name).exists()]
    assert not missing, f"{room}: {missing}"


def test_every_room_is_known_and_none_hides_a_standard_module() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    rooms = packages - {"tests", "bench"}
    assert rooms == set(MAY_IMPORT)
    assert not packages & set(sys.stdlib_module_names)


def test_product_does_not_import_tests_or_test_tools() -> None:
    tools = {"tests", "bench", "pytest", "hypothesis", "pyVoIP"}
    wrong = [
        f"{place(path, line)} imports {name}"
        for room in MAY_IMPORT
        for path in modules(room)
        for line, name in imports_of(path)
        if name.partition(".")[0] in tools
    ]
    assert not wrong, "\n".join(wrong)


def test_no_file_is_two_ideas() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {count} lines"
        for room in MAY_IMPORT
        for path in modules(room)
        if (count := path.read_text(encoding="utf-8").count("\n")) > 400
    ]
    assert not long, "\n".join(long)


def test_broad_except_stands_only_in_the_supervisor() -> None:
    broad = {"Exception", "BaseException"}
    wrong = [
        place(path, node.lineno)
        for room in MAY_IMPORT
        for path in modules(room)
        if path != ROOT / "service" / "supervisor.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in broad))
        and not any(isinstance(step, ast.Raise) and step.exc is None for step in ast.walk(node))
    ]
    assert not wrong, "\n".join(wrong)
