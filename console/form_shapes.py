"""The form of a call in the shape in which the console shows it."""

from collections.abc import Mapping
from typing import Final

from campaigns.agent_form import Asked, FormState, barring, promising
from campaigns.form_facts import is_by_hand
from campaigns.script import NAME, Script, parts_of
from campaigns.survey import Survey
from console.form_views import FormView, OptionView, PartView, QuestionView, WordsView
from ivr.flow import Words
from store.call_forms import FormCall

NOTHING_ASKED: Final = FormState((), (), "")


def form_view(call: FormCall, script: Script, survey: Survey | None, state: FormState, until: float | None) -> FormView:
    """``state`` is that of ``survey``; None: there is a script alone."""
    values = {**call.fields, NAME: call.name}
    return FormView(
        call_id=call.call_id,
        campaign=call.campaign,
        contact=call.contact,
        name=call.name,
        by_hand=is_by_hand(call.attempt),
        survey=survey.flow.name if survey else "",
        form=survey.version if survey else "",
        script=script_parts(script.zh, values),
        script_en=script_parts(script.en, values),
        questions=[_question(survey, asked) for asked in state.asked] if survey else [],
        said=[_words(each) for each in state.said],
        missing=list(state.missing),
        result=state.result.value if state.result else "",
        agents=sorted(call.agents),
        until=until,
    )


def script_parts(text: str, values: Mapping[str, str]) -> list[PartView]:
    """A script with the ``values`` of a contact."""
    return [PartView(part.kind.value, part.text) for part in parts_of(text, values)]


def _question(survey: Survey, asked: Asked) -> QuestionView:
    question, given = asked.question, asked.given
    bars, promises = barring(survey, question), promising(survey, question)
    return QuestionView(
        name=question.name,
        kind=question.kind.value,
        zh=question.words.zh,
        en=question.words.en,
        said=[_words(each) for each in asked.said],
        low=question.low,
        high=question.high,
        unit=_words(question.unit),
        options=[
            OptionView(it.value, it.words.zh, it.words.en, it.value in bars, it.value in promises)
            for it in question.options
        ],
        needed=asked.needed,
        answered=given is not None,
        value=given.value if given else "",
        text=given.text if given else "",
    )


def _words(words: Words) -> WordsView:
    return WordsView(words.zh, words.en)
