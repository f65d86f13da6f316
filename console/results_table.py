"""A campaign's contacts and what came of them, as a table for download."""

from collections.abc import Iterable, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from campaigns.result_words import RESULT_WORDS, STATE_WORDS, in_words
from console.result_views import Answer, CampaignResult
from console.sheets import Cell, Table, local_time
from reports.survey_form import WORDLESS, Text

_UNANSWERED: Final = Answer("", "")


def results_table(results: Sequence[CampaignResult], zone: ZoneInfo) -> Table:
    """A row for each contact: who he is with all his numbers, how he stands, what came of him or, while he is not done,
    of his last call, with the word beside each code; when he is called again; then a column for each question that
    anyone answered, and the list's own columns, both in the order in which they came up.

    A question's column has the value, or what was heard where there is none. Where it is known what was asked, a column
    beside it is headed by that, and has the answer in words.
    """
    most = max((len(result.others) for result in results), default=0)
    questions = _questions(results)
    columns = list(dict.fromkeys(name for result in results for name in result.fields))
    heading = [
        "序号 contact", "姓名 name", "号码 number", *(f"号码{at} number_{at}" for at in range(2, most + 2)),
        "状态 state", "状态说明 state_words", "结果 result", "结果说明 result_words",
        "最近结果 last_result", "最近结果说明 last_result_words", "时间 at", "所拨号码 number_called", "通话 call",
        "次数 called", "再拨 again", "约定 promised",
        *(cell for name, asked in questions.items() for cell in _both(name, asked, asked)),
        *columns,
    ]  # fmt: skip
    rows: list[list[Cell]] = []
    for result in results:
        given = {answer.question: answer for answer in result.answers}
        row: list[Cell] = [result.contact, result.name, result.number]
        row += [*result.others, *[""] * (most - len(result.others))]
        row += [result.state, in_words(STATE_WORDS, result.state)]
        row += [result.result, in_words(RESULT_WORDS, result.result)]
        row += [result.last, in_words(RESULT_WORDS, result.last)]
        row += [local_time(result.at, zone), result.dialled, result.call_id, result.called]
        row += [local_time(result.again_at, zone), local_time(result.promised_at, zone)]
        for name, asked in questions.items():
            answer = given.get(name, _UNANSWERED)
            row += _both(answer.value or answer.text, asked, answer.words.said)
        rows.append([*row, *(result.fields.get(name, "") for name in columns)])
    return Table(heading, rows)


def _questions(results: Iterable[CampaignResult]) -> dict[str, Text]:
    """What was asked, by the name of the question; the last wording that is known."""
    answers = [answer for result in results for answer in result.answers]
    named = {answer.question: WORDLESS for answer in answers}
    return named | {answer.question: answer.words.asked for answer in answers if answer.words.asked != WORDLESS}


def _both(plain: str, asked: Text, words: Text) -> list[str]:
    """``plain``, and beside it ``words`` where it is known what was ``asked``."""
    return [plain] if asked == WORDLESS else [plain, " ".join(dict.fromkeys(filter(None, (words.zh, words.en))))]
