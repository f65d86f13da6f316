"""Tests of the service do not depend on the year in which they are run."""

import pytest

from tests.migrated import databases_are_migrated  # noqa: F401 - for all tests of this folder


@pytest.fixture(autouse=True)
def _holidays_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the day: no warning that the holidays of this year or the next are not announced yet."""
    monkeypatch.setattr("ivr.check.announced_until", lambda: 9999)
