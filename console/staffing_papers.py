"""Staffing as the bytes that are sent: work for ``console.ports.Reading``."""

from pydantic_core import to_json

from console.ports import Queries
from console.sheets import Kind
from console.staffing_views import staffing_view
from reports.render import to_csv, to_xlsx
from reports.staffing import StaffingQuery
from reports.staffing_table import staffing_table

_MARK = b"\xef\xbb\xbf"
"""Excel takes a CSV file without it for one in the machine's own character set."""


async def staffing_text(queries: Queries, query: StaffingQuery) -> bytes:
    """``StaffingView`` as JSON."""
    return to_json(staffing_view(await queries.staffing.plan(query)))


async def staffing_file(queries: Queries, query: StaffingQuery, *, kind: Kind) -> bytes:
    """The report as a table."""
    table = staffing_table(await queries.staffing.plan(query))
    return to_xlsx(table) if kind == "xlsx" else _MARK + to_csv(table).encode()
