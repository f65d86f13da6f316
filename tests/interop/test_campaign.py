"""A campaign through a simulated carrier, over two kill -9 of the service: nobody is dialled twice, no answer lost."""

import asyncio
import contextlib
import csv
import io
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import cast
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from core.errors import Unavailable
from core.numbers import normalise
from service.clock import SystemClock
from service.demo.softphone import PhoneCall, Softphone
from telephony.sip.hop import Hop
from tests.interop.line import CARRIER, HOST, Json, Line, basic, serving
from tests.ports import free_port

pytestmark = [pytest.mark.interop, pytest.mark.slow]
NAME = "visit"
CONCURRENCY = 3
Behaviour = Callable[["Customers", PhoneCall, str], Coroutine[None, None, None]]


class Customers:
    """Everybody whom the carrier can reach. ``dialled`` counts INVITEs by number; ``said`` what is known to have been
    answered, because the service itself said so, before whatever came next.
    """

    def __init__(self, line: Line, behaviours: dict[str, Behaviour]) -> None:
        self.line = line
        self.dialled: Counter[str] = Counter()
        self.said: dict[str, dict[str, str]] = {}
        self.reached = {number: asyncio.Event() for number in behaviours}
        """Set when the person has come to where he wanted to be."""
        self._behaviours = behaviours
        self._lives: set[asyncio.Task[None]] = set()

    def rung(self, call: PhoneCall) -> None:
        number = normalise(call.number)
        self.dialled[number] += 1
        life = asyncio.ensure_future(self._behaviours[number](self, call, number))
        self._lives.add(life)

    async def answers(self, call: PhoneCall, number: str, *keys: tuple[str, str]) -> None:
        """Press ``keys`` (question, key), each once the service has taken the one before."""
        await call.answer()
        await self._until(number, "ivr.entered")  # a key before the first question is not meant for it
        for question, key in keys:
            await asyncio.sleep(0.5)
            call.voice.press(key)
            await self._until(number, "survey.answered", question)
            self.said.setdefault(number, {})[question] = key.strip("#")

    async def _until(self, number: str, fact: str, question: str = "") -> None:
        async with asyncio.timeout(60):
            while True:
                with contextlib.suppress(Unavailable):  # it may have been killed at this moment
                    if question in await self._known(number, fact):
                        return
                await asyncio.sleep(0.2)

    async def _known(self, number: str, fact: str) -> set[object]:
        """The questions ("" where the fact is about none) that the service's log has ``fact`` for."""
        for row in await self.line.calls():
            if row["dnis"] == number:
                events = cast("list[Json]", (await self.line.call(row["id"]))["events"])
                return {cast("Json", event["data"]).get("question", "") for event in events if event["name"] == fact}
        return set()

    async def close(self) -> None:
        for life in self._lives:
            life.cancel()
        failed = [error for error in await asyncio.gather(*self._lives, return_exceptions=True) if error is not None]
        assert all(isinstance(error, asyncio.CancelledError | TimeoutError) for error in failed), failed


YES = ("may_i", "1")
QUALITY = ("quality", "4")
NPS = ("nps", "9#")


async def goes_through(them: Customers, call: PhoneCall, number: str) -> None:
    await them.answers(call, number, YES, QUALITY, NPS)
    await asyncio.sleep(1)
    call.voice.press("#")
    await call.ended


async def hangs_up_in_the_middle(them: Customers, call: PhoneCall, number: str) -> None:
    await them.answers(call, number, YES, QUALITY)
    call.hang_up()


async def stays_in_the_middle(them: Customers, call: PhoneCall, number: str) -> None:
    await them.answers(call, number, YES, QUALITY)
    them.reached[number].set()


async def declines(them: Customers, call: PhoneCall, number: str) -> None:
    await them.answers(call, number, ("may_i", "2"))


async def is_busy(them: Customers, call: PhoneCall, number: str) -> None:
    call.refuse(486)


async def is_reached_but_busy(them: Customers, call: PhoneCall, number: str) -> None:
    them.reached[number].set()
    call.refuse(486)


async def lets_it_ring(them: Customers, call: PhoneCall, number: str) -> None:
    them.reached[number].set()
    await call.ended


KINDS: tuple[tuple[Behaviour, str], ...] = (
    (stays_in_the_middle, "interrupted"),
    (is_busy, "busy"),
    (hangs_up_in_the_middle, "partial"),
    (goes_through, "completed"),
    (lets_it_ring, "no_answer"),
    (is_busy, "busy"),
    (stays_in_the_middle, "interrupted"),
    (lets_it_ring, "no_answer"),
    (declines, "refused"),
    (goes_through, "completed"),
    (hangs_up_in_the_middle, "partial"),
    (goes_through, "completed"),
)
NUMBERS = [f"+861340000{place:04}" for place in range(1, len(KINDS) + 1)]
LEAD = "+8613400009999"
FIRST_KILL, SECOND_KILL = NUMBERS[0], NUMBERS[6]


def _config(carrier_port: int) -> str:
    campaign = (
        f'[[campaign]]\nname = "{NAME}"\ntrunk = "carrier"\ncaller_id = "4008001234"\nconcurrency = {CONCURRENCY}\n'
        'ring_timeout_s = 5\nhours = ["daily 00:00-24:00"]\n[campaign.retry]\nattempts = 1\n'
    )
    return basic(carrier_port=carrier_port, more=campaign)


def _table(text: str) -> list[dict[str, str]]:
    """The rows of a CSV by the English part of its headings."""
    return [{heading.split()[-1]: cell for heading, cell in row.items()} for row in csv.DictReader(io.StringIO(text))]


@contextlib.asynccontextmanager
async def _carrier(them: Customers, port: int) -> AsyncIterator[None]:
    phone = Softphone(
        SystemClock(), Hop("UDP", HOST, them.line.sip), "carrier", on_call=them.rung, listen=Hop("UDP", CARRIER, port)
    )
    await phone.start()
    try:
        yield
    finally:
        await phone.close()
        await them.close()


async def _import_by_the_console(line: Line, name: str, content: bytes) -> None:
    """Hand the list over, and take it in as it was read."""
    query = urlencode({"campaign": NAME, "name": name})
    headers = {"Authorization": f"Bearer {line.api._token}", "Content-Type": "application/octet-stream"}
    request = Request(f"http://{HOST}:{line.http}/api/v1/lists?{query}", content, headers, method="POST")
    with await asyncio.to_thread(urlopen, request, timeout=20) as answer:
        where = f"/lists/{json.load(answer)['id']}"

    async def until_idle() -> Json:
        async with asyncio.timeout(60):
            while True:
                view = cast("Json", await line.api.get(where))
                if view["state"] not in ("checking", "taking"):
                    return view
                await asyncio.sleep(0.1)

    look = cast("Json", (await until_idle())["look"])
    assert (look["encoding"], look["accepted"]) == ("gb18030", len(NUMBERS))
    await line.api.send("POST", f"{where}/take")
    taken = await until_idle()
    assert taken["state"] == "taken", taken


async def _until_finished(line: Line) -> None:
    async with asyncio.timeout(150):
        while True:
            campaign = cast("Json", await line.api.get(f"/campaigns/{NAME}"))
            if campaign["state"] == "finished":
                return
            assert campaign["state"] == "running", campaign
            await asyncio.sleep(0.3)


async def _until_all_calls_ended(line: Line) -> list[Json]:
    """All calls of the campaign. One may miss that was dialled as the service was killed: its attempt stands in the log
    before the first packet, the call itself a moment after.
    """
    async with asyncio.timeout(30):
        while True:
            calls = [call for call in await line.calls() if call["direction"] == "outbound"]
            if all(call["ended_at"] is not None for call in calls):
                return calls
            await asyncio.sleep(0.2)


async def _a_lead_is_called_at_once(line: Line, them: Customers) -> None:
    """A program sends somebody into the campaign, which has finished and goes on for him; sent again he is known."""
    lead = {"rows": [{"number": LEAD[3:], "name": "官网线索"}]}
    sent = cast("Json", await line.api.send("POST", f"/campaigns/{NAME}/contacts", lead))
    await asyncio.wait_for(them.reached[LEAD].wait(), 10)
    again = cast("Json", await line.api.send("POST", f"/campaigns/{NAME}/contacts", lead))
    assert (sent["accepted"], again["accepted"], again["known"]) == (1, 0, 1)
    await _until_finished(line)
    assert them.dialled.pop(LEAD) == 1


async def test_each_contact_is_dialled_once_and_every_answer_kept_over_two_kills(tmp_path: Path) -> None:
    port = free_port(CARRIER)
    contacts = tmp_path / "list.csv"
    text = "手机号,姓名\n" + "".join(f"{number[3:]},客户{number[-2:]}\n" for number in NUMBERS)
    contacts.write_bytes(text.encode("gb18030"))
    behaviours = {number: behaviour for number, (behaviour, _) in zip(NUMBERS, KINDS, strict=True)} | {
        LEAD: is_reached_but_busy
    }
    async with serving(tmp_path, _config(port)) as line:
        them = Customers(line, behaviours)
        async with _carrier(them, port):
            assert "GB18030" in await line.command("campaign", "import", str(contacts), "--dry-run")
            await _import_by_the_console(line, contacts.name, text.encode("gb18030"))
            await line.command("campaign", "start", NAME)
            for moment in (FIRST_KILL, SECOND_KILL):
                await asyncio.wait_for(them.reached[moment].wait(), 90)
                await line.kill()
                await line.start()
            await _until_finished(line)
            calls = await _until_all_calls_ended(line)
            rows = _table(await line.command("campaign", "results", NAME))
            await _a_lead_is_called_at_once(line, them)

    assert [row["number"] for row in rows] == NUMBERS
    assert max(them.dialled.values()) == 1, them.dialled
    assert all(row["state"] == "done" for row in rows), rows
    not_dialled = set(NUMBERS) - set(them.dialled)
    assert all(row["result"] == "interrupted" for row in rows if row["number"] in not_dialled), rows
    cut = 0
    for row, (_, expected) in zip(rows, KINDS, strict=True):
        if row["result"] != expected:
            assert row["result"] == "interrupted", (row, expected)
            cut += 1
        for question, key in them.said.get(row["number"], {}).items():
            assert row[question] == {"may_i": {"1": "yes", "2": "no"}}.get(question, {}).get(key, key), row
    assert cut <= 2 * (CONCURRENCY - 1), rows  # what else was going on when it was killed
    for number in (FIRST_KILL, SECOND_KILL):
        assert them.said[number] == dict((YES, QUALITY))
    assert len(calls) >= len(them.dialled) - 2 * (CONCURRENCY - 1), "those that were being begun at a kill"
    assert len({call["dnis"] for call in calls}) == len(calls)
    assert not any("broke off" in text or "Traceback" in text for text in line.output)
