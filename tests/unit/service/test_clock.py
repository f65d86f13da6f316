import time

import pytest

from service.clock import SystemClock


def test_it_tells_wall_time_and_never_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    wall, steady = 1_780_000_000.0, 500.0
    monkeypatch.setattr(time, "time", lambda: wall)
    monkeypatch.setattr(time, "monotonic", lambda: steady)
    clock = SystemClock()
    assert clock.now() == wall
    monkeypatch.setattr(time, "time", lambda: wall - 3600)  # someone sets the machine's clock back
    monkeypatch.setattr(time, "monotonic", lambda: steady + 2.5)
    assert clock.now() == wall + 2.5
