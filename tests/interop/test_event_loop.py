"""Signalling never waits for a report: 20 talks are up, people read lists, reports and live boards, and the event loop
of the served line is never kept from turning by a computation of its own.
"""

import asyncio
import re
from pathlib import Path
from typing import cast

import pytest

from service.clock import SystemClock
from service.demo.softphone import PhoneCall
from telephony.sip.hop import Hop
from tests.interop.handset import Handset
from tests.interop.line import CARRIER, HOST, Json, Line, serving
from tests.interop.past_calls import write_past
from tests.ports import free_port

pytestmark = pytest.mark.interop
CALLS = 20
PAST = 5000
LONGEST_S = 0.020
"""What the watch tells is all callbacks of one turn together, so no computation takes longer."""
LOOK = "loop_watch_ms = 5\n"
RUNS = 3
BUSY_S = 8.0
QUEUES = ("sales", "service", "tradein", "complaint", "general")
REQUESTS = (
    "/calls?limit=200",
    "/calls?limit=200&offset=1000&queue=sales",
    "/reports/queues?bucket=half_hour&from={from}&to={to}",
    "/reports/queues?bucket=day&from={from}&to={to}",
    "/live",
    "/agents",
    "/health",
)
SHEETS = ("/calls.xlsx", "/calls.csv", "/reports/queues.xlsx?bucket=hour&from={from}&to={to}")


def _settings(carrier_port: int, phones: int) -> str:
    agents = [f"2{count:02d}" for count in range(CALLS)]
    listed = ", ".join(f'"{agent}"' for agent in agents)
    return (
        f'[[trunk]]\nname = "carrier"\nhost = "{CARRIER}"\nport = {carrier_port}\n'
        + '[[number]]\nnumber = "4008005555"\nto = "queue:general"\n'
        + "".join(f'[[queue]]\nname = "{name}"\nagents = [{listed}]\n' for name in QUEUES)
        + "".join(f'[[agent]]\nid = "{agent}"\naddress = "sip:{agent}@{HOST}:{phones}"\n' for agent in agents)
    )


async def _read_on(line: Line, paths: tuple[str, ...], period: dict[str, float], until: float) -> int:
    """Ask for ``paths``, one after the other and again, until that time; how many answers came."""
    loop, answers = asyncio.get_running_loop(), 0
    while loop.time() < until:
        for path in paths:
            assert await line.api.download(path.format_map(period))
            answers += 1
    return answers


async def _look_on(line: Line) -> None:
    async for _ in line.api.events():
        pass


async def _own_computation_s(line: Line) -> tuple[float, str]:
    health = cast("dict[str, list[Json]]", await line.api.get("/health"))
    (detail,) = (str(part["detail"]) for part in health["components"] if part["name"] == "event_loop")
    found = re.search(r"own computation at most (\S+) ms", detail)
    assert found, detail
    return float(found[1]) / 1000, detail


async def test_reports_do_not_hold_up_calls(tmp_path: Path) -> None:
    """A machine that is busy elsewhere lets callbacks pile up, and a pile looks like one computation. What really takes
    so long does so each time, so the best of three runs tells.
    """
    details = []
    for turn in range(RUNS):
        folder = tmp_path / str(turn)
        folder.mkdir()
        busiest_s, detail = await _busy_line(folder)
        if busiest_s <= LONGEST_S:
            return
        details.append(detail)
    raise AssertionError("; ".join(details))


async def _busy_line(tmp_path: Path) -> tuple[float, str]:
    """Talks, readers and lookers for a while; the longest own computation of the line and what its health says."""
    await write_past(tmp_path / "data" / "line400.db", QUEUES, PAST)
    carrier_port, phones_port = free_port(CARRIER), free_port()
    async with serving(tmp_path, _settings(carrier_port, phones_port), top=LOOK, forked=False) as line:
        server = Hop("UDP", HOST, line.sip)
        tasks: set[asyncio.Task[None]] = set()

        def pick_up(call: PhoneCall) -> None:
            task = asyncio.create_task(call.answer())
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        phones = Handset(server, "phones", on_call=pick_up, listen=Hop("UDP", HOST, phones_port))
        carrier = Handset(server, "carrier", listen=Hop("UDP", CARRIER, carrier_port))
        await phones.start()
        await carrier.start()
        looking = [asyncio.create_task(_look_on(line)) for _ in range(3)]
        try:
            for count in range(CALLS):
                await line.set_agent(f"2{count:02d}", "available")
            calls = [await carrier.call("4008005555", f"139{count:08d}") for count in range(CALLS)]
            await line.until_agent(f"2{CALLS - 1:02d}", "talking")
            now = SystemClock().now()
            period = {"from": now - 30 * 86_400.0, "to": now + 1.0}
            until = asyncio.get_running_loop().time() + BUSY_S
            answers = await asyncio.gather(
                *(_read_on(line, paths, period, until) for paths in (REQUESTS, REQUESTS[::-1], SHEETS))
            )
            assert min(answers) > 2
            seen = await _own_computation_s(line)
            for call in calls:
                assert call.up and not call.ended.done()
                call.hang_up()
            await line.until_calls_ended(CALLS)
            return seen
        finally:
            for task in looking:
                task.cancel()
            await carrier.close()
            await phones.close()
