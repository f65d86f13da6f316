"""The file in which agents' registrations outlive the service: written while it runs, read when it starts."""

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from core.clock import Clock
from telephony.kept_phones import KeptPhones

_log = logging.getLogger("line400.service")
FILE: Final = "phones.jsonl"
WRITE_S: Final = 1.0
"""How soon what has changed is written; a crash loses no more."""
MAX_BYTES: Final = 64_000_000


class PhoneFile:
    """``path`` holds what ``kept`` knows."""

    def __init__(self, path: Path, kept: KeptPhones, clock: Clock) -> None:
        self._path = path
        self._kept = kept
        self._clock = clock
        self._in_order = asyncio.Lock()
        self._unwritten: str | None = None
        self._fault = ""

    async def restore(self, drop: Callable[[], None]) -> None:
        """Take up what an earlier run has left; ``drop`` then forgets those who may no longer be where they are. A file
        that cannot be read holds nothing up: phones register anew.
        """
        try:
            text = await asyncio.to_thread(self._read)
        except OSError as error:
            _log.warning("registrations of phones cannot be read from %s: %s", self._path, error)
            return
        if broken := self._kept.restore(text, self._clock.now()):
            _log.warning("%d lines of %s cannot be read; those phones register anew", broken, self._path)
        drop()

    async def run(self) -> None:
        """Write what has changed, until cancelled."""
        while True:
            await self.write()
            await asyncio.sleep(WRITE_S)

    async def write(self) -> None:
        """Write now what has changed since. A full disk is said once, and tried again."""
        async with self._in_order:
            text = self._kept.text(self._clock.now())
            self._unwritten = self._unwritten if text is None else text
            if self._unwritten is None:
                return
            try:
                await asyncio.to_thread(self._replace, self._unwritten)
            except OSError as error:
                if str(error) != self._fault:
                    _log.warning("registrations of phones cannot be written to %s: %s", self._path, error)
                self._fault = str(error)
            else:
                self._unwritten, self._fault = None, ""

    def _read(self) -> str:
        try:
            with self._path.open("rb") as file:
                return file.read(MAX_BYTES).decode("utf-8", "replace")
        except FileNotFoundError:
            return ""

    def _replace(self, text: str) -> None:
        """The file is whole at every moment; the system writes it to the disk when it likes."""
        part = self._path.with_suffix(".part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        part.replace(self._path)
