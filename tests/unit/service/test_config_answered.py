"""[asr] what_answered and announcements: what is wrong with them is told before the service starts."""

from pathlib import Path

import pytest

from core.errors import ConfigError
from service.config import read_config
from service.config_model import Config


def written(folder: Path, asr: str, own: str = "") -> Path:
    path = folder / "line400.toml"
    path.write_text(f"[asr]\n{asr}\n", encoding="utf-8")
    (folder / "own.toml").write_text(own, encoding="utf-8")
    return path


def test_all_calls_are_listened_to_where_nothing_is_said() -> None:
    assert Config().asr.what_answered == "all"
    assert Config().asr.announcements is None


def test_a_file_of_ones_own_is_found_beside_the_configuration(tmp_path: Path) -> None:
    own = '[[announcement]]\nwhat = "barred"\nphrases = ["机主设置了免打扰模式"]\n'
    loaded = read_config(written(tmp_path, 'announcements = "own.toml"', own))
    assert loaded.config.asr.announcements == tmp_path / "own.toml"
    assert not [text for text in loaded.warnings if "announcements" in text]


@pytest.mark.parametrize(
    ("asr", "own", "told"),
    [
        ('what_answered = "sometimes"', "", "what_answered"),
        ('announcements = "absent.toml"', "", "cannot be read"),
        (
            'announcements = "own.toml"',
            '[[announcement]]\nwhat = "away"',
            "own.toml:2: announcement.0.what: must be one",
        ),
    ],
)
def test_faults_name_the_key_and_the_line(asr: str, own: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        read_config(written(tmp_path, asr, own))
    [fault] = error.value.problems
    assert fault.startswith("line400.toml:2: ")
    assert told in fault


def test_announcements_that_nobody_listens_for_are_pointed_out(tmp_path: Path) -> None:
    own = 'markers = ["您拨打的"]\n'
    loaded = read_config(written(tmp_path, 'what_answered = "off"\nannouncements = "own.toml"', own))
    assert any("announcements" in text and "does nothing" in text for text in loaded.warnings)
