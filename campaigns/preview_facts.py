"""What can become true of contacts that are shown to an agent before they are called."""

from dataclasses import dataclass

from core.events import Fact, fact


@fact("preview.shown")
@dataclass(frozen=True, slots=True)
class PreviewShown(Fact):
    """``contact`` of ``campaign`` is shown to ``agent`` for ``attempt``, until ``until`` (epoch seconds) at most. While
    no ``PreviewDialled`` follows, nobody was called.
    """

    campaign: str
    contact: int
    attempt: str
    agent: str
    until: float


@fact("preview.dialled")
@dataclass(frozen=True, slots=True)
class PreviewDialled(Fact):
    """``agent`` is on the line, and the contact is being called: written before the first packet to him leaves."""

    campaign: str
    contact: int
    attempt: str
    agent: str


@fact("preview.over")
@dataclass(frozen=True, slots=True)
class PreviewOver(Fact):
    """The contact is shown no more; ``how`` of ``campaigns.preview.Decision``, ``reason`` what the agent gave for
    skipping him. He may be shown again from ``again_at`` (epoch seconds; None: at once, or he is being called).
    """

    campaign: str
    contact: int
    attempt: str
    agent: str
    how: str
    reason: str = ""
    again_at: float | None = None
