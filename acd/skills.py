"""What a caller wants his agent to know, and how much less is wanted the longer he waits.

Levels are whole numbers from 1 (a little) to ``core.skill_text.TOP`` (best); who lacks a skill has level 0 in it. Steps
of relaxation lower every wanted level; one that is lowered to 0 is wanted no more, so lowering by ``TOP`` means
"anybody".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SkillNeed:
    """At least ``level`` in ``skill``."""

    skill: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Relaxation:
    """``after_s`` of waiting all wanted levels are lower by ``lower_by`` (in all, not on top of the step before)."""

    after_s: float
    lower_by: int


def together(*needs: Sequence[SkillNeed]) -> tuple[SkillNeed, ...]:
    """All of ``needs``; of those for the same skill the highest."""
    if not any(needs):
        return ()
    levels: dict[str, int] = {}
    for group in needs:
        for need in group:
            levels[need.skill] = max(need.level, levels.get(need.skill, 0))
    return tuple(SkillNeed(skill, level) for skill, level in levels.items())


def lowered_by(steps: Sequence[Relaxation], waited_s: float) -> int:
    """By how much the wanted levels are lower after ``waited_s``."""
    return max((step.lower_by for step in steps if step.after_s <= waited_s), default=0)


def next_step_s(steps: Sequence[Relaxation], waited_s: float) -> float | None:
    """After how long a wait the next step is due; None where there is none left."""
    return min((step.after_s for step in steps if step.after_s > waited_s), default=None)


def fits(has: Mapping[str, int], needs: Iterable[SkillNeed], lowered: int) -> bool:
    """Whether somebody with the levels ``has`` may serve a caller with ``needs`` that are ``lowered``."""
    return all(has.get(need.skill, 0) >= need.level - lowered for need in needs)
