"""What somebody must look after."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Task:
    """``kind`` says why (``desk.rating.LOW_RATING``), ``detail`` as short as in "1/5"; ``number`` is the customer's.
    ``agent`` talked with him, who came out of ``queue``. ``closed_at`` is None while it is open. Epoch seconds.
    """

    id: str
    kind: str
    call_id: str
    number: str
    queue: str
    agent: str
    detail: str
    opened_at: float
    closed_at: float | None
    closed_by: str
    note: str
