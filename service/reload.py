"""Reads the configuration again while the house runs, and tells those who follow it.

A file with a fault changes nothing. What may not change in a running house is named and waits for the next start. The
followers all act in one turn of the event loop, so no call sees half of a change; calls that are up go on by the rules
under which they came.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from acd.queues import check_rules
from core.events import Log
from core.house_facts import ConfigReloaded
from ivr.flow import Flow
from service import from_config as values
from service.config import Loaded, read_config
from service.config_changes import changes, renewed
from service.config_model import Config
from service.config_surveys import survey_versions

_log = logging.getLogger("line400.service")


@dataclass(frozen=True, slots=True)
class Renewal:
    """What holds ``before`` and from now on (``config``), with its flows read."""

    before: Config
    config: Config
    flows: Mapping[str, Flow]


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What came of it: keys that hold now, keys that wait for the next start, and warnings of the new file."""

    changed: tuple[str, ...]
    waiting: tuple[str, ...]
    warnings: tuple[str, ...]


Follower: TypeAlias = Callable[[Renewal], None]
"""Takes a change at once and must not fail: the new configuration has been checked."""


class Reloader:
    """Keeps the configuration that holds. ``path`` is where it was read (None: as ``read_config`` finds it)."""

    def __init__(self, config: Config, path: Path | None) -> None:
        self.config = config
        self._path = path
        self._flows: Mapping[str, Flow] = {}
        self._surveys: Mapping[str, str] = {}
        self._followers: list[Follower] = []
        self._one_at_a_time = asyncio.Lock()

    def follow(self, follower: Follower) -> None:
        """Tell ``follower`` of every change, in the order in which followers came."""
        self._followers.append(follower)

    def began_with(self, flows: Mapping[str, Flow]) -> None:
        """The flows that the house began with, to tell whether their files have changed."""
        self._flows, self._surveys = flows, survey_versions(self.config)

    async def preview(self) -> Reloaded:
        """What a reload would do now; ``ConfigError`` as there."""
        async with self._one_at_a_time:
            loaded, flows, surveys = await asyncio.to_thread(self._read)
        found = changes(self.config, loaded.config)
        return Reloaded((*found.live, *self._other_files(flows, surveys)), found.waiting, loaded.warnings)

    async def reload(self, by: str, log: Log) -> Reloaded:
        """Read and follow; ``by`` is who asked. ``ConfigError`` lists the faults of the file; nothing changes then."""
        async with self._one_at_a_time:
            loaded, flows, surveys = await asyncio.to_thread(self._read)
            found = changes(self.config, loaded.config)
            before, self.config = self.config, renewed(self.config, loaded.config)
            changed = (*found.live, *self._other_files(flows, surveys))
            if changed:
                self._flows, self._surveys = flows, surveys
                for follower in self._followers:
                    follower(Renewal(before, self.config, flows))
            log.post("", ConfigReloaded(by, changed, found.waiting))
        for told in changed:
            _log.info("configuration: %s", told)
        if found.waiting:
            _log.warning("configuration: holds after the next start: %s", ", ".join(found.waiting))
        return Reloaded(changed, found.waiting, loaded.warnings)

    def _read(self) -> tuple[Loaded, Mapping[str, Flow], Mapping[str, str]]:
        loaded = read_config(self._path)
        check_rules(values.queues_of(loaded.config))
        return loaded, values.flows_of(loaded.config), survey_versions(loaded.config)

    def _other_files(self, flows: Mapping[str, Flow], surveys: Mapping[str, str]) -> list[str]:
        """Flows and surveys whose file says something else under the same name."""
        other = [f"flow {name}: file" for name, flow in flows.items() if self._flows.get(name, flow) != flow]
        known = self._surveys
        return other + [f"survey {name}: file" for name, it in surveys.items() if known.get(name, it) != it]
