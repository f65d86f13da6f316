"""A notice over real SIP: one hears it to its end, one hangs up before; both stand in the results and in the report."""

import asyncio
from pathlib import Path
from typing import Final, cast

import pytest

from campaigns.notice import HEARD
from service.clock import SystemClock
from service.demo.softphone import PhoneCall, Softphone
from telephony.sip.hop import Hop
from tests.interop.line import CARRIER, HOST, Json, basic, serving
from tests.ports import free_port

pytestmark = [pytest.mark.interop]
NAME: Final = "cars-ready"
HEARS, LEAVES = "13400000001", "13400000002"
NOTICE: Final = """\
start = "said"

[nodes.said]
kind = "play"
text = "您的车可以取了。"
prompts = ["please_wait"]
goto = "bye"

[nodes.bye]
kind = "hangup"
prompts = ["goodbye"]
"""


def _config(carrier_port: int, survey: Path) -> str:
    return basic(
        carrier_port=carrier_port,
        more=f'[[survey]]\nname = "car_ready"\nfile = "{survey}"\n'
        f'[[campaign]]\nname = "{NAME}"\ntrunk = "carrier"\ncaller_id = "4008001234"\nconcurrency = 2\n'
        'survey = "car_ready"\nhours = ["daily 00:00-24:00"]\n[campaign.retry]\nattempts = 1\n',
    )


async def test_a_notice_is_heard_or_not(tmp_path: Path) -> None:
    calls: list[asyncio.Task[None]] = []

    async def person(call: PhoneCall) -> None:
        await call.answer()
        if call.number.endswith(LEAVES[-4:]):
            await asyncio.sleep(0.5)
            call.hang_up()
        else:
            await call.ended

    survey, port = tmp_path / "car_ready.toml", free_port(CARRIER)
    survey.write_text(NOTICE, encoding="utf-8")
    (tmp_path / "list.csv").write_text(f"手机号,姓名\n{HEARS},客户\n{LEAVES},客户\n", encoding="utf-8")
    async with serving(tmp_path, _config(port, survey)) as line:
        carrier = Softphone(
            SystemClock(),
            Hop("UDP", HOST, line.sip),
            "carrier",
            on_call=lambda call: calls.append(asyncio.ensure_future(person(call))),
            listen=Hop("UDP", CARRIER, port),
        )
        await carrier.start()
        try:
            await line.command("campaign", "import", str(tmp_path / "list.csv"), "--campaign", NAME)
            await line.api.send("POST", f"/campaigns/{NAME}/start")
            async with asyncio.timeout(60):
                while cast("Json", await line.api.get(f"/campaigns/{NAME}"))["state"] != "finished":  # noqa: ASYNC110 - asked over HTTP
                    await asyncio.sleep(0.2)
            await asyncio.wait_for(asyncio.gather(*calls), 10)
            rows = cast("list[Json]", await line.api.get(f"/campaigns/{NAME}/results"))
            report = cast("Json", await line.api.get(f"/campaigns/{NAME}/report"))
        finally:
            await carrier.close()
    results = {str(row["number"])[-11:]: row for row in rows}
    assert {number: row["result"] for number, row in results.items()} == {HEARS: "completed", LEAVES: "hung_up"}
    (form,) = cast("list[Json]", cast("Json", report["report"])["forms"])
    (question,) = cast("list[Json]", form["questions"])
    assert (question["question"], question["kind"]) == (HEARD, "yes_no")
    values = cast("list[Json]", question["values"])
    assert {it["value"]: cast("Json", it["share"])["hits"] for it in values} == {"yes": 1, "no": 1}
