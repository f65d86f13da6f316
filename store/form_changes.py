"""From facts about surveys that agents fill in to their rows. Pure; part of ``store.projection``."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import bindparam, delete

from campaigns.form_facts import AnswerTakenBack, AttemptResulted
from core.events import Event
from store.changes import Change, changed, updating
from store.contact_changes import done_late
from store.schema import attempts, survey_answers

_taken_back: Final = delete(survey_answers).where(
    survey_answers.c.attempt == bindparam("row"), survey_answers.c.question == bindparam("of_question")
)
_result: Final = updating(attempts, "id", "result")


def form_changes(event: Event) -> Sequence[Change]:
    """Of an attempt that still goes on the result stands for the case that the process dies in it."""
    match event.fact:
        case AnswerTakenBack() as it:
            return [Change(_taken_back, {"row": it.attempt, "of_question": it.question})]
        case AttemptResulted() as it:
            own = changed(_result, it.attempt, result=it.result)
            return [own, *done_late(it)] if it.late else [own]
        case _:
            return []
