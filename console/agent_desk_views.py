"""What the API tells an agent of his own work: the wrap-up that he is in, and what comes after it."""

from dataclasses import dataclass

from console.live_views import AgentLive


@dataclass(frozen=True, slots=True)
class WrapUpView:
    """A wrap-up under way after the talk in ``call_id`` out of ``queue``. It ends at ``until``; he may lengthen it by
    ``extend_s`` so many times more, but not beyond ``latest``; while the call's disposition is ``owed`` it does not end
    before. Epoch seconds.
    """

    call_id: str
    queue: str
    began_at: float
    until: float
    latest: float
    extend_s: float
    extends_left: int
    owed: bool = False


@dataclass(frozen=True, slots=True)
class DeskNow:
    """What call distribution knows of an agent: ``call_id`` is what he is rung for, talks in or wraps up ("": nothing),
    out of ``queue``; ``then`` is the state that follows his work (of ``acd.facts.AgentStatus``).
    """

    call_id: str
    queue: str
    then: str
    wrap_up: WrapUpView | None = None


@dataclass(frozen=True, slots=True)
class DeskView:
    """An agent's own page: his state as everybody sees it, and his work in hand."""

    agent: AgentLive
    work: DeskNow
