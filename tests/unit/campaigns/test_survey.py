"""A survey: what is kept of its form, how it went by what was answered, which answers are low."""

import json
from pathlib import Path

import pytest

from campaigns.attempt import Result
from campaigns.scores import low_score
from campaigns.survey import find_survey, result_of, result_of_hang_up
from core.errors import ConfigError
from ivr.flow import Answer, FlowResult, HangUp
from reports.survey_form import asked_of, leads_only

AFTER_SALE = find_survey("after_sale")


def answers(*given: tuple[str, str]) -> list[Answer]:
    return [Answer(node, value, "key", "说的" if not value else "") for node, value in given]


def test_what_is_kept_of_its_form_is_what_the_report_reads() -> None:
    kept_of = json.loads(AFTER_SALE.form.questions)
    kept = {name: asked_of(told) for name, told in kept_of.items() if not leads_only(told)}
    assert kept_of.keys() - kept.keys() == {"may_i"}
    assert tuple(kept) == AFTER_SALE.questions
    assert (kept["km"].kind, kept["km"].low, kept["km"].high, kept["km"].unit.zh) == ("number", 0, 500_000, "公里")
    assert kept["why"].options["price"].zh == "价格"
    assert [*kept["explained"].options] == ["yes", "no"]
    assert (kept["nps"].kind, kept["delivery"].kind, kept["reason"].kind) == ("nps", "scale", "speech")


@pytest.mark.parametrize(
    ("given", "result"),
    [
        ([], Result.HUNG_UP),
        ([("may_i", "yes")], Result.HUNG_UP),
        ([("may_i", "yes"), ("explained", "yes")], Result.PARTIAL),
        ([("explained", "yes"), ("delivery", "4"), ("why", "room"), ("km", "7000")], Result.PARTIAL),
        ([("explained", "yes"), ("km", "7000"), ("serviced", "no")], Result.PARTIAL),
        ([("explained", "yes"), ("nps", "9")], Result.COMPLETED),
        ([("explained", "yes"), ("nps", "9"), ("reason", "")], Result.COMPLETED),
    ],
)
def test_who_hangs_up_has_said_what_he_has_said(given: list[tuple[str, str]], result: Result) -> None:
    assert result_of_hang_up(AFTER_SALE, answers(*given)) is result


def test_silence_after_a_yes_or_no_is_partial() -> None:
    said = tuple(answers(("may_i", "yes"), ("explained", "no")))
    assert result_of(AFTER_SALE, FlowResult(HangUp(), said, "no_reply")) is Result.PARTIAL
    assert result_of(AFTER_SALE, FlowResult(HangUp(), said[:1], "no_reply")) is Result.NO_REPLY


def test_a_number_is_no_score() -> None:
    assert low_score(AFTER_SALE, "km", "12") == ""
    assert low_score(AFTER_SALE, "delivery", "2") == "delivery 2/5"
    assert low_score(AFTER_SALE, "nps", "6") == "nps 6/10"


def test_the_house_has_surveys_of_its_own(tmp_path: Path) -> None:
    own = tmp_path / "mine.toml"
    own.write_text(
        'start = "a"\n[nodes.a]\nkind = "yes_no"\ntext = "好吗？"\ngoto = "z"\nfallback = "z"\n'
        '[nodes.z]\nkind = "hangup"\n',
        encoding="utf-8",
    )
    assert find_survey("mine", {"mine": own}).questions == ("a",)
    assert find_survey("after_sale", {"after_sale": own}).questions == ("a",), "it stands in for the shipped one"
    with pytest.raises(ConfigError, match="there is none of that name, did you mean mine\\?; known: after_sale, mine,"):
        find_survey("mien", {"mine": own})
    own.write_text('start = "z"\n[nodes.z]\nkind = "hangup"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="nothing is asked and no voice says anything; a survey needs a q"):
        find_survey("mine", {"mine": own})
