"""Answers to surveys with their words: each by the version of the form in which it was given."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from campaigns.facts import SurveyAnswered
from campaigns.form_facts import AnswerTakenBack
from core.events import Jsonable
from desk.tasks import Task
from reports.answer_words import answer_words
from reports.survey_form import Form, asked_of, leads_only
from store.answer_rows import SurveyAnswer
from store.reading import AnyRow
from store.rows import StoredEvent
from store.schema import survey_answers
from store.schema_campaigns import survey_forms

_a = survey_answers.c
_OF_ANSWERS: Final = (AnswerTakenBack.name, SurveyAnswered.name)


async def told(connection: AsyncConnection, timeline: Sequence[StoredEvent]) -> Sequence[StoredEvent]:
    """``timeline``, in which what tells of an answer has ``asked`` and ``said`` too, in Chinese and English."""
    named = {str(event.fields.get("form", "")) for event in timeline if event.name == SurveyAnswered.name}
    if not named:
        return timeline
    forms = await forms_named(connection, named)
    asked_by: dict[Jsonable, Form | None] = {}
    return [_worded_event(event, forms, asked_by) if event.name in _OF_ANSWERS else event for event in timeline]


async def forms_named(connection: AsyncConnection, names: Collection[str]) -> Mapping[str, Form]:
    """By name those of ``names`` that are known."""
    rows = await connection.execute(select(survey_forms).where(survey_forms.c.form.in_(sorted(names))))
    return {row.form: form_of(row) for row in rows}


def form_of(row: AnyRow) -> Form:
    """A row of ``survey_forms``."""
    told = json.loads(row.questions)
    questions = {name: asked_of(it) for name, it in told.items() if not leads_only(it)}
    leads = {name: asked_of(it) for name, it in told.items() if leads_only(it)}
    return Form(row.form, row.survey, row.since, questions, leads)


async def answers_of(connection: AsyncConnection, ids: Sequence[int]) -> dict[int, dict[str, SurveyAnswer]]:
    """By contact (of ``ids``), then by question in the order first asked; an answer given again replaces the earlier
    one.
    """
    statement = select(survey_answers).where(_a.contact.in_(ids)).order_by(_a.seq)
    rows = (await connection.execute(statement)).all()
    forms = await forms_named(connection, {row.form for row in rows})
    found: dict[int, dict[str, SurveyAnswer]] = {}
    for row in rows:
        words = answer_words(forms.get(row.form), row.question, row.value, row.text)
        answer = SurveyAnswer(row.question, row.value, row.how, row.text, row.form, words)
        found.setdefault(row.contact, {})[row.question] = answer
    return found


async def with_words(connection: AsyncConnection, tasks: Sequence[Task]) -> tuple[Task, ...]:
    """``tasks``; those behind a low score tell in words what was asked and said."""
    named = {task.form for task in tasks if task.form}
    if not named:
        return tuple(tasks)
    forms = await forms_named(connection, named)
    return tuple(_worded(task, forms.get(task.form)) for task in tasks)


def _worded_event(event: StoredEvent, forms: Mapping[str, Form], asked_by: dict[Jsonable, Form | None]) -> StoredEvent:
    """``asked_by``: the version in which each question was answered last, for when that is taken back."""
    fields = event.fields
    question = fields.get("question")
    if event.name == SurveyAnswered.name:
        asked_by[question] = forms.get(str(fields.get("form", "")))
    form, value, text = asked_by.get(question), str(fields.get("value", "")), str(fields.get("text", ""))
    words = answer_words(form, str(question), value, text)
    pairs = {"asked": [words.asked.zh, words.asked.en], "said": [words.said.zh, words.said.en]}
    return replace(event, fields={**fields, **pairs})


def _worded(task: Task, form: Form | None) -> Task:
    words = answer_words(form, task.question, task.value)
    zh, en = words.asked.zh or words.asked.en, words.asked.en or words.asked.zh
    if not zh:
        return task
    return replace(task, detail_zh=f"{zh} {words.said.zh}", detail_en=f"{en} {words.said.en}")
