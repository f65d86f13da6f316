"""From the parameters of a query to the filter of calls."""

import pytest

from console.api.call_query import BEHIND_MOST, CallQuery, filter_of
from console.ports import CallFilter
from console.problems import Problem
from console.report_ports import AgentCell, FigureCell, ReportAsked
from tests.unit.console import day
from tests.unit.console.fakes import House


async def test_each_parameter_narrows(house: House) -> None:
    asked = CallQuery(
        from_="2026-11-19T08:00",
        to="2026-11-19T09:00",
        queue="sales",
        agent="101",
        direction="inbound",
        number="138",
        outcome="waiting",
        text="您好",
    )
    assert await filter_of(asked, day.ZONE, house.deps.reading) == CallFilter(
        from_at=day.MIDNIGHT + 8 * 3600,
        to_at=day.MIDNIGHT + 9 * 3600,
        queue="sales",
        agent="101",
        direction="inbound",
        number="138",
        outcome="waiting",
        text="您好",
    )
    assert await filter_of(CallQuery(), day.ZONE, house.deps.reading) == CallFilter()


@pytest.mark.parametrize("to", ["2026-11-19T08:00", "2026-11-18"])
async def test_a_period_needs_time_in_it(house: House, to: str) -> None:
    with pytest.raises(Problem) as refused:
        await filter_of(CallQuery(from_="2026-11-19T08:00", to=to), day.ZONE, house.deps.reading)
    assert (refused.value.status, refused.value.where) == (422, "query.to")


async def test_a_figure_takes_the_place_of_period_and_queue(house: House) -> None:
    asked = CallQuery(from_="2026-11-19", to="2026-11-20", queue="service", agent="101", behind="abandoned")
    found = await filter_of(asked, day.ZONE, house.deps.reading)
    whole_day = ReportAsked(day.MIDNIGHT, day.MIDNIGHT + 86_400, queue="service")
    assert found == CallFilter(agent="101", behind=FigureCell("abandoned", whole_day))
    asked = CallQuery(from_="2026-11-19", to="2026-11-20", line="4008001234", week_hour=9, behind="offered")
    cell = FigureCell("offered", ReportAsked(day.MIDNIGHT, day.MIDNIGHT + 86_400, line="4008001234", week_hour=9))
    assert await filter_of(asked, day.ZONE, house.deps.reading) == CallFilter(behind=cell)


async def test_a_figure_of_an_agent(house: House) -> None:
    asked = CallQuery(from_="2026-11-19", to="2026-11-20", agent="101", worked="rung", behind="")
    wanted = CallFilter(worked=AgentCell("rung", "101", day.MIDNIGHT, day.MIDNIGHT + 86_400))
    assert await filter_of(asked, day.ZONE, house.deps.reading) == wanted
    with pytest.raises(Problem) as nobody:
        await filter_of(CallQuery(from_="2026-11-19", to="2026-11-20", worked="rung"), day.ZONE, house.deps.reading)
    assert nobody.value.where == "query.worked"


async def test_a_figure_without_its_period_or_with_too_many_waits(house: House) -> None:
    with pytest.raises(Problem) as without:
        await filter_of(CallQuery(from_="2026-11-19", behind="offered"), day.ZONE, house.deps.reading)
    assert without.value.where == "query.behind"
    house.store.waits = house.store.waits * (BEHIND_MOST // len(house.store.waits) + 1)
    with pytest.raises(Problem) as many:
        await filter_of(CallQuery(from_="2026-11-19", to="2026-11-20", behind="offered"), day.ZONE, house.deps.reading)
    assert many.value.code == "too_many_behind"


async def test_a_moment_outside_of_the_years_is_told_as_one(house: House) -> None:
    with pytest.raises(Problem) as early:
        await filter_of(CallQuery(from_="1970-01-01"), day.ZONE, house.deps.reading)  # 8 hours before, in Shanghai
    assert "1970-01-01T00:00+00:00" in early.value.mend and "not a moment" not in early.value.title
    with pytest.raises(Problem, match="not a moment"):
        await filter_of(CallQuery(from_="nan"), day.ZONE, house.deps.reading)
