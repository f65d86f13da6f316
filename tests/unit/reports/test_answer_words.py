"""An answer in words: the question as it is read out, the option's text, the bounds of a score, a number's unit."""

import pytest

from reports.answer_words import NO_WORDS, answer_words
from reports.survey_form import Asked, Form, Text

QUALITY = Text("满意吗？", "Satisfied?")
FORM = Form(
    "f-1",
    "return_visit",
    0.0,
    {
        "quality": Asked("scale", 1, 5, QUALITY),
        "km": Asked("number", 0, 500_000, Text("多少公里？"), Text("公里", "km")),
        "visits": Asked("number", 0, 99, Text("几次？"), Text("次")),
        "reason": Asked("speech", text=Text("为什么？")),
    },
    {"may_i": Asked("choice", text=Text("方便吗？"), options={"yes": Text("方便", "Yes"), "no": Text()})},
)


@pytest.mark.parametrize(
    ("question", "value", "text", "said"),
    [
        ("may_i", "yes", "可以", Text("方便", "Yes")),
        ("may_i", "no", "", Text("no", "no")),
        ("may_i", "gone", "", Text("gone", "gone")),
        ("quality", "2", "两分吧", Text("2 分（1–5 分）", "2 (1–5)")),
        ("km", "35000", "", Text("35000 公里", "35000 km")),
        ("visits", "3", "", Text("3 次", "3 次")),
        ("reason", "", "等太久", Text("等太久", "等太久")),
        ("reason", "", "", Text("", "")),
    ],
)
def test_what_was_said(question: str, value: str, text: str, said: Text) -> None:
    assert answer_words(FORM, question, value, text).said == said


def test_what_was_asked_as_far_as_it_is_known() -> None:
    assert answer_words(FORM, "quality", "5").asked == QUALITY
    assert answer_words(FORM, "older", "5") == answer_words(None, "quality", "5") == NO_WORDS
