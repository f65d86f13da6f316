"""Where a campaign stands at this moment: how far its list is, who is on the line, how fast it goes, when it ends."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from reports.shares import Share, share_of

HOUR_S: Final = 3600.0
LONGEST_S: Final = 86_400.0
"""What was begun earlier and has no end on record does not go on any more."""
_LEAST_S: Final = 60.0
"""From less than a minute no speed is told."""


@dataclass(frozen=True, slots=True)
class Stand:
    """What is on record ``at`` a moment (epoch seconds). ``results`` counts contacts that are done; ``ended`` attempts
    that are over, by result, with those whose call was ``answered``, and those in which an agent ``talked``;
    ``ringing`` and ``talking`` are going on now; ``lately`` attempts were begun in the last hour, the first of them at
    ``first_at``. Nobody of those pending has to wait past ``last_due_at`` (None: nobody waits for a moment). ``why`` it
    paused by itself.
    """

    at: float
    state: str
    pending: int = 0
    dialling: int = 0
    done: int = 0
    tried: int = 0
    ringing: int = 0
    talking: int = 0
    answered: int = 0
    talked: int = 0
    ended: Mapping[str, int] = field(default_factory=dict)
    results: Mapping[str, int] = field(default_factory=dict)
    lately: int = 0
    first_at: float | None = None
    last_due_at: float | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class CampaignLive:
    """The live picture of a campaign. ``speed`` is attempts in an hour (None: not known yet); ``ends_at`` is when the
    list would be gone through at that speed, without breaks, and not before the last of those who wait for a moment
    may be called (None: it does not run, or nobody knows). ``abandoned``: of whom an agent was to talk with, how many
    got none in time. ``why`` it paused by itself, or dials nobody though it runs.
    """

    campaign: str
    at: float
    state: str
    contacts: int
    pending: int
    dialling: int
    done: int
    tried: int
    penetration: float | None
    ringing: int
    talking: int
    attempts: int
    answered: int
    abandoned: Share
    results: dict[str, int]
    speed: float | None
    ends_at: float | None
    why: str = ""


def campaign_live(campaign: str, it: Stand) -> CampaignLive:
    """What ``it`` comes to."""
    contacts = it.pending + it.dialling + it.done
    span_s = it.at - it.first_at if it.first_at is not None else 0.0
    speed = it.lately * HOUR_S / span_s if it.lately and span_s >= _LEAST_S else None
    runs = it.state == "running"
    lost = it.ended.get("abandoned", 0)
    return CampaignLive(
        campaign=campaign,
        at=it.at,
        state=it.state,
        contacts=contacts,
        pending=it.pending,
        dialling=it.dialling,
        done=it.done,
        tried=it.tried,
        penetration=it.tried / contacts if contacts else None,
        ringing=it.ringing,
        talking=it.talking,
        attempts=sum(it.ended.values()) + it.ringing + it.talking,
        answered=it.answered + it.talking,
        abandoned=share_of(lost, lost + it.talked),
        results=dict(sorted(it.results.items(), key=lambda pair: (-pair[1], pair[0]))),
        speed=speed,
        ends_at=max(it.at + it.pending * HOUR_S / speed, it.last_due_at or 0.0) if runs and speed else None,
        why=it.why,
    )
