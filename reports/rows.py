"""The rows that reports are made of: plain values that the store reads from the log's projection."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One wait of one call in one queue; ``line`` is the number that the caller dialled. ``outcome`` is a
    ``QueueOutcome`` value, "" while it still waits (``wait_s`` None).
    """

    id: str
    call_id: str
    queue: str
    entered_at: float
    outcome: str
    wait_s: float | None
    agent: str = ""
    line: str = ""


@dataclass(frozen=True, slots=True)
class TalkTime:
    """One talk of ``agent``: ``talk_s`` without hold, ``hold_s`` on hold; both so far where it still goes on."""

    agent: str
    call_id: str
    started_at: float
    talk_s: float
    hold_s: float


@dataclass(frozen=True, slots=True)
class Ringing:
    """One offer to ``agent``; ``accepted`` where he took the call, ``withdrawn`` where the caller left or a colleague
    took it while the phone rang.
    """

    offer: str
    agent: str
    made_at: float
    accepted: bool
    over: bool = True
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class StateSpan:
    """``agent`` was in ``state`` from ``since`` to ``until`` (the report's end where it lasts), with the ``reason`` of
    a pause.
    """

    agent: str
    state: str
    since: float
    until: float
    reason: str = ""
