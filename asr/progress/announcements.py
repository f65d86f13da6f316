"""The phrases by which networks and machines are known, read from TOML and checked: the shipped file, and one's own.

Every fault is told with its file, line, key and how to mend it.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from asr.progress.verdict import What
from core.errors import ConfigError
from core.toml_lines import KeyPath, toml_lines

SHIPPED: Final = Path(__file__).with_name("announcements.toml")
MAX_BYTES: Final = 200_000
MAX_PHRASES: Final = 2000
MAX_LENGTH: Final = 60
"""Characters of a phrase."""
_SAID: Final = frozenset(What) - {What.RINGING, What.BEEP, What.FAX, What.PERSON}
"""What can be said in words."""
_HAN: Final = re.compile(r"[㐀-鿿]")
_LATIN: Final = re.compile(r"[a-z]")


@dataclass(frozen=True, slots=True)
class Announcement:
    """``phrases`` each mean ``what``; each of ``short`` does so before the answer, and after it beside a marker."""

    what: What
    phrases: tuple[str, ...] = ()
    short: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Announcements:
    """All that is known; ``markers`` are what only networks say."""

    announcements: tuple[Announcement, ...]
    markers: tuple[str, ...] = ()

    def with_more(self, other: "Announcements") -> "Announcements":
        """These and those of ``other``."""
        return Announcements(self.announcements + other.announcements, self.markers + other.markers)


@lru_cache(maxsize=1)
def shipped() -> Announcements:
    """Those that come with the program."""
    return read_announcements(SHIPPED)


def all_announcements(own: Path | None) -> Announcements:
    """The shipped ones and those in the file ``own``; ``ConfigError`` with every fault of it."""
    return shipped() if own is None else shipped().with_more(read_announcements(own))


def read_announcements(path: Path) -> Announcements:
    """What ``path`` says; ``ConfigError`` lists all faults."""
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror}; check the name and the rights"]) from None
    except UnicodeDecodeError as error:
        raise ConfigError([f"{path}: is not UTF-8 (byte {error.start}); save it as UTF-8"]) from None
    if len(data) > MAX_BYTES:
        raise ConfigError([f"{path}: is larger than {MAX_BYTES} bytes; that is no file of announcements"])
    try:
        values, lines = tomllib.loads(text), toml_lines(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError([f"{path.name}: not well-formed TOML: {error}"]) from None
    reading = _Reading(path.name, lines)
    found = reading.all(values)
    if reading.faults:
        raise ConfigError(reading.faults)
    return found


class _Reading:
    """One file; ``faults`` collects what is wrong with it."""

    def __init__(self, name: str, lines: Mapping[KeyPath, int]) -> None:
        self._name = name
        self._lines = lines
        self._phrases = 0
        self.faults: list[str] = []

    def all(self, values: Mapping[str, object]) -> Announcements:
        self._known((), values, ("announcement", "markers"))
        tables = values.get("announcement", [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            self._fault(("announcement",), "must be tables: [[announcement]] with what and phrases")
            tables = []
        announcements = [self._one(("announcement", place), table) for place, table in enumerate(tables)]
        markers = self._texts(("markers",), values.get("markers", []))
        return Announcements(tuple(each for each in announcements if each is not None), markers)

    def _one(self, path: KeyPath, table: Mapping[str, object]) -> Announcement | None:
        self._known(path, table, ("what", "phrases", "short"))
        what = table.get("what")
        phrases = self._texts((*path, "phrases"), table.get("phrases", []))
        short = self._texts((*path, "short"), table.get("short", []))
        if not isinstance(what, str) or what not in _SAID:
            self._fault((*path, "what"), f"must be one of {', '.join(sorted(_SAID))}")
            return None
        if not phrases and not short and not self.faults:
            self._fault(path, "needs phrases or short: what is said")
        return Announcement(What(what), phrases, short)

    def _texts(self, path: KeyPath, given: object) -> tuple[str, ...]:
        if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
            self._fault(path, 'must be a list of texts such as ["用户已关机"]')
            return ()
        for place, item in enumerate(given):
            self._check((*path, place), item)
        self._phrases += len(given)
        if self._phrases > MAX_PHRASES:
            self._fault(path, f"is one too many: a file may hold {MAX_PHRASES} phrases")
            return ()
        return tuple(given)

    def _check(self, path: KeyPath, text: str) -> None:
        han, latin = len(_HAN.findall(text)), len(_LATIN.findall(text.lower()))
        if len(text) > MAX_LENGTH:
            self._fault(path, f"is longer than {MAX_LENGTH} characters; its deciding words are enough")
        elif han and latin:
            self._fault(path, "mixes languages; write two phrases")
        elif (not han and latin < 6) or han == 1:
            self._fault(path, "is too short to mean anything: at least two Chinese characters or six letters")

    def _known(self, path: KeyPath, table: Mapping[str, object], keys: tuple[str, ...]) -> None:
        for key in table:
            if key not in keys:
                self._fault((*path, key), f"is no key here; there are {', '.join(keys)}")

    def _fault(self, path: KeyPath, text: str) -> None:
        place = path
        while place and place not in self._lines:
            place = place[:-1]
        dotted = ".".join(str(part) for part in path) or "file"
        self.faults.append(f"{self._name}:{self._lines.get(place, 1)}: {dotted}: {text}")
