"""What a form makes of an attempt that is over: it is finished, never unfinished."""

import pytest

from campaigns.attempt import Result
from campaigns.facts import AttemptEnded
from campaigns.form_facts import AttemptResulted
from core.bus import MemoryLog
from core.clock import VirtualClock
from service.form_results import FormResults, is_better


@pytest.mark.parametrize(
    ("result", "before", "better"),
    [
        (Result.PARTIAL, "talked", True), (Result.COMPLETED, "partial", True), (Result.REFUSED, "talked", True),
        (Result.COMPLETED, "", True), (Result.REFUSED, "completed", True), (Result.COMPLETED, "interrupted", True),
        (Result.PARTIAL, "completed", False), (Result.PARTIAL, "refused", False), (None, "talked", False),
        (Result.COMPLETED, "completed", False), (Result.PARTIAL, "partial", False),
    ],
)  # fmt: skip
def test_which_result_is_better(result: Result | None, before: str, better: bool) -> None:
    assert is_better(result, before) is better


def test_while_it_goes_on_the_last_word_stands() -> None:
    log = MemoryLog(VirtualClock())
    results = FormResults(log.bus, log)
    assert results.of("a-1") is Result.TALKED
    assert results.put("a-1", Result.COMPLETED, "101") and results.put("a-1", Result.PARTIAL, "101")
    assert results.of("a-1") is Result.PARTIAL
    assert results.put("a-1", None, "101") and results.of("a-1") is Result.TALKED
    log.post("c-1", AttemptEnded("a-1", "spring", 7, "talked"))
    assert not results.put("a-1", Result.COMPLETED, "101")
    assert log.facts(AttemptResulted) == []


def test_what_was_finished_after_the_result_was_asked_for_is_told_behind() -> None:
    log = MemoryLog(VirtualClock())
    results = FormResults(log.bus, log)
    results.put("a-1", Result.COMPLETED, "101")
    log.post("c-1", AttemptEnded("a-1", "spring", 7, "talked"))
    assert log.facts(AttemptResulted) == [AttemptResulted("a-1", "spring", 7, "completed", "101", late=True)]
