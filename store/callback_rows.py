"""Promises to call customers back, as the store's queries return them: times in epoch seconds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CallbackTryRow:
    """One try to call a customer back, by the id of its call; ``result`` "" while it goes on, else "reached" or one of
    ``campaigns.attempt.Result``; ``ended_at`` is when that was known.
    """

    id: str
    agent: str
    started_at: float
    ended_at: float | None
    result: str
    status: int


@dataclass(frozen=True, slots=True)
class CallbackRow:
    """A promise to call ``number`` back that was made in call ``call_id``; ``state`` open, dialled or ended. ``agent``
    is who tried last, ``by`` whose wish its end was; ``made`` are the tries where one call is asked for.
    """

    id: str
    queue: str
    number: str
    call_id: str
    promised_at: float
    due_at: float
    expires_at: float
    skills: tuple[str, ...]
    tries: int
    again_at: float
    tried_at: float | None
    state: str
    agent: str
    outcome: str
    by: str
    ended_at: float | None
    made: tuple[CallbackTryRow, ...] = ()
