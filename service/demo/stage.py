"""What happens, as the service's own event stream tells it: printed for the viewer, awaited by the simulated people."""

import asyncio
from collections import defaultdict
from typing import Final, cast

from rich.console import Console

from core.numbers import mask
from service.demo.api import Api

_LINES: Final = {
    "call.started": "{number} 来电/呼出 call {direction}",
    "ivr.chosen": "{number} 选择 chose {choice} ({how})",
    "ivr.failed": "{number} 未识别 no usable input ({why})",
    "ivr.answered": "{number} 回答 answered {node}: {value} ({how})",
    "queue.entered": "{number} 排队 waits in queue {queue}",
    "queue.told": "{number} 播报 told: {ahead} ahead, about {wait_s:.0f} s",
    "offer.made": "坐席 agent {agent} 振铃 rings",
    "talk.started": "{number} 通话 talks with agent {agent}",
    "queue.left": "{number} 离队 left queue {queue}: {outcome} after {wait_s:.1f} s",
    "call.ended": "{number} 结束 call ended by {by} ({reason})",
    "recording.finished": "录音 recording {recording}: {duration_s:.1f} s",
    "transcript.ready": "转写 transcript of {recording}: {characters} characters in {took_s:.1f} s",
    "attempt.ended": "{number} 回访 survey call: {result}",
    "agent.state": "坐席 agent {agent}: {state} {reason}",
}


class Stage:
    """Follows the events. People wait with ``until``; ``count`` says how often a fact was seen."""

    def __init__(self, api: Api, screen: Console) -> None:
        self._api = api
        self._screen = screen
        self._numbers: dict[str, str] = {}
        self._seen: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._changed = asyncio.Condition()
        self.recorded: dict[str, str] = {}
        """Recording id to call id, of the recordings that are finished."""
        self.transcribed: set[str] = set()

    async def follow(self) -> None:
        """Read events until cancelled."""
        async for event in self._api.events():
            name, call_id = str(event["name"]), str(event["call_id"])
            data = cast("dict[str, object]", event["data"])
            if name == "call.started":
                outside = data["ani"] if data["direction"] == "inbound" else data["dnis"]
                self._numbers[call_id] = str(outside)[-11:]
            if name == "recording.finished":
                self.recorded[str(data["recording"])] = call_id
            if name in {"transcript.ready", "transcript.failed"}:
                self.transcribed.add(str(data["recording"]))
            number = self._numbers.get(call_id, "")
            if name in _LINES:
                self._screen.print(f"  {_LINES[name].format_map({**data, 'number': mask(number)})}")
            async with self._changed:
                self._seen[number, name] += 1
                self._changed.notify_all()

    async def until(self, number: str, name: str, times: int = 1) -> None:
        """Wait until fact ``name`` was seen ``times`` times in calls of ``number``."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._seen[number, name] >= times)

    async def until_transcribed(self) -> None:
        """Wait until every finished recording has its transcript (or has none for good)."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.recorded.keys() <= self.transcribed)
