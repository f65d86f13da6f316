"""A low score in a campaign's survey opens a task in the same breath: somebody is to call the customer.

There is one task for each call and form, whatever else is said in it, and after a restart in the middle of it too: its
id follows from both. It is written just before the answer, so that no crash leaves an answer without its task.
"""

from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from campaigns.facts import SurveyAnswered
from campaigns.scores import low_score, low_score_task
from campaigns.survey import Survey
from core.events import Event, Fact, Log
from desk.facts import TaskOpened
from desk.tasks import LOW_SCORE, Task

_REMEMBERED: Final = 10_000


class KnownTasks(Protocol):
    """Tasks that were opened, by this process or one before it (``store.desk.Desk`` fits)."""

    async def task(self, task: str) -> Task | None:
        """The one that is named so."""
        ...


class LowScores:
    """``core.events.Log`` for the surveys of campaigns: what is said goes on to ``log``, with the task behind a low
    score. ``survey`` gives that of a campaign. What is posted comes of calls that began in this process; what is
    committed (by agents, on their screens) may belong to a call of one before it, so ``known`` is asked.
    """

    def __init__(self, log: Log, known: KnownTasks, survey: Callable[[str], Survey | None]) -> None:
        self._log = log
        self._known = known
        self._survey = survey
        self._told: deque[str] = deque(maxlen=_REMEMBERED)

    def post(self, call_id: str, item: Fact) -> None:
        """See ``core.events.Log``."""
        if (opened := self._opened(item)) is not None:
            self._open(call_id, opened)
        self._log.post(call_id, item)

    async def commit(self, call_id: str, item: Fact) -> Event:
        """See ``core.events.Log``."""
        opened = self._opened(item)
        if opened is not None and await self._known.task(opened.task) is None:
            self._open(call_id, opened)
        return await self._log.commit(call_id, item)

    def _opened(self, item: Fact) -> TaskOpened | None:
        """The task behind ``item``; None where it calls for none."""
        if not isinstance(item, SurveyAnswered) or (survey := self._survey(item.campaign)) is None:
            return None
        said = low_score(survey, item.question, item.value)
        task = low_score_task(item.campaign, item.attempt)
        asked = (survey.flow.name, item.form, item.question, item.value)
        return TaskOpened(task, LOW_SCORE, "", "", said, *asked) if said else None

    def _open(self, call_id: str, opened: TaskOpened) -> None:
        if opened.task not in self._told:
            self._told.append(opened.task)
            self._log.post(call_id, opened)
