"""The report of a campaign as the console shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from campaigns.result_words import RESULT_WORDS, in_words
from console.report_shapes import formula_views
from console.sheets import Cell, Table
from console.views import FormulaView
from reports.campaigns import CAMPAIGN_FORMULAS, CampaignReport
from reports.conversion import CONVERSION_FORMULAS, Conversion
from reports.effect import Effect
from reports.shares import Share, share_of
from reports.survey_form import SPEECH


@dataclass(frozen=True, slots=True)
class CampaignReportView:
    """``report`` of a campaign with the formula of every figure; who came and bought afterwards (``conversion``), and
    what that is more than those did who were held out of it (``effect``, None where nobody was). Of ``rounds`` in which
    people were called anew it is the one ``chosen``, or all of them (0); who is held out is in no round.
    """

    campaign: str
    formulas: dict[str, FormulaView]
    report: CampaignReport
    conversion_formulas: dict[str, FormulaView]
    conversion: Conversion
    effect: Effect | None
    chosen: int = 0
    rounds: int = 1


def campaign_report_view(
    campaign: str,
    report: CampaignReport,
    conversion: Conversion,
    effect: Effect | None,
    which: tuple[int, int] = (0, 1),
) -> CampaignReportView:
    """With the formulas. ``which`` round of how many."""
    formulas, of_conversion = formula_views(CAMPAIGN_FORMULAS), formula_views(CONVERSION_FORMULAS)
    return CampaignReportView(campaign, formulas, report, of_conversion, conversion, effect, *which)


_HOWS: Final = {"key": "按键 by key", "speech": "语音 by voice", "agent": "坐席登记 by an agent"}
_ROUNDS: Final = (
    "每人被重新呼叫一次为一轮，第几次呼叫在每轮内从 1 数起 "
    "each time a person is called anew is his next round; attempts are numbered within it"
)
_SCORED: Final = {
    "参评率 response rate": "答题人数 ÷ 真人应答（放弃的不计） answers / people reached but not abandoned",
    "满意度 CSAT": "最高两档 ÷ 答题人数 two best scores / answers",
}
_HEADING = ["部分 part", "项目 item", "数量 count", "共 of", "比例 share", "下限 from", "上限 to", "说明 formula"]


def campaign_report_table(view: CampaignReportView, titles: Mapping[str, str]) -> Table:
    """The round where there are more; figures with formulas, then who came and bought, what that is against those who
    were held out, results, attempts, hours of the day and of the week, dispositions, and each question of each version
    of the survey, before whose name stands its title, where ``titles`` has one.
    """
    report = view.report
    rows: list[list[Cell]] = []
    if view.rounds > 1:
        chosen = str(view.chosen) if view.chosen else "全部 all"
        rows.append(["轮次 round", chosen, None, view.rounds, *[None] * 3, _ROUNDS])
    for key, formula in view.formulas.items():
        interval = report.intervals.get(key)
        title, said = f"{formula.title_zh} {formula.title_en}", f"{formula.formula_zh} {formula.formula_en}"
        cells = _share(interval) if interval is not None else [*_figure(report.figures[key], formula.unit)]
        rows.append(["总计 total", title, *cells, said])
    rows += _after(view)
    rows += [["结果 result", cut.key, *_share(cut.share), in_words(RESULT_WORDS, cut.key)] for cut in report.results]
    for part, cuts in (
        ("第几次 attempt", report.nths), ("几点 hour", report.hours),
        ("星期几点 hour of the week", report.week),
    ):  # fmt: skip
        rows += [[part, cut.key, *_share(cut.share), ""] for cut in cuts]
    if report.came_of is not None:
        given = report.came_of.given
        part = "处理结果 disposition"
        rows += [[part, it.code, *_share(share_of(it.times, given)), ""] for it in report.came_of.codes]
    for form in report.forms:
        part = " ".join(filter(None, ("问卷 survey", titles.get(form.survey), form.survey, form.form)))
        for question in form.questions:
            name = question.question
            rows += [
                [part, f"{name} = {it.value}", *_share(it.share), it.text.zh or question.text.zh]
                for it in question.values
            ]
            rows += [
                [part, f"{name} {_HOWS[how]}", it, *[None] * 4, ""] for how, it in question.hows.items() if how in _HOWS
            ]
            if question.mean is not None:
                rows.append(
                    [part, f"{name} 平均 mean", question.answers, None, round(question.mean, 4), None, None, ""]
                )
            for title, one in (("参评率 response rate", question.response), ("满意度 CSAT", question.csat)):
                if one is not None:
                    rows.append([part, f"{name} {title}", *_share(one), _SCORED[title]])
            if question.nps is not None:
                nps = [round(it, 2) for it in (question.nps.score, question.nps.low, question.nps.high)]
                rows.append([part, f"{name} NPS", question.answers, None, *nps, ""])
            if question.spread is not None:
                spread, unit = question.spread, question.unit.zh
                middle = [round(spread.median, 2), spread.low, spread.high]
                rows.append([part, f"{name} 中位数 median", question.answers, None, *middle, unit])
                rows.append(
                    [part, f"{name} 平均 mean", question.answers, None, round(spread.mean, 4), None, None, unit]
                )
            if question.kind == SPEECH:
                rows.append([part, f"{name} 留言 remarks", question.answers, None, None, None, None, question.text.zh])
    return Table(list(_HEADING), rows)


def _after(view: CampaignReportView) -> list[list[Cell]]:
    """Who came and bought, and by how many percent more than those who were held out."""
    days = f"（{view.conversion.days} 天 days）"
    rows: list[list[Cell]] = []
    for stage in view.conversion.stages:
        formula = view.conversion_formulas[stage.key]
        title, said = f"{formula.title_zh} {formula.title_en}", f"{formula.formula_zh} {formula.formula_en}"
        rows.append([f"转化 conversion{days}", title, *_share(stage.share), said])
    rows.append([f"转化 conversion{days}", "未满天数 days not over", view.conversion.open, None, None, None, None, ""])
    if view.effect is not None:
        part = f"对照 effect {view.effect.since} – {view.effect.until}"
        for name, one in (("进店 visited", view.effect.visited), ("成交 bought", view.effect.bought)):
            rows.append([part, f"{name}：拨打组 called", *_share(one.called), ""])
            rows.append([part, f"{name}：对照组 held out", *_share(one.held_out), ""])
            gain = (None if it is None else round(it, 4) for it in (one.difference, one.low, one.high))
            rows.append([part, f"{name}：差 difference", None, None, *gain, ""])
    return rows


def _share(it: Share) -> list[Cell]:
    shares = (None if value is None else round(value, 4) for value in (it.share, it.low, it.high))
    return [it.hits, it.of, *shares]


def _figure(value: float | None, unit: str) -> list[Cell]:
    if unit == "share":
        return [None, None, None if value is None else round(value, 4), None, None]
    return [value, None, None, None, None]
