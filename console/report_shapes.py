"""The reports room's queue report in the shape that the API shows."""

from console.views import FormulaView, QueueNumbers, QueueReport, WaitBin
from reports.figures import figures
from reports.formulas import QUEUE_FORMULAS, filled
from reports.model import Cell
from reports.model import QueueReport as CountedReport


def _numbers(cell: Cell) -> QueueNumbers:
    return QueueNumbers(cell.queue, cell.since, cell.until, figures(cell), cell.threshold_s)


def report_view(report: CountedReport) -> QueueReport:
    """``report`` with the formula of every figure."""
    query = report.query
    formulas = {}
    for formula in QUEUE_FORMULAS:
        said = filled(formula, threshold_s=report.total.threshold_s, short_s=query.short_s)
        formulas[said.key] = FormulaView(said.zh, said.en, said.formula_zh, said.formula_en, said.unit)
    return QueueReport(
        from_at=query.since,
        to_at=query.until,
        bucket=query.bucket.value,
        zone=query.zone,
        threshold_s=report.total.threshold_s,
        formulas=formulas,
        rows=[_numbers(cell) for cell in report.cells],
        all_queues=[_numbers(cell) for cell in report.buckets],
        totals=[_numbers(cell) for cell in report.queues],
        total=_numbers(report.total),
        histogram=[WaitBin(bar.from_s, bar.to_s, bar.answered, bar.abandoned) for bar in report.total.histogram],
    )
