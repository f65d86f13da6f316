"""A low score in a campaign's survey opens a task in the same breath, one for each attempt."""

import pytest

from campaigns.facts import SurveyAnswered
from campaigns.scores import is_low, low_score
from campaigns.survey import find_survey
from core.bus import MemoryLog
from core.clock import VirtualClock
from core.events import Fact
from core.ids import CountingEntropy, Ids
from desk.facts import TaskOpened
from service.low_scores import LowScores

SURVEY = find_survey("return_visit")


def answer(attempt: str, question: str, value: str, campaign: str = "spring") -> SurveyAnswered:
    return SurveyAnswered(campaign, 7, attempt, question, value, "key")


@pytest.mark.parametrize(
    ("low", "high", "lowest"), [(1, 5, [1, 2]), (0, 10, [0, 1, 2, 3, 4, 5, 6]), (1, 10, [1, 2, 3]), (1, 3, [1])]
)
def test_which_scores_are_low(low: int, high: int, lowest: list[int]) -> None:
    assert [score for score in range(low, high + 1) if is_low(score, low, high)] == lowest


def test_what_a_task_says() -> None:
    assert low_score(SURVEY, "quality", "1") == "quality 1/5"
    for question, value in (("quality", "3"), ("may_i", "no"), ("reason", ""), ("gone", "1"), ("quality", "often")):
        assert low_score(SURVEY, question, value) == ""


async def test_one_task_for_an_attempt_right_behind_the_answer() -> None:
    clock = VirtualClock()
    log = MemoryLog(clock)
    told = LowScores(log, Ids(clock, CountingEntropy()), {"spring": SURVEY}.get)
    told.post("c-1", answer("a-1", "quality", "1"))
    told.post("c-1", answer("a-1", "nps", "2"))
    told.post("c-2", answer("a-2", "nps", "9"))
    told.post("c-3", answer("a-3", "nps", "0", campaign="gone"))
    await told.commit("c-4", answer("a-4", "nps", "6"))
    kinds = [(event.call_id, type(event.fact)) for event in log.events]
    assert kinds[:2] == [("c-1", SurveyAnswered), ("c-1", TaskOpened)]
    tasks: list[Fact] = log.facts(TaskOpened)
    assert [(it.kind, it.detail) for it in tasks if isinstance(it, TaskOpened)] == [
        ("low_survey", "quality 1/5"), ("low_survey", "nps 6/10"),
    ]  # fmt: skip
