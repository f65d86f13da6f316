"""The agents of a campaign's queue, as the live board has them: who is free for it, and how many wait for them."""

from acd.board import AgentView, Board, QueueView, Tally, WaitingView
from acd.facts import AgentStateChanged, AgentStatus, QueueEntered
from campaigns.floor import Crew
from campaigns.pacing.state import TalkOver, WrapUpOver
from core.bus import MemoryLog
from core.clock import VirtualClock
from service.queue_floor import QueueFloor

NOBODY = Tally(0, 0, 0, 0, 0, 0, 0)


def agent(
    name: str,
    status: AgentStatus,
    *queues: str,
    since: float = 5.0,
    phone: bool = True,
    then: AgentStatus = AgentStatus.AVAILABLE,
) -> AgentView:
    return AgentView(name, status, "", since, phone, then, queues or ("out",), "", "", None)


def queue(name: str, *ringing: str, callbacks: int = 0) -> QueueView:
    """``ringing`` are those who are rung for each who waits."""
    waiting = tuple(WaitingView(f"q-{who}{at}", "c", name, 0.0, at, who) for at, who in enumerate(ringing))
    return QueueView(name, name, waiting, 1, 1, 1, NOBODY, callbacks)


class Desks:
    def __init__(self, queues: tuple[QueueView, ...], *agents: AgentView) -> None:
        self.board = Board(10.0, queues, agents)

    def snapshot(self) -> Board:
        return self.board


def crew(queues: tuple[QueueView, ...], *agents: AgentView, suited: str = "abcdef") -> Crew:
    floor = QueueFloor("out", Desks(queues, *agents), MemoryLog(VirtualClock()).bus, lambda _: frozenset(suited))
    return floor.crew()


def test_who_is_on_duty_counts_by_what_he_does() -> None:
    found = crew(
        (queue("out"),),
        agent("a", AgentStatus.AVAILABLE),
        agent("b", AgentStatus.TALKING, since=1.0),
        agent("c", AgentStatus.RINGING, since=9.0),
        agent("d", AgentStatus.WRAP_UP, since=2.0),
        agent("e", AgentStatus.TALKING, then=AgentStatus.PAUSED),
        agent("f", AgentStatus.AVAILABLE, phone=False),
        agent("g", AgentStatus.AVAILABLE),  # has not the skills
        agent("a", AgentStatus.AVAILABLE, "sales"),
    )
    assert found == Crew(1, (1.0, 9.0), (2.0,), 0, frozenset({"out"}))
    assert found.agents == 4


def test_callers_who_wait_take_agents_away() -> None:
    both = agent("a", AgentStatus.AVAILABLE, "out", "sales")
    only = agent("b", AgentStatus.AVAILABLE)
    assert crew((queue("out"), queue("sales", "")), both, only) == Crew(1, queues=frozenset({"out", "sales"}))
    busy = agent("c", AgentStatus.TALKING, "out", "sales")
    found = crew((queue("out"), queue("sales", "", "", "")), both, only, busy)
    assert (found.free, found.waiting) == (1, 2), "one of three has the agent who is free for him; two wait on"
    found = crew((queue("out"), queue("sales", "a", "b")), both, only, busy)
    assert (found.free, found.waiting) == (2, 0), "for them a phone rings"
    found = crew((queue("out"), queue("sales", callbacks=2)), busy, only)
    assert (found.free, found.waiting) == (1, 2), "who is to be called back waits too"
    assert crew((queue("out"), queue("strangers", "", "")), only).waiting == 0


def test_talks_and_wrap_ups_are_learnt_from_facts() -> None:
    clock = VirtualClock(100.0)
    log, woken = MemoryLog(clock), []
    floor = QueueFloor("out", Desks(()), log.bus, lambda _: frozenset("a"))
    forget = floor.watch(lambda: woken.append(clock.now()))
    for name, state, lasts_s in (
        ("a", "talking", 60.0), ("a", "wrap_up", 15.0), ("z", "talking", 5.0), ("z", "available", 0.0),
        ("a", "available", 30.0), ("a", "paused", 1.0),
    ):  # fmt: skip
        log.post("", AgentStateChanged(name, state))
        clock.advance(lasts_s)
    assert floor.happened() == (TalkOver(60.0), WrapUpOver(20.0))
    assert floor.happened() == ()
    log.post("c", QueueEntered("q-1", "sales"))
    assert len(woken) == 7
    forget()
    log.post("", AgentStateChanged("a", "talking"))
    assert len(woken) == 7
