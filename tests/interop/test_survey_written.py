"""A survey that a supervisor writes, with recordings that he hands over, asked over real SIP: what is said is what was
handed over, a changed version waits for the next start (here after kill -9), and answers stay with their version.
"""

import asyncio
import io
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Final, cast
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import numpy as np
import pytest
import soundfile

from core.errors import Unavailable
from service.clock import SystemClock
from service.demo.softphone import PhoneCall, Softphone
from telephony.sip.hop import Hop
from tests.interop.line import CARRIER, HOST, Json, Line, basic, serving
from tests.interop.sound import share_of_tone, until_heard
from tests.ports import free_port

pytestmark = [pytest.mark.interop, pytest.mark.slow]
NAME: Final = "新车主回访"
SURVEY: Final = "新车主"
FIRST, CUT, LATER = "13400000001", "13400000002", "13400000003"
HZ: Final = {
    "how": 440.0, "worst": 620.0, "nps": 800.0, "again": 1000.0, "words": 1250.0, "end": 1500.0, "anew": 1800.0,
}  # fmt: skip
"""The recording of each item is a tone of its own; ``anew``: of the scale in its second version."""
Answers = tuple[tuple[str, str], ...]
COMPLAINS: Final[Answers] = (("worst", "2"), ("nps", "9#"), ("again", "1"), ("words", "#"))
CONTENT: Final[Answers] = (("anew", "7"), ("nps", "10"), ("again", "2"), ("words", "#"))


def _sound(hz: float, rate_hz: int, kind: str) -> bytes:
    """A tone of 1.2 s in stereo, more in the left channel."""
    tone = 0.4 * np.sin(2 * np.pi * hz * np.arange(round(1.2 * rate_hz)) / rate_hz)
    written = io.BytesIO()
    soundfile.write(written, np.stack((tone, tone / 2), axis=1), rate_hz, format=kind)
    return written.getvalue()


def _nodes(said: dict[str, str], **how: object) -> list[Json]:
    return [
        {"name": "how", "kind": "scale", "text": "满意吗？", "low": 1, "high": 5, "low_score": 2,
         "prompts": [said["how"]], "branches": [{"from": 1, "to": 2, "goto": "worst"}], "goto": "nps", **how},
        {"name": "worst", "kind": "choice", "text": "哪里不好？", "prompts": [said["worst"]], "choices": [
            {"name": "price", "text": "价格", "key": "1"}, {"name": "wait", "text": "等候", "key": "2"}]},
        {"name": "nps", "kind": "nps", "text": "愿意推荐吗？", "inter_digit_s": 1, "prompts": [said["nps"]]},
        {"name": "again", "kind": "yes_no", "text": "还会来吗？", "prompts": [said["again"]]},
        {"name": "words", "kind": "speech", "text": "还有什么要说的？", "prompts": [said["words"]]},
        {"name": "end", "kind": "hangup", "text": "再见。", "prompts": [said["end"]]},
    ]  # fmt: skip


async def _hand_over(line: Line, sound: bytes) -> tuple[int, Json]:
    """As the page does: the file is the body."""
    headers = {"Authorization": f"Bearer {line.api._token}", "Content-Type": "application/octet-stream"}
    request = Request(f"http://{HOST}:{line.http}/api/v1/survey-prompts", sound, headers, method="POST")

    def ask() -> tuple[int, Json]:
        try:
            with urlopen(request, timeout=20) as answer:
                return answer.status, json.load(answer)
        except HTTPError as error:
            return error.code, json.load(error)

    return await asyncio.to_thread(ask)


async def _refused(line: Line, method: str, path: str, body: Json | None = None) -> str:
    with pytest.raises(Unavailable) as caught:
        await line.api.send(method, path, body)
    return str(caught.value)


async def _answer(call: PhoneCall, answers: Answers) -> None:
    """Press each key once the recording of its question is heard; then be told goodbye."""
    for question, keys in answers:
        await until_heard(call, HZ[question])
        call.voice.press(keys)
    await until_heard(call, HZ["end"])
    await call.ended


def _tones(call: PhoneCall) -> set[str]:
    """Which recordings he has heard for a fifth of a second at least."""
    heard = call.voice.heard_samples()
    pieces = [heard[start : start + 1600] for start in range(0, len(heard) - 1599, 800)]
    return {name for name, hz in HZ.items() if any(share_of_tone(piece, hz) > 0.9 for piece in pieces)}


class People:
    """Whom the carrier reaches: FIRST complains, CUT is on the line when the service is killed, LATER is content."""

    def __init__(self) -> None:
        self.calls: dict[str, PhoneCall] = {}
        self.lives: dict[str, asyncio.Task[None]] = {}
        self.asked = asyncio.Event()
        """FIRST hears the first question: the survey may be changed."""
        self.changed = asyncio.Event()
        self.cut = asyncio.Event()
        """CUT has heard the first question and answered it: the service may be killed."""

    def rung(self, call: PhoneCall) -> None:
        number = call.number[-11:]
        assert number not in self.calls, "he is called once"
        life: Callable[[PhoneCall], Coroutine[None, None, None]]
        life = {FIRST: self._complains, CUT: self._is_cut, LATER: self._is_content}[number]
        self.calls[number], self.lives[number] = call, asyncio.ensure_future(life(call))

    async def _complains(self, call: PhoneCall) -> None:
        await call.answer()
        await until_heard(call, HZ["how"])
        self.asked.set()
        await self.changed.wait()
        call.voice.press("2")  # which is low in his version, not in the next
        await _answer(call, COMPLAINS)

    async def _is_cut(self, call: PhoneCall) -> None:
        await call.answer()
        await until_heard(call, HZ["how"])
        call.voice.press("5")
        await until_heard(call, HZ["nps"])
        self.cut.set()

    async def _is_content(self, call: PhoneCall) -> None:
        await call.answer()
        await _answer(call, CONTENT)


async def _until(line: Line, state: str) -> None:
    async with asyncio.timeout(60):
        while cast("Json", await line.api.get(f"/campaigns/{quote(NAME)}"))["state"] != state:  # noqa: ASYNC110
            await asyncio.sleep(0.2)


async def test_a_survey_written_on_the_page_is_asked_by_voice(tmp_path: Path) -> None:
    port, them, where = free_port(CARRIER), People(), f"/surveys/{quote(SURVEY)}"
    async with serving(tmp_path, basic(carrier_port=port)) as line:
        hop = Hop("UDP", CARRIER, port)
        carrier = Softphone(SystemClock(), Hop("UDP", HOST, line.sip), "carrier", on_call=them.rung, listen=hop)
        await carrier.start()
        try:
            said = {}
            for (name, hz), (rate_hz, kind) in zip(HZ.items(), [(16_000, "WAV"), (44_100, "FLAC")] * 4, strict=False):
                status, answer = await _hand_over(line, _sound(hz, rate_hz, kind))
                assert status == 201, answer
                said[name] = str(answer["name"])
            for wrong, why in ((b"", "文件是空的"), ("第一题".encode(), "不是能播放的录音")):
                status, answer = await _hand_over(line, wrong)
                assert status == 422 and why in str(answer["title"]) and " / " in str(answer["title"])
            await line.api.send("POST", "/surveys", {"name": SURVEY, "nodes": _nodes(said)})
            plan = {"name": NAME, "mode": "survey", "survey": SURVEY, "trunk": "carrier", "caller_id": "4008001234",
                    "concurrency": 1, "hours": ["daily 00:00-24:00"], "retry.attempts": 1}  # fmt: skip
            await line.api.send("POST", "/campaigns", {"values": plan})
            people = [{"number": number, "name": "客户"} for number in (FIRST, CUT, LATER)]
            await line.api.send("POST", f"/campaigns/{quote(NAME)}/contacts", {"rows": people})
            await line.api.send("POST", f"/campaigns/{quote(NAME)}/start")
            await asyncio.wait_for(them.asked.wait(), 15)
            unspoken = {"name": SURVEY, "nodes": _nodes({**said, "how": "nothing"}), "after": 1}
            assert f"任务“{NAME}”用语音问这份问卷，存了就不能再拨" in await _refused(line, "PUT", where, unspoken)
            assert f"任务“{NAME}”在用这份问卷" in await _refused(line, "DELETE", where)
            second = _nodes({**said, "how": said["anew"]}, high=10, low_score=1)
            kept = cast("Json", await line.api.send("PUT", where, {"name": SURVEY, "nodes": second, "after": 1}))
            assert kept["number"] == 2
            them.changed.set()
            await asyncio.wait_for(them.cut.wait(), 30)
            await line.kill()
            await line.start()
            await _until(line, "finished")
            await asyncio.wait_for(asyncio.gather(*them.lives.values()), 10)
            rows = cast("list[Json]", await line.api.get(f"/campaigns/{quote(NAME)}/results"))
            report = cast("Json", await line.api.get(f"/campaigns/{quote(NAME)}/report"))
            tasks = cast("list[Json]", cast("Json", await line.api.get("/tasks"))["items"])
            await line.api.send("POST", f"/campaigns/{quote(NAME)}/stop")  # it would go on for the next one
            await line.api.send("DELETE", where)
        finally:
            await carrier.close()
    assert {number[-1]: _tones(call) for number, call in them.calls.items()} == {
        "1": {"how", "worst", "nps", "again", "words", "end"}, "2": {"how", "nps"},
        "3": {"anew", "nps", "again", "words", "end"},
    }  # fmt: skip
    assert {str(row["number"])[-1]: row["result"] for row in rows} == {
        "1": "completed",
        "2": "interrupted",
        "3": "completed",
    }
    second, first = [str(one["form"]) for one in cast("list[Json]", kept["versions"])]
    said_by = {
        str(row["number"])[-1]: [(it["form"], it["question"], it["value"]) for it in cast("list[Json]", row["answers"])]
        for row in rows
    }
    assert said_by == {
        "1": [(first, "how", "2"), (first, "worst", "wait"), (first, "nps", "9"), (first, "again", "yes")],
        "2": [(first, "how", "5")],
        "3": [(second, "how", "7"), (second, "nps", "10"), (second, "again", "no")],
    }
    assert [(task["kind"], task["detail"]) for task in tasks] == [("low_survey", "how 2/5")], "as his version has it"
    forms = cast("list[Json]", cast("Json", report["report"])["forms"])
    assert {str(form["form"]) for form in forms} == {first, second}
