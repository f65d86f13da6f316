"""The file of the phones that are registered: written as they change, read at the next start, never in the way."""

import logging
from pathlib import Path

import pytest

from core.clock import VirtualClock
from service.phone_keeping import FILE, PhoneFile
from tests.unit.telephony.test_kept_phones import DESK, house
from tests.unit.telephony.test_registrar import NOW


async def test_phones_are_there_again_at_the_next_start(tmp_path: Path) -> None:
    clock = VirtualClock(NOW)
    registrar, kept = house()
    registrar.on_change = kept.changed
    file = PhoneFile(tmp_path / FILE, kept, clock)
    await file.restore(lambda: None)  # the first start of all: there is no file
    registrar.restore("101", [DESK], NOW)
    await file.write()
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    written = (tmp_path / FILE).stat().st_mtime_ns
    await file.write()
    assert (tmp_path / FILE).stat().st_mtime_ns == written, "nothing has changed"

    after, again = house()
    dropped: list[int] = []
    await PhoneFile(tmp_path / FILE, again, clock).restore(lambda: dropped.append(len(after.contacts("101", NOW))))
    assert dropped == [1], "who may not be there is dropped once all are back"
    assert [str(binding.uri) for binding in after.contacts("101", NOW)] == [str(DESK.uri)]


async def test_a_file_that_cannot_be_had_is_said_once_and_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / FILE).mkdir()
    registrar, kept = house()
    registrar.on_change = kept.changed
    file = PhoneFile(tmp_path / FILE, kept, VirtualClock(NOW))
    with caplog.at_level(logging.WARNING):
        await file.restore(lambda: None)
        for _ in range(3):
            registrar.restore("101", [DESK], NOW)
            await file.write()
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2 and "cannot be read" in said[0] and "cannot be written" in said[1]
    (tmp_path / FILE).rmdir()
    await file.write()
    assert str(DESK.uri) in (tmp_path / FILE).read_text(), "what was not written comes with the next try"


async def test_lines_that_cannot_be_read_are_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / FILE).write_bytes(b"\xff\xfe nonsense\n")
    _, kept = house()
    with caplog.at_level(logging.WARNING):
        await PhoneFile(tmp_path / FILE, kept, VirtualClock(NOW)).restore(lambda: None)
    assert "1 lines of" in caplog.text
