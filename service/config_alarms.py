"""Alarms and the webhook in the configuration: as they are written, checked, and as rules."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from acd.alarms import BELOW, AlarmKind, AlarmRule

if TYPE_CHECKING:
    from service.config_links import Places
    from service.config_model import Config

OF_TRUNKS: Final = frozenset({AlarmKind.TRUNK_DOWN})
_LIMITS: Final = {
    AlarmKind.LONGEST_WAIT: (120.0, 60.0),
    AlarmKind.SERVICE_LEVEL: (0.8, 0.85),
    AlarmKind.NO_AGENTS: (1.0, 1.0),
    AlarmKind.TRUNK_DOWN: (0.5, 0.5),
}
"""What holds where nothing is written: the limit, and where it is well again."""


@dataclass(frozen=True, slots=True)
class AlarmConfig:
    """[[alarm]] tells when a figure of ``queue`` or ``trunk`` (left out: of each) is beyond ``limit`` for ``for_s``,
    and when it is on the good side of ``clear`` for ``clear_after_s`` again (0: what is usual for the ``kind``). It is
    looked at within ``hours``. A service level is that of the last ``over_min`` minutes and ``at_least`` callers.
    """

    name: str
    kind: str
    queue: str = ""
    trunk: str = ""
    limit: float = 0.0
    clear: float = 0.0
    for_s: float = 10.0
    clear_after_s: float = 30.0
    over_min: float = 30.0
    at_least: int = 10
    hours: str = ""


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """[webhook] events are posted to ``url`` ("": none) whose names begin with one of ``events``, signed with
    ``secret``; an answer is waited for ``timeout_s``.
    """

    url: str = ""
    secret: str = ""
    events: tuple[str, ...] = ("alarm.",)
    timeout_s: float = 5.0


def alarm_rule(written: AlarmConfig) -> AlarmRule:
    """As ``acd.alarms`` has it."""
    kind = AlarmKind(written.kind)
    limit, clear = _LIMITS[kind]
    if written.limit:
        clear = limit = written.limit
    return AlarmRule(
        name=written.name,
        kind=kind,
        subject=written.trunk if kind in OF_TRUNKS else written.queue,
        limit=limit,
        clear=written.clear or clear,
        for_s=written.for_s,
        clear_after_s=written.clear_after_s,
        over_s=60.0 * written.over_min,
        at_least=written.at_least,
        hours=written.hours,
    )


def alarm_rules(config: "Config") -> list[AlarmRule]:
    """All of the configuration."""
    return [alarm_rule(written) for written in config.alarms]


def webhook_url(value: object) -> str | None:
    """The check of ``webhook.url``."""
    if value == "":
        return None
    try:
        parts = urlsplit(str(value))
        right = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and not parts.username
    except ValueError:
        right = False
    return None if right else "must be an address such as https://example.com/line400, without user and password"


def check_alarms(config: "Config", at: "Places") -> None:
    """Note names that lead nowhere, keys of another kind, and limits that would never clear."""
    queues, trunks = {queue.name for queue in config.queues}, {trunk.name for trunk in config.trunks}
    calendars = {"main", *(item.name for item in config.hours)}
    for index, written in enumerate(config.alarms):
        if any(written.name == other.name for other in config.alarms[:index]):
            at.fault(("alarm", index, "name"), f"there are two [[alarm]] {written.name!r}; rename or drop one")
        rule = alarm_rule(written)
        of_trunk = rule.kind in OF_TRUNKS
        if (written.queue and of_trunk) or (written.trunk and not of_trunk):
            other, right = ("queue", "trunk") if of_trunk else ("trunk", "queue")
            at.fault(("alarm", index, other), f"{rule.kind} looks at a {right}; write {right} or leave it out")
        elif rule.subject and rule.subject not in (trunks if of_trunk else queues):
            kind = "trunk" if of_trunk else "queue"
            at.fault(("alarm", index, kind), f"there is no {kind} {rule.subject!r}")
        if written.hours and written.hours not in calendars:
            at.fault(("alarm", index, "hours"), f"there is no [[hours]] {written.hours!r}")
        if rule.kind is AlarmKind.SERVICE_LEVEL and max(rule.limit, rule.clear) > 1:
            at.fault(("alarm", index, "limit"), "is a share from 0 to 1, such as 0.8")
        below = rule.kind in BELOW
        if rule.clear < rule.limit if below else rule.clear > rule.limit:
            side = "below" if below else "above"
            at.fault(("alarm", index, "clear"), f"must not be {side} limit, which is {rule.limit:g}")
