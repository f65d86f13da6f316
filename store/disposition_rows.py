"""What came of calls, as the store's queries return it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DispositionRow:
    """What was said ``at`` (epoch seconds) of the talk of ``agent``, who had the call out of ``queue``; ``code`` is ""
    where one was demanded and none given. Only one of a talk ``stands``.
    """

    agent: str
    queue: str
    code: str
    at: float
    by: str
    note: str
    date: str
    plate: str
    customer: str
    stands: bool
