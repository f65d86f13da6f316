"""The shipped form with a question of every kind, over real SIP: one answers by keys, one speaks and is recognised, one
hangs up in the middle. What they said is in the results and the report, by kind.
"""

import asyncio
import csv
import io
from collections import defaultdict
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Final, cast

import pytest

from bench.asr import clips
from core.audio import Pcm
from core.numbers import normalise
from service.clock import SystemClock
from service.demo.softphone import PhoneCall, Softphone
from telephony.sip.hop import Hop
from tests.interop.line import CARRIER, HOST, Json, Line, basic, serving
from tests.models import need_whisper
from tests.ports import free_port
from tests.shared import need_shared

pytestmark = [pytest.mark.interop, pytest.mark.slow]
NAME: Final = "handed-over"
PRESSES, SPEAKS, LEAVES = "+8613400000001", "+8613400000002", "+8613400000003"
INTO_THE_PROMPT_S: Final = 0.7
TRIES: Final = 3


class People:
    """Whom the carrier reaches, and what the line's log says of each of their calls."""

    def __init__(self, lives: dict[str, Callable[["People", PhoneCall], Coroutine[None, None, None]]]) -> None:
        self._lives = lives
        self._numbers: dict[str, str] = {}
        self._told: dict[str, asyncio.Queue[Json]] = defaultdict(asyncio.Queue)
        self.tasks: list[asyncio.Task[None]] = []
        self.failed: list[str] = []
        """Of ``SPEAKS``: where he had to say it again."""

    def rung(self, call: PhoneCall) -> None:
        number = normalise(call.number)
        self.tasks.append(asyncio.ensure_future(self._lives[number](self, call)))

    async def follow(self, line: Line) -> None:
        """Until cancelled."""
        async for event in line.api.events():
            call_id, data = str(event["call_id"]), cast("Json", event["data"])
            if event["name"] == "call.started":
                self._numbers[call_id] = normalise(str(data["dnis"]))
            if event["name"] in {"ivr.entered", "survey.answered", "ivr.failed"}:
                self._told[self._numbers.get(call_id, "")].put_nowait(event)

    async def until(self, call: PhoneCall, name: str) -> Json:
        """The next event about the caller, which must be one of ``name``; what is in it."""
        async with asyncio.timeout(60):
            event = await self._told[normalise(call.number)].get()
        assert event["name"] == name, event
        return cast("Json", event["data"])

    async def press(self, call: PhoneCall, question: str, keys: str, value: str) -> None:
        await asyncio.sleep(INTO_THE_PROMPT_S)
        call.voice.press(keys)
        answered = await self.until(call, "survey.answered")
        assert (answered["question"], answered["value"], answered["how"]) == (question, value, "key")

    async def say(self, call: PhoneCall, question: str, clip: Pcm, value: str) -> str:
        """Speak over the prompt; where it was not understood, once more. What was heard."""
        for _ in range(TRIES):
            await asyncio.sleep(INTO_THE_PROMPT_S)
            await call.voice.say_samples(clip)
            async with asyncio.timeout(60):
                event = await self._told[normalise(call.number)].get()
            told = cast("Json", event["data"])
            if event["name"] == "survey.answered":
                assert (told["question"], told["value"], told["how"]) == (question, value, "speech"), told
                return str(told["text"])
            self.failed.append(question)
        raise AssertionError(f"{question} was not understood in {TRIES} tries")


async def presses_keys(them: People, call: PhoneCall) -> None:
    await call.answer()
    await them.until(call, "ivr.entered")
    await them.press(call, "may_i", "1", "yes")
    await them.press(call, "explained", "2", "no")
    await them.press(call, "explain_again", "1", "yes")
    await them.press(call, "delivery", "4", "4")
    await asyncio.sleep(INTO_THE_PROMPT_S)
    call.voice.press("7")  # there are five
    assert (await them.until(call, "ivr.failed")) == {"node": "why", "why": "invalid"}
    await asyncio.sleep(INTO_THE_PROMPT_S)
    call.voice.press("*")  # once more, which is no fault
    await them.press(call, "why", "3", "room")
    await them.press(call, "km", "12000#", "12000")
    await them.press(call, "serviced", "1", "yes")
    await them.press(call, "nps", "10", "10")
    await asyncio.sleep(INTO_THE_PROMPT_S)
    call.voice.press("#")  # nothing to add
    await call.ended


async def leaves(them: People, call: PhoneCall) -> None:
    await call.answer()
    await them.until(call, "ivr.entered")
    await them.press(call, "may_i", "1", "yes")
    await them.press(call, "explained", "1", "yes")
    await them.press(call, "delivery", "1", "1")
    call.hang_up()


async def speaks(them: People, call: PhoneCall) -> None:
    said = {clip.name: clip.audio for clip in clips(need_shared("speech").parent)}
    await call.answer()
    await them.until(call, "ivr.entered")
    await them.say(call, "may_i", said["callers/yes.zm_yunjian.wav"], "yes")
    await them.say(call, "explained", said["synthetic/cmd_10_zm_yunyang.ulaw"], "yes")  # 是的
    await them.say(call, "delivery", said["callers/score_3.zf_xiaoyi.wav"], "3")  # 我打三分，等得太久了
    await them.say(call, "why", said["synthetic/cmd_17_zm_yunxi.ulaw"], "service")  # 售后服务
    heard = await them.say(call, "km", said["callers/service_1.zm_yunjian.wav"], "30000")  # …车跑了三万公里了
    assert "公里" in heard, "his words are kept beside the number"
    await them.say(call, "serviced", said["synthetic/cmd_11_zm_yunxi.ulaw"], "no")  # 不是
    await them.say(call, "nps", said["callers/score_10.zm_yunxi.wav"], "10")  # 十分，服务态度非常好
    await asyncio.sleep(7)  # a remark is listened to when the request for it is over
    await call.voice.say_samples(said["callers/reason_good.zm_yunxi.wav"])
    answered = await them.until(call, "survey.answered")
    assert (answered["question"], answered["value"]) == ("reason", "")
    assert "专业" in str(answered["text"])
    await call.ended


def _config(carrier_port: int) -> str:
    campaign = (
        f'[[campaign]]\nname = "{NAME}"\ntrunk = "carrier"\ncaller_id = "4008001234"\nconcurrency = 3\n'
        'survey = "after_sale"\nhours = ["daily 00:00-24:00"]\n[campaign.retry]\nattempts = 1\n'
    )
    return basic(carrier_port=carrier_port, more=campaign)


async def _until_finished(line: Line) -> None:
    async with asyncio.timeout(180):
        while True:
            if cast("Json", await line.api.get(f"/campaigns/{NAME}"))["state"] == "finished":
                return
            await asyncio.sleep(0.3)


async def test_a_form_of_all_kinds_is_answered_by_keys_and_by_voice(tmp_path: Path) -> None:
    model = need_whisper()
    port = free_port(CARRIER)
    them = People({PRESSES: presses_keys, SPEAKS: speaks, LEAVES: leaves})
    contacts = "手机号,姓名\n" + "".join(f"{number[3:]},客户\n" for number in (PRESSES, SPEAKS, LEAVES))
    (tmp_path / "list.csv").write_text(contacts, encoding="utf-8")
    async with serving(tmp_path, _config(port), LINE400_MODELS=str(model.path.parent)) as line:
        carrier = Softphone(
            SystemClock(), Hop("UDP", HOST, line.sip), "carrier", on_call=them.rung, listen=Hop("UDP", CARRIER, port)
        )
        await carrier.start()
        following = asyncio.create_task(them.follow(line))
        try:
            await line.command("campaign", "import", str(tmp_path / "list.csv"), "--campaign", NAME)
            await line.api.send("POST", f"/campaigns/{NAME}/start")
            await _until_finished(line)
            await asyncio.wait_for(asyncio.gather(*them.tasks), 30)
            rows = await line.api.get(f"/campaigns/{NAME}/results")
            report = cast("Json", await line.api.get(f"/campaigns/{NAME}/report"))
            table = await line.command("campaign", "results", NAME)
            tasks = cast("list[Json]", cast("Json", await line.api.get("/tasks"))["items"])
        finally:
            following.cancel()
            await carrier.close()
    print("said again:", them.failed)
    assert len(them.failed) <= 2, them.failed

    results = {str(row["number"]): row for row in cast("list[Json]", rows)}
    assert [results[number]["result"] for number in (PRESSES, SPEAKS, LEAVES)] == ["completed", "completed", "partial"]
    given = {
        str(row["number"]): {cell["question"]: cell["value"] for cell in cast("list[Json]", row["answers"])}
        for row in cast("list[Json]", rows)
    }
    assert given[LEAVES] == {"may_i": "yes", "explained": "yes", "delivery": "1"}
    (form,) = cast("list[Json]", cast("Json", report["report"])["forms"])
    asked = {str(it["question"]): it for it in cast("list[Json]", form["questions"])}
    assert {name: it["kind"] for name, it in asked.items() if name != "may_i"} == {
        "explained": "yes_no", "explain_again": "yes_no", "delivery": "scale", "why": "choice", "km": "number",
        "serviced": "yes_no", "nps": "nps", "reason": "speech",
    }  # fmt: skip
    assert _hits(asked["explained"]) == {"yes": 2, "no": 1}
    assert _hits(asked["why"]) == {"price": 0, "looks": 0, "room": 1, "service": 1, "other": 0}
    assert cast("Json", asked["km"]["spread"])["median"] == 21_000
    assert asked["delivery"]["mean"] == pytest.approx(8 / 3)
    assert set(asked) <= set(next(csv.reader(io.StringIO(table)))), "a column for each question"
    low = [task for task in tasks if task["kind"] == "low_survey"]
    assert [task["detail"] for task in low] == ["delivery 1/5"]


def _hits(question: Json) -> dict[str, object]:
    values = cast("list[Json]", question["values"])
    return {str(it["value"]): cast("Json", it["share"])["hits"] for it in values}
