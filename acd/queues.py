"""What a queue promises its callers and asks of its agents."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from core.errors import ConfigError


@dataclass(frozen=True, slots=True)
class QueueRules:
    """The rules of one queue; times in seconds.

    ``overflow_to`` is not read here but handed to the journey: by custom ``queue:<name>``, ``voicemail:<box>``,
    ``agent:<id>``, ``number:<outside number>`` or ``hangup``. ``expected_handle_s`` is what a call is thought to take
    (ring, talk and wrap-up) before enough of them were seen. ``misses_until_pause`` unanswered offers in a row pause an
    agent with the reason ``rona`` (0: never). ``retry_s`` after a miss the same agent may be rung for the same caller
    again, where nobody else is free. A phone that rings when ``max_wait_s`` is over may ring to its end.
    Announcements come ``announce_interval_s`` apart, or ``announce_gap_s`` where the place in line has changed.
    """

    name: str
    agents: tuple[str, ...]
    title: str = ""
    ring_timeout_s: float = 20.0
    wrap_up_s: float = 10.0
    max_wait_s: float | None = 600.0
    max_length: int | None = 50
    overflow_to: str = "hangup"
    exit_keys: frozenset[str] = field(default_factory=frozenset)
    announce_place: bool = True
    announce_wait: bool = True
    announce_interval_s: float = 30.0
    announce_gap_s: float = 10.0
    misses_until_pause: int = 3
    retry_s: float = 5.0
    expected_handle_s: float = 180.0


def check_rules(queues: Iterable[QueueRules]) -> None:
    """Raise ``ConfigError`` that lists every rule that cannot be kept."""
    problems: list[str] = []
    seen: set[str] = set()
    for rules in queues:
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
        if rules.max_wait_s is not None and rules.max_wait_s < 0:
            problems.append(f"{where}: max_wait_s: must be 0 or more, or left out for no limit")
        if rules.max_length is not None and rules.max_length < 0:
            problems.append(f"{where}: max_length: must be 0 or more, or left out for no limit")
        if rules.announce_gap_s <= 0 or rules.announce_interval_s < rules.announce_gap_s:
            problems.append(f"{where}: announce_interval_s: must be at least announce_gap_s, which must be more than 0")
        if rules.retry_s <= 0:
            problems.append(f"{where}: retry_s: must be more than 0")
        if rules.expected_handle_s <= 0:
            problems.append(f"{where}: expected_handle_s: must be more than 0")
        bad_keys = sorted(key for key in rules.exit_keys if len(key) != 1 or key not in "0123456789*#ABCD")
        if bad_keys:
            problems.append(f"{where}: exit_keys: {', '.join(bad_keys)}: not a key of a phone (0-9 * # A-D)")
    if problems:
        raise ConfigError(problems)
