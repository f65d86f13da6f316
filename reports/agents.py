"""What agents did: calls, talk, hold, wrap-up, occupancy, and how many of the offers they took."""

from collections.abc import Sequence
from typing import Final

from reports.model import AgentLine, AgentReport
from reports.queues import share
from reports.rows import Ringing, StateSpan, TalkTime

TALKING: Final = "talking"
WRAP_UP: Final = "wrap_up"
AVAILABLE: Final = "available"
PAUSED: Final = "paused"


def agent_report(
    since: float,
    until: float,
    zone: str,
    made_at: float,
    talks: Sequence[TalkTime],
    ringings: Sequence[Ringing],
    spans: Sequence[StateSpan],
) -> AgentReport:
    """One line for each agent who was there. A transferred call counts once for each agent, each with his own talk
    time.

    An offer that is still ringing is not yet counted; ``spans`` are cut to the period already.
    """
    agents = sorted({item.agent for group in (talks, ringings, spans) for item in group})
    lines = tuple(
        _line(
            agent,
            [talk for talk in talks if talk.agent == agent],
            [ringing for ringing in ringings if ringing.agent == agent and ringing.over],
            [span for span in spans if span.agent == agent],
        )
        for agent in agents
    )
    return AgentReport(since, until, zone, made_at, lines)


def _line(agent: str, talks: Sequence[TalkTime], ringings: Sequence[Ringing], spans: Sequence[StateSpan]) -> AgentLine:
    in_state: dict[str, float] = {}
    for span in spans:
        in_state[span.state] = in_state.get(span.state, 0.0) + span.until - span.since
    talking_s, wrap_up_s = in_state.get(TALKING, 0.0), in_state.get(WRAP_UP, 0.0)
    available_s = in_state.get(AVAILABLE, 0.0)
    talk_s = sum(talk.talk_s for talk in talks)
    hold_s = sum(talk.hold_s for talk in talks)
    answered = sum(ringing.accepted for ringing in ringings)
    busy_s = talking_s + wrap_up_s
    return AgentLine(
        agent=agent,
        calls=len(talks),
        talk_s=talk_s,
        hold_s=hold_s,
        wrap_up_s=wrap_up_s,
        talking_s=talking_s,
        available_s=available_s,
        paused_s=in_state.get(PAUSED, 0.0),
        rung=len(ringings),
        answered=answered,
        answer_rate=share(answered, len(ringings)),
        aht_s=share(talk_s + hold_s + wrap_up_s, len(talks)),
        occupancy=share(busy_s, busy_s + available_s),
        call_ids=tuple(talk.call_id for talk in talks),
    )
