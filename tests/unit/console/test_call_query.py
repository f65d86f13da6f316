"""From the parameters of a query to the filter of calls."""

import pytest

from campaigns.contact_filter import AttemptCell
from console.api.call_query import BEHIND_MOST, CallQuery, filter_of
from console.ports import CallFilter
from console.problems import Problem
from console.report_ports import AgentCell, FigureCell, ReportAsked
from tests.unit.console import day
from tests.unit.console.fakes import House


async def filtered(asked: CallQuery, house: House) -> CallFilter:
    return await filter_of(asked, day.ZONE, house.deps.reading, day.NOW)


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
    assert await filtered(asked, house) == CallFilter(
        from_at=day.MIDNIGHT + 8 * 3600,
        to_at=day.MIDNIGHT + 9 * 3600,
        queue="sales",
        agent="101",
        direction="inbound",
        number="138",
        outcome="waiting",
        text="您好",
    )
    assert await filtered(CallQuery(), house) == CallFilter()


@pytest.mark.parametrize("to", ["2026-11-19T08:00", "2026-11-18"])
async def test_a_period_needs_time_in_it(house: House, to: str) -> None:
    with pytest.raises(Problem) as refused:
        await filtered(CallQuery(from_="2026-11-19T08:00", to=to), house)
    assert (refused.value.status, refused.value.where) == (422, "query.to")


async def test_a_figure_takes_the_place_of_period_and_queue(house: House) -> None:
    asked = CallQuery(from_="2026-11-19", to="2026-11-20", queue="service", agent="101", behind="abandoned")
    found = await filtered(asked, house)
    whole_day = ReportAsked(day.MIDNIGHT, day.MIDNIGHT + 86_400, queue="service")
    assert found == CallFilter(agent="101", behind=FigureCell("abandoned", whole_day))
    asked = CallQuery(from_="2026-11-19", to="2026-11-20", line="4008001234", week_hour=9, behind="offered")
    cell = FigureCell("offered", ReportAsked(day.MIDNIGHT, day.MIDNIGHT + 86_400, line="4008001234", week_hour=9))
    assert await filtered(asked, house) == CallFilter(behind=cell)


async def test_a_figure_of_a_campaign(house: House) -> None:
    asked = CallQuery(campaign="spring", attempted="talking", result="busy", week_hour=9, round_=2)
    cell = AttemptCell("spring", "talking", "busy", zone=day.ZONE.key, round=2, week_hour=9, now=day.NOW)
    assert await filtered(asked, house) == CallFilter(attempts=cell)


async def test_a_figure_of_an_agent(house: House) -> None:
    asked = CallQuery(from_="2026-11-19", to="2026-11-20", agent="101", worked="rung", behind="")
    wanted = CallFilter(worked=AgentCell("rung", "101", day.MIDNIGHT, day.MIDNIGHT + 86_400))
    assert await filtered(asked, house) == wanted
    with pytest.raises(Problem) as nobody:
        await filtered(CallQuery(from_="2026-11-19", to="2026-11-20", worked="rung"), house)
    assert nobody.value.where == "query.worked"


async def test_a_figure_without_its_period_or_with_too_many_waits(house: House) -> None:
    with pytest.raises(Problem) as without:
        await filtered(CallQuery(from_="2026-11-19", behind="offered"), house)
    assert without.value.where == "query.behind"
    house.store.waits = house.store.waits * (BEHIND_MOST // len(house.store.waits) + 1)
    with pytest.raises(Problem) as many:
        await filtered(CallQuery(from_="2026-11-19", to="2026-11-20", behind="offered"), house)
    assert many.value.code == "too_many_behind"


async def test_a_moment_outside_of_the_years_is_told_as_one(house: House) -> None:
    with pytest.raises(Problem) as early:
        await filtered(CallQuery(from_="1970-01-01"), house)  # 8 hours before, in Shanghai
    assert "1970-01-01T00:00+00:00" in early.value.mend and "not a moment" not in early.value.title
    with pytest.raises(Problem, match="not a moment"):
        await filtered(CallQuery(from_="nan"), house)
