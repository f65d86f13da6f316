"""An answer in words: what was asked and what was said to it, by the version of the survey it was given in. Pure."""

from dataclasses import dataclass
from typing import Final

from reports.survey_form import NPS, NUMBER, SCALE, WORDLESS, Asked, Form, Text


@dataclass(frozen=True, slots=True)
class AnswerWords:
    """The question as it is read out, and the answer; of a question that is not known (logs of before versions were
    kept) neither has words.
    """

    asked: Text = WORDLESS
    said: Text = WORDLESS


NO_WORDS: Final = AnswerWords()


def answer_words(form: Form | None, question: str, value: str, text: str = "") -> AnswerWords:
    """``value`` in the words of its choice, as "1 分（1–5 分）" or with its unit; else ``text``, what was heard."""
    asked = None if form is None else form.questions.get(question, form.leads.get(question))
    return NO_WORDS if asked is None else AnswerWords(asked.text, _said(asked, value, text))


def _said(asked: Asked, value: str, text: str) -> Text:
    if value in asked.options:
        option = asked.options[value]
        return option if option != WORDLESS else Text(value, value)
    if value and asked.kind in (SCALE, NPS):
        return Text(f"{value} 分（{asked.low}–{asked.high} 分）", f"{value} ({asked.low}–{asked.high})")
    if value and asked.kind == NUMBER:
        unit = asked.unit
        return Text(f"{value} {unit.zh or unit.en}".strip(), f"{value} {unit.en or unit.zh}".strip())
    return Text(value or text, value or text)
