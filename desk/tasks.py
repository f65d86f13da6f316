"""What somebody must look after."""

from dataclasses import dataclass
from typing import Final

LOW_SCORE: Final = "low_survey"
"""The kind of task that a low score in a campaign's survey opens."""


@dataclass(frozen=True, slots=True)
class Task:
    """``kind`` says why (``desk.rating.LOW_RATING``), ``detail`` as short as in "1/5" (in words, where there are any:
    ``detail_zh`` and ``detail_en``); ``number`` is the customer's. ``agent`` talked with him, out of ``queue``.
    ``closed_at`` is None while it is open. ``owner`` looks after it: an agent, or the account of one who has no phone
    ("": nobody yet). Behind a low score in a ``survey`` stand its version ``form``, the ``question`` and the score that
    was given (``value``). Epoch seconds.
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
    owner: str = ""
    survey: str = ""
    form: str = ""
    question: str = ""
    value: str = ""
    detail_zh: str = ""
    detail_en: str = ""


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose tasks are meant: those of ``owner`` ("": all). With ``free`` those too that nobody has, but for those
    about his own talks: who was not praised is not to look after it himself, nor to read of it here.
    """

    owner: str = ""
    free: bool = False

    def holds(self, task: Task) -> bool:
        """Whether ``task`` is one of them."""
        if not self.owner or task.owner == self.owner:
            return True
        return self.free and not task.owner and task.agent != self.owner


ALL_TASKS: Final = Whose()
