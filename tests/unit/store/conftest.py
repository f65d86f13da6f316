"""A store on a fresh file, with virtual time and counted ids."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.bus import Bus
from core.clock import VirtualClock
from core.events import Event
from core.ids import CountingEntropy, Ids
from store.store import Store
from tests.migrated import databases_are_migrated  # noqa: F401 - for all tests of this folder


class Desk:
    """A store with what a test wants to turn and to see."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = VirtualClock()
        self.ids = Ids(self.clock, CountingEntropy())
        self.bus = Bus()
        self.heard: list[Event] = []
        self.bus.subscribe(self.heard.append)
        self.url = f"sqlite:///{folder / 'line400.db'}"

    async def open(self) -> Store:
        return await Store.open(self.url, self.clock, self.ids, self.bus, recordings=self.folder / "recordings")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
async def store(desk: Desk) -> AsyncIterator[Store]:
    async with await desk.open() as opened:
        yield opened
