"""The report of a campaign as the console shows it."""

from dataclasses import dataclass

from console.report_shapes import formula_views
from console.sheets import Cell, Table
from console.views import FormulaView
from reports.campaigns import CAMPAIGN_FORMULAS, CampaignReport
from reports.shares import Share


@dataclass(frozen=True, slots=True)
class CampaignReportView:
    """``report`` of a campaign with the formula of every figure."""

    campaign: str
    formulas: dict[str, FormulaView]
    report: CampaignReport


def campaign_report_view(campaign: str, report: CampaignReport) -> CampaignReportView:
    """With the formulas."""
    return CampaignReportView(campaign, formula_views(CAMPAIGN_FORMULAS), report)


_HEADING = ["部分 part", "项目 item", "数量 count", "共 of", "比例 share", "下限 from", "上限 to", "说明 formula"]


def campaign_report_table(view: CampaignReportView) -> Table:
    """Figures with formulas, then results, attempts, hours, and each question of each version of the survey."""
    report = view.report
    rows: list[list[Cell]] = []
    for key, formula in view.formulas.items():
        interval = report.intervals.get(key)
        title, said = f"{formula.title_zh} {formula.title_en}", f"{formula.formula_zh} {formula.formula_en}"
        cells = _share(interval) if interval is not None else [*_figure(report.figures[key], formula.unit)]
        rows.append(["总计 total", title, *cells, said])
    for part, cuts in (
        ("结果 result", report.results), ("第几次 attempt", report.nths), ("几点 hour", report.hours),
    ):  # fmt: skip
        rows += [[part, cut.key, *_share(cut.share), ""] for cut in cuts]
    for form in report.forms:
        part = f"问卷 survey {form.survey} {form.form}".rstrip()
        for question in form.questions:
            name = question.question
            rows += [[part, f"{name} = {it.value}", *_share(it.share), ""] for it in question.values]
            if question.mean is not None:
                rows.append(
                    [part, f"{name} 平均 mean", question.answers, None, round(question.mean, 4), None, None, ""]
                )
            if question.nps is not None:
                nps = [round(it, 2) for it in (question.nps.score, question.nps.low, question.nps.high)]
                rows.append([part, f"{name} NPS", question.answers, None, *nps, ""])
            if question.kind == "remark":
                rows.append([part, f"{name} 留言 remarks", question.answers, None, None, None, None, ""])
    return Table(list(_HEADING), rows)


def _share(it: Share) -> list[Cell]:
    shares = (None if value is None else round(value, 4) for value in (it.share, it.low, it.high))
    return [it.hits, it.of, *shares]


def _figure(value: float | None, unit: str) -> list[Cell]:
    if unit == "share":
        return [None, None, None if value is None else round(value, 4), None, None]
    return [value, None, None, None, None]
