"""What the configuration says of call distribution, as texts and as values: priorities, skills, steps of relaxation."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from acd.agents import Profile
from acd.queues import Extension, QueueRules, Strategy, There
from acd.skills import Relaxation, SkillNeed, fits, lowered_by
from acd.urgency import MOST_AHEAD_S, Order
from core.channels import ALL, Channel, parse_capacity
from core.errors import ParseError
from core.numbers import normalise
from core.skill_text import TOP, parse_skill
from service.config_desk import REQUIRED
from service.config_model import Config, QueueConfig
from service.ways import parse_key

_PRIORITY: Final = re.compile(r"(?P<name>\w[\w.-]{0,31}):(?P<ahead_s>[0-9]{1,4})")
_STEP: Final = re.compile(r"(?P<after_s>[0-9]{1,5}):(?P<lower>any|[0-9]{1,2})")
_EVER: Final = 1e9
"""After that many seconds every step of relaxation has been taken."""
VIP: Final = "vip"
"""The priority of callers whose numbers are listed."""
CAME_BACK: Final = "came_back"
TRANSFERRED: Final = "transferred"
"""The priority of callers who call again soon."""


def parse_priority(text: str) -> tuple[str, float]:
    """Name and seconds; ``ValueError`` says how to write it."""
    match = _PRIORITY.fullmatch(text)
    if match is None or float(match["ahead_s"]) > MOST_AHEAD_S:
        raise ValueError(
            f"{text!r} is no priority; write a name and the seconds that it puts a caller ahead, such as vip:120, "
            f"at most {MOST_AHEAD_S:g}"
        )
    return match["name"], float(match["ahead_s"])


def parse_step(text: str) -> Relaxation:
    """A step such as ``30:3`` or ``60:any``; ``ValueError`` says how to write it."""
    match = _STEP.fullmatch(text)
    lower_by = 0 if match is None else TOP if match["lower"] == "any" else int(match["lower"])
    if match is None or not 1 <= lower_by <= TOP or not 1 <= int(match["after_s"]) <= 86400:
        raise ValueError(
            f"{text!r} is no step; write the seconds of waiting and by how many levels less is wanted then, "
            "such as 30:3, or 60:any"
        )
    return Relaxation(float(match["after_s"]), lower_by)


def parse_vip(text: str) -> str:
    """A caller's number as the house keeps it; ``ValueError`` where it is none."""
    try:
        return normalise(text)
    except ParseError as error:
        raise ValueError(str(error)) from None


def needs_of(texts: Iterable[str]) -> tuple[SkillNeed, ...]:
    """Wanted skills; the texts have been checked."""
    return tuple(SkillNeed(*parse_skill(text)) for text in texts)


def priorities_of(config: Config) -> dict[str, float]:
    """Seconds ahead by name."""
    return dict(parse_priority(text) for text in config.distribution.priorities)


def vips_of(config: Config) -> frozenset[str]:
    """The numbers of VIPs."""
    return frozenset(parse_vip(text) for text in config.distribution.vips)


def profiles_of(config: Config) -> dict[str, Profile]:
    """What each agent can."""
    return {
        agent.id: Profile(
            dict(map(parse_skill, agent.skills)),
            agent.weight,
            agent.wrap_up_s if agent.wrap_up_s >= 0 else None,
            ALL - {channel for channel, most in map(parse_capacity, agent.capacity) if not most},
        )
        for agent in config.agents
    }


def rules_of(queue: QueueConfig, config: Config) -> QueueRules:
    """The rules of a queue."""
    return QueueRules(
        name=queue.name,
        agents=members_of(queue, config),
        title=queue.title,
        ring_timeout_s=queue.ring_timeout_s,
        wrap_up_s=queue.wrap_up_s,
        needs_disposition=queue.disposition == REQUIRED,
        extension=Extension(queue.wrap_up_more_s, queue.wrap_up_extends, queue.wrap_up_most_s),
        max_wait_s=queue.max_wait_s or None,
        max_length=queue.max_length or None,
        overflow_to=tuple(step for step in queue.overflow if step),
        enter_while=There(queue.enter_while),
        stay_while=There(queue.stay_while),
        exit_keys=frozenset(parse_key(text)[0] for text in queue.keys),
        announce_place=queue.announce_place,
        announce_wait=queue.announce_wait,
        announce_interval_s=queue.announce_every_s,
        misses_until_pause=queue.misses_before_pause,
        strategy=Strategy(queue.strategy),
        order=Order(config.distribution.order),
        ahead_s=queue.ahead_s,
        target_s=queue.service_level_s,
        skills=needs_of(queue.skills),
        relax=tuple(parse_step(text) for text in queue.relax),
        sticky_wait_s=queue.sticky_wait_s,
        ring_at_once=queue.ring_at_once,
        ring_first=queue.ring_first,
        ring_more=queue.ring_more,
        ring_step_s=queue.ring_step_s,
        callback_key=queue.callback_key,
        callback_lead_s=config.callback.lead_s,
    )


def members_of(queue: QueueConfig, config: Config) -> tuple[str, ...]:
    """The queue's agents, those that it names itself first."""
    members = [*queue.agents, *(agent.id for agent in config.agents if queue.name in agent.queues)]
    return tuple(dict.fromkeys(members))


def takers_of(queue: QueueConfig, config: Config) -> frozenset[str]:
    """The queue's agents to whom its callers are given."""
    profiles = profiles_of(config)
    return frozenset(
        name for name in members_of(queue, config) if name in profiles and Channel.CALLS in profiles[name].channels
    )


def distribution_warnings(config: Config) -> list[str]:
    """Skills that nobody of a queue has, though less of them is wanted in the end; keys that do nothing as they are."""
    profiles: Mapping[str, Profile] = profiles_of(config)
    warnings = []
    for queue in config.queues:
        members, needs = members_of(queue, config), needs_of(queue.skills)
        lowered = lowered_by([parse_step(text) for text in queue.relax], _EVER)
        if members and not any(fits(profiles[name].skills, needs, lowered) for name in members if name in profiles):
            wanted = ", ".join(queue.skills)
            warnings.append(
                f"queue {queue.name}: none of its agents ever fits skills = {wanted}; its callers wait until "
                'max_wait_s. Give an agent these skills, or end relax with a step such as "60:any"'
            )
        if members and not any(Channel.CALLS in profiles[name].channels for name in members if name in profiles):
            warnings.append(f"queue {queue.name}: capacity of all its agents is calls:0; nobody takes its callers")
        if queue.relax and not queue.skills:
            warnings.append(f"queue {queue.name}: relax lowers only what callers bring from a flow; it has no skills")
        if queue.sticky_wait_s and not queue.sticky_days and not queue.sticky_owner:
            warnings.append(f"queue {queue.name}: sticky_wait_s does nothing without sticky_days or sticky_owner")
    if config.distribution.vips and VIP not in priorities_of(config):
        warnings.append('distribution.vips: there is no priority "vip", so their calls go ahead of nobody')
    return warnings
