"""What a process loads before it works: its own part of the house, not all of it. Each is started for real."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from service.cli import COMMANDS, app
from service.cli_door import Door

ROOT = Path(__file__).resolve().parents[3]
DATABASE = {"sqlalchemy", "aiosqlite", "asyncpg", "alembic"}
WEB = {"fastapi", "starlette", "uvicorn", "prometheus_client"}
SPEECH = {"faster_whisper", "vosk", "onnxruntime", "ctranslate2", "av", "pypinyin", "opencc"}
SOUND = {"numpy", "soundfile"}
OTHERS = {"openpyxl", "aiomqtt", "paho", "dns", "cryptography", "yaml", "rich.progress"}
HEAVY = DATABASE | WEB | SPEECH | SOUND | OTHERS


def loaded_by(program: str, folder: Path) -> set[str]:
    """Which heavy modules a fresh process has after ``program``."""
    code = f"import sys\n{program}\nprint(*({HEAVY!r} & set(sys.modules)))"
    made = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}"],
        capture_output=True, text=True, check=True, cwd=folder,
    )  # fmt: skip
    return set(made.stdout.splitlines()[-1].split())


def line400(*words: str) -> str:
    """A program that runs a command to its end."""
    return (
        "from service.cli import app\n"
        f"try:\n    app({list(words)!r})\n"
        "except SystemExit as done:\n    assert not done.code, done.code"
    )


@pytest.mark.parametrize(
    ("program", "may"),
    [
        pytest.param(line400("--help"), set(), id="help"),
        pytest.param(line400("check"), {"opencc"}, id="check"),  # moments in flows are read as what callers say
        pytest.param("import telephony.media.worker", {"numpy"}, id="media worker"),
        pytest.param("import archive.worker", SOUND | {"cryptography"}, id="packer"),
        pytest.param("import service.reader", {"sqlalchemy", "cryptography"} | SOUND, id="reader"),
        pytest.param(
            "import service.cli_serve",
            {"sqlalchemy", "dns", "opencc", "cryptography"} | WEB | SOUND,
            id="serve",
        ),
    ],
)
def test_a_process_loads_its_own_part_only(program: str, may: set[str], tmp_path: Path) -> None:
    assert loaded_by(program, tmp_path) == may


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_says_what_the_command_says_of_itself(name: str) -> None:
    main = get_command(app)
    assert isinstance(main, TyperGroup)
    door = main.commands[name]
    assert isinstance(door, Door)
    purpose = " ".join((door.help or "").split())
    assert purpose
    assert " ".join(door.behind().help.split()).startswith(purpose)
