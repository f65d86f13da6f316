"""Tests of the service do not depend on the year in which they are run."""

import pytest


@pytest.fixture(autouse=True)
def _holidays_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the day: no warning that the holidays of this year or the next are not announced yet."""
    monkeypatch.setattr("ivr.check.announced_until", lambda: 9999)
