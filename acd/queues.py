"""What a queue promises its callers and asks of its agents."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from acd.skills import Relaxation, SkillNeed
from acd.urgency import MOST_AHEAD_S, Order
from core.errors import ConfigError
from core.skill_text import TOP

GRAIN_S: Final = 1e-6
"""Sums of epoch seconds are that exact: a step due at a moment is not missed for the last bit of it."""


class Strategy(StrEnum):
    """How a queue chooses among its free agents (the orders themselves are in ``acd.strategies``)."""

    RING_ALL = "ring-all"
    LONGEST_IDLE = "longest-idle"
    FEWEST_CALLS = "fewest-calls"
    LEAST_TALK = "least-talk"
    RANDOM = "random"
    WEIGHTED_RANDOM = "weighted-random"
    ROUND_ROBIN = "round-robin"
    LINEAR = "linear"
    PROGRESSIVE = "progressive"


class There(StrEnum):
    """Which agents must be there that callers may wait: nobody, or one at least who is so."""

    ALWAYS = "always"
    SIGNED_IN = "signed-in"  # with a phone; he may pause
    ON_DUTY = "on-duty"  # and does not pause
    FREE = "free"


@dataclass(frozen=True, slots=True)
class Extension:
    """How an agent may lengthen his wrap-up: ``times`` times at most, by ``by_s`` each, to ``most_s`` in all."""

    by_s: float = 60.0
    times: int = 3
    most_s: float = 600.0


@dataclass(frozen=True, slots=True)
class QueueRules:
    """The rules of one queue; times in seconds.

    ``overflow_to`` is not read here but handed to the journey: steps such as ``queue:<name>`` and ``voicemail:<box>``,
    the first first. Callers may come while the agents are as ``enter_while`` asks, and stay while they are as
    ``stay_while`` asks (see ``acd.attendance``). ``expected_handle_s`` is what a call is thought to take
    (ring, talk and wrap-up) before enough of them were seen. ``misses_until_pause`` unanswered offers in a row pause an
    agent with the reason ``rona`` (0: never). An agent may have a ``wrap_up_s`` of his own. Where a queue
    ``needs_disposition`` it lasts until one is given, but no longer than its ``extension`` allows. ``retry_s`` after a
    miss the same agent may be rung for the same caller again, where nobody else is free. A phone that rings when
    ``max_wait_s`` is over may ring to its end.
    Announcements come ``announce_interval_s`` apart, or ``announce_gap_s`` where the place in line has changed.

    ``ahead_s`` is the weight of the queue: its callers are served as if they had come so many seconds sooner. By
    ``order`` (the same for all queues of a house) callers are served by their wait or by the deadline of ``target_s``.
    Agents need ``skills``, less of them after the steps of ``relax``. A caller whose agent of last time is on duty but
    busy is kept for him for ``sticky_wait_s``. ``ring_at_once`` phones at most ring for one caller (ring-all,
    progressive); of the progressive ones ``ring_first`` at first and ``ring_more`` every ``ring_step_s``. By
    ``callback_key`` ("": none) a waiting caller asks to be called back. Where customers are called before their agents,
    that is ``callback_lead_s`` before their turn.
    """

    name: str
    agents: tuple[str, ...]
    title: str = ""
    ring_timeout_s: float = 20.0
    wrap_up_s: float = 10.0
    extension: Extension = field(default_factory=Extension)
    needs_disposition: bool = False
    max_wait_s: float | None = 600.0
    max_length: int | None = 50
    overflow_to: tuple[str, ...] = ()
    enter_while: There = There.ALWAYS
    stay_while: There = There.ALWAYS
    exit_keys: frozenset[str] = field(default_factory=frozenset)
    announce_place: bool = True
    announce_wait: bool = True
    announce_interval_s: float = 30.0
    announce_gap_s: float = 10.0
    misses_until_pause: int = 3
    retry_s: float = 5.0
    expected_handle_s: float = 180.0
    strategy: Strategy = Strategy.LONGEST_IDLE
    order: Order = Order.WAIT
    ahead_s: float = 0.0
    target_s: float = 20.0
    skills: tuple[SkillNeed, ...] = ()
    relax: tuple[Relaxation, ...] = ()
    sticky_wait_s: float = 0.0
    ring_at_once: int = 20
    ring_first: int = 1
    ring_more: int = 1
    ring_step_s: float = 5.0
    callback_key: str = ""
    callback_lead_s: float = 10.0

    def ring_now(self, rung_s: float) -> int:
        """How many phones may ring for one caller ``rung_s`` after the first of them began to."""
        match self.strategy:
            case Strategy.RING_ALL:
                return self.ring_at_once
            case Strategy.PROGRESSIVE:
                steps = int((rung_s + GRAIN_S) / self.ring_step_s)
                return min(self.ring_at_once, self.ring_first + self.ring_more * steps)
            case _:
                return 1


def check_rules(queues: Iterable[QueueRules]) -> None:
    """Raise ``ConfigError`` that lists every rule that cannot be kept."""
    problems: list[str] = []
    seen: set[str] = set()
    listed = tuple(queues)
    if len({rules.order for rules in listed}) > 1:
        problems.append("order: must be the same for all queues")
    for rules in listed:
        where = f"queue {rules.name!r}"
        if rules.name in seen:
            problems.append(f"{where}: there are two of that name")
        seen.add(rules.name)
        if len(set(rules.agents)) != len(rules.agents):
            problems.append(f"{where}: agents: an agent is named twice")
        if rules.ring_timeout_s <= 0:
            problems.append(f"{where}: ring_timeout_s: must be more than 0")
        if rules.wrap_up_s < 0:
            problems.append(f"{where}: wrap_up_s: must be 0 or more")
        if min(rules.extension.by_s, rules.extension.times, rules.extension.most_s) < 0:
            problems.append(f"{where}: extension: must be 0 or more")
        if rules.max_wait_s is not None and rules.max_wait_s < 0:
            problems.append(f"{where}: max_wait_s: must be 0 or more, or left out for no limit")
        if rules.max_length is not None and rules.max_length < 0:
            problems.append(f"{where}: max_length: must be 0 or more, or left out for no limit")
        if rules.stay_while is There.FREE:
            problems.append(f"{where}: stay_while: nobody would wait while all agents are busy; take on-duty")
        if rules.announce_gap_s <= 0 or rules.announce_interval_s < rules.announce_gap_s:
            problems.append(f"{where}: announce_interval_s: must be at least announce_gap_s, which must be more than 0")
        if rules.retry_s <= 0:
            problems.append(f"{where}: retry_s: must be more than 0")
        if rules.expected_handle_s <= 0:
            problems.append(f"{where}: expected_handle_s: must be more than 0")
        if not 0 <= rules.ahead_s <= MOST_AHEAD_S:
            problems.append(f"{where}: ahead_s: must be from 0 to {MOST_AHEAD_S:g}")
        if rules.sticky_wait_s < 0 or rules.target_s < 0:
            problems.append(f"{where}: sticky_wait_s, target_s: must be 0 or more")
        if min(rules.ring_at_once, rules.ring_first, rules.ring_more) < 1 or rules.ring_step_s <= 0:
            problems.append(f"{where}: ring_at_once, ring_first, ring_more, ring_step_s: must be more than 0")
        if any(not 1 <= need.level <= TOP for need in rules.skills):
            problems.append(f"{where}: skills: a level must be from 1 to {TOP}")
        if any(step.after_s <= 0 or not 1 <= step.lower_by <= TOP for step in rules.relax):
            problems.append(f"{where}: relax: after more than 0 seconds, lower by 1 to {TOP}")
        if rules.callback_key in rules.exit_keys or rules.callback_key not in ("", *"0123456789*#ABCD"):
            problems.append(f"{where}: callback_key: must be a key of a phone that is no exit key")
        bad_keys = sorted(key for key in rules.exit_keys if len(key) != 1 or key not in "0123456789*#ABCD")
        if bad_keys:
            problems.append(f"{where}: exit_keys: {', '.join(bad_keys)}: not a key of a phone (0-9 * # A-D)")
    if problems:
        raise ConfigError(problems)
