"""What the checks of the configuration say of one table that somebody fills in as a form, told by key."""

import difflib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from core.toml_lines import KeyPath
from service.config import VALUE_CHECKS
from service.config_reader import ConfigReader


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of ``key`` ("" where it is about the whole)."""

    key: str
    zh: str
    en: str


class FormReader(ConfigReader):
    """Notes what is said of the form at ``place`` (``faults``, ``warned``: keys below it, and words); the rest of the
    configuration was checked before.
    """

    def __init__(self, place: KeyPath) -> None:
        super().__init__("form", {}, Path(), {}, VALUE_CHECKS)
        self._place = place
        self.faults: list[tuple[KeyPath, str]] = []
        self.warned: list[tuple[KeyPath, str]] = []

    def fault(self, path: KeyPath, text: str) -> None:
        """See ``ConfigReader``: what comes of another fault is not told."""
        before = len(self._faults)
        super().fault(path, text)
        if len(self._faults) > before and path[: len(self._place)] == self._place:
            self.faults.append((path[len(self._place) :], text))

    def warn(self, path: KeyPath, text: str) -> None:
        """See ``ConfigReader``."""
        super().warn(path, text)
        if path[: len(self._place)] == self._place:
            self.warned.append((path[len(self._place) :], text))


def unknown_key(key: str, known: Collection[str], text: str) -> Told:
    """What is said of a ``key`` that no form has."""
    near = difflib.get_close_matches(key, known, n=1)
    return Told(key, f"没有“{key}”这一项" + (f"，是否指“{near[0]}”" if near else ""), text)
