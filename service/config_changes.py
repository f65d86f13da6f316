"""What has changed between two configurations, by key, and which of it may hold at once.

May hold at once: all that new calls look up when they come. May not: what sockets, processes, files and the database
were opened with.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Final

from service.config_model import Config

LIVE_LISTS: Final[Mapping[str, str]] = {
    "trunks": "trunk",
    "trunk_groups": "trunk_group",
    "agents": "agent",
    "queues": "queue",
    "dispositions": "disposition",
    "pauses": "pause",
    "hours": "hours",
    "flows": "flow",
    "surveys": "survey",
    "numbers": "number",
    "campaigns": "campaign",
    "calling_regions": "calling_region",
    "offers": "offer",
    "alarms": "alarm",
    "probes": "probe",
}
"""Lists that may change in the running house: the field of ``Config``, and what one element is called."""
LIVE_TABLES: Final = (
    "transfer",
    "dialling",
    "features",
    "distribution",
    "callback",
    "calling",
    "warranty",
    "security",
    "mail",
    "weekly_report",
)
"""Tables that may, with all their keys."""
LIVE_KEYS: Final = ("drain_s", "log_level")
"""Keys at the top of the file that may."""
_IDENTITY: Final = ("id", "number", "name", "code")
"""The first of these that an element has tells it from its like."""


@dataclass(frozen=True, slots=True)
class Changes:
    """``live``: what may hold at once, ``waiting``: what holds after the next start; by key and name, never values."""

    live: tuple[str, ...]
    waiting: tuple[str, ...]


def changes(old: Config, new: Config) -> Changes:
    """What is different in ``new``."""
    live: list[str] = []
    waiting: list[str] = []
    for field in fields(Config):
        before, after = getattr(old, field.name), getattr(new, field.name)
        if before == after:
            continue
        if field.name in LIVE_LISTS:
            live += _in_list(LIVE_LISTS[field.name], before, after)
        elif field.name in LIVE_KEYS:
            live.append(field.name)
        elif hasattr(after, "__dataclass_fields__"):
            told = live if field.name in LIVE_TABLES else waiting
            told += [f"{field.name}.{key}" for key in _different(before, after)]
        else:
            waiting.append(field.name)
    return Changes(tuple(live), tuple(waiting))


def renewed(old: Config, new: Config) -> Config:
    """``old`` with all of ``new`` that may hold at once: what holds after a reload."""
    return replace(old, **{name: getattr(new, name) for name in (*LIVE_LISTS, *LIVE_TABLES, *LIVE_KEYS)})


def _in_list(kind: str, before: Iterable[object], after: Iterable[object]) -> list[str]:
    old, new = _by_name(before), _by_name(after)
    told = [f"{kind} {name}: gone" for name in old if name not in new]
    for name, item in new.items():
        if name not in old:
            told.append(f"{kind} {name}: new")
        elif old[name] != item:
            told.append(f"{kind} {name}: {', '.join(_different(old[name], item))}")
    return told or [f"{kind}: order"]


def _by_name(items: Iterable[object]) -> dict[str, object]:
    return {next(str(getattr(item, key)) for key in _IDENTITY if hasattr(item, key)): item for item in items}


def _different(before: object, after: object) -> list[str]:
    names = getattr(after, "__dataclass_fields__", {})
    return [name for name in names if getattr(before, name) != getattr(after, name)]
