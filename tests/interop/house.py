"""A served line that a whole file of tests shares: every prompt is a tone of its own, so that what a caller hears can
be read off; every test has queues, agents and callers of its own, so that tests do not meet.
"""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final, cast

import numpy as np

from core.audio import RATE_HZ, Pcm
from service.demo.softphone import PhoneCall
from telephony.sip.hop import Hop
from tests.interop.handset import Handset
from tests.interop.line import CARRIER, HOST, Json, Line, recording_in
from tests.interop.sound import tone, write_mono

PROMPTS: Final = {
    name: 310.0 + 70.0 * place
    for place, name in enumerate(
        (
            "welcome", "menu_main", "no_input", "invalid_input", "transferring", "queue_busy", "queue_first",
            "queue_position_before", "d1", "d2", "d3", "queue_position_after", "queue_wait_before",
            "less_than_a_minute", "minutes", "hold_music", "closed_hours", "leave_message", "beep",
            "message_saved", "overflow", "rate_service", "thanks_rating",
        )
    )
}  # fmt: skip
"""What each prompt sounds like, in Hz."""
CALLER_HZ: Final = 2600.0
AGENT_HZ: Final = 2900.0
CLIP_S: Final = 0.4
_WINDOW: Final = 640
_FLOW: Final = """
name = "desk"
start = "open_now"
[nodes.open_now]
kind = "hours"
calendar = "{calendar}"
open = "welcome"
closed = "closed"
[nodes.welcome]
kind = "play"
prompts = ["welcome"]
goto = "menu"
[nodes.menu]
kind = "menu"
prompts = ["menu_main"]
repeat_key = "*"
tries = 2
no_input_s = 1
fallback = "general"
[nodes.closed]
kind = "voicemail"
box = "night"
prompts = ["closed_hours", "leave_message"]
{choices}
"""
KEYS: Final = {"1": "sales", "2": "service", "3": "tradein", "4": "complaint", "0": "general"}


def write_prompts(folder: Path) -> Path:
    """A folder in which each prompt is its tone; music lasts longer."""
    folder.mkdir()
    for name, frequency_hz in PROMPTS.items():
        write_mono(folder / f"{name}.wav", tone(frequency_hz, 3.0 if name == "hold_music" else CLIP_S))
    return folder


def write_flow(path: Path, calendar: str) -> Path:
    """The line's flow, open by ``calendar``."""
    choices = "".join(f'[nodes.menu.choices.{queue}]\nkey = "{key}"\ngoto = "{queue}"\n' for key, queue in KEYS.items())
    queues = "".join(f'[nodes.{queue}]\nkind = "queue"\nqueue = "{queue}"\n' for queue in KEYS.values())
    path.write_text(_FLOW.format(calendar=calendar, choices=choices + queues), encoding="utf-8")
    return path


def prompts_in(samples: Pcm) -> list[str]:
    """The tones that were heard, one after the other, by name; ``caller`` and ``agent`` for the voices of people.

    One that comes again after silence counts again.
    """
    names = {**PROMPTS, "caller": CALLER_HZ, "agent": AGENT_HZ}
    heard: list[str] = []
    before = ""
    for start in range(0, len(samples) - _WINDOW + 1, _WINDOW // 2):
        window = samples[start : start + _WINDOW].astype(float)
        if np.sqrt(np.mean(window**2)) < 100:
            before = ""
        if np.sqrt(np.mean(window**2)) < 500:
            continue
        spectrum = np.abs(np.fft.rfft(window * np.hanning(_WINDOW))) ** 2
        peak = int(spectrum.argmax())
        if spectrum[max(0, peak - 2) : peak + 3].sum() < 0.8 * spectrum.sum():
            continue  # two tones meet in this window
        name = min(names, key=lambda name: abs(names[name] - peak * RATE_HZ / _WINDOW))
        if name != before:
            heard.append(name)
        before = name
    return heard


async def hears(call: PhoneCall, *wanted: str, timeout_s: float = 6.0) -> None:
    """Wait until the party of ``call`` hears ``wanted``, one after the other, from now on."""
    begin = max(0, len(call.voice.heard) - 5)

    def heard() -> list[str]:
        packets = call.voice.heard[begin:]
        return prompts_in(np.concatenate(packets)) if packets else []

    try:
        async with asyncio.timeout(timeout_s):
            while not _in_order(wanted, heard()):  # noqa: ASYNC110 - hearing is no event
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"wanted {wanted}, heard {heard()}") from None


def _in_order(wanted: tuple[str, ...], heard: list[str]) -> bool:
    rest = iter(heard)
    return all(name in rest for name in wanted)


async def last_heard(call: PhoneCall, seconds: float = 0.6) -> list[str]:
    """What is heard in the next ``seconds``."""
    begin = len(call.voice.heard)
    await asyncio.sleep(seconds)
    packets = call.voice.heard[begin:]
    return prompts_in(np.concatenate(packets)) if packets else []


class Person:
    """An agent with his phone; ``rung`` waits for the next call that rings it."""

    def __init__(self, house: "House", agent: str, password: str = "") -> None:
        self.id = agent
        self._house = house
        self.calls: asyncio.Queue[PhoneCall] = asyncio.Queue()
        self.phone = Handset(house.server, agent, password or f"phone-{agent}", self.calls.put_nowait)

    async def rung(self, timeout_s: float = 5.0) -> PhoneCall:
        """The call that rings now or next."""
        return await asyncio.wait_for(self.calls.get(), timeout_s)

    async def ready(self) -> None:
        """Register, and want calls."""
        await self.phone.register()
        await self._house.line.set_agent(self.id, "available")
        await self._house.until_agent(self.id, "available")

    async def takes(self, says_hz: float = AGENT_HZ) -> PhoneCall:
        """Answer the call that rings and speak from then on."""
        call = await self.rung()
        await call.answer()
        self._house.speak(call, says_hz)
        return call


class House:
    """The line, its carrier at ``CARRIER``, its events so far, and people to call with and to be called."""

    def __init__(self, line: Line, numbers: dict[str, str]) -> None:
        self.line = line
        self.numbers = numbers
        """Destination to the called number that leads there."""
        self.server = Hop("UDP", HOST, line.sip)
        self.events: list[Json] = []
        self._callers = (f"138{count:08d}" for count in itertools.count(1))
        self._changed = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def caller(self) -> str:
        """A number that nobody has called from yet."""
        return next(self._callers)

    @contextlib.asynccontextmanager
    async def carrier(
        self, port: int, host: str = CARRIER, on_call: Callable[[PhoneCall], None] | None = None
    ) -> AsyncIterator[Handset]:
        """The carrier whose address is ``host``; ``on_call`` gets the calls that we send it, else they are refused."""
        phone = Handset(self.server, "carrier", on_call=on_call, listen=Hop("UDP", host, port))
        await phone.start()
        try:
            yield phone
        finally:
            await phone.close()

    @contextlib.asynccontextmanager
    async def person(self, agent: str, *, ready: bool = True, password: str = "") -> AsyncIterator[Person]:
        """Agent ``agent`` at his phone, signed out and unregistered afterwards."""
        person = Person(self, agent, password)
        await person.phone.start()
        try:
            if ready:
                await person.ready()
            yield person
        finally:
            if ready:
                await person.phone.register(expires_s=0)
            await person.phone.close()

    def speak(self, call: PhoneCall, frequency_hz: float, seconds: float = 60.0) -> None:
        """Let the party of ``call`` say a tone, beginning now."""
        self.go_on(call.voice.say_samples(tone(frequency_hz, seconds)), call)

    def go_on(self, work: "asyncio.Future[None] | object", call: PhoneCall) -> None:
        """Do ``work`` beside the test until it is done or the call ends."""
        task = asyncio.ensure_future(cast("asyncio.Future[None]", work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        call.ended.add_done_callback(lambda _: task.cancel())

    # What the line says of itself

    async def follow(self) -> None:
        """Collect events until cancelled."""
        async for event in self.line.api.events():
            self.events.append(event)
            self._changed.set()

    def call_of(self, caller: str) -> str:
        """The id of the newest call of ``caller``, "" where there is none."""
        for event in reversed(self.events):
            if event["name"] == "call.started" and str(cast("Json", event["data"])["ani"]).endswith(caller):
                return str(event["call_id"])
        return ""

    def facts(self, caller: str, name: str = "") -> list[Json]:
        """The facts (of one ``name``) of the newest call of ``caller``: their fields, and ``name``."""
        call_id = self.call_of(caller)
        return [
            {"name": event["name"], **cast("Json", event["data"])}
            for event in self.events
            if call_id and event["call_id"] == call_id and name in ("", event["name"])
        ]

    async def until(self, caller: str, name: str, timeout_s: float = 8.0, **fields: object) -> Json:
        """Wait for a fact of ``caller``'s newest call that has these fields."""
        return await self._until(
            lambda: next(
                (fact for fact in self.facts(caller, name) if all(fact[key] == fields[key] for key in fields)), None
            ),
            timeout_s,
            lambda: f"no {name} {fields}; but {self.facts(caller)}",
        )

    async def until_agent(self, agent: str, state: str, timeout_s: float = 8.0) -> Json:
        """Wait until the newest word on ``agent`` is that he is ``state``."""

        def newest() -> Json | None:
            states = [
                cast("Json", event["data"])
                for event in self.events
                if event["name"] == "agent.state" and cast("Json", event["data"])["agent"] == agent
            ]
            return states[-1] if states and states[-1]["state"] == state else None

        return await self._until(newest, timeout_s, lambda: f"agent {agent} is never {state}")

    async def _until(self, look: Callable[[], Json | None], timeout_s: float, lament: Callable[[], str]) -> Json:
        try:
            async with asyncio.timeout(timeout_s):
                while (found := look()) is None:
                    self._changed.clear()
                    await self._changed.wait()
                return found
        except TimeoutError:
            raise AssertionError(lament()) from None

    def recording(self, fact: Json) -> Path:
        """The file of a recording."""
        return recording_in(self.line.recordings, fact["recording"])
