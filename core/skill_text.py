"""A skill and its level as the configuration and flows write them: ``tyres:7``, or ``tyres`` for level 1."""

import re
from typing import Final

TOP: Final = 10
"""The highest level of a skill; the lowest is 1."""

_SKILL: Final = re.compile(r"(?P<name>\w[\w.-]{0,31})(:(?P<level>[0-9]{1,2}))?")


def parse_skill(text: str) -> tuple[str, int]:
    """Name and level; ``ValueError`` says what is wrong and how to mend it."""
    match = _SKILL.fullmatch(text)
    level = int(match["level"] or 1) if match else 0
    if match is None or not 1 <= level <= TOP:
        raise ValueError(f"{text!r} is no skill; write a name and a level from 1 to {TOP}, such as english:3")
    return match["name"], level
