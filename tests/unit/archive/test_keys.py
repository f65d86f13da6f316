"""The key file: made once, for us alone; whatever is wrong with it is said with its mend."""

from pathlib import Path

import pytest

from archive.keys import load_key, load_or_make_key
from core.errors import ConfigError


def test_it_is_made_on_first_use_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "recordings.key"
    key = load_or_make_key(path)
    assert len(key) == 32 and any(key)
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_or_make_key(path) == load_key(path) == key


def test_a_missing_key_is_never_made_anew_by_a_reader(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="missing; put it back"):
        load_key(tmp_path / "recordings.key")
    assert not (tmp_path / "recordings.key").exists()


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "recordings.key"
    load_or_make_key(path)
    path.chmod(0o640)
    with pytest.raises(ConfigError, match="chmod 600"):
        load_key(path)


@pytest.mark.parametrize("text", ["", "hello\n", "line400\nAAAA\n", "\xff\xfe"])
def test_what_is_no_key_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "recordings.key"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(ConfigError, match="no key of recordings"):
        load_key(path)
