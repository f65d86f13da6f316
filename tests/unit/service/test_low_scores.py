"""A low score in a campaign's survey opens a task in the same breath, one for each call and form, restarts or not."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from campaigns.facts import SurveyAnswered
from campaigns.scores import is_low, low_score
from campaigns.survey import find_survey
from core.bus import MemoryLog
from core.clock import VirtualClock
from core.events import Fact
from core.ids import CountingEntropy, Ids
from desk.facts import TaskOpened
from desk.tasks import Task
from service.low_scores import LowScores
from store.store import Store

SURVEY = find_survey("return_visit")
REPOSITORY = Path(__file__).resolve().parents[3]
KILLED_AFTER = 12
"""Answers on disk at which the process that takes them is killed."""


class NoTasks:
    """``KnownTasks`` of a house whose tasks are all of this process."""

    async def task(self, task: str) -> Task | None:
        return None


def answer(attempt: str, question: str, value: str, campaign: str = "spring") -> SurveyAnswered:
    return SurveyAnswered(campaign, 7, attempt, question, value, "key", form=SURVEY.version)


@pytest.mark.parametrize(
    ("low", "high", "lowest"), [(1, 5, [1, 2]), (0, 10, [0, 1, 2, 3, 4, 5, 6]), (1, 10, [1, 2, 3]), (1, 3, [1])]
)
def test_which_scores_are_low(low: int, high: int, lowest: list[int]) -> None:
    assert [score for score in range(low, high + 1) if is_low(score, low, high)] == lowest


def test_what_a_task_says() -> None:
    assert low_score(SURVEY, "quality", "1") == "quality 1/5"
    for question, value in (("quality", "3"), ("may_i", "no"), ("reason", ""), ("gone", "1"), ("quality", "often")):
        assert low_score(SURVEY, question, value) == ""


async def test_one_task_for_an_attempt_in_the_breath_of_the_answer() -> None:
    log = MemoryLog(VirtualClock())
    told = LowScores(log, NoTasks(), {"spring": SURVEY, "autumn": SURVEY}.get)
    told.post("c-1", answer("a-1", "quality", "1"))
    told.post("c-1", answer("a-1", "nps", "2"))
    told.post("c-2", answer("a-2", "nps", "9"))
    told.post("c-3", answer("a-3", "nps", "0", campaign="gone"))
    await told.commit("c-4", answer("a-4", "nps", "6"))
    await told.commit("c-4", answer("a-4", "nps", "5", campaign="autumn"))
    kinds = [(event.call_id, type(event.fact)) for event in log.events]
    assert kinds[:2] == [("c-1", TaskOpened), ("c-1", SurveyAnswered)]
    tasks = opened(log.facts())
    assert [(it.kind, it.detail) for it in tasks] == [
        ("low_survey", "quality 1/5"), ("low_survey", "nps 6/10"), ("low_survey", "nps 5/10"),
    ]  # fmt: skip
    assert len({it.task for it in tasks}) == 3
    one = tasks[0]
    assert (one.survey, one.form, one.question, one.value) == ("return_visit", SURVEY.version, "quality", "1")


async def test_after_a_kill_there_is_one_task_for_each_low_score_and_no_other_comes(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'line400.db'}"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.unit.service.low_scores_process", url, cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    for _ in range(KILLED_AFTER):
        await process.stdout.readline()
    process.kill()
    assert await process.wait() == -9
    clock = VirtualClock()
    async with await Store.open(url, clock, Ids(clock, CountingEntropy())) as store:
        await store.recover()
        answered = [it.call_id for it in await store.events.after(0, limit=100_000) if it.name == SurveyAnswered.name]
        assert len(answered) >= KILLED_AFTER
        again = LowScores(store.log, store.desk, {"spring": SURVEY}.get)
        for call_id in answered:
            await again.commit(call_id, answer(f"a-{call_id}", "quality", "2"))
        tasks = await store.desk.tasks(closed=False, limit=100_000)
        of_answers = [task for task in tasks if task.call_id in set(answered)]
        assert sorted(task.call_id for task in of_answers) == sorted(answered)
        assert {task.detail for task in of_answers} == {"nps 3/10"}
        told = [it.fields["task"] for it in await store.events.after(0, limit=100_000) if it.name == TaskOpened.name]
        assert sorted(str(each) for each in told) == sorted(task.id for task in tasks)


def opened(facts: list[Fact]) -> list[TaskOpened]:
    return [it for it in facts if isinstance(it, TaskOpened)]
