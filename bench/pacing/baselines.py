"""What others do, written anew from what is published about it.

VICIdial: its document PREDICTIVE.txt and the settings' help say what is measured and when. What the three methods do
once today's share of dropped calls is over the limit they leave open; those numbers (level 1, half, hours left / 10)
are what an early release does. No code of it is here.
"""

from typing import Final

from campaigns.pacing.state import Reached, State

DAY_S: Final = 8 * 3600.0


class Progressive:
    """One call for each free agent."""

    tick_s = 0.0
    on_events = True
    pause_s = 0.0

    def decide(self, now: float, state: State) -> int:
        """As many as agents are free and not yet rung for."""
        return max(0, state.free - state.waiting - len(state.ringing_since))


class RingingRatio:
    """So many calls ring as agents are free, times ``ratio``."""

    tick_s = 0.0
    on_events = True
    pause_s = 0.0

    def __init__(self, ratio: float) -> None:
        self._ratio = ratio

    def decide(self, now: float, state: State) -> int:
        """Up to the ratio."""
        return max(0, int(self._ratio * state.free + 1e-9) - len(state.ringing_since))


def lines_to_add(level: float, state: State) -> int:
    """``level`` lines for each agent who is ready or talks, less those in use."""
    active = state.free + len(state.talks_since)
    in_use = len(state.ringing_since) + len(state.talks_since) + state.waiting
    return max(0, int(level * active + 1e-9) - in_use)


class Adaptive:
    """VICIdial's ADAPT_HARD_LIMIT, ADAPT_TAPERED and ADAPT_AVERAGE.

    Every 15 s level x (1 + (agents waiting - calls waiting + target) / agents), all averaged over those 15 s, kept from
    1 to ``most``. Where more than 50 people answered today and more of them than the cap were dropped: HARD_LIMIT goes
    to 1, AVERAGE halves the level, TAPERED multiplies it by the hours left of the day / 10. More than half dropped of
    more than 20 in the last minute halves it too. Lines are added every 2.5 s.
    """

    tick_s = 2.5
    on_events = False
    pause_s = 0.0

    def __init__(self, method: str, *, cap: float = 0.03, target: float = 0.0, most: float = 3.0) -> None:
        self._method = method
        self._cap, self._target, self._most = cap, target, most
        self._level = 1.0
        self._looks: list[tuple[float, float]] = []
        self._day, self._answered, self._dropped = 0, 0, 0
        self._minute: list[tuple[float, bool]] = []

    def decide(self, now: float, state: State) -> int:
        """One turn of the loop that adds lines; every sixth changes the level first."""
        if int(now / DAY_S) != self._day:
            self._day, self._answered, self._dropped = int(now / DAY_S), 0, 0
        for happened in state.happened:
            if isinstance(happened, Reached):
                self._answered += 1
                self._dropped += happened.abandoned
                self._minute.append((now, happened.abandoned))
        self._looks.append((state.free - state.waiting, state.free + len(state.talks_since)))
        if len(self._looks) == 6:
            self._adapt(now)
            self._looks.clear()
        return lines_to_add(self._level, state)

    def _adapt(self, now: float) -> None:
        spare, agents = (sum(column) / len(self._looks) for column in zip(*self._looks, strict=True))
        if agents > 0:
            self._level *= 1.0 + (spare + self._target) / agents
        self._level = min(max(self._level, 1.0), self._most)
        self._minute = [each for each in self._minute if each[0] > now - 60.0]
        if len(self._minute) > 20 and sum(dropped for _, dropped in self._minute) > len(self._minute) / 2:
            self._level /= 2.0
        if self._answered > 50 and self._dropped > self._cap * self._answered:
            match self._method:
                case "ADAPT_HARD_LIMIT":
                    self._level = 1.0
                case "ADAPT_AVERAGE":
                    self._level /= 2.0
                case _:
                    self._level *= min(1.0, (DAY_S - now % DAY_S) / 36_000.0)
        self._level = max(self._level, 1.0)
