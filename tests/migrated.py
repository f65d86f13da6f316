"""Databases of tests begin as copies of one that the migrations have made: to run them for each of six hundred tests
took half of the time of those tests. What the migrations themselves are tested for begins from nothing (a module that
has a fixture of this name keeps its own).
"""

import shutil
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy.engine import make_url

from core.clock import VirtualClock
from core.ids import CountingEntropy, Ids
from store.store import Store

_MIGRATED: Final[list[Path]] = []
"""The database that is copied, once it is made: empty, with all its tables."""


@pytest.fixture(autouse=True)
def databases_are_migrated(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """``Store.open`` finds a database that is there where none was."""
    really_open: Callable[..., Coroutine[Any, Any, Store]] = Store.open

    async def open_copy(url: str, *arguments: Any, **more: Any) -> Store:
        file = Path(make_url(url).database or "") if url.startswith("sqlite:") else None
        if file is not None and file.name and not file.exists():
            if not _MIGRATED:
                made, clock = tmp_path_factory.mktemp("migrated") / "line400.db", VirtualClock()
                await (await really_open(f"sqlite:///{made}", clock, Ids(clock, CountingEntropy()))).close()
                _MIGRATED.append(made)
            file.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(_MIGRATED[0], file)
        return await really_open(url, *arguments, **more)

    monkeypatch.setattr(Store, "open", open_copy)
