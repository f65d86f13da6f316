"""What is particular about a caller, for call distribution: his priority, his place, who looks after his
case, his agent of last time.

His past is read once, when he arrives, beside everything else: by the time he has been through the menu it is there.
Where it is not there soon, he is served like anybody else.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from acd.skills import SkillNeed
from acd.urgency import CallerTerms
from core.clock import Clock
from core.errors import ParseError, Unavailable
from core.numbers import normalise
from service.config_distribution import CAME_BACK, VIP, priorities_of, takers_of, vips_of
from service.config_model import Config
from store.rows import CallerPast

_log = logging.getLogger("line400.service")
PATIENCE_S: Final = 0.5
"""So long a queue waits for what is read of a caller's past."""
_DAY_S: Final = 86400.0


class PastCalls(Protocol):
    """Where callers' pasts are read (``store.past.Past``)."""

    async def of(
        self, number: str, but_call: str, *, talks_since: float, calls_since: float, owners: bool = False
    ) -> CallerPast:
        """See ``store.past.Past``."""
        ...


@dataclass(frozen=True, slots=True)
class CallerRules:
    """``ahead_s`` of each priority; numbers of VIPs; how long a call is followed by the next one of the same caller
    (``came_back_s``); how long he is led to the agent of last time, by queue (``sticky_s``); by queue that
    leads callers to the owner of their case (``owners``), the agents who take its calls.
    """

    ahead_s: Mapping[str, float] = field(default_factory=dict)
    vips: frozenset[str] = frozenset()
    came_back_s: float = 0.0
    sticky_s: Mapping[str, float] = field(default_factory=dict)
    owners: Mapping[str, frozenset[str]] = field(default_factory=dict)


def caller_rules(config: Config) -> CallerRules:
    """As the configuration has them."""
    return CallerRules(
        ahead_s=priorities_of(config),
        vips=vips_of(config),
        came_back_s=60.0 * config.distribution.came_back_min,
        sticky_s={queue.name: _DAY_S * queue.sticky_days for queue in config.queues if queue.sticky_days},
        owners={queue.name: takers_of(queue, config) for queue in config.queues if queue.sticky_owner},
    )


class Callers:
    """Makes a ``Caller`` of each who arrives. Without ``past`` nobody has one."""

    def __init__(self, clock: Clock, past: PastCalls | None = None, rules: CallerRules | None = None) -> None:
        self._clock = clock
        self._past = past
        self.rules = rules or CallerRules()

    def arrives(self, number: str, call_id: str) -> "Caller":
        """He may be on his way to a queue: begin to read his past, where that matters."""
        return Caller(number, self._clock, self.rules, self._reading(number, call_id))

    def _reading(self, number: str, call_id: str) -> asyncio.Task[CallerPast] | None:
        rules, now = self.rules, self._clock.now()
        longest_s = max(rules.sticky_s.values(), default=0.0)
        if self._past is None or not number or not (longest_s or rules.came_back_s or rules.owners):
            return None
        read = self._past.of(
            number,
            call_id,
            talks_since=now - longest_s,
            calls_since=now - rules.came_back_s,
            owners=bool(rules.owners),
        )
        reading = asyncio.get_running_loop().create_task(read, name=f"past of the caller of {call_id}")
        reading.add_done_callback(lambda done: done.cancelled() or done.exception())  # told where it is asked for
        return reading


class Caller:
    """One caller on his way through the house."""

    def __init__(self, number: str, clock: Clock, rules: CallerRules, reading: asyncio.Task[CallerPast] | None) -> None:
        self._number = number
        self._clock = clock
        self._rules = rules
        self._reading = reading

    async def terms(self, queue: str, priority: str = "", skills: tuple[tuple[str, int], ...] = ()) -> CallerTerms:
        """On which terms he enters ``queue``, with what the menu said of him."""
        past, now, rules = await self._known(), self._clock.now(), self._rules
        names = {priority} | ({VIP} if self._is_vip() else set())
        if past.ended_at is not None and rules.came_back_s:
            names.add(CAME_BACK)
        agent, talked_at = past.agents.get(queue, ("", 0.0))
        last = agent if now - talked_at <= rules.sticky_s.get(queue, 0.0) else ""
        owner = next((name for name in past.owners if name in rules.owners.get(queue, ())), "")
        return CallerTerms(
            ahead_s=sum(rules.ahead_s.get(name, 0.0) for name in names),
            waited_s=max(0.0, now - past.given_up[queue]) if queue in past.given_up and rules.came_back_s else 0.0,
            skills=tuple(SkillNeed(name, level) for name, level in skills),
            agent=owner or last,
            then=last if owner and last != owner else "",
        )

    def over(self) -> None:
        """His call is over."""
        if self._reading is not None:
            self._reading.cancel()

    async def _known(self) -> CallerPast:
        if self._reading is None:
            return CallerPast()
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await asyncio.shield(self._reading)
        except (TimeoutError, Unavailable) as error:
            _log.warning("a caller's past is not known in time: %s", error or "too slow")
            return CallerPast()

    def _is_vip(self) -> bool:
        try:
            return bool(self._rules.vips) and normalise(self._number) in self._rules.vips
        except ParseError:
            return False
