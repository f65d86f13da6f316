"""The table of a campaign's results: all that the page shows of a contact, and nothing that a spreadsheet runs."""

import csv
import io
from zoneinfo import ZoneInfo

from console.masks import mask_result
from console.result_views import Answer, CampaignResult
from console.results_table import results_table
from console.sheets import to_csv
from reports.answer_words import AnswerWords
from reports.survey_form import Text

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = 1_780_286_400.0  # 2026-06-01 12:00 in Shanghai
ANSWERS = [Answer("score", "9", "key", ""), Answer("why", "", "speech", "=1+1")]
DONE = CampaignResult(
    1, "@x", "+8613800138000", "completed", NOON, "c-1", ANSWERS, 1, state="done", dialled="+8613800138000",
    fields={"车型": "A6", "=x": "=2"},
)  # fmt: skip
WAITS = CampaignResult(
    2, "b", "4008001234", "", NOON, "c-2", [], 2, "no_answer", NOON + 600, NOON + 900, state="pending",
    dialled="+8613900139000", others=["+8613900139000", "+8613700137000"],
    fields={"车牌": "粤A12345", "备用": "找 139 0013 9000", "购车": "2026-06-01"},
)  # fmt: skip


def read(results: list[CampaignResult]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(to_csv(results_table(results, SHANGHAI)).decode("utf-8-sig"))))


def test_who_was_tried_and_is_not_done_is_told_of() -> None:
    done, waits = read([DONE, WAITS])
    assert (waits["结果 result"], waits["最近结果 last_result"]) == ("", "no_answer")
    assert waits["最近结果说明 last_result_words"] == "无人接听 No answer"
    assert waits["状态说明 state_words"] == "待拨 Pending"
    assert (waits["再拨 again"], waits["约定 promised"]) == ("2026-06-01 12:10:00", "2026-06-01 12:15:00")
    assert (waits["所拨号码 number_called"], waits["号码2 number_2"]) == ("+8613900139000", "+8613900139000")
    assert (waits["号码3 number_3"], waits["车牌"], waits["次数 called"]) == ("+8613700137000", "粤A12345", "2")
    assert (done["结果 result"], done["结果说明 result_words"]) == ("completed", "完成 Completed")
    assert (done["号码2 number_2"], done["车型"], done["车牌"]) == ("", "A6", "")


def test_nothing_of_it_is_a_formula() -> None:
    done, _ = read([DONE, WAITS])
    assert (done["姓名 name"], done["why"], done["'=x"], done["号码 number"]) == ("'@x", "'=1+1", "'=2", DONE.number)


def test_beside_an_answer_stands_what_was_asked_and_said_in_words() -> None:
    words = AnswerWords(Text("方便吗？", "May I?"), Text("方便", "Yes"))
    answers = [Answer("may_i", "yes", "key", "", "f-1", words), Answer("old", "5", "key", "")]
    asked = CampaignResult(1, "a", "1", "completed", None, "", answers)
    table = results_table([asked, CampaignResult(2, "b", "2", "", None, "", [])], SHANGHAI)
    assert table.heading[-3:] == ["may_i", "方便吗？ May I?", "old"]
    assert [row[-3:] for row in table.rows] == [["yes", "方便 Yes", "5"], ["", "", ""]]


def test_who_may_not_see_numbers_sees_none_of_them() -> None:
    (waits,) = read([mask_result(WAITS)])
    assert waits["号码2 number_2"] == waits["所拨号码 number_called"] == "+86139****9000"
    assert (waits["备用"], waits["购车"]) == ("找 139 0****9000", "2026-06-01")
    assert "13900139000" not in ",".join(waits.values())
