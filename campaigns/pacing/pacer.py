"""The pacer: how many calls to dial now.

Two questions are asked of each further call, in this order:

1. **Is it worth it?** The chance that whoever answers it finds no agent must not exceed the *price*. The price rises
   with each person who was given an agent and falls with each who was abandoned, so that in the long run the share
   abandoned is ``Rules.aim`` of the cap, whatever is wrong with the forecast (dual ascent; what adaptive conformal
   inference does with coverage: Gibbs and Candès, 2021).
2. **Does it fit the budget?** With the answer probability at its upper confidence limit, the chance that more people
   are abandoned than the budget has room for must stay below ``Rules.risk``; with the odds of that doubled, as by a
   jump that nothing has shown yet, below ``Rules.jump_risk``. Where there is no room, nobody may be.

One call for each free agent is always allowed, and without agents none.
"""

from dataclasses import dataclass
from math import exp
from typing import Final

from campaigns.pacing.answering import JUMP, AnswerChance
from campaigns.pacing.budget import Budget
from campaigns.pacing.forecast import HORIZONS_S, Forecast, agents_counted_s
from campaigns.pacing.lives import Freeing, Row
from campaigns.pacing.rings import SECONDS, RingTimes
from campaigns.pacing.state import Reached, RingOver, State, TalkOver, WrapUpOver

FIRST_PRICE: Final = 0.05
LEAST_PRICE: Final = 0.003
MOST_PRICE: Final = 0.6
_LAID_OUT_AFTER: Final = 8


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for a campaign.

    ``cap``: the most of those who answer that may be abandoned, in every stretch of at least ``enough`` people and
    ``enough_per_agent`` for each agent on duty; ``aim``: the share of the cap that is used in the long run; ``risk``:
    the chance, each time calls are dialled, that those in flight break the cap; ``deviations``: how far above its mean
    the answer probability is taken for that; ``jump_risk``: the same chance if the odds of an answer have just doubled,
    which nothing has shown yet; ``grace_s``: how long a person who answered may wait; ``step``: how fast the price
    follows; ``lines``: most calls that may ring at once, and ``per_agent`` of them for each agent on duty;
    ``ring_limit_s``: after which a call that nobody answers is ended.
    """

    cap: float = 0.03
    enough: int = 100
    enough_per_agent: int = 6
    aim: float = 0.55
    risk: float = 0.001
    jump_risk: float = 0.02
    deviations: float = 2.0
    grace_s: float = 3.0
    step: float = 0.15
    lines: int = 400
    per_agent: float = 4.0
    ring_limit_s: float = 40.0


class Pacer:
    """One campaign's. Told everything in order by ``State.happened``; keeps bounded memory."""

    def __init__(self, rules: Rules | None = None) -> None:
        self.rules = rules or Rules()
        self.budget = Budget(self.rules.cap)
        self.chance = AnswerChance(self.rules.ring_limit_s)
        self.price = FIRST_PRICE
        self._rings = RingTimes()
        self._freeing = Freeing(agents_counted_s(self.rules.grace_s))
        self._ring_rows: list[Row] = []
        self._new_rings = _LAID_OUT_AFTER

    def decide(self, now: float, state: State) -> int:
        """How many calls to dial at ``now`` (epoch seconds, or any clock that only goes on)."""
        self._learn(now, state)
        if state.agents == 0:
            return 0
        ringing, room = len(state.ringing_since), self.budget.room(self.enough(state))
        lines = max(min(self.rules.lines, int(self.rules.per_agent * state.agents)) - ringing, 0)
        more = min(max(state.free - state.waiting - ringing, 0), lines)
        if room < 0 or self.rules.cap <= 0.0:
            return more
        ahead, times = self.forecast(now, state), self.odds_ratio
        price, rules = self.price, self.rules
        while (
            more < lines
            and ahead.loss(more, price) <= price
            and ahead.risk(more + 1, room, times, rules.risk) <= rules.risk
            and ahead.risk(more + 1, room, times * JUMP, rules.jump_risk) <= rules.jump_risk
        ):
            more += 1
        return more

    def enough(self, state: State) -> int:
        """How many people make a stretch that the cap is for: an hour in which fewer answer is none of work."""
        return max(self.rules.enough, self.rules.enough_per_agent * state.agents)

    def forecast(self, now: float, state: State) -> Forecast:
        """What is to be expected of the calls in flight."""
        rows = self._ring_rows
        calls = [rows[min(int(max(now - since, 0.0)), SECONDS)] for since in state.ringing_since]
        agents = self._freeing.rows(now, state.talks_since, state.wrap_ups_since)
        return Forecast(rows[0], calls, agents, state.free - state.waiting)

    @property
    def odds_ratio(self) -> float:
        """The odds of an answer at the upper limit / those at the mean; never less than the ratio of the chances."""
        mean, upper = self.chance.mean, self.chance.upper(self.rules.deviations)
        return upper * (1.0 - mean) / (mean * (1.0 - upper))

    def _learn(self, now: float, state: State) -> None:
        jumped = False
        self.chance.ripen(now)
        for happened in state.happened:
            match happened:
                case RingOver(ring_s, person):
                    self._rings.take(ring_s, person)
                    jumped |= self.chance.take(now, ring_s, person)
                    self._new_rings += 1
                case Reached(abandoned):
                    self.budget.count(abandoned)
                    move = self.rules.aim * self.rules.cap - abandoned
                    self.price = min(max(self.price * exp(self.rules.step * move), LEAST_PRICE), MOST_PRICE)
                case TalkOver(talk_s):
                    self._freeing.talked(talk_s)
                case WrapUpOver(wrap_up_s):
                    self._freeing.wrapped_up(wrap_up_s)
        if jumped or self._new_rings >= _LAID_OUT_AFTER:
            self._new_rings = 0
            self._ring_rows = self._rings.rows(self.chance.mean, HORIZONS_S)
