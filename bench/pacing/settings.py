"""The teams and lists that policies are compared on."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Setting:
    """``agents`` for ``hours``, calling a list of which ``answer`` (a share) are answered by a person at first.

    The share drifts by about ``drift`` (standard deviation of its logarithm) over an hour or two; a shock comes
    ``shocks`` times an hour, lasts 10 to 40 minutes and multiplies it by 1.8 or by a half. Talks, wrap-ups and rings
    are log-normal (mean, standard deviation, seconds). Of the calls that no person answers ``machines`` reach a
    machine or a fax, ``dead`` end within seconds (busy, empty number), the rest ring for ``ring_limit_s``. Each agent
    takes a break every ``work_s`` on average, for ``break_s``.
    """

    name: str
    agents: int
    hours: float
    answer: float = 0.3
    drift: float = 0.25
    shocks: float = 0.5
    talk_s: tuple[float, float] = (150.0, 120.0)
    wrap_up_s: tuple[float, float] = (20.0, 12.0)
    ring_s: tuple[float, float] = (11.0, 6.0)
    greeting_s: tuple[float, float] = (1.5, 0.5)
    machines: float = 0.1
    dead: float = 0.2
    ring_limit_s: float = 35.0
    work_s: float = 5400.0
    break_s: float = 600.0


SETTINGS: Final = (
    Setting("3 agents", 3, 12.0),
    Setting("6 agents", 6, 8.0),
    Setting("12 agents", 12, 6.0),
    Setting("12 agents, few answer", 12, 6.0, answer=0.12),
    Setting("25 agents", 25, 4.0),
    Setting("60 agents", 60, 2.5),
)
"""From a dealer's own team to a centre's."""
