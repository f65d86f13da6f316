"""What alarms say: raised and cleared, each once."""

from dataclasses import dataclass

from core.events import Fact, fact


@fact("alarm.raised")
@dataclass(frozen=True, slots=True)
class AlarmRaised(Fact):
    """Rule ``alarm`` of ``kind`` (``acd.alarms.AlarmKind``) is broken at ``subject``, a queue or a trunk: ``value`` is
    beyond ``limit`` (seconds, a share of 0 to 1, or a count).
    """

    alarm: str
    kind: str
    subject: str
    value: float
    limit: float


@fact("alarm.cleared")
@dataclass(frozen=True, slots=True)
class AlarmCleared(Fact):
    """It is well again after ``lasted_s``; ``why`` is "" or gone (the rule, queue or trunk is not there any more).
    ``worst`` is the figure that was furthest beyond the limit meanwhile, None where that is not known.
    """

    alarm: str
    kind: str
    subject: str
    value: float
    lasted_s: float
    why: str = ""
    worst: float | None = None
