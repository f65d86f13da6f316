"""A low score in a campaign's survey opens a task in the same breath: somebody is to call the customer."""

from collections import deque
from collections.abc import Callable
from typing import Final

from campaigns.facts import SurveyAnswered
from campaigns.scores import LOW_SCORE, low_score
from campaigns.survey import Survey
from core.events import Event, Fact, Log
from core.ids import Ids
from desk.facts import TaskOpened

_REMEMBERED: Final = 10_000


class LowScores:
    """``core.events.Log`` for the surveys of campaigns: what is said goes on to ``log``, with the task behind a low
    score, one for each attempt. ``survey`` gives that of a campaign.
    """

    def __init__(self, log: Log, ids: Ids, survey: Callable[[str], Survey | None]) -> None:
        self._log = log
        self._ids = ids
        self._survey = survey
        self._told: deque[str] = deque(maxlen=_REMEMBERED)

    def post(self, call_id: str, item: Fact) -> None:
        """See ``core.events.Log``."""
        self._log.post(call_id, item)
        if isinstance(item, SurveyAnswered):
            self._look(call_id, item)

    async def commit(self, call_id: str, item: Fact) -> Event:
        """See ``core.events.Log``."""
        event = await self._log.commit(call_id, item)
        if isinstance(item, SurveyAnswered):
            self._look(call_id, item)
        return event

    def _look(self, call_id: str, item: SurveyAnswered) -> None:
        survey = self._survey(item.campaign)
        said = low_score(survey, item.question, item.value) if survey is not None else ""
        if said and item.attempt not in self._told:
            self._told.append(item.attempt)
            self._log.post(call_id, TaskOpened(self._ids.new("task"), LOW_SCORE, "", "", said))
